package cards

import (
	"bytes"
	"flag"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the pictures in testdata anew")

// face is the typeface of the site.
func face(t testing.TB) *Face {
	t.Helper()
	data, err := os.ReadFile("../../../themes/minxi/assets/fonts/minxi-song.woff2")
	if err != nil {
		t.Fatal(err)
	}
	f, err := Open(data)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

var (
	chinese = Card{Site: "闽西革命老区高质量发展示范区建设方案", Label: "措施 3-2", Where: "第三章 · 生态文明",
		Text:   "推广龙岩长汀水土流失治理经验，支持长汀、宁化等国家水土保持示范县建设。",
		Source: "国家发展和改革委员会 · 发改振兴〔2022〕424号"}
	english = Card{English: true, Site: "Western Fujian Demonstration Zone Plan", Label: "Measure 3-2", Where: "Chapter 3 · Ecology",
		Text:   "Disseminate the soil erosion control experience of Changting in Longyan, and support the development of national demonstration counties for soil and water conservation such as Changting and Ninghua.",
		Source: "NDRC · Fagai Zhenxing [2022] No. 424", Note: "Unofficial translation"}
	topic = Card{Site: chinese.Site, Label: "主题", Text: "生态文明", About: "巩固提升生态环境质量、深化生态文明体制机制创新、促进产业绿色低碳循环发展的措施。", Source: chinese.Source}
	long  = Sheet{Site: chinese.Site, Label: "地方", Title: "长汀县", About: "方案有4条措施提到这里",
		Groups: []Group{{"点名长汀的措施（4条）", []Item{{"措施 3-2", chinese.Text}, {"措施 12-2", "支持建设“中央红军长征出发地”（长汀），打造红色旅游精品线路。"}}}},
		Rest:   []string{"未点明市县的措施（62条）"}, RestTitle: "本图没有列出",
		Source: chinese.Source, Note: "分句、编号和标签由本站添加。", Address: "https://www.example.gov.cn/zh/places/changting/", Invites: "扫码打开网页"}
)

// TestPictures compares pictures with those in testdata, pixel by pixel. With -update
// these are written anew: look at them.
func TestPictures(t *testing.T) {
	f := face(t)
	for name, draw := range map[string]func() ([]byte, error){
		"chinese": func() ([]byte, error) { return f.Card(chinese) },
		"english": func() ([]byte, error) { return f.Card(english) },
		"topic":   func() ([]byte, error) { return f.Card(topic) },
		"long":    func() ([]byte, error) { return f.Sheet(long) },
	} {
		data, err := draw()
		if err != nil {
			t.Fatal(name, err)
		}
		golden := filepath.Join("testdata", name+".png")
		if *update {
			if err := os.WriteFile(golden, data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		a, b := pixels(t, data), pixels(t, want)
		if a.Rect != b.Rect || !bytes.Equal(a.Pix, b.Pix) || !slices.Equal(a.Palette, b.Palette) {
			t.Errorf("%s is not as in testdata; look at it, and run this test with -update", name)
		}
		if size := len(data); size > 60<<10 && name != "long" {
			t.Errorf("%s has %d bytes", name, size)
		}
		if name == "long" {
			if w := a.Rect.Dx(); w != SheetWidth {
				t.Errorf("%s is %d wide", name, w)
			}
		} else if a.Rect.Size() != (image.Point{Width, Height}) {
			t.Errorf("%s has %v", name, a.Rect)
		}
	}
}

func pixels(t *testing.T, data []byte) *image.Paletted {
	t.Helper()
	p, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return p.(*image.Paletted)
}

// TestAgain draws a card from many goroutines at once, and wants the same bytes.
func TestAgain(t *testing.T) {
	f := face(t)
	results := make(chan []byte)
	const n = 8
	for range n {
		go func() {
			data, err := f.Card(chinese)
			if err != nil {
				t.Error(err)
			}
			results <- data
		}()
	}
	first := <-results
	for range n - 1 {
		if !bytes.Equal(first, <-results) {
			t.Fatal("the same card has other bytes")
		}
	}
}

// TestLines sets text, a character an em wide, into lines.
func TestLines(t *testing.T) {
	f := face(t)
	for _, c := range []struct {
		text    string
		english bool
		ems     int
		want    string
	}{
		{"推广治理经验支持示范", false, 5, "推广治理经|验支持示范"},
		{"推广治理经验，支持示范", false, 6, "推广治理经|验，支持示范"}, // no comma at the start …
		{"推广治理经，支持示范", false, 6, "推广治理经，|支持示范"},   // … and one at the end takes half an em
		{"推广治理，支持", false, 4, "推广治|理，支持"},
		{"支持长汀（上杭）建设", false, 5, "支持长汀|（上杭）建|设"}, // no bracket at the end; those at the ends take half an em
		{"经验。”“长征”", false, 4, "经验。”|“长征”"},
		{"建设——经验", false, 3, "建设|——经|验"},
		{"到2025年，2022年", false, 4, "到2025|年，|2022年"},
		{"Support the development of counties", true, 10, "Support the|development of|counties"},
		{"high-quality development", true, 7, "high-quality|development"},
	} {
		s := setter{f, 40, c.english}
		var got []string
		for _, l := range s.lines(c.text, c.ems*40) {
			got = append(got, string(l.text))
			if l.width.Ceil() > c.ems*40 {
				t.Errorf("%s: the line %s is %d wide", c.text, string(l.text), l.width.Ceil())
			}
		}
		if strings.Join(got, "|") != c.want {
			t.Errorf("%s in %d: %s, want %s", c.text, c.ems, strings.Join(got, "|"), c.want)
		}
	}
}

// TestLacking wants a text with a character that the typeface lacks to be left out as
// a whole, not shown with a hole.
func TestLacking(t *testing.T) {
	f := face(t)
	if lacks := string(f.Lacks("长汀龘龘")); lacks != "龘" {
		t.Errorf("lacks %s", lacks)
	}
	with := chinese
	with.Text = "推广龘岩经验。"
	bare := chinese
	bare.Label, bare.Text = "", chinese.Label
	a, err := f.Card(with)
	b, err2 := f.Card(bare)
	if err != nil || err2 != nil || !bytes.Equal(a, b) {
		t.Errorf("a sentence with 龘 is not left out: %v %v", err, err2)
	}
}

// TestKey wants another key for everything that is seen to differ.
func TestKey(t *testing.T) {
	keys := map[string]bool{}
	for _, c := range []Card{chinese, english, topic, {}, {Site: "a"}, {Text: "a"}} {
		keys[string(c.Key())] = true
	}
	for _, s := range []Sheet{long, {}, {Site: "a"}} {
		keys[string(s.Key())] = true
	}
	if len(keys) != 9 {
		t.Errorf("%d keys", len(keys))
	}
}

// TestOpen gives Open files that are none.
func TestOpen(t *testing.T) {
	data, err := os.ReadFile("../../../themes/minxi/assets/fonts/minxi-song.woff2")
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range [][]byte{nil, []byte("wOF2"), data[:40], data[:60], data[:5000], append([]byte("wOF2true"), data[8:]...)} {
		if _, err := Open(bad); err == nil {
			t.Errorf("%d bytes are a typeface", len(bad))
		}
	}
}

func FuzzOpen(f *testing.F) {
	data, err := os.ReadFile("../../../themes/minxi/assets/fonts/minxi-song.woff2")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data[:200])
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		if face, err := Open(data); err == nil {
			face.Card(chinese)
		}
	})
}

func BenchmarkCard(b *testing.B) {
	f := face(b)
	for b.Loop() {
		if _, err := f.Card(chinese); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSheet(b *testing.B) {
	f := face(b)
	s := long
	for range 20 {
		s.Groups = append(s.Groups, long.Groups...)
	}
	for b.Loop() {
		if _, err := f.Sheet(s); err != nil {
			b.Fatal(err)
		}
	}
}
