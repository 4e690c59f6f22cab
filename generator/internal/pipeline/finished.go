package pipeline

// What became of files that are no pages: data, lists of the search, feeds, scripts. To
// make them again costs little, to check and minify them much more. So a build notes the
// hash of each before and after that, and the next one takes over from the tree what it
// would make of the same bytes.

import (
	"bytes"
	"crypto/sha256"
	"encoding/gob"
)

// finished is what became of the bytes of a file that is no page. It depends on these, on
// its name and on where the tree will be served.
type finished struct {
	From, Sum [sha256.Size]byte
	Size      int
}

// finishedFiles are those of a build, by name.
type finishedFiles map[string]finished

// remember reads what the last build of this kind has finished.
func (w *writer) remember(o Options) {
	w.made = finishedFiles{}
	if o.Verify {
		return // all of it is treated again
	}
	if data, ok := o.Cache.Get(o.lastBuild("finished")); ok && gob.NewDecoder(bytes.NewReader(data)).Decode(&w.before) != nil {
		w.before = nil
	}
}

// keepFinished notes what this one has.
func (w *writer) keepFinished(o Options) {
	var b bytes.Buffer
	if gob.NewEncoder(&b).Encode(w.made) == nil {
		o.Cache.Put(o.lastBuild("finished"), b.Bytes())
	}
}
