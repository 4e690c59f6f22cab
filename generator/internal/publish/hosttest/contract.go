// Package hosttest holds what every host has to show: [Contract] is the contract
// of publish.Host, clause by clause; [Protocol] publishes to the host with
// everything going wrong that can (protocol.go). A host's own test supplies a
// [Bench] and nothing else.
package hosttest

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"

	"minxi/generator/internal/publish"
)

// A Bench is a host under test: a real server on the loopback interface, and how
// to reach it.
type Bench struct {
	// Fresh empties the server (or makes a new bucket, folder, branch on it) and
	// returns what to open it with. It is called for each test.
	Fresh func(t testing.TB) Place

	// Pages are added to the test site, for hosts to which a publish takes few
	// operations.
	Pages int

	// Second is a further server of a kind that has the whole sample of faults on
	// another: it gets one fault of each sort, and each kind of operation.
	Second bool

	// InPlace servers write over the old bytes themselves, so that readers may meet a
	// part of a file or none. It is counted, and the next publish has to mend it.
	InPlace bool

	// Refuses says of a name whether this kind of host cannot hold it, so that Put
	// has to say so; nil where it can hold all.
	Refuses func(name string) bool

	// NameMax is how many bytes a name may have on a server that takes shorter ones than
	// its kind of host, which cannot know; 0 is as many as the host says.
	NameMax int
}

// A Place is one empty site on the server. It is opened from its kind and options
// alone, so that a publish that was killed can be looked at and taken up from another
// process.
type Place struct {
	// Kind and Options are what would stand in publish.toml, secrets filled in. A
	// process that is to be killed opens the host from them by itself.
	Kind    string
	Options map[string]string

	// Disk is the folder of this machine where what is published comes to lie, so
	// that a small disk can be mounted there; "" if there is none.
	Disk string

	more int // see Bench.Pages

	// Read fetches a file as a reader does: through the web server where there is
	// one, else from the disk or branch that it serves. Not through the host's own
	// code. The error is fs.ErrNotExist where a reader would get 404. The header
	// is nil where a reader cannot see any; the content is decoded.
	Read func(name string) (data []byte, header publish.Header, err error)
}

