package exchange_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/exchange"
	"minxi/generator/internal/plan"
)

// ours is the document that the files of testdata/refused-* claim to translate.
var ours = exchange.Document{Segments: []exchange.Segment{
	{ID: "p-1", Source: "好句。", State: exchange.Missing},
	{ID: "s3-1", Source: "加强。", Target: "Step **up**.", State: exchange.Current},
	{ID: "s3-2", Source: "新的中文。", Target: "English of the old Chinese.", State: exchange.Stale},
	{ID: "s3-3", Source: "没有译。", State: exchange.Missing},
}}

// wraps is what stands around a case that is not a whole file.
var wraps = map[string]struct{ whole, head, foot string }{
	"xliff": {"<xliff|<html", `<?xml version="1.0"?>
<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" version="2.1" srcLang="zh-Hans" trgLang="en"><file id="f">
<unit id="p-1"><segment state="translated"><source>好句。</source><target>A good sentence.</target></segment></unit>
`, "</file></xliff>\n"},
	"po": {`msgid ""`, `msgid ""
msgstr "Language: en\nContent-Type: text/plain; charset=UTF-8\n"

msgctxt "p-1"
msgid "好句。"
msgstr "A good sentence."

`, ""},
	"tmx": {"<tmx", `<!DOCTYPE tmx SYSTEM "tmx14.dtd">
<tmx version="1.4"><header srclang="zh-Hans"/><body>
<tu tuid="p-1"><tuv xml:lang="zh-Hans"><seg>好句。</seg></tuv><tuv xml:lang="en"><seg>A good sentence.</seg></tuv></tu>
`, "</body></tmx>\n"},
}

var expectation = regexp.MustCompile(`(want|warn)(?:\+(\d+))?:((?: [a-z-]+[a-z])+)`)

// expected collects "line check" of every expectation in a file.
func expected(src string) []string {
	var want []string
	for i, l := range strings.Split(src, "\n") {
		for _, m := range expectation.FindAllStringSubmatch(l, -1) {
			n, _ := strconv.Atoi(m[2])
			for _, check := range strings.Fields(m[3]) {
				if check != "takes" {
					want = append(want, fmt.Sprintf("%d %s %s", i+1+n, m[1], check))
				}
			}
		}
	}
	slices.Sort(want)
	return want
}

// TestRefused reads every mistaken file and wants the reasons where they stand,
// and the good sentence all the same.
func TestRefused(t *testing.T) {
	for _, f := range textual() {
		archive, err := txtar.ParseFile(filepath.Join("testdata", "refused-"+f.Name+".txtar"))
		if err != nil {
			t.Fatal(err)
		}
		wrap := wraps[f.Name]
		for _, c := range archive.Files {
			t.Run(c.Name, func(t *testing.T) {
				src := string(c.Data)
				if !slices.ContainsFunc(strings.Split(wrap.whole, "|"), func(s string) bool { return strings.Contains(src, s) }) {
					src = wrap.head + src + wrap.foot
				}
				wantTaken := []plan.ID{"p-1"}
				if strings.Contains(src, "takes: none") {
					wantTaken = nil
				}
				file, err := f.Read(c.Name, []byte(src))
				var taken []exchange.Unit
				found := diag.From(err)
				if err == nil {
					taken, found = exchange.Accept(ours, file)
				}
				bilingual(t, found)
				var got []string
				for _, d := range found {
					word := "want"
					if d.Severity == diag.Warning {
						word = "warn"
					}
					if d.Check == "missing-id" {
						continue // every case leaves out some
					}
					if d.File != c.Name || d.Col == 0 {
						t.Errorf("no place: %+v", d)
					}
					got = append(got, fmt.Sprintf("%d %s %s", d.Line, word, d.Check))
				}
				slices.Sort(got)
				if want := expected(src); !slices.Equal(got, want) {
					t.Errorf("got  %q\nwant %q\n%v", got, want, found)
				}
				ids := make([]plan.ID, len(taken))
				for i, u := range taken {
					ids[i] = u.ID
				}
				// Two cases change s3-1 in a way that is allowed.
				ids = slices.DeleteFunc(ids, func(id plan.ID) bool { return id == "s3-1" && len(found) <= 1 })
				if !slices.Equal(ids, wantTaken) {
					t.Errorf("taken %v, want %v", ids, wantTaken)
				}
			})
		}
	}
}

