package formats

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"minxi/generator/internal/plan"
)

// tree writes every data file of a plan into a folder, as a site has them.
func tree(t *testing.T, p *plan.Plan, s Site) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range All {
		for path, write := range f.Files(p, s) {
			data, err := write()
			if err != nil {
				t.Fatal(err)
			}
			name := filepath.Join(dir, filepath.FromSlash(path))
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

// sites are plans and sites of which more and less is known.
func sites(t *testing.T) map[string]string {
	return map[string]string{
		"the real plan": tree(t, real(t), realSite()),
		"the sample":    tree(t, sample(), about()),
		"little known":  tree(t, sample(), Site{}),
	}
}

// judges are the programs that look at the data, each with a mistake that it has to
// find: a part of a file and what takes its place.
var judges = []struct {
	name, script         string
	file, part, mistaken string
}{
	{"JSON Schema, sentences", "ajv.cjs", "data/measures.json", `"status":"live"`, `"status":"asleep"`},
	{"JSON Schema, terms", "ajv.cjs", "data/terms.json", `"kind":`, `"sort":`},
	{"JSON Lines", "ajv.cjs", "data/measures.jsonl", `"number":`, `"n":`},
	{"Data Package", "datapackage.cjs", "data/datapackage.json", `"path": "measures.tmx"`, `"path": "../measures.tmx"`},
	{"Data Package, table", "datapackage.cjs", "data/measures.csv", ",live,", ",asleep,"},
	{"RO-Crate", "ro-crate.cjs", "ro-crate-metadata.json", `"@id": "./",`, `"@id": "nowhere/",`},
	{"RO-Crate, types", "jsonld.cjs", "ro-crate-metadata.json", `"@type": "GovernmentOrganization"`, `"@type": "Ministry"`},
	{"CSV on the Web", "csvw.cjs", "data/measures.csv-metadata.json", `"base": "integer"`, `"base": "integral"`},
}

// TestJudges lets programs that are not ours look at the data of plans and sites of
// which more and less is known, and makes sure that each would have told a mistake.
func TestJudges(t *testing.T) {
	type job struct {
		Script string `json:"script"`
		Dir    string `json:"dir"`
		File   string `json:"file"`
	}
	var jobs []job
	var names []string
	for name, dir := range sites(t) {
		for _, j := range judges {
			jobs, names = append(jobs, job{j.script, dir, j.file}), append(names, name+": "+j.name)
		}
	}
	sound := len(jobs)
	for _, j := range judges {
		dir := tree(t, real(t), realSite())
		file := filepath.Join(dir, filepath.FromSlash(j.file))
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		broken := bytes.Replace(data, []byte(j.part), []byte(j.mistaken), 1)
		if bytes.Equal(broken, data) {
			t.Errorf("%s: there is no %s", j.file, j.part)
		}
		if err := os.WriteFile(file, broken, 0o644); err != nil {
			t.Fatal(err)
		}
		jobs, names = append(jobs, job{j.script, dir, j.file}), append(names, j.name+" with "+j.mistaken)
	}
	input, err := json.Marshal(jobs)
	if err != nil {
		t.Fatal(err)
	}
	var found [][]string
	if err := json.Unmarshal(node(t, "ajv", "judge.cjs", input), &found); err != nil || len(found) != len(jobs) {
		t.Fatalf("%d answers: %v", len(found), err)
	}
	for i, list := range found {
		if i >= sound && len(list) == 0 {
			t.Errorf("%s: nothing is found", names[i])
		}
		for _, line := range list {
			// A day that nobody has told is not made up, whatever wants one.
			if i < sound && (!strings.HasPrefix(names[i], "little known") || !strings.Contains(line, "datePublished")) {
				t.Errorf("%s: %s", names[i], line)
			}
		}
	}
}

// TestExchanged holds TMX and TBX against their schemas, which package exchange has.
func TestExchanged(t *testing.T) {
	schemas := filepath.Join("..", "exchange", "testdata", "schemas")
	for _, dir := range sites(t) {
		run(t, "xmllint", nil, nil, "--nonet", "--noout", "--dtdvalid", filepath.Join(schemas, "tmx14.dtd"), filepath.Join(dir, "data", "measures.tmx"))
		run(t, "xmllint", nil, nil, "--nonet", "--noout", "--relaxng", filepath.Join(schemas, "tbx_basic_dca.rng"), filepath.Join(dir, "data", "terms.tbx"))
	}
}

// TestTables wants the tables to say what the JSON says.
func TestTables(t *testing.T) {
	dir := tree(t, real(t), realSite())
	var list []map[string]any
	data, err := os.ReadFile(filepath.Join(dir, "data", "measures.json"))
	if err == nil {
		err = json.Unmarshal(data, &list)
	}
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(filepath.Join(dir, "data", "measures.csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(file, []byte("\ufeff")))).ReadAll()
	if err != nil || len(rows) != len(list)+1 {
		t.Fatalf("%d rows: %v", len(rows), err)
	}
	for i, row := range rows[1:] {
		flat := map[string]any{}
		for key, v := range list[i] {
			if inner, is := v.(map[string]any); is {
				for l, w := range inner {
					flat[key+"_"+l] = w
				}
				continue
			}
			flat[key] = v
		}
		if len(flat) != len(row) {
			t.Fatalf("%d columns for %d fields", len(row), len(flat))
		}
		for c, name := range rows[0] {
			want := ""
			switch v := flat[name].(type) {
			case []any:
				want = strings.Join(stringsIn(v), " ")
			case float64:
				b, _ := json.Marshal(v)
				want = string(b)
			case string:
				want = v
			case nil:
				if _, has := flat[name]; !has {
					t.Fatalf("the JSON has no %s", name)
				}
			}
			if row[c] != want {
				t.Errorf("%s: %s is %q, not %q", row[0], name, row[c], want)
			}
		}
	}
}

// TestAkomaNtoso holds both files against the naming convention: every identifier
// once and made of that of what it stands in, the same in both languages, and the
// text of each sentence below its permanent address. AKN_XSD names the schema of
// OASIS, which no package has that we could install.
func TestAkomaNtoso(t *testing.T) {
	p := real(t)
	dir := tree(t, p, realSite())
	var master []string
	for _, l := range plan.Langs {
		name := filepath.Join(dir, "data", "plan."+string(l)+".akn.xml")
		if schema := os.Getenv("AKN_XSD"); schema != "" {
			run(t, "xmllint", nil, nil, "--nonet", "--noout", "--schema", schema, name)
		}
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var ids, within []string
		seen, texts := map[string]bool{}, map[string]string{}
		guid := ""
		for dec := xml.NewDecoder(bytes.NewReader(data)); ; {
			token, err := dec.Token()
			if err != nil {
				break
			}
			switch token := token.(type) {
			case xml.StartElement:
				id := attribute(token, "eId")
				if parent := last(within); id != "" && parent != "" && !strings.HasPrefix(id, parent+"__") {
					t.Errorf("%s: %s stands in %s", l, id, parent)
				}
				if seen[id] && id != "" {
					t.Errorf("%s: %s stands twice", l, id)
				}
				if seen[id] = true; id != "" {
					ids = append(ids, id+" "+attribute(token, "wId"))
				}
				if g := attribute(token, "GUID"); g != "" {
					guid = g
				}
				if id == "" {
					id = last(within)
				}
				within = append(within, id)
			case xml.EndElement:
				within = within[:len(within)-1]
			case xml.CharData:
				if guid != "" {
					texts[guid] += strings.TrimSpace(string(token))
				}
			}
			if token, is := token.(xml.EndElement); is && (token.Name.Local == "paragraph" || token.Name.Local == "p") {
				guid = ""
			}
		}
		if l == plan.ZH {
			master = ids
		} else if strings.Join(ids, "\n") != strings.Join(master, "\n")+"" {
			t.Error("the languages have other identifiers")
		}
		for u := range p.Units() {
			text, _ := u.Text.Or(l)
			if got := texts["https://example.org/a/"+string(l)+"/m/"+string(u.ID)+"/"]; got != text {
				t.Errorf("%s: %s is %q, not %q", l, u.ID, got, text)
			}
		}
	}
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func last(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[len(list)-1]
}
