package proof

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"aead.dev/minisign"
)

// site is a small tree with its manifest.
func site() (fstest.MapFS, Manifest) {
	tree := fstest.MapFS{}
	var l List
	for name, text := range map[string]string{
		"index.html": "root", "zh/index.html": "首页", "zh/m/s3-2/index.html": "一句", "zh/404.html": "没有", "data/measures.json": "[]",
	} {
		tree[name] = &fstest.MapFile{Data: []byte(text)}
		l.Add(name, []byte(text))
	}
	text := l.SHA256()
	tree["data/manifest.sha256"] = &fstest.MapFile{Data: text}
	m, err := Parse(text)
	if err != nil {
		panic(err)
	}
	return tree, m
}

const own = "data/manifest.sha256"

func TestCheck(t *testing.T) {
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	fmt.Fprint(w, "首页")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name                      string
		put                       map[string]string // "" takes a file away
		differing, missing, extra []string
		host                      int
	}{
		{name: "as it was"},
		{name: "changed", put: map[string]string{"zh/index.html": "别的"}, differing: []string{"zh/index.html"}},
		{name: "one byte more", put: map[string]string{"zh/index.html": "首页\n"}, differing: []string{"zh/index.html"}},
		{name: "gone", put: map[string]string{"zh/index.html": ""}, missing: []string{"zh/index.html"}},
		{name: "a folder in its place", put: map[string]string{"zh/index.html": "", "zh/index.html/x": "x"}, missing: []string{"zh/index.html"}, extra: []string{"zh/index.html/x"}},
		{name: "added", put: map[string]string{"zh/x.html": "x", "a": "x"}, extra: []string{"a", "zh/x.html"}},
		{name: "of the host", put: map[string]string{"_headers": "x", "_releases/manifest": "x", ".built-by-minxi": "x"}, host: 3},
		{name: "only like one of the host", put: map[string]string{"_headers.html": "x", "zh/_headers": "x", "_releases": "x"}, extra: []string{"_headers.html", "_releases", "zh/_headers"}},
		{name: "an asset of an earlier release", put: map[string]string{"assets/minxi.2d711642b726.css": "x"}, host: 1}, // of the SHA-256 of x
		{name: "an asset that is not what it is called", put: map[string]string{"assets/minxi.2d711642b726.css": "y"}, extra: []string{"assets/minxi.2d711642b726.css"}},
		{name: "a precompressed file", put: map[string]string{"zh/index.html.gz": zipped.String()}},
		{name: "a precompressed file of something else", put: map[string]string{"index.html.gz": zipped.String()}, differing: []string{"index.html.gz"}},
		{name: "no precompressed file", put: map[string]string{"zh/index.html.br": "首页"}, differing: []string{"zh/index.html.br"}},
		{name: "precompressed of nothing", put: map[string]string{"zh/x.html.gz": zipped.String()}, extra: []string{"zh/x.html.gz"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			tree, m := site()
			for name, text := range c.put {
				if tree[name] = (&fstest.MapFile{Data: []byte(text)}); text == "" {
					delete(tree, name)
				}
			}
			r, err := Check(context.Background(), tree, m, own)
			if err != nil {
				t.Fatal(err)
			}
			want := &Report{Files: len(m), Equal: r.Equal, Differing: append([]string{}, c.differing...), Missing: append([]string{}, c.missing...), Extra: append([]string{}, c.extra...), Host: c.host, Listed: true}
			if !reflect.DeepEqual(r, want) {
				t.Errorf("got %+v\nwant %+v", r, want)
			}
			if r.OK() != (len(c.differing)+len(c.missing)+len(c.extra) == 0) {
				t.Errorf("OK is %v", r.OK())
			}
		})
	}
}

