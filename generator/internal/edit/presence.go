package edit

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Who is working on what stands in .presence/, a small file for each open editor: on a
// shared folder 张三 sees that 李四 is at section 3. It is a courtesy, not a lock.
const presenceDir = ".presence"

// Presence is somebody who has the content open.
type Presence struct {
	Who  string `json:"who"`
	What string `json:"what"`           // that they are at, as a [Ref] is written, or a file
	Mine bool   `json:"mine,omitempty"` // another session of this desk: a tab of the same person
}

// sign is what stands in a file of the presence folder.
type sign struct {
	Presence
	Beat int64     `json:"beat"` // rises as long as somebody is there
	At   time.Time `json:"at"`
}

// A sign that does not change for this long, by the clock of whoever looks, is stale.
// Editors renew theirs three times as often. Clocks of machines differ: a sign that was
// never seen to change counts where its time is near; otherwise once it changes.
const (
	presenceExpiry = 90 * time.Second
	presenceForget = 24 * time.Hour
)

type presences struct {
	mu    sync.Mutex
	beats map[string]int64
	seen  map[string]sight
}

type sight struct {
	beat  int64
	since time.Time
	moved bool
}

var sessionName = regexp.MustCompile(`^[a-zA-Z0-9-]{1,40}$`)

// Here says what this session, one tab of an editor, is at, and whose it is ("" for the
// desk's name); it is to be said again at least every half minute. Without what, the session has ended.
func (d *Desk) Here(session, who, what string) error {
	if !sessionName.MatchString(session) {
		return fs.ErrInvalid
	}
	name := path.Join(presenceDir, machine()+"-"+session+".json")
	if what == "" {
		err := d.disk.Remove(name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	d.there.mu.Lock()
	defer d.there.mu.Unlock()
	if d.there.beats == nil {
		d.there.beats = map[string]int64{}
	}
	now := d.now()
	d.there.beats[session] = max(d.there.beats[session]+1, now.Unix())
	data, err := json.Marshal(sign{Presence{Who: d.name(who), What: what}, d.there.beats[session], now.UTC()})
	if err != nil {
		return err
	}
	if err := d.disk.MkdirAll(presenceDir, 0o755); err != nil {
		return err
	}
	return replace(d.disk, name, data)
}

// Others are those who have the content open elsewhere than in this session, by name.
func (d *Desk) Others(session string) ([]Presence, error) {
	entries, err := d.disk.ReadDir(presenceDir)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		return nil, err
	}
	own := machine() + "-" + session + ".json"
	d.there.mu.Lock()
	defer d.there.mu.Unlock()
	if d.there.seen == nil {
		d.there.seen = map[string]sight{}
	}
	now := d.now()
	var others []Presence
	for _, e := range entries {
		name := e.Name()
		if name == own || path.Ext(name) != ".json" || strings.HasPrefix(name, ".") {
			continue
		}
		data, err := read(d.disk, path.Join(presenceDir, name))
		var s sign
		if err != nil || json.Unmarshal(data, &s) != nil || s.Who == "" {
			continue
		}
		before, known := d.there.seen[name]
		if !known || before.beat != s.Beat {
			d.there.seen[name] = sight{s.Beat, now, known}
			before = d.there.seen[name]
		}
		near := now.Sub(s.At).Abs() < presenceExpiry
		switch {
		case now.Sub(before.since) < presenceExpiry && (before.moved || near):
			_, s.Mine = d.there.beats[strings.TrimSuffix(strings.TrimPrefix(name, machine()+"-"), ".json")]
			others = append(others, s.Presence)
		case now.Sub(before.since) > presenceForget:
			_ = d.disk.Remove(path.Join(presenceDir, name))
			delete(d.there.seen, name)
		}
	}
	slices.SortFunc(others, func(a, b Presence) int {
		return strings.Compare(a.Who+a.What+fmt.Sprint(a.Mine), b.Who+b.What+fmt.Sprint(b.Mine))
	})
	return slices.Compact(others), nil
}
