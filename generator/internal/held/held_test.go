package held

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"minxi/generator/internal/diag"
)

// TestAgain tries again what is held, and nothing else, for so long and no longer.
func TestAgain(t *testing.T) {
	errHeld := errors.New("held")
	inUse = append(inUse, errHeld)
	defer func() { inUse = inUse[:len(inUse)-1] }()
	for name, c := range map[string]struct {
		answers []error
		want    error
		tries   int
	}{
		"at once":              {[]error{nil}, nil, 1},
		"later":                {[]error{errHeld, errHeld, nil}, nil, 3},
		"another":              {[]error{os.ErrNotExist, nil}, os.ErrNotExist, 1},
		"held, then not there": {[]error{errHeld, os.ErrNotExist}, os.ErrNotExist, 2},
	} {
		tries := 0
		err := again(time.Minute, func() error { tries++; return c.answers[tries-1] })
		if !errors.Is(err, c.want) || tries != c.tries {
			t.Errorf("%s: %v after %d tries", name, err, tries)
		}
	}
	begun := time.Now()
	err := again(100*time.Millisecond, func() error { return errHeld })
	if !errors.Is(err, errHeld) || time.Since(begun) > 5*time.Second {
		t.Errorf("%v after %s", err, time.Since(begun))
	}
	found := diag.From(explain(err, "a", "public"))
	if len(found) != 1 || found[0].File != "public" || !strings.Contains(found[0].Fact.EN, "using this folder") {
		t.Errorf("%v", found)
	}
}

// TestOneByOne removes a tree where os.RemoveAll cannot.
func TestOneByOne(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "public", "zh"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "public", "zh", "a"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := oneByOne(filepath.Join(dir, "public")); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "public")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
}

// TestOpenFile replaces a folder with an open file in it: on Windows when it is let go,
// elsewhere at once.
func TestOpenFile(t *testing.T) {
	dir := t.TempDir()
	from, to := filepath.Join(dir, "public"), filepath.Join(dir, "old")
	if err := os.Mkdir(from, 0o755); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(from, "a.html")
	if err := os.WriteFile(name, []byte("a"), 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS == "windows" {
		err := explain(again(200*time.Millisecond, func() error { return os.Rename(from, to) }), from)
		if found := diag.From(err); len(found) != 1 || found[0].Check != "held" {
			t.Logf("this Windows lets an open file's folder be renamed: %v", err) // Wine does
		}
	}
	time.AfterFunc(300*time.Millisecond, func() { f.Close() })
	if _, err := os.Stat(from); err == nil {
		if err := Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	if err := RemoveAll(to); err != nil {
		t.Fatal(err)
	}
}
