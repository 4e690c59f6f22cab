package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// layers is the arrow diagram of docs/architecture.md: which of our packages
// each package may import. A package that is not in it does not exist.
var layers = map[string][]string{
	"plan":          {},
	"diag":          {"plan"},
	"word":          {"plan", "diag"},
	"held":          {"diag"},
	"seed":          {"plan", "diag", "word"},
	"seed/seedtest": {"plan"},
	"address":       {"plan"},
	"content":       {"plan", "diag", "address"},
	"check":         {"plan", "diag", "address", "content", "seed", "formats"},
	"search":        {"plan", "address"},
	"cards":         {},
	"site":          {"plan", "diag", "address", "cache", "cards", "compare", "proof", "tulou", "search", "formats"},
	"tulou":         {"plan"},
	"cache":         {},
	"optimize":      {"cache"},
	"proof":         {},
	"compare":       {},
	"offline":       {"plan", "optimize"},
	"pipeline":      {"plan", "diag", "address", "content", "check", "site", "optimize", "cache", "formats", "held", "proof", "offline"},
	"formats":       {"plan", "address", "exchange", "epub"},
	"epub":          {"plan", "address"},
	"preview":       {"plan", "diag", "pipeline"},
	"exchange":      {"plan", "diag", "content", "word"},
	"changes":       {"plan", "diag", "content", "compare"},
	"readings":      {"plan", "diag", "content"},
	"edit":          {"plan", "diag", "content", "readings"},
	"editor":        {"plan", "diag", "address", "changes", "content", "check", "edit", "readings", "seed", "exchange"},
	"browser":       {"pipeline", "preview", "editor", "edit"}, // tests only

	"sample": {}, // tests only

	"publish":          {"plan", "diag"},
	"publish/hosts":    {"publish", "plan", "diag"},
	"publish/hosttest": {"publish", "diag", "sample"}, // tests only
}

// onlyIn says which libraries stay inside one package.
var onlyIn = map[string][]string{
	"github.com/gohugoio/hugo":     {"site"},
	"github.com/gohugoio/go-i18n":  {"site"},
	"github.com/bep/logg":          {"site"},
	"github.com/spf13/afero":       {"site"},
	"github.com/tdewolff":          {"optimize"},
	"github.com/andybalholm":       {"cards", "optimize", "proof", "publish/hosttest"},
	"aead.dev/minisign":            {"proof"},
	"github.com/sergi/go-diff":     {"compare"},
	"github.com/emmansun/gmsm":     {"proof"},
	"github.com/yuin/goldmark":     {"content"},
	"go.yaml.in/yaml":              {"content", "check"},
	"github.com/pelletier/go-toml": {"check", "readings", "site", "publish", "publish/hosts"},
	"github.com/fsnotify/fsnotify": {"preview"},
	"github.com/JohannesKaufmann":  {"edit"},
	"github.com/spf13/cobra":       {"."},
	"rsc.io/qr":                    {"cards", "site"},
	"golang.org/x/image":           {"cards", "editor"},
	"github.com/aws":               {"publish/hosts"},
	"github.com/Azure":             {"publish/hosts"},
	"github.com/pkg/sftp":          {"publish/hosts"},
	"github.com/jlaffaye/ftp":      {"publish/hosts"},
	"golang.org/x/crypto":          {"publish/hosts"},
	"golang.org/x/oauth2":          {"publish/hosts"},
	"github.com/icholy/digest":     {"publish/hosts"},
}

func TestLayers(t *testing.T) {
	const ours = "minxi/generator/internal/"
	found := map[string]bool{}
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return err
		}
		pkg := strings.TrimPrefix(filepath.ToSlash(filepath.Dir(name)), "internal/")
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		allowed, known := layers[pkg]
		if pkg != "." && !known {
			t.Errorf("%s: package %s is not in the diagram", name, pkg)
		}
		found[pkg] = true
		for _, spec := range f.Imports {
			imp, _ := strconv.Unquote(spec.Path.Value)
			if mine, ok := strings.CutPrefix(imp, ours); ok {
				if pkg != "." && !slices.Contains(allowed, mine) {
					t.Errorf("%s: %s may not import %s", name, pkg, mine)
				}
				continue
			}
			for lib, in := range onlyIn {
				if (imp == lib || strings.HasPrefix(imp, lib+"/")) && !slices.Contains(in, pkg) {
					t.Errorf("%s: only %v may import %s", name, in, lib)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for pkg := range layers {
		if !found[pkg] {
			t.Errorf("the diagram has %s, the tree does not", pkg)
		}
		for _, banned := range []string{"util", "common", "helpers"} {
			if path.Base(pkg) == banned {
				t.Errorf("a package called %s says nothing", banned)
			}
		}
	}
}

// TestLayersAreDocumented compares the table in docs/architecture.md with layers.
func TestLayersAreDocumented(t *testing.T) {
	data, err := os.ReadFile("../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(data), "## Packages and arrows")
	table, _, _ = strings.Cut(table, "\n## ")
	shown := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z/]+)` \\|.*\\| ([a-z/, ]+) \\|$").FindAllStringSubmatch(table, -1) {
		pkg, imports := m[1], strings.Split(m[2], ", ")
		if m[2] == "none" {
			imports = nil
		}
		want := slices.Sorted(slices.Values(layers[pkg]))
		if got := slices.Sorted(slices.Values(imports)); !slices.Equal(got, want) {
			t.Errorf("docs/architecture.md: %s imports %v, and may import %v", pkg, got, want)
		}
		shown[pkg] = true
	}
	for pkg := range layers {
		if _, has := layers[path.Dir(pkg)]; !shown[pkg] && !(has && strings.HasSuffix(pkg, "test")) {
			t.Errorf("docs/architecture.md does not show %s", pkg)
		}
	}
}