// TestEncoding refuses files that are not UTF-8, with the place.
func TestEncoding(t *testing.T) {
	for _, f := range textual() {
		for name, c := range map[string]struct {
			src  string
			want string
		}{
			"utf-16":   {"\xff\xfe<\x00", ":1:1"},
			"latin-1":  {"<a>\n<b>caf\xe9", ":2:7"},
			"nul":      {"\x00", ""},
			"declared": {`<?xml version="1.0" encoding="GBK"?><xliff/>`, ""},
			"empty":    {"", ""},
			"bom only": {"\ufeff", ""},
		} {
			_, err := f.Read("x", []byte(c.src))
			found := diag.From(err)
			if len(found) != 1 || !strings.HasSuffix(found[0].Pos.String(), c.want) {
				t.Errorf("%s, %s: %v", f.Name, name, found)
			}
			bilingual(t, found)
		}
		// A byte order mark is no mistake, and moves no position.
		src := append([]byte("\ufeff"), write(t, f, ours)...)
		if taken, refused := exchange.Accept(ours, read(t, f, src)); len(taken) > 0 || len(refused) > 0 {
			t.Errorf("%s with a byte order mark: %v %v", f.Name, taken, refused)
		}
		// Nor are Windows line ends.
		src = bytes.ReplaceAll(write(t, f, ours), []byte("\n"), []byte("\r\n"))
		if taken, refused := exchange.Accept(ours, read(t, f, src)); len(taken) > 0 || len(refused) > 0 {
			t.Errorf("%s with CRLF: %v %v", f.Name, taken, refused)
		}
	}
}

// patience is far above what any of it takes, and far below what quadratic time would.
const patience = 20 * time.Second

// TestHuge refuses, quickly, what would cost memory or time.
func TestHuge(t *testing.T) {
	head := `<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" version="2.1" srcLang="zh-Hans" trgLang="en">`
	for name, src := range map[string]string{
		"size":       strings.Repeat(" ", 64<<20+1),
		"depth":      head + strings.Repeat("<group>", 1<<20),
		"attributes": head + "<file " + strings.Repeat("a='' ", 1<<20),
		"text":       head + strings.Repeat("x", 2<<20),
		"comment":    head + "<!--" + strings.Repeat("x", 2<<20),
	} {
		start := time.Now()
		_, err := exchange.Formats[0].Read(name, []byte(src))
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
		if d := time.Since(start); d > patience {
			t.Errorf("%s took %s", name, d)
		}
	}
	// Markup is read in no time, whatever it is.
	for name, unit := range map[string]string{
		"asterisks": "*", "pairs": "*a ", "closers": "a* ", "brackets": "[", "links": "[a](", "titles": "[a](b (", "inner links": "[[a](b)", "angles": "[a](<b", "backticks": "`a", "entities": "&", "mixed": "*_**`[",
	} {
		d := exchange.Document{Segments: []exchange.Segment{{ID: "p-1", Source: "x"}}}
		for _, n := range []int{1<<13 - 2, 1 << 18} { // just short enough to be read, and not
			start := time.Now()
			target := "x " + strings.Repeat(unit, n/len(unit))
			taken, refused := exchange.Accept(d, exchange.File{Units: []exchange.Unit{{ID: "p-1", Source: "x", Target: target}}})
			if d := time.Since(start); d > patience {
				t.Errorf("%s took %s", name, d)
			}
			if len(target) > 1<<13 && (len(taken) > 0 || !refused.HasErrors()) {
				t.Errorf("%s: %d bytes are taken", name, len(target))
			}
		}
	}
}