// Open opens the host, in this process.
func (p Place) Open(t testing.TB) publish.Host {
	t.Helper()
	h, err := opener(p.Kind, p.Options)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// Text makes a File of a text, and what opens it.
func Text(name, text string, header publish.Header) (publish.File, publish.Body) {
	return file(name, []byte(text), header)
}

func file(name string, data []byte, header publish.Header) (publish.File, publish.Body) {
	sum := sha256.Sum256(data)
	return publish.File{Path: name, Size: int64(len(data)), SHA256: hex.EncodeToString(sum[:]), Header: header},
		func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
}

func put(t testing.TB, h *Edit, name, text string) publish.File {
	t.Helper()
	f, body := file(name, []byte(text), publish.Header{"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "public, max-age=300"})
	if err := h.Put(context.Background(), f, body); err != nil {
		t.Fatalf("Put %s: %v", name, err)
	}
	return f
}

func settle(t testing.TB, h *Edit) {
	t.Helper()
	if err := h.Settle(context.Background()); err != nil {
		t.Fatalf("Settle: %v", err)
	}
}

func get(h publish.Host, name string) (string, error) {
	r, err := h.Get(context.Background(), name)
	if err != nil {
		return "", err
	}
	data, err := io.ReadAll(r)
	return string(data), errors.Join(err, r.Close())
}

func wants(t testing.TB, h *Edit, name, want string) {
	t.Helper()
	if got, err := h.Text(name); err != nil || got != want {
		t.Errorf("Get %s: %.60q (%d bytes), %v; want %.60q (%d bytes)", name, got, len(got), err, want, len(want))
	}
}

func wantsNone(t testing.TB, h *Edit, name string) {
	t.Helper()
	if got, err := h.Text(name); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Get %s: %.60q, %v; want fs.ErrNotExist", name, got, err)
	}
	if _, err := h.Stat(context.Background(), name); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Stat %s: %v; want fs.ErrNotExist", name, err)
	}
}

// A contract is a host under test, in a place of its own for each clause.
type contract struct {
	*testing.T
	bench Bench
}

var clauses = []struct {
	name string
	show func(contract)
}{
	{"nothing there", contract.nothingThere},
	{"round trip", contract.roundTrip},
	{"replace and delete", contract.replaceAndDelete},
	{"discard", contract.discard},
	{"list", contract.list},
	{"a body that fails", contract.bodyFails},
	{"an ended context", contract.endedContext},
	{"copy", contract.copy},
	{"long names", contract.longNames},
	{"many at once", contract.manyAtOnce},
	{"a step that fails", contract.stepFails},
	{"file and folder", contract.fileAndFolder},
	{"two publishers", contract.twoPublishers},
	{"encodings", contract.encodings},
}

// Contract shows that a host keeps the contract of its kind: publish.Store or
// publish.Deployer.
func Contract(t *testing.T, bench Bench) {
	for _, clause := range clauses {
		t.Run(clause.name, func(t *testing.T) { clause.show(contract{t, bench}) })
	}
}

func (t contract) open() (*Edit, Place) {
	p := t.bench.Fresh(t.T)
	h := p.Open(t.T)
	t.Cleanup(func() { h.Close() })
	return NewEdit(h), p
}

var ctx = context.Background()

func (t contract) nothingThere() {
	h, _ := t.open()
	wantsNone(t.T, h, "index.html")
	wantsNone(t.T, h, "zh/plan/index.html")
	if names, err := h.List(ctx, "zh/plan"); err != nil || len(names) != 0 {
		t.Errorf("List of nothing: %v, %v", names, err)
	}
	if err := h.Delete(ctx, "zh/plan/index.html"); err != nil {
		t.Errorf("Delete of nothing: %v", err)
	}
	settle(t.T, h)
}

func (t contract) roundTrip() {
	h, p := t.open()
	big := make([]byte, 3<<20+7)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range big {
		big[i] = byte(random.Uint32())
	}
	texts := map[string]string{
		"index.html":                    "<!doctype html><title>根</title>",
		"zh/plan/s3/index.html":         "龙岩长汀水土流失治理经验",
		"empty.txt":                     "",
		"a/b/c/d/e/f/deep.txt":          "deep",
		"data/名字 with space+plus.txt":   "name",
		"data/50%25&a=b;c,d@e!~()'.txt": "signs",
		"data/#hash[1].txt":             "hash",
		".well-known/security.txt":      "dot",
		"big.bin":                       string(big),
	}
	var files []publish.File
	for name, text := range texts {
		if t.bench.Refuses != nil && t.bench.Refuses(name) {
			f, body := file(name, []byte(text), nil)
			if err := h.Put(ctx, f, body); err == nil || errors.Is(err, fs.ErrNotExist) {
				t.Errorf("Put %s, which this host cannot hold: %v", name, err)
			}
			continue
		}
		files = append(files, put(t.T, h, name, text))
	}
	settle(t.T, h)
	for _, f := range files {
		wants(t.T, h, f.Path, texts[f.Path])
		st, err := h.Stat(ctx, f.Path)
		if err != nil || st.Size != f.Size && !(h.Atomic() && st.Size < 0) || st.SHA256 != "" && st.SHA256 != f.SHA256 {
			t.Errorf("Stat %s: %+v, %v; want size %d, sha256 %s or none", f.Path, st, err, f.Size, f.SHA256)
		}
		if h.Traits().Headers {
			checkHeader(t.T, "Stat", f, st.Header)
		} else if st.SHA256 != "" {
			t.Errorf("Stat %s gives a hash, for which a host without headers is not asked", f.Path)
		}
	}
	settle(t.T, h)
	for _, f := range files {
		wants(t.T, h, f.Path, texts[f.Path])
		data, header, err := p.Read(f.Path)
		if err != nil || string(data) != texts[f.Path] {
			t.Errorf("a reader gets %s: %.40q (%d bytes), %v", f.Path, data, len(data), err)
		}
		if h.Traits().Headers && header != nil {
			checkHeader(t.T, "a reader", f, header)
		}
	}
}

func (t contract) replaceAndDelete() {
	h, p := t.open()
	put(t.T, h, "zh/index.html", "one, and rather long")
	put(t.T, h, "zh/other.html", "other")
	settle(t.T, h)
	put(t.T, h, "zh/index.html", "two")
	settle(t.T, h)
	wants(t.T, h, "zh/index.html", "two")
	if data, _, err := p.Read("zh/index.html"); err != nil || string(data) != "two" {
		t.Errorf("afterwards a reader gets %q, %v", data, err)
	}
	if err := h.Delete(ctx, "zh/other.html"); err != nil {
		t.Fatal(err)
	}
	settle(t.T, h)
	wantsNone(t.T, h, "zh/other.html")
	if _, _, err := p.Read("zh/other.html"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after Delete a reader gets %v", err)
	}
	wants(t.T, h, "zh/index.html", "two")
}

func (t contract) discard() {
	h, p := t.open()
	f, ok := h.Host.(publish.Flusher)
	if !ok {
		t.Skip("it gathers nothing")
	}
	put(t.T, h, "zh/index.html", "one")
	put(t.T, h, "zh/other.html", "other")
	settle(t.T, h)
	put(t.T, h, "zh/index.html", "two")
	put(t.T, h, "zh/new.html", "new")
	if err := errors.Join(h.Delete(ctx, "zh/other.html"), f.Discard(ctx)); err != nil {
		t.Fatal(err)
	}
	settle(t.T, h)
	wants(t.T, h, "zh/index.html", "one")
	wants(t.T, h, "zh/other.html", "other")
	wantsNone(t.T, h, "zh/new.html")
	if data, _, err := p.Read("zh/index.html"); err != nil || string(data) != "one" {
		t.Errorf("a reader gets %q, %v", data, err)
	}
	put(t.T, h, "zh/index.html", "three")
	settle(t.T, h)
	wants(t.T, h, "zh/index.html", "three")
}

func (t contract) list() {
	h, _ := t.open()
	want := []string{}
	for i := range 25 {
		want = append(want, fmt.Sprintf("_releases/lock/%02d 号.json", i))
		put(t.T, h, want[i], "x")
	}
	put(t.T, h, "_releases/lock/deeper/file", "x")
	put(t.T, h, "_releases/lockother", "x")
	settle(t.T, h)
	sees := func(h *Edit, want []string) {
		t.Helper()
		names, err := h.List(ctx, "_releases/lock")
		slices.Sort(names)
		if err != nil || !slices.Equal(names, want) {
			t.Errorf("List: %q, %v; want %q", names, err, want)
		}
	}
	sees(h, want)
	if err := h.Delete(ctx, want[3]); err != nil {
		t.Fatal(err)
	}
	settle(t.T, h)
	want = slices.Delete(want, 3, 4)
	sees(h, want)
	settle(t.T, h)
	sees(h, want)
}

func (t contract) bodyFails() {
	h, p := t.open()
	put(t.T, h, "page.html", "the old page")
	settle(t.T, h)
	f, whole := file("page.html", bytes.Repeat([]byte("the new page\n"), 50_000), publish.Header{"Content-Type": "text/html; charset=utf-8"})
	broken := errors.New("the disk broke")
	for name, body := range map[string]publish.Body{
		"at once": func() (io.ReadCloser, error) { return nil, broken },
		"half way": func() (io.ReadCloser, error) {
			r, err := whole()
			return io.NopCloser(io.MultiReader(io.LimitReader(r, f.Size/2), failing{broken})), err
		},
		"too short": func() (io.ReadCloser, error) {
			r, err := whole()
			return io.NopCloser(io.LimitReader(r, f.Size/2)), err
		},
		"too long": func() (io.ReadCloser, error) {
			r, err := whole()
			return io.NopCloser(io.MultiReader(r, strings.NewReader("more"))), err
		},
		"at its end": func() (io.ReadCloser, error) {
			r, err := whole()
			return io.NopCloser(io.MultiReader(r, failing{broken})), err
		},
		"other bytes": func() (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(bytes.Repeat([]byte("another page\n"), 50_000))), nil
		},
	} {
		err := h.Put(ctx, f, body)
		if err == nil {
			err = h.Settle(ctx)
			h.Discard()
		}
		if err == nil {
			t.Errorf("%s: Put is content", name)
		}
		if data, _, err := p.Read("page.html"); err != nil || string(data) != "the old page" {
			t.Errorf("%s: a reader gets %.40q, %v", name, data, err)
		}
	}
	for left := 3; ; left-- {
		if err := h.Put(ctx, f, whole); err != nil {
			t.Fatal(err)
		}
		settle(t.T, h)
		data, _, err := p.Read("page.html")
		if err == nil && int64(len(data)) == f.Size {
			break
		}
		// A server that writes in place may end late what was cut off before; the next Put mends it.
		if !t.bench.InPlace || left == 0 {
			t.Errorf("after a good Put a reader gets %d bytes, %v", len(data), err)
			break
		}
	}
	names, err := h.List(ctx, ".")
	if err != nil || !slices.Equal(names, []string{"page.html"}) {
		t.Errorf("leftovers show: %q, %v", names, err)
	}
}

