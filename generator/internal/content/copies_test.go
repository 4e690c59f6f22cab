package content

import (
	"bytes"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/text/encoding/simplifiedchinese"
	unicode16 "golang.org/x/text/encoding/unicode"

	"minxi/generator/internal/diag"
)

// TestCopies puts what programs leave beside the files of a plan, and files whose names
// only look like it.
func TestCopies(t *testing.T) {
	for name, of := range map[string]string{
		"s3.en.sync-conflict-20240501-093000-ABCDEFG.md":        "s3.en.md",
		"s3.en (conflicted copy 2024-05-01 093000).md":          "s3.en.md",
		"s3.en (Zhang San's conflicted copy 2024-05-01).md":     "s3.en.md",
		"s3.en (张三 的冲突副本 2024-05-01).md":                        "s3.en.md",
		"s3.en（冲突文件）.md":                                        "s3.en.md",
		"s3.en-NSConflict-张三.md":                                "s3.en.md",
		"s3.en-conflict.md":                                     "s3.en.md",
		"s3.en_冲突文件_张三_20240501.md":                             "s3.en.md",
		"s3.en-DESKTOP-1A2B3C.md":                               "s3.en.md",
		"s3.zh-张三的电脑.md":                                        "s3.zh.md",
		"s3.en - 副本.md":                                         "s3.en.md",
		"s3.en - 副本 (2).md":                                     "s3.en.md",
		"s3.en - Copy.md":                                       "s3.en.md",
		"s3.en copy.md":                                         "s3.en.md",
		"s3.en (1).md":                                          "s3.en.md",
		"s3.en(1).md":                                           "s3.en.md",
		"副本 s3.en.md":                                           "s3.en.md",
		"Copy of s3.en.md":                                      "s3.en.md",
		"复件 (2) s3.en.md":                                       "s3.en.md",
		"termbase-DESKTOP-1A2B3C.csv":                           "termbase.csv",
		"ledger (1).csv":                                        "ledger.csv",
		"history-DESKTOP-1A2B3C.csv":                            "history.csv",
		"editions - 副本.csv":                                     "editions.csv",
		"termbase.sync-conflict-20240501-093000-ABCDEFG.csv":    "termbase.csv",
		"2024-05-01-water.zh-LAPTOP-9.md":                       "2024-05-01-water.zh.md",
		"about.en (SFConflict zhang@example.org 2024-05-01).md": "about.en.md",
		// and those that are none
		"s3.en.md": "", "s3.zh.md": "", "termbase.csv": "", "ledger.csv": "", "history.csv": "", "editions.csv": "", "terms.csv": "", "_index.zh.md": "",
		"2024-05-01-water.zh.md": "", "copy-of-a-bridge.en.md": "", "how-to-copy.zh.md": "", "desktop-1.en.md": "",
	} {
		if got := original(name); got != of {
			t.Errorf("%s is taken for a copy of %q, not %q", name, got, of)
		}
	}
	files := fstest.MapFS{}
	add := func(name, text string) { files["content/"+name] = &fstest.MapFile{Data: []byte(text)} }
	add("plan/_index.zh.md", "---\ntitle: 方案\n---\n\n一句。\n{#p-1}\n")
	add("plan/_index.en.md", "---\ntitle: Plan\n---\n\nA sentence.\n{#p-1}\n")
	add("plan/c1/_index.zh.md", "---\ntitle: 总则\nnumber: 1\n---\n")
	add("plan/_index.en-DESKTOP-1A2B3C.md", "---\ntitle: Plan\n---\n\nAnother sentence.\n{#p-1}\n")
	add("pages/about.zh (1).md", "# no front matter\n")
	add("~$about.docx", "\x00\x01")
	tree, found := Load(files, "content")
	if len(found) != 3 || tree.Plan.Preamble[0].Text.EN != "A sentence." || len(tree.Pages()) != 0 {
		t.Errorf("%v", found)
	}
	for i, want := range []string{"content/pages/about.zh (1).md", "content/plan/_index.en-DESKTOP-1A2B3C.md", "content/~$about.docx"} {
		if d := found[i]; d.File != want || d.Check != "copy" || (d.Severity == diag.Warning) != (i == 2) {
			t.Errorf("%v", d)
		}
	}
}

// TestDecode reads texts in the encodings of office programs, and leaves UTF-8 alone.
func TestDecode(t *testing.T) {
	texts := []string{
		"---\ntitle: 巩固提升生态环境质量\nnumber: 3\n---\n\n坚持绿水青山就是金山银山的理念。\n{#s3-1}\n",
		"---\r\ntitle: Environment\r\n---\r\n\r\nCity of “sponge” — 龙岩\r\n",
		"zh,en\n长汀,Changting\n",
		"---\ntitle: 𠮷野家\n---\n" + strings.Repeat("全是汉字没有空格", 400),
	}
	for _, text := range texts {
		for name, encode := range map[string]func([]byte) ([]byte, error){
			"GBK (GB 18030)": simplifiedchinese.GB18030.NewEncoder().Bytes,
			"UTF-16":         unicode16.UTF16(unicode16.LittleEndian, unicode16.UseBOM).NewEncoder().Bytes,
			"UTF-16 ":        unicode16.UTF16(unicode16.BigEndian, unicode16.UseBOM).NewEncoder().Bytes,
			"UTF-16  ":       unicode16.UTF16(unicode16.LittleEndian, unicode16.IgnoreBOM).NewEncoder().Bytes,
			"UTF-16   ":      unicode16.UTF16(unicode16.BigEndian, unicode16.IgnoreBOM).NewEncoder().Bytes,
		} {
			src, err := encode([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			got, as, ok := Decode(src)
			if !ok || as != strings.TrimSpace(name) || string(got) != text {
				t.Errorf("%s of %.40q: %v %s %.60q", name, text, ok, as, got)
			}
		}
		for _, src := range []string{text, bom + text, text[:len(text)-1] + "\xff\n", strings.Replace(text, "t", "\xb9\xab", 1), text + "\x00"} {
			if got, as, ok := Decode([]byte(src)); ok {
				t.Errorf("%.40q was taken for %s: %.60q", src, as, got)
			}
		}
	}
	if _, _, ok := Decode(append([]byte{0xff, 0xfe}, bytes.Repeat([]byte{0x00, 0xd8}, 100)...)); ok {
		t.Error("noise was taken for a text")
	}
}
