package hosts

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"minxi/generator/internal/publish"
	"minxi/generator/internal/publish/hosttest"
)

func TestZip(t *testing.T) {
	for name, bench := range zipBenches {
		t.Run(name, func(t *testing.T) { hosttest.Contract(t, bench) })
	}
}

var (
	zipBench   = hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place { return zipPlace(t, "") }}
	zipBenches = map[string]hosttest.Bench{
		"loose":       zipBench,
		"in a folder": {Fresh: func(t testing.TB) hosttest.Place { return zipPlace(t, "闽西 minxi/site") }},
	}
)

func zipPlace(t testing.TB, folder string) hosttest.Place {
	file := filepath.Join(t.TempDir(), "out", "site.zip")
	return hosttest.Place{Kind: "zip", Options: map[string]string{"path": file, "folder": folder}, Disk: filepath.Dir(file),
		Read: func(name string) ([]byte, publish.Header, error) {
			r, err := zip.OpenReader(file)
			if err != nil {
				return nil, nil, err
			}
			defer r.Close()
			data, err := fs.ReadFile(r, path.Join(folder, name))
			return data, nil, err
		},
	}
}

// The same site is the same file, however it came about, and every entry says
// nothing but its name and its bytes.
func TestZipSameBytes(t *testing.T) {
	texts := map[string]string{"index.html": strings.Repeat("home ", 999), "zh/计划.html": "计划", "zh/empty": "", "a.b": "x", "a/b": "y"}
	names := []string{"index.html", "zh/计划.html", "zh/empty", "a.b", "a/b"}
	build := func(steps func(h *hosttest.Edit)) []byte {
		place := zipPlace(t, "")
		h := editOf(t, place)
		steps(h)
		settle(t, h)
		data, err := os.ReadFile(place.Options["path"])
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	once := build(func(h *hosttest.Edit) {
		for _, name := range names {
			stage(t, h, name, texts[name])
		}
	})
	again := build(func(h *hosttest.Edit) {
		stage(t, h, "gone.html", "gone")
		stage(t, h, names[0], "other")
		for _, name := range names[2:] {
			stage(t, h, name, texts[name])
		}
		settle(t, h)
		if err := h.Delete(context.Background(), "gone.html"); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{names[1], names[0]} {
			stage(t, h, name, texts[name])
		}
	})
	if !bytes.Equal(once, again) {
		t.Error("the same site gives different bytes after another history")
	}
	r, err := zip.NewReader(bytes.NewReader(once), int64(len(once)))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range r.File {
		got = append(got, f.Name)
		if f.Mode() != 0o644 || f.Modified.Format("2006-01-02 15:04:05") != "1980-01-01 00:00:00" || f.Flags&^zipUTF8 != zipDescriptor || len(f.Extra) != 0 {
			t.Errorf("%s: mode %v, time %v, flags %x, %d bytes extra", f.Name, f.Mode(), f.Modified, f.Flags, len(f.Extra))
		}
	}
	if slices.Sort(names); !slices.Equal(got, names) {
		t.Errorf("entries are %q, want %q", got, names)
	}
}

// What did not change is copied as it is compressed, whoever compressed it.
func TestZipRawCopy(t *testing.T) {
	place := zipPlace(t, "")
	file := place.Options["path"]
	makeZip(t, file, zip.FileHeader{Name: "_releases/manifest.jsonl"}, zip.FileHeader{Name: "kept.txt", Method: zip.Store, Comment: "by somebody else"})
	h := editOf(t, place)
	stage(t, h, "new.txt", "new")
	reading, err := h.Get(context.Background(), "kept.txt")
	if err != nil {
		t.Fatal(err)
	}
	settle(t, h)
	if data, err := io.ReadAll(reading); err != nil || string(data) != "kept.txt" {
		t.Errorf("a reading that began before Settle gives %q, %v", data, err)
	}
	if err := reading.Close(); err != nil {
		t.Error(err)
	}
	r, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if f := r.File[1]; f.Name != "kept.txt" || f.Method != zip.Store || f.Comment != "" {
		t.Errorf("the second entry is %+v", f.FileHeader)
	}
	if data, err := fs.ReadFile(r, "kept.txt"); err != nil || string(data) != "kept.txt" {
		t.Errorf("the copy holds %q, %v", data, err)
	}
}

// makeZip makes a zip in which every entry holds its own name.
func makeZip(t testing.TB, file string, headers ...zip.FileHeader) {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, header := range headers {
		out, err := w.CreateHeader(&header)
		if err == nil && !strings.HasSuffix(header.Name, "/") {
			_, err = out.Write([]byte(header.Name))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, b.Bytes(), 0o644)); err != nil {
		t.Fatal(err)
	}
}

func TestZipRefuses(t *testing.T) {
	link := zip.FileHeader{Name: "link"}
	link.SetMode(fs.ModeSymlink | 0o777)
	for name, c := range map[string]struct {
		headers []zip.FileHeader
		says    string
	}{
		"upwards":   {[]zip.FileHeader{{Name: "../../etc/passwd"}}, `"../../etc/passwd", which is an unsafe name`},
		"rooted":    {[]zip.FileHeader{{Name: "/etc/passwd"}}, "unsafe"},
		"inside":    {[]zip.FileHeader{{Name: "a/../../b"}}, "unsafe"},
		"windows":   {[]zip.FileHeader{{Name: `..\b`}}, "unsafe"},
		"nul":       {[]zip.FileHeader{{Name: "a\x00b"}}, "unsafe"},
		"no utf-8":  {[]zip.FileHeader{{Name: "\xff", NonUTF8: true}}, "unsafe"},
		"link":      {[]zip.FileHeader{link}, "not a file"},
		"twice":     {[]zip.FileHeader{{Name: "a"}, {Name: "a"}}, "there twice"},
		"encrypted": {[]zip.FileHeader{{Name: "a", Flags: 1}}, "encrypted"},
	} {
		t.Run(name, func(t *testing.T) {
			place := zipPlace(t, "")
			makeZip(t, place.Options["path"], c.headers...)
			before, _ := os.ReadFile(place.Options["path"])
			h := editOf(t, place)
			wantsRefusal(t, h, place.Options["path"], c.says)
			if after, _ := os.ReadFile(place.Options["path"]); !bytes.Equal(before, after) {
				t.Error("the file was changed")
			}
		})
	}
	t.Run("no zip", func(t *testing.T) {
		place := zipPlace(t, "")
		write(place.Disk, "site.zip", "a letter")
		h := editOf(t, place)
		wantsRefusal(t, h, place.Options["path"], "is no zip file")
	})
	t.Run("a backslash", func(t *testing.T) {
		wants(t, editOf(t, zipPlace(t, "")).PutText(t.Context(), `a\b`, ""), false, "backslash")
	})
}

func wantsRefusal(t *testing.T, h *hosttest.Edit, file, says string) {
	t.Helper()
	_, getErr := h.Get(context.Background(), "a")
	_, listErr := h.List(context.Background(), ".")
	putErr := h.PutText(context.Background(), "b", "")
	for what, err := range map[string]error{"Get": getErr, "List": listErr, "Put": putErr} {
		if err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: %v; want it to say %q of the file", what, err, says)
		}
	}
}