func (t contract) endedContext() {
	h, _ := t.open()
	ended, cancel := context.WithCancel(ctx)
	cancel()
	f, body := file("page.html", []byte("page"), publish.Header{"Content-Type": "text/html; charset=utf-8"})
	if err := errors.Join(h.Put(ended, f, body), h.Settle(ended)); !errors.Is(err, context.Canceled) {
		t.Errorf("Put: %v", err)
	}
	h.Discard()
	if _, err := h.Get(ended, "page.html"); !errors.Is(err, context.Canceled) {
		t.Errorf("Get: %v", err)
	}
	if _, err := h.List(ended, "zh"); !errors.Is(err, context.Canceled) {
		t.Errorf("List: %v", err)
	}
	put(t.T, h, "page.html", "still works")
	settle(t.T, h)
	wants(t.T, h, "page.html", "still works")
}

func (t contract) copy() {
	h, p := t.open()
	if !h.Copies() {
		t.Skip("not a Copier")
	}
	put(t.T, h, "zh/a 一.html", "old")
	put(t.T, h, "zh/b.html", "to be replaced")
	settle(t.T, h)
	to, _ := file("zh/b.html", []byte("old"), publish.Header{"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-cache"})
	deep, _ := file("_releases/objects/ab/cd", []byte("old"), publish.Header{"Content-Type": "application/octet-stream"})
	for _, f := range []publish.File{to, deep, to} {
		if err := h.Copy(ctx, "zh/a 一.html", f); errors.Is(err, errors.ErrUnsupported) {
			t.Skip("this server cannot copy")
		} else if err != nil {
			t.Fatal(err)
		}
	}
	put(t.T, h, "zh/a 一.html", "new")
	settle(t.T, h)
	wants(t.T, h, to.Path, "old")
	wants(t.T, h, deep.Path, "old")
	wants(t.T, h, "zh/a 一.html", "new")
	if st, err := h.Stat(ctx, to.Path); err != nil || st.Size != 3 && !(h.Atomic() && st.Size < 0) {
		t.Errorf("Stat of a copy: %+v, %v", st, err)
	} else if h.Traits().Headers {
		checkHeader(t.T, "Stat of a copy", to, st.Header)
	}
	if data, header, err := p.Read(to.Path); err != nil || string(data) != "old" {
		t.Errorf("a reader gets %q, %v", data, err)
	} else if h.Traits().Headers && header != nil {
		checkHeader(t.T, "a reader of a copy", to, header)
	}
	if !h.Atomic() {
		return
	}
	// Two change places in one step.
	from, _ := file("zh/a 一.html", []byte("old"), nil)
	back, _ := file("zh/b.html", []byte("new"), nil)
	if err := errors.Join(h.Copy(ctx, "zh/b.html", from), h.Copy(ctx, "zh/a 一.html", back)); err != nil {
		t.Fatal(err)
	}
	settle(t.T, h)
	wants(t.T, h, from.Path, "old")
	wants(t.T, h, back.Path, "new")
}

