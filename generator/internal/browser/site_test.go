package browser

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"mime"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/pelletier/go-toml/v2"

	"minxi/generator/internal/content"
	"minxi/generator/internal/pipeline"
	"minxi/generator/internal/plan"
)

const projectDir = "../../.."

// A kind of page, and examples of it. LANG stands for both languages.
type kind struct {
	name     string
	pages    string   // which files of the tree are of this kind
	examples []string // paths below the language, or whole ones where there is none
}

var kinds = []kind{
	{"root", `index`, []string{"/?stay"}},
	{"home", `LANG/index`, []string{""}},
	{"plan", `LANG/plan/index`, []string{"plan/"}},
	{"chapter", `LANG/plan/c\d+/index`, []string{"plan/c3/", "plan/c1/"}},
	{"section", `LANG/plan/s\d+/index`, []string{"plan/s3/", "plan/s22/"}},
	{"parallel", `LANG/plan/(?:[cs]\d+/)?parallel/index`, []string{"plan/s3/parallel/", "plan/parallel/", "plan/c1/parallel/"}},
	{"hub in both languages", `LANG/(?:topics|places)/[a-z-]+/parallel/index`, []string{"topics/red-heritage/parallel/", "places/changting/parallel/"}},
	{"unit", `LANG/m/[a-z]+\d*-\d+/index`, []string{"m/s3-2/", "m/p-1/"}},
	{"edition", `LANG/m/[a-z]+\d*-\d+/\d{4}-\d\d-\d\d/index`, []string{"m/s3-2/2022-04-13/", "m/s3-2/2023-01-01/"}},
	{"withdrawn", `LANG/m/s3-98/index`, []string{"m/s3-98/"}},
	{"moved", `LANG/m/s3-99/index`, nil}, // it forwards at once
	{"topics", `LANG/topics/index`, []string{"topics/"}},
	{"topic", `LANG/topics/[a-z-]+/index`, []string{"topics/ecology/", "topics/transport/"}},
	{"topic-place", `LANG/topics/[a-z-]+/[a-z]+/index`, []string{"topics/red-heritage/changting/"}},
	{"places", `LANG/places/index`, []string{"places/"}},
	{"place", `LANG/places/[a-z]+/index`, []string{"places/longyan/", "places/changting/", "places/xinluo/", "places/beijing/"}},
	{"bodies", `LANG/bodies/index`, []string{"bodies/"}},
	{"body", `LANG/bodies/[a-z-]+/index`, []string{"bodies/longyan/", "bodies/ndrc/"}},
	{"updates", `LANG/updates/index`, []string{"updates/"}},
	{"update", `LANG/updates/[a-z0-9-]+/index`, []string{"updates/2024-05-01-water/"}},
	{"glossary", `LANG/glossary/index`, []string{"glossary/"}},
	{"data", `LANG/data/index`, []string{"data/"}},
	{"terms", `LANG/glossary/\d+/index`, []string{"glossary/5/"}},
	{"site map", `LANG/sitemap/index`, []string{"sitemap/"}},
	{"search", `LANG/search/index`, []string{"search/"}},
	{"text", `LANG/(?:about|verbs)/index`, []string{"about/", "verbs/"}},
	{"not found", `(?:LANG/)?404`, []string{"404.html"}},
	{"components", `LANG/components/index`, []string{"components/"}},
}

// examples lists the example pages of all kinds in one language ("" for all),
// as paths: /zh/plan/s3/.
func examples(langs ...string) (paths []string) {
	for _, k := range kinds {
		for _, e := range k.examples {
			if strings.HasPrefix(e, "/") {
				paths = append(paths, e)
				continue
			}
			for _, l := range langs {
				paths = append(paths, "/"+l+"/"+e)
			}
		}
	}
	return paths
}

// first is one example of each kind, the languages taking turns.
func first() (paths []string) {
	for i, k := range kinds {
		if len(k.examples) == 0 {
			continue
		}
		e := k.examples[0]
		if !strings.HasPrefix(e, "/") {
			e = "/" + []string{"zh", "en"}[i%2] + "/" + e
		}
		paths = append(paths, e)
	}
	return paths
}

