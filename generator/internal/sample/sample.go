// Package sample is for tests that try the same thing at many places: in CI at all of
// them, on a laptop at some, always the same, so that everybody can run the tests. What
// is left out there is more of a kind that is tried. CI=true go test ./... tries all.
package sample

import "os"

// Whole reports whether everything is to be tried.
func Whole() bool { return os.Getenv("CI") != "" }

// Every is the whole list in CI; elsewhere the first of every n.
func Every[T any](n int, list []T) (some []T) {
	if Whole() {
		return list
	}
	for i := 0; i < len(list); i += n {
		some = append(some, list[i])
	}
	return some
}

// Times is how often something is done: as often as that in CI, elsewhere less often.
func Times(whole, some int) int {
	if Whole() {
		return whole
	}
	return some
}
