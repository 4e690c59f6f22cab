package pipeline

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"minxi/generator/internal/address"
	"minxi/generator/internal/content"
)

// TestLinkedData wants every page that is about something to say so in JSON-LD, once:
// its addresses are pages and files of the site, and its way ends with the page.
func TestLinkedData(t *testing.T) {
	const origin = "https://example.org"
	files, _ := build(t, origin+"/")
	tree, _ := content.Load(os.DirFS(projectDir), "content")
	book := address.New(tree.Plan, addresses(Options{}, tree, nil))
	silent := map[address.Kind]bool{address.Root: true, address.Lost: true}
	examples := map[address.Kind]string{}
	for a := range book.All() {
		if !a.Kind.IsPage() {
			continue
		}
		name := a.File()
		doc, err := html.Parse(bytes.NewReader(files[name]))
		if err != nil {
			t.Fatal(err)
		}
		var said []string
		for n := range doc.Descendants() {
			if n.DataAtom == atom.Script && attribute(n, "type") == "application/ld+json" {
				said = append(said, n.FirstChild.Data)
			}
		}
		if silent[a.Kind] {
			if len(said) > 0 {
				t.Errorf("%s is about nothing, and says %s", name, said)
			}
			continue
		}
		if len(said) != 1 {
			t.Errorf("%s says %d times what it is", name, len(said))
			continue
		}
		examples[a.Kind] = name
		var v any
		if err := json.Unmarshal([]byte(said[0]), &v); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		self := false
		each(v, func(key, value string) {
			to, ours := strings.CutPrefix(value, origin)
			if !ours || key == "name" {
				return
			}
			self = self || to == a.Path
			if _, has := files[address.File(to)]; !has {
				t.Errorf("%s: %s leads to nothing: %s", name, key, value)
			}
		})
		if way, _ := v.(map[string]any); !self && way["@type"] != "BreadcrumbList" {
			t.Errorf("%s does not say that it is %s", name, a.Path)
		}
	}
	judge(t, files, examples)
}

// each calls f for every text in a JSON value with the key that it stands under.
func each(v any, f func(key, value string)) {
	var walk func(key string, v any)
	walk = func(key string, v any) {
		switch v := v.(type) {
		case string:
			f(key, v)
		case []any:
			for _, x := range v {
				walk(key, x)
			}
		case map[string]any:
			for k, x := range v {
				walk(k, x)
			}
		}
	}
	walk("", v)
}

// judge lets jsonld expand what one page of each kind says and holds the words against
// the vocabulary of schema.org; a word that is none has to be told.
func judge(t *testing.T, files map[string][]byte, examples map[address.Kind]string) {
	modules, err := filepath.Abs(filepath.Join(projectDir, ".ci", "node_modules"))
	if err != nil {
		t.Fatal(err)
	}
	if env := os.Getenv("NODE_PATH"); env != "" {
		modules += string(filepath.ListSeparator) + env
	}
	dir := t.TempDir()
	type job struct {
		Script string `json:"script"`
		Dir    string `json:"dir"`
		File   string `json:"file"`
	}
	var jobs []job
	for _, name := range examples {
		flat := strings.ReplaceAll(name, "/", "-")
		jobs = append(jobs, job{"jsonld.cjs", dir, flat})
		if err := os.WriteFile(filepath.Join(dir, flat), files[name], 0o644); err != nil {
			t.Fatal(err)
		}
	}
	sound := len(jobs)
	for was, is := range map[string]string{`"Legislation"`: `"Legislature"`, `"isPartOf"`: `"isInPartOf"`, `"position"`: `"datePublished"`} {
		name := "wrong-" + strings.Trim(is, `"`) + ".html"
		jobs = append(jobs, job{"jsonld.cjs", dir, name})
		if err := os.WriteFile(filepath.Join(dir, name), bytes.Replace(files[examples[address.Unit]], []byte(was), []byte(is), 1), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	input, err := json.Marshal(jobs)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", filepath.FromSlash(path.Join("..", "formats", "testdata", "judge.cjs")))
	cmd.Env = append(os.Environ(), "NODE_PATH="+modules)
	cmd.Stdin = bytes.NewReader(input)
	out, err := cmd.Output()
	var found [][]string
	if err == nil {
		err = json.Unmarshal(out, &found)
	}
	if err != nil || len(found) != len(jobs) || strings.Contains(string(out), "Cannot find module") {
		if os.Getenv("CI") != "" {
			t.Fatalf("jsonld and @vocabulary/schema cannot be used: %v %s", err, out)
		}
		t.Skip("jsonld and @vocabulary/schema are not installed: see .ci/run")
	}
	for i, list := range found {
		if i >= sound && len(list) == 0 {
			t.Errorf("%s: nothing is found", jobs[i].File)
		}
		for _, line := range list {
			if i < sound {
				t.Errorf("%s: %s", jobs[i].File, line)
			}
		}
	}
}
