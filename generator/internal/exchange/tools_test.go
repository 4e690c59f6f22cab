package exchange_test

import (
	"bytes"
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"minxi/generator/internal/exchange"
)

// These tests let programs that are not ours read what we write, and read what
// they write. Debian and Ubuntu have them as gettext, libxml2-utils and
// translate-toolkit.

// run runs a program of the system and returns what it printed. Without the
// program the test is skipped, except where everything must hold (CI).
func run(t *testing.T, name string, args ...string) (string, error) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is not installed; CI needs the packages gettext libxml2-utils translate-toolkit", name)
		}
		t.Skipf("%s is not installed (packages gettext libxml2-utils translate-toolkit)", name)
	}
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// written writes the sample and the real plan in one format and returns the files.
func written(t *testing.T, f exchange.Format) map[string]exchange.Document {
	t.Helper()
	files := map[string]exchange.Document{}
	for name, d := range map[string]exchange.Document{"sample": sample(), "real": realDocument(t)} {
		file := filepath.Join(t.TempDir(), name+f.Ext)
		if err := os.WriteFile(file, write(t, f, d), 0o644); err != nil {
			t.Fatal(err)
		}
		files[file] = d
	}
	return files
}

func format(t *testing.T, name string) exchange.Format {
	t.Helper()
	i := slices.IndexFunc(exchange.Formats, func(f exchange.Format) bool { return f.Name == name })
	if i < 0 {
		t.Fatalf("there is no format %s", name)
	}
	return exchange.Formats[i]
}

// TestSchemas validates against the schemas of testdata/schemas (see NOTICE.md
// there for whose they are).
func TestSchemas(t *testing.T) {
	schemas := filepath.Join("testdata", "schemas")
	for name, option := range map[string]struct {
		flag   string
		schema func(*testing.T) string
	}{
		"xliff": {"--schema", xliffSchema},
		"tmx":   {"--dtdvalid", func(*testing.T) string { return filepath.Join(schemas, "tmx14.dtd") }},
		"tbx":   {"--relaxng", func(*testing.T) string { return filepath.Join(schemas, "tbx_basic_dca.rng") }},
	} {
		t.Run(name, func(t *testing.T) {
			schema := option.schema(t)
			for file := range written(t, format(t, name)) {
				if out, err := run(t, "xmllint", "--nonet", "--noout", option.flag, schema, file); err != nil {
					t.Errorf("%v\n%s", err, out)
				}
			}
		})
	}
}

// xliffSchema puts the core schema of OASIS, which XLIFF_XSD names, where it
// finds the schema that it imports.
func xliffSchema(t *testing.T) string {
	t.Helper()
	xsd := os.Getenv("XLIFF_XSD")
	if xsd == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("XLIFF_XSD is not set: this check must run in CI")
		}
		t.Skip("set XLIFF_XSD to the path of xliff-core-2.0.xsd to run this check")
	}
	dir := t.TempDir()
	for to, from := range map[string]string{
		"xliff.xsd": xsd,
		"informativeCopiesOf3rdPartySchemas/w3c/xml.xsd": filepath.Join("testdata", "schemas", "xml.xsd"),
	} {
		data, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, filepath.FromSlash(to))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "xliff.xsd")
}

// TestMsgfmt wants not even a warning.
func TestMsgfmt(t *testing.T) {
	for file := range written(t, format(t, "po")) {
		if out, err := run(t, "msgfmt", "--check", "--verbose", "-o", os.DevNull, file); err != nil || strings.Contains(out, "warning") {
			t.Errorf("%v\n%s", err, out)
		}
	}
}

// TestMsgcat reads our files after gettext has written them its own way, with
// wrapped strings and without.
func TestMsgcat(t *testing.T) {
	for _, width := range []string{"--no-wrap", "--width=40", "--escape", "--sort-output"} {
		for file, d := range written(t, format(t, "po")) {
			again := file + ".again"
			if out, err := run(t, "msgcat", width, "-o", again, file); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			src, err := os.ReadFile(again)
			if err != nil {
				t.Fatal(err)
			}
			taken, refused := exchange.Accept(d, read(t, format(t, "po"), src))
			if len(taken) > 0 || len(refused) > 0 {
				t.Errorf("%s: taken %v\nrefused %v", width, taken, refused)
			}
		}
	}
}

// TestTranslateToolkit counts with the Translate Toolkit and lets its filters
// look: they must find untranslated and fuzzy exactly what is so.
func TestTranslateToolkit(t *testing.T) {
	for _, name := range []string{"po", "tmx"} {
		for file, d := range written(t, format(t, name)) {
			count := map[exchange.State]int{}
			for _, s := range d.Segments {
				count[s.State]++
			}
			if name == "tmx" {
				count[exchange.Missing], count[exchange.Stale] = 0, 0
			}
			out, err := run(t, "pocount", "--csv", file)
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			table := csv.NewReader(strings.NewReader(strings.ReplaceAll(out, ", ", ",")))
			table.FieldsPerRecord = -1 // it leaves off the last columns
			rows, err := table.ReadAll()
			if err != nil || len(rows) < 2 {
				t.Fatalf("%v\n%s", err, out)
			}
			got := map[string]string{}
			for i, value := range rows[1] {
				got[strings.TrimSpace(rows[0][i])] = strings.TrimSpace(value)
			}
			for column, want := range map[string]int{
				"Translated Messages": count[exchange.Current], "Fuzzy Messages": count[exchange.Stale], "Untranslated Messages": count[exchange.Missing],
			} {
				if got[column] != strconv.Itoa(want) {
					t.Errorf("%s: %s %q, want %d\n%s", filepath.Base(file), column, got[column], want, out)
				}
			}
		}
	}
}

// TestPofilter runs the checks of pofilter that say something about escaping.
func TestPofilter(t *testing.T) {
	for file := range written(t, format(t, "po")) {
		found := file + ".found"
		if out, err := run(t, "pofilter", "--progress=none", "-t", "nplurals", "-t", "newlines", "-t", "isreview", file, found); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if src, err := os.ReadFile(found); err == nil && strings.Contains(string(src), "msgctxt") {
			t.Errorf("pofilter found\n%s", src)
		}
	}
}

// TestPo2tmx compares the pairs that po2tmx makes of our PO with those of our TMX.
func TestPo2tmx(t *testing.T) {
	tmx := format(t, "tmx")
	for file, d := range written(t, format(t, "po")) {
		theirs := file + ".tmx"
		if out, err := run(t, "po2tmx", "--progress=none", "-l", "en", "--source-language=zh-Hans", file, theirs); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		src, err := os.ReadFile(theirs)
		if err != nil {
			t.Fatal(err)
		}
		// Its header names its own default as the source language.
		src = bytes.Replace(src, []byte(`srclang="en"`), []byte(`srclang="zh-Hans"`), 1)
		pairs := map[[2]string]bool{}
		for _, u := range read(t, tmx, src).Units {
			pairs[[2]string{u.Source, u.Target}] = true
		}
		ours := read(t, tmx, write(t, tmx, d)).Units
		for _, u := range ours {
			if !pairs[[2]string{u.Source, u.Target}] {
				t.Errorf("po2tmx has not %s: %q", u.ID, u.Target)
			}
		}
		if len(pairs) != len(ours) {
			t.Errorf("po2tmx has %d pairs, we have %d", len(pairs), len(ours))
		}
	}
}
