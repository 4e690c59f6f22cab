package preview

// What pages are told: the tree's number, which files differ from the tree before,
// what is wrong and where, and which pages are not (yet) for readers.

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"
	"unicode/utf8"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/pipeline"
)

// state is what the event stream says.
type state struct {
	Tree   int64                    `json:"tree"`
	Before int64                    `json:"before"` // a page of this tree loads again only if it is one of Differ
	Differ []string                 `json:"differ"` // null for all
	Found  []finding                `json:"found"`
	Marks  map[string]pipeline.Mark `json:"marks"` // by path
}

type finding struct {
	Where   string `json:"where"`
	Check   string `json:"check"`
	Text    string `json:"text"` // the line, as far as it is near the place
	At      int    `json:"at"`   // the place in Text, in characters; -1 if it is not known
	Fact    text   `json:"fact"`
	Hint    text   `json:"hint"`
	Warning bool   `json:"warning"`
}

// text is a text in both languages: tabs share a stream, and each has its own language.
type text struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// events is a stream of states (server-sent events): one at once, then one
// after each build.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	flusher, ok := w.(http.Flusher)
	if !ok {
		http.Error(w, "no streaming", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	alive := time.NewTicker(20 * time.Second)
	defer alive.Stop()
	count := func(n int) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.streams += n
	}
	count(1)
	defer count(-1)
	for {
		s.mu.RLock()
		now, changed := s.state(), s.changed
		s.mu.RUnlock()
		data, err := json.Marshal(now)
		if err != nil {
			return
		}
		fmt.Fprintf(w, "data: %s\n\n", data)
		flusher.Flush()
	wait:
		for {
			select {
			case <-r.Context().Done():
				return
			case <-changed:
				break wait
			case <-alive.C:
				fmt.Fprint(w, ": alive\n\n")
				flusher.Flush()
			}
		}
	}
}

// tell says the state once, for a tab that was hidden and for browsers that cannot
// share a stream. A tab that has loaded again asks, too.
func (s *Server) tell(w http.ResponseWriter) {
	s.mu.Lock()
	now := s.state()
	if s.come != nil {
		close(s.come)
		s.come = nil
	}
	s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(now) // nobody is left to tell
}

// state is read under the lock.
func (s *Server) state() state {
	return state{Tree: s.number, Before: s.before, Differ: s.differ, Found: append([]finding{}, s.found...), Marks: s.marks}
}

// near is how many characters of a line are shown before and after the place.
const near = 60

// findings are what pages show of a list, each with the text concerned.
func (s *Server) findings(list diag.List) []finding {
	shown := make([]finding, 0, len(list))
	root, err := os.OpenRoot(s.Dir)
	if err != nil {
		root = nil // then nothing is shown of the files
	} else {
		defer root.Close()
	}
	for _, d := range list {
		f := finding{Where: d.Pos.String(), Check: d.Check, At: -1, Fact: text(d.Fact), Hint: text(d.Hint), Warning: d.Severity == diag.Warning}
		if root != nil && d.Line > 0 && filepath.IsLocal(d.File) {
			f.Text, f.At = excerpt(root, d.Pos)
		}
		shown = append(shown, f)
	}
	return shown
}

// excerpt is the part of a file's line that a finding is about.
func excerpt(root *os.Root, pos diag.Pos) (text string, at int) {
	file, err := root.Open(filepath.FromSlash(pos.File))
	if err != nil {
		return "", -1
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		if n < pos.Line {
			continue
		}
		if !utf8.Valid(lines.Bytes()) {
			return "", -1
		}
		line := []rune(lines.Text())
		at = min(max(pos.Col-1, 0), len(line))
		from, to := max(0, at-near), min(len(line), at+2*near)
		if text = string(line[from:to]); from > 0 {
			text, at = "…"+text, at-from+1
		}
		if to < len(line) {
			text += "…"
		}
		if pos.Col == 0 {
			at = -1
		}
		return text, at
	}
	return "", -1
}