// TestWebsite serves a site below a path in the ways of several hosts.
func TestWebsite(t *testing.T) {
	tree, _ := site()
	files := http.StripPrefix("/a/b", http.FileServerFS(tree))
	for _, c := range []struct {
		name      string
		serve     http.HandlerFunc
		where     string // below the server
		page      string
		differing []string
		missing   []string
		host      int
	}{
		{name: "as files", serve: files.ServeHTTP, where: "/a/b/"},
		{name: "without a slash", serve: files.ServeHTTP, where: "/a/b"},
		{name: "one page", serve: files.ServeHTTP, where: "/a/b/zh/m/s3-2/", page: "zh/m/s3-2/index.html"},
		{name: "a page by its file", serve: files.ServeHTTP, where: "/a/b/zh/m/s3-2/index.html", page: "zh/m/s3-2/index.html"},
		{name: "a host that leads by language", serve: func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/a/b/" {
				http.Redirect(w, r, "/a/b/zh/", http.StatusFound)
				return
			}
			files.ServeHTTP(w, r)
		}, where: "/a/b/", host: 1},
		{name: "a host that takes off .html and shows what is lost as lost", serve: func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/a/b/zh/404.html":
				http.Redirect(w, r, "/a/b/zh/404", http.StatusPermanentRedirect)
			case "/a/b/zh/404":
				w.WriteHeader(http.StatusNotFound)
				fmt.Fprint(w, "没有")
			default:
				files.ServeHTTP(w, r)
			}
		}, where: "/a/b/"},
		{name: "another page", serve: func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/a/b/zh/" {
				fmt.Fprint(w, "首页<script>")
				return
			}
			files.ServeHTTP(w, r)
		}, where: "/a/b/", differing: []string{"zh/index.html"}},
		{name: "a page that leads to another", serve: func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/a/b/zh/m/s3-2/" {
				http.Redirect(w, r, "/a/b/zh/", http.StatusFound)
				return
			}
			files.ServeHTTP(w, r)
		}, where: "/a/b/", missing: []string{"zh/m/s3-2/index.html"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := httptest.NewServer(c.serve)
			defer server.Close()
			copied, page, done, err := Open(context.Background(), server.URL+c.where, own)
			if err != nil {
				t.Fatal(err)
			}
			defer done()
			if page != c.page {
				t.Errorf("the page is %q, want %q", page, c.page)
			}
			_, m := site()
			r, err := Check(context.Background(), copied, m, own)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(r.Differing, c.differing) || !slices.Equal(r.Missing, c.missing) || r.Host != c.host || r.Listed {
				t.Errorf("got %+v", r)
			}
		})
	}
	for _, where := range []string{"http://example.org/", "ftp://127.0.0.1/", "file:///etc/"} {
		if _, _, _, err := Open(context.Background(), where, own); !errors.Is(err, ErrScheme) {
			t.Errorf("%s: %v", where, err)
		}
	}
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/zh/" {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		http.FileServerFS(tree).ServeHTTP(w, r)
	}))
	defer broken.Close()
	copied, _, _, err := Open(context.Background(), broken.URL, own)
	if err != nil {
		t.Fatal(err)
	}
	_, m := site()
	if _, err := Check(context.Background(), copied, m, own); err == nil || !strings.Contains(err.Error(), "502") {
		t.Errorf("a server that fails says nothing of a copy, and that is %v", err)
	}
}

func TestSignature(t *testing.T) {
	_, private, err := minisign.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	secret, _ := private.MarshalText()
	file := filepath.Join(dir, "key")
	if err := os.WriteFile(file, secret, 0o600); err != nil {
		t.Fatal(err)
	}
	k, err := ReadKey(file, "")
	if err != nil {
		t.Fatal(err)
	}
	manifest := []byte("x  y\n")
	sig := k.Sign(manifest, "edition:2022-04-13")
	if !bytes.Equal(sig, k.Sign(manifest, "edition:2022-04-13")) {
		t.Error("two signatures of the same differ")
	}
	for _, key := range []string{k.Public(), string(PublicFile(k.Public()))} {
		if comment, good, err := Verify(key, manifest, sig); err != nil || !good || comment != "edition:2022-04-13" {
			t.Errorf("%q: %q %v %v", key, comment, good, err)
		}
	}
	for name, c := range map[string][2][]byte{
		"another manifest":  {[]byte("x  z\n"), sig},
		"another comment":   {manifest, bytes.Replace(sig, []byte("2022"), []byte("2023"), 1)},
		"no signature":      {manifest, nil},
		"half a signature":  {manifest, sig[:len(sig)/2]},
		"something instead": {manifest, []byte("untrusted comment: x\nRWQ=\n")},
	} {
		if _, good, err := Verify(k.Public(), c[0], c[1]); good || err != nil {
			t.Errorf("%s: %v %v", name, good, err)
		}
	}
	if _, _, err := Verify("nonsense", manifest, sig); err == nil {
		t.Error("nonsense is a key")
	}
	for _, text := range []string{"", "nonsense", string(PublicFile(k.Public())), string(secret[:40])} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadKey(file, ""); err == nil || text != "" && strings.Contains(err.Error(), text) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if (*Key)(nil).Public() != "" {
		t.Error("no key has a public one")
	}
}

// TestManyHashes holds SM3 against the standard's own example (GB/T 32905-2016, A.1).
func TestManyHashes(t *testing.T) {
	if got := SM3("abc"); got != "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0" {
		t.Error(got)
	}
	if SM3("") != "" {
		t.Error("nothing has a hash")
	}
	l := List{SM3: true}
	l.Add("b", []byte("abc"))
	l.Add("a", nil)
	want := "SM3 (a) = 1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b\nSM3 (b) = 66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0\n"
	if got := string(l.SM3Text()); got != want {
		t.Error(got)
	}
}

// FuzzParse wants what is a manifest to say the same when it is written again, and
// nothing that leaves the folder.
func FuzzParse(f *testing.F) {
	sum := strings.Repeat("0a", 32)
	for _, s := range []string{sum + "  zh/index.html\n", sum + "  ../x\n", sum + "  a\n" + sum + "  a\n", sum + " *a\n", "\\" + sum + "  a\\nb\n", "", sum + "  a", strings.ToUpper(sum) + "  a\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Parse(data)
		if err != nil {
			return
		}
		var b bytes.Buffer
		for _, name := range slices.Sorted(maps.Keys(m)) {
			fmt.Fprintf(&b, "%s  %s\n", m[name], name)
		}
		again, err := Parse(b.Bytes())
		if err != nil || !maps.Equal(m, again) {
			t.Errorf("%q: %v", data, err)
		}
	})
}
