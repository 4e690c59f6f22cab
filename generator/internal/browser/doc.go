// Package browser holds the tests that look at the site as its readers do: in
// Chromium, at the widths, modes and text sizes that they use, with a keyboard,
// without scripts, and on paper. It has no code of its own.
//
// The site under test is the real content, built once into memory and served on
// the loopback interface, compressed and with the headers of netlify.toml. One
// update, one withdrawn and one moved sentence are added, so that every kind of
// page exists; a page of no known kind fails the tests (site_test.go).
//
// What the tests need beside Go: Chromium, and the packages of .ci (npm ci
// --prefix .ci) for axe-core and Lighthouse. In CI a missing one is a failure;
// elsewhere the tests that need it are skipped and say so. Pictures, printed
// pages and reports go to the folder that MINXI_ARTEFACTS names.
package browser