// A body that fails leaves nothing, neither beside the zip nor in the temporary folder.
func TestZipLeavesNothing(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	place := zipPlace(t, "")
	h := editOf(t, place)
	stage(t, h, "a", "what is there")
	settle(t, h)
	f, _ := textFile("b", "one")
	_, longer := textFile("b", "four")
	if err := errors.Join(h.Put(t.Context(), f, longer), h.Settle(t.Context())); err == nil {
		t.Error("too many bytes are taken")
	}
	holds(t, h, "a", "what is there")
	if entries, _ := os.ReadDir(temp); len(entries) != 0 {
		t.Errorf("left in the temporary folder: %v", entries)
	}
	if entries, _ := os.ReadDir(filepath.Dir(place.Options["path"])); len(entries) != 1 {
		t.Errorf("beside the zip: %v", entries)
	}
}

// More entries than a zip without the 64-bit extensions can have.
func TestZipManyEntries(t *testing.T) {
	if testing.Short() {
		t.Skip("66,000 entries")
	}
	place := zipPlace(t, "")
	headers := []zip.FileHeader{{Name: "_releases/manifest.jsonl"}}
	for i := range 66_000 {
		headers = append(headers, zip.FileHeader{Name: fmt.Sprintf("m/%05d.html", i), Method: zip.Store})
	}
	makeZip(t, place.Options["path"], headers...)
	h := editOf(t, place)
	stage(t, h, "index.html", "home")
	settle(t, h)
	names, err := h.List(context.Background(), "m")
	if err != nil || len(names) != 66_000 {
		t.Errorf("List: %d names, %v", len(names), err)
	}
	for _, name := range []string{"m/65999.html", "index.html"} {
		if data, _, err := place.Read(name); err != nil || len(data) == 0 {
			t.Errorf("a reader gets %s: %q, %v", name, data, err)
		}
	}
}