// website is the built site on the loopback interface.
type website struct {
	files map[string][]byte
	base  string      // http://127.0.0.1:port
	best  atomic.Bool // what is served is compressed as well as can be

	mu       sync.Mutex
	foreign  []string // requests for another host, which the browser must not make
	requests []string
}

var site = sync.OnceValues(func() (*website, error) {
	dir, err := os.MkdirTemp("", "minxi-site")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := copyProject(dir); err != nil {
		return nil, err
	}
	if err := addKinds(filepath.Join(dir, "content")); err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	w := &website{base: "http://" + listener.Addr().String()}
	base, err := pipeline.ParseBase(w.base + "/")
	if err != nil {
		return nil, err
	}
	var out pipeline.Memory
	// A preview has the page of components, and is otherwise the same.
	if _, err := pipeline.Build(context.Background(), pipeline.Options{Dir: dir, Base: base, Preview: true}, &out); err != nil {
		return nil, err
	}
	w.files = out.Files()
	headers, err := readHeaders(filepath.Join(projectDir, "netlify.toml"))
	if err != nil {
		return nil, err
	}
	go http.Serve(listener, w.handler(headers)) // until the tests end
	return w, nil
})

// copyProject copies what a site is made from.
func copyProject(dir string) error {
	for _, part := range []string{"content", "themes", "seeds", "hugo.toml"} {
		if out, err := exec.Command("cp", "-r", filepath.Join(projectDir, part), dir).CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
	}
	return nil
}