// TestMissing warns once, with names.
func TestMissing(t *testing.T) {
	for _, f := range readable() {
		some := exchange.Document{Segments: []exchange.Segment{ours.Segments[1]}}
		_, refused := exchange.Accept(ours, read(t, f, write(t, f, some)))
		bilingual(t, refused)
		if f.Name == "tmx" {
			if len(refused) > 0 {
				t.Errorf("tmx leaves out what is not translated: %v", refused)
			}
			continue
		}
		if len(refused) != 1 || refused[0].Check != "missing-id" || refused[0].Severity != diag.Warning || !strings.HasSuffix(refused[0].Fact.EN, "p-1 s3-2 s3-3") {
			t.Errorf("%s: %v", f.Name, refused)
		}
	}
	// A file without any unit is not one of ours.
	_, refused := exchange.Accept(ours, exchange.File{Name: "x"})
	if len(refused) != 1 || refused[0].Check != "not-ours" {
		t.Errorf("empty file: %v", refused)
	}
}

// TestTolerated reads what tools do to our files and are allowed to.
func TestTolerated(t *testing.T) {
	for name, c := range map[string]struct {
		format int
		unit   string
		want   string
	}{
		"modules, groups, other namespaces": {0, `<group id="g" xmlns:x="urn:x" x:y="z"><x:extra><unit id="s9-9"/></x:extra>
			<unit x:a="b" name="n" id="s3-3" xmlns:mtc="urn:oasis:names:tc:xliff:matches:2.0">
			<mtc:matches><mtc:match ref="#m"><source>别的。</source><target>Candidate.</target></mtc:match></mtc:matches>
			<segment subState="tool:x" state="translated"><source>没有译。</source><target>Some English.</target></segment></unit></group>`, "Some English."},
		"segments":                   {0, `<unit id="s3-3"><segment id="1"><source>没有</source><target>Some.</target></segment><segment id="2"><source>译。</source><target>English.</target></segment></unit>`, "Some. English."},
		"segments with an ignorable": {0, `<unit id="s3-3"><segment><source>没有</source><target>Some</target></segment><ignorable><source></source><target>  </target></ignorable><segment><source>译。</source><target>English.</target></segment></unit>`, "Some  English."},
		"segments in another order":  {0, `<unit id="s3-3"><segment><source>没有</source><target order="2">English.</target></segment><segment><source>译。</source><target order="1">Some</target></segment></unit>`, "Some English."},
		"annotations":                {0, `<unit id="s3-3"><segment><source>没<mrk id="m" type="term">有译</mrk>。</source><target><sm id="n"/>Some<em startRef="n"/> <mrk id="k">English</mrk>.</target></segment></unit>`, "Some English."},
		"codes in two halves":        {0, `<unit id="s3-1"><originalData><data id="d1">**</data></originalData><segment><source>加强。</source><target>Better <sc id="1" dataRef="d1"/>step up<ec startRef="1" dataRef="d1"/>.</target></segment></unit>`, "Better **step up**."},
		"codes left out":             {0, `<unit id="s3-1"><originalData><data id="d1">**</data></originalData><segment><source>加强。</source><target>Just step up.</target></segment></unit>`, "Just step up."},
		"some Chinese":               {0, `<unit id="s3-3"><segment><source>没有译。</source><target>The spirit of the Soviet areas (苏区精神).</target></segment></unit>`, "The spirit of the Soviet areas (苏区精神)."},
		"po, no blank lines":         {1, "#~ msgid \"old\"\n#~ msgstr \"x\"\nmsgctxt \"s3-3\"\nmsgid \"\"\n  \"没有\"\n\"译。\"\nmsgstr\"Some \"\n\"\\\"Eng\\x6cish\\\".\"\nmsgctxt \"s3-2\"\nmsgid \"新的中文。\"\nmsgstr \"\"\n", `Some "English".`},
		"tmx with elements":          {2, `<tu tuid="s3-3"><prop type="x">y</prop><tuv xml:lang="EN-us"><prop type="a">b</prop><seg>Some <bpt i="1">**</bpt><hi>English</hi><ept i="1">**</ept>.</seg></tuv><tuv xml:lang="ZH-CN"><seg>没有译。</seg></tuv></tu>`, "Some **English**."},
	} {
		t.Run(name, func(t *testing.T) {
			f := exchange.Formats[c.format]
			wrap := wraps[f.Name]
			taken, refused := exchange.Accept(ours, read(t, f, []byte(wrap.head+c.unit+wrap.foot)))
			if refused.HasErrors() || len(taken) != 2 || taken[1].Target != c.want {
				t.Errorf("taken %+v\nrefused %v", taken, refused)
			}
		})
	}
}
