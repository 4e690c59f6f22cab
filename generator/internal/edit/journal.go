package edit

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"minxi/generator/internal/diag"
)

// The journal keeps every text that was replaced. It lies beside the content folder, in
// .journal/, a folder a month and in it a file a machine, so that machines that share
// the folder through a synchronizer never write the same file. Each line is one change,
// as JSON. Lines are only ever added. One that was cut off, by a power failure, is left
// out when it is read, and the next begins on a line of its own.
//
// A change is entered before it is made. So the journal may have one that was not made
// any more; what stood there before it is right all the same.
const journalDir = ".journal"

// Entry is one change in the journal.
type Entry struct {
	ID     string    `json:"entry"`
	Set    string    `json:"set"` // what was saved together
	Time   time.Time `json:"time"`
	Who    string    `json:"who"`
	Ref    Ref       `json:"ref"`
	File   string    `json:"in"`
	Before string    `json:"before"`
	After  string    `json:"after"`
	Why    string    `json:"why,omitempty"`
	New    bool      `json:"new,omitempty"`   // the file was not there before
	Bytes  []byte    `json:"bytes,omitempty"` // what stood there, where it was no text

	// Elsewhere says that the text before this change is not the one that the change
	// before it left: somebody has changed the file with another program, in between. It
	// is found when the journal is read.
	Elsewhere bool `json:"elsewhere,omitempty"`
}

// newID is an id that sorts by time.
func newID(at time.Time) string {
	var id [3]byte
	_, _ = rand.Read(id[:]) // never fails
	return fmt.Sprintf("%s-%x", at.UTC().Format("20060102-150405.000"), id)
}

type journal struct {
	disk disk
	now  func() time.Time
	mu   sync.Mutex
}

// add enters changes, and returns when they are on the disk.
func (j *journal) add(entries []Entry) error {
	var b bytes.Buffer
	for _, e := range entries {
		line, err := json.Marshal(e)
		if err != nil {
			return err
		}
		b.Write(append(line, '\n'))
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	month := path.Join(journalDir, j.now().UTC().Format("2006-01"))
	if err := j.disk.MkdirAll(month, 0o755); err != nil {
		return err
	}
	name := path.Join(month, machine()+".jsonl")
	data := b.Bytes()
	if old, err := j.disk.ReadFile(name); err == nil && len(old) > 0 && old[len(old)-1] != '\n' {
		data = append([]byte("\n"), data...) // a line that was cut off
	}
	return j.disk.Append(name, data)
}

// machine names this computer in a file name.
func machine() string {
	name, err := os.Hostname()
	if err != nil {
		name = "unknown"
	}
	clean := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '-'
	}, strings.ToLower(name))
	return cmp.Or(strings.Trim(clean[:min(len(clean), 40)], "-"), "unknown")
}

// all are the entries, oldest first. The findings are warnings of lines that cannot be
// read.
func (j *journal) all() ([]Entry, diag.List) {
	var entries []Entry
	var found diag.List
	months, err := j.disk.ReadDir(journalDir)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			found = append(found, diag.From(err)...)
		}
		return nil, found
	}
	for _, m := range months {
		if !m.IsDir() {
			continue
		}
		files, err := j.disk.ReadDir(path.Join(journalDir, m.Name()))
		if err != nil {
			found = append(found, diag.From(err)...)
		}
		for _, f := range files {
			if path.Ext(f.Name()) != ".jsonl" {
				continue
			}
			name := path.Join(journalDir, m.Name(), f.Name())
			data, err := j.disk.ReadFile(name)
			if err != nil {
				found = append(found, diag.From(err)...)
				continue
			}
			n := 0
			for line := range bytes.Lines(data) {
				n++
				var e Entry
				if len(bytes.TrimSpace(line)) == 0 {
					continue
				}
				if json.Unmarshal(line, &e) != nil || e.ID == "" {
					found = append(found, diag.Diagnostic{Pos: diag.Pos{File: name, Line: n}, Check: "journal", Severity: diag.Warning,
						Fact: diag.Text("日志里的这一行不完整，略过", "this line of the journal is incomplete and left out"),
						Hint: diag.Text("多半是写到一半断了电；其余各行不受影响。", "The power probably failed while it was written; the other lines are not concerned.")})
					continue
				}
				entries = append(entries, e)
			}
		}
	}
	slices.SortStableFunc(entries, func(a, b Entry) int { return a.Time.Compare(b.Time) })
	// A synchronizer's copy of a file has its lines again.
	known := map[string]bool{}
	entries = slices.DeleteFunc(entries, func(e Entry) bool {
		again := known[e.ID]
		known[e.ID] = true
		return again
	})
	last := map[Ref]string{}
	for i, e := range entries {
		if was, has := last[e.Ref]; has && was != e.Before {
			entries[i].Elsewhere = true
		}
		last[e.Ref] = e.After
	}
	return entries, found
}