func (t contract) longNames() {
	h, p := t.open()
	if h.Traits().NameMax != publish.MostName {
		t.Skip("the store behind it decides")
	}
	stem := "zh/" + strings.Repeat("长", (cmp.Or(t.bench.NameMax, publish.MostName)-len("a.html"))/len("长"))
	long, other := stem+"a.html", stem+"b.html"
	put(t.T, h, long, "one")
	put(t.T, h, long, "two")
	if h.Copies() && !h.Atomic() {
		to, _ := file(other, []byte("two"), publish.Header{"Content-Type": "text/plain; charset=utf-8"})
		if err := h.Copy(ctx, long, to); err != nil && !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("Copy: %v", err)
		}
	}
	settle(t.T, h)
	wants(t.T, h, long, "two")
	if data, _, err := p.Read(long); err != nil || string(data) != "two" {
		t.Errorf("a reader gets %q, %v", data, err)
	}
	for _, name := range []string{long, other} {
		if err := h.Delete(ctx, name); err != nil {
			t.Errorf("Delete: %v", err)
		}
	}
	settle(t.T, h)
	if names, err := h.List(ctx, "zh"); err != nil || len(names) > 0 {
		t.Errorf("left are %q, %v", names, err)
	}
}

func (t contract) manyAtOnce() {
	h, _ := t.open()
	together := make(chan bool, cmp.Or(h.Traits().Concurrency, 40))
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			together <- true
			defer func() { <-together }()
			name := fmt.Sprintf("m/s%d-1/index.html", i)
			f, body := file(name, bytes.Repeat([]byte(name), 500), publish.Header{"Content-Type": "text/html; charset=utf-8"})
			if err := h.Put(ctx, f, body); err != nil {
				t.Errorf("Put %s: %v", name, err)
			}
		})
	}
	all.Wait()
	settle(t.T, h)
	for i := range 40 {
		all.Go(func() {
			together <- true
			defer func() { <-together }()
			name := fmt.Sprintf("m/s%d-1/index.html", i)
			if got, err := h.Text(name); err != nil || got != strings.Repeat(name, 500) {
				t.Errorf("Get %s: %d bytes, %v", name, len(got), err)
			}
		})
	}
	all.Wait()
}

