package epub

// style is the book's style sheet: what Chinese and English typography ask for, and
// nothing that is the reader's to choose. It names no typeface and no colour but that of
// links, so that every reading system's themes work.
//
// Rules are plain, because reading systems of e-readers know old CSS: what is new
// stands in declarations of its own, which they pass over.
const style = `html, body { margin: 0; padding: 0; }
body { line-height: 1.6; text-align: left; }
:lang(zh) { line-height: 1.8; line-break: strict; text-autospace: normal; text-spacing-trim: normal; }
:lang(en) { line-height: 1.5; hyphens: auto; -webkit-hyphens: auto; }
h1 { font-size: 1.5em; line-height: 1.4; margin: 1.5em 0 1em; text-wrap: balance; break-after: avoid; page-break-after: avoid; }
h2 { font-size: 1.2em; line-height: 1.5; margin: 2em 0 0.75em; text-wrap: balance; break-after: avoid; page-break-after: avoid; }
p { margin: 0 0 0.75em; orphans: 2; widows: 2; }
p:lang(zh) { text-align: justify; text-justify: inter-character; }
a { color: #1d4e89; }
.n { font-size: 0.8em; margin-inline-end: 0.6em; white-space: nowrap; font-variant-numeric: lining-nums tabular-nums; }
.pair { margin: 0 0 1.25em; break-inside: avoid-page; }
.pair p { margin-bottom: 0.35em; }
.pair p + p { font-size: 0.95em; }
.other { display: block; font-size: 0.8em; font-weight: normal; line-height: 1.4; }
.note { font-size: 0.8em; }
.note::before { content: " ("; }
.note::after { content: ")"; }
.standing, .edition { font-size: 0.9em; }
.title { text-align: center; }
.title p { text-align: center; }
.title h1 { margin-top: 3em; }
.title dl { margin: 3em 0; }
dt { margin-top: 0.75em; font-weight: bold; }
dd { margin: 0 0 0 1.5em; }
dd a { margin-inline-end: 0.5em; white-space: nowrap; }
.keep { display: inline-block; }
.title dt { font-weight: normal; font-size: 0.85em; }
.title dd { margin: 0; }
nav ol { list-style: none; padding: 0; margin: 0; }
nav li { margin: 0.5em 0; }
nav ol ol { padding-left: 1.5em; }
.cover { margin: 0; text-align: center; text-indent: 0; }
.cover img { max-width: 100%; max-height: 95vh; }
`