// addUpdate adds an update, of which the real content has none.
func addUpdate(folder string) error {
	for name, text := range map[string]string{
		"updates/2024-05-01-water.zh.md": "---\ntitle: 试验用的动态\ndescription: 一条试验用的动态。\ndate: 2024-05-01\nsource: 某单位\nmeasures: [s3-2, s3-5]\n---\n\n正文提到[这一条](s3-2)。\n",
		"updates/2024-05-01-water.en.md": "---\ntitle: A sample update\ndescription: An update for tests.\n---\n\nIt is about [this measure](s3-2).\n",
	} {
		if err := os.MkdirAll(filepath.Join(folder, "updates"), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// addKinds adds what the real content has no example of.
func addKinds(folder string) error {
	if err := addUpdate(folder); err != nil {
		return err
	}
	ledger, err := os.OpenFile(filepath.Join(folder, "ledger.csv"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer ledger.Close()
	for id, row := range map[string]string{"s3-98": "withdrawn,s3-2", "s3-99": "moved,s3-3"} {
		zh := "原来的一句，编号是" + id + "。"
		if _, err := fmt.Fprintf(ledger, "%s,%s,%x,,%s,A former sentence.,试验\n", id, row, sha256.Sum256([]byte(zh)), zh); err != nil {
			return err
		}
	}
	return addVersion(folder)
}

// addVersion adds a version of a sentence in which words of both languages changed.
func addVersion(folder string) error {
	tree, found := content.Load(os.DirFS(filepath.Dir(folder)), filepath.Base(folder))
	if err := found.Err(); err != nil {
		return err
	}
	versions := tree.Plan.History.By()["s3-2"]
	last := versions[len(versions)-1]
	v := last
	v.Date, v.Change, v.Why = "2023-01-01", plan.Erratum, "试验"
	v.Text = plan.Text{ZH: strings.Replace(v.Text.ZH, "推广", "推行", 1), EN: strings.Replace(v.Text.EN, "Disseminate", "Spread", 1)}
	v.EnglishOf = plan.Hash(v.Text.ZH)
	v.Sum = v.Seal(last.Sum)
	file := filepath.Join(folder, content.HistoryFile)
	old, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return os.WriteFile(file, content.AppendHistory(old, []plan.Version{v}), 0o644)
}

type headerRule struct {
	For    string
	Values map[string]string
}

func readHeaders(file string) ([]headerRule, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var config struct{ Headers []headerRule }
	err = toml.Unmarshal(data, &config)
	return config.Headers, err
}

func (w *website) handler(rules []headerRule) http.Handler {
	var caches [2]sync.Map
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		w.requests = append(w.requests, r.URL.Path)
		if "http://"+r.Host != w.base {
			w.foreign = append(w.foreign, r.Host+r.URL.Path)
		}
		w.mu.Unlock()
		name := strings.TrimPrefix(r.URL.Path, "/")
		if name == "" || strings.HasSuffix(name, "/") {
			name += "index.html"
		}
		status := http.StatusOK
		data, ok := w.files[name]
		if !ok {
			status, name = http.StatusNotFound, "404.html"
			data = w.files[name]
		}
		for _, rule := range rules {
			if strings.HasPrefix(r.URL.Path, strings.TrimSuffix(rule.For, "*")) {
				for k, v := range rule.Values {
					rw.Header().Set(k, v)
				}
			}
		}
		if r.URL.RawQuery == "stay" { // the page itself, without what leads on
			data = refresh.ReplaceAll(data, nil)
			name += "?stay"
		}
		rw.Header().Set("Content-Type", mime.TypeByExtension(path.Ext(strings.TrimSuffix(name, "?stay"))))
		rw.Header().Set("Content-Encoding", "br")
		cache, compress := &caches[0], quick
		if w.best.Load() {
			cache, compress = &caches[1], squeeze
		}
		packed, ok := cache.Load(name)
		if !ok {
			packed = compress(data)
			cache.Store(name, packed)
		}
		rw.WriteHeader(status)
		rw.Write(packed.([]byte))
	})
}

var refresh = regexp.MustCompile(`<meta http-equiv="?refresh"?[^>]*>`)

// squeeze is brotli at its best.
func squeeze(data []byte) []byte { return compress(data, brotli.BestCompression) }

// quick is brotli that takes a tenth of the time, for a few more bytes.
func quick(data []byte) []byte { return compress(data, 9) }

func compress(data []byte, level int) []byte {
	var b bytes.Buffer
	w := brotli.NewWriterLevel(&b, level)
	w.Write(data)
	w.Close()
	return b.Bytes()
}

func open(t *testing.T) *website {
	t.Helper()
	w, err := site()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestKinds wants every page of the tree to be of a known kind, so that a new
// kind of page cannot stay untested.
func TestKinds(t *testing.T) {
	w := open(t)
	seen := map[string]bool{}
	for name := range w.files {
		if path.Ext(name) != ".html" {
			continue
		}
		known := false
		for _, k := range kinds {
			pattern := `^` + strings.ReplaceAll(k.pages, "LANG", "(?:zh|en)") + `\.html$`
			if regexp.MustCompile(pattern).MatchString(name) {
				known = true
				seen[k.name] = true
			}
		}
		if !known {
			t.Errorf("%s is of no known kind: add it to the table in site_test.go", name)
		}
	}
	for _, k := range kinds {
		if !seen[k.name] {
			t.Errorf("there is no page of the kind %q any more", k.name)
		}
	}
	for _, p := range examples("zh", "en") {
		name := strings.TrimPrefix(strings.TrimSuffix(p, "?stay"), "/")
		if name == "" || strings.HasSuffix(name, "/") {
			name += "index.html"
		}
		if w.files[name] == nil {
			t.Errorf("the example %s is not there", p)
		}
	}
}

// artefacts is the folder that pictures and reports go to.
var artefacts = sync.OnceValues(func() (string, error) {
	dir := os.Getenv("MINXI_ARTEFACTS")
	if dir == "" {
		return os.MkdirTemp("", "minxi-artefacts")
	}
	return filepath.Abs(dir)
})

// keep writes an artefact.
func keep(t *testing.T, name string, data []byte) {
	t.Helper()
	dir, err := artefacts()
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name), data, 0o644)
	}
	if err != nil {
		t.Error(err)
	}
}

// fileName makes a file's name of a path: zh-plan-s3.
func fileName(p string) string {
	parts := strings.FieldsFunc(p, func(r rune) bool { return r == '/' || r == '.' || r == '#' })
	if len(parts) == 0 {
		return "root"
	}
	return strings.Join(slices.Compact(parts), "-")
}