// stepFails has every operation on the outside fail: what was asked for says so, and
// nothing is changed.
func (t contract) stepFails() {
	h, _ := t.open()
	put(t.T, h, "there.txt", "before")
	settle(t.T, h)
	broken := errors.New("this step fails")
	failing := publish.WithSteps(ctx, func(string, string) error { return broken })
	f, body := file("step.txt", []byte("step"), publish.Header{"Content-Type": "text/plain"})
	_, statErr := h.Stat(failing, f.Path)
	_, getErr := h.Get(failing, f.Path)
	_, listErr := h.List(failing, ".")
	for name, err := range map[string]error{"Stat": statErr, "Get": getErr, "List": listErr,
		"Put": cmp.Or(h.Put(failing, f, body), h.Settle(failing)), "Delete": cmp.Or(h.Delete(failing, "there.txt"), h.Settle(failing))} {
		if !errors.Is(err, broken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	h.Discard()
	if d, ok := h.Host.(publish.Flusher); ok {
		_ = d.Discard(ctx)
	}
	wantsNone(t.T, h, f.Path)
	wants(t.T, h, "there.txt", "before")
}

// fileAndFolder has a name turn from a file into a folder, and back where that shows in
// one step: a store may keep the empty folder.
func (t contract) fileAndFolder() {
	h, p := t.open()
	turn := func(from, to string) {
		t.Helper()
		if err := h.Delete(ctx, from); err != nil {
			t.Fatal(err)
		}
		if !h.Atomic() {
			settle(t.T, h)
		}
		put(t.T, h, to, to)
		settle(t.T, h)
		wants(t.T, h, to, to)
		if h.Atomic() {
			wantsNone(t.T, h, from)
		}
		if data, _, err := p.Read(to); err != nil || string(data) != to {
			t.Errorf("a reader gets %q, %v", data, err)
		}
	}
	put(t.T, h, "zh/a", "file")
	settle(t.T, h)
	turn("zh/a", "zh/a/b/index.html")
	if h.Atomic() {
		if names, err := h.List(ctx, "zh/a/b/index.html"); err != nil || len(names) > 0 {
			t.Errorf("List of a file: %v, %v", names, err)
		}
		turn("zh/a/b/index.html", "zh/a")
	}
}

// twoPublishers shows that a second is kept out, or learns it when it deploys, and
// then goes on from what the first has made.
func (t contract) twoPublishers() {
	p := t.bench.Fresh(t.T)
	one, two := NewEdit(p.Open(t.T)), NewEdit(p.Open(t.T))
	defer one.Close()
	defer two.Close()
	if !one.Atomic() {
		t.Skip("its lock is the protocol's")
	}
	var busy *publish.BusyError
	wantsNone(t.T, two, "page.html") // which may be remembered
	_, unlock, err := one.Lock(ctx, "one")
	if err != nil {
		t.Fatal(err)
	}
	for _, when := range []string{"before a release", "after one", "after two"} {
		_, _, refused := two.Lock(ctx, "two")
		put(t.T, one, "page.html", when)
		settle(t.T, one)
		if refused == nil {
			put(t.T, two, "page.html", "two, too late")
			put(t.T, two, "other.html", "of two")
			refused = two.Settle(ctx)
			two.Discard()
		}
		if !errors.As(refused, &busy) {
			t.Fatalf("%s a second publisher comes through: %v", when, refused)
		}
		if data, _, err := p.Read("page.html"); err != nil || string(data) != when {
			t.Errorf("a reader gets %q, %v", data, err)
		}
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	if _, unlock, err = two.Lock(ctx, "two"); err != nil {
		t.Fatal(err)
	}
	wants(t.T, two, "page.html", "after two")
	wantsNone(t.T, two, "other.html")
	put(t.T, two, "page.html", "of two")
	settle(t.T, two)
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	if data, _, err := p.Read("page.html"); err != nil || string(data) != "of two" {
		t.Errorf("in the end a reader gets %q, %v", data, err)
	}
}

func (t contract) encodings() {
	h, p := t.open()
	if len(h.Traits().Encodings) == 0 {
		t.Skip("the host serves files as they are")
	}
	for _, coding := range h.Traits().Encodings {
		plain := []byte(strings.Repeat("压缩了的页面", 100))
		data := Encode(t.T, coding, plain)
		f, body := file("zh/"+coding+".html", data, publish.Header{"Content-Type": "text/html; charset=utf-8", "Content-Encoding": coding})
		if err := h.Put(ctx, f, body); err != nil {
			t.Fatal(err)
		}
		settle(t.T, h)
		wants(t.T, h, f.Path, string(data))
		st, err := h.Stat(ctx, f.Path)
		if err != nil || st.Size != f.Size {
			t.Errorf("Stat: %+v, %v", st, err)
		}
		checkHeader(t.T, "Stat", f, st.Header)
		got, header, err := p.Read(f.Path)
		if err != nil || !bytes.Equal(got, plain) {
			t.Errorf("a reader gets %d bytes of %d, %v", len(got), len(plain), err)
		}
		if header != nil {
			checkHeader(t.T, "a reader", f, header)
		}
	}
}

func checkHeader(t testing.TB, who string, f publish.File, got publish.Header) {
	t.Helper()
	for name, want := range f.Header {
		if got[name] != want {
			t.Errorf("%s of %s: %s is %q, want %q", who, f.Path, name, got[name], want)
		}
	}
	if f.Header["Content-Encoding"] == "" && got["Content-Encoding"] != "" {
		t.Errorf("%s of %s: Content-Encoding is %q", who, path.Base(f.Path), got["Content-Encoding"])
	}
}

type failing struct{ error }

func (f failing) Read([]byte) (int, error) { return 0, f.error }
