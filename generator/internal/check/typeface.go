package check

import (
	"io/fs"
	"path"
	"strings"
	"unicode"

	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// typeface compares headings with the characters that the theme's typeface for them
// has: a list beside the font says which (assets/fonts/NAME.txt). What it lacks is
// set in the sans of the reader's system, so a heading mixes two faces; nothing is
// illegible, and one finding for all is enough.
var typeface = Check{
	ID: "heading-characters",
	Doc: plan.Text{
		ZH: "标题的每个字，标题字体里都有；句子的每个字也有，分享卡片要用",
		EN: "the typeface of headings has every character of the headings, and of the sentences, which cards show",
	},
	Severity: diag.Warning,
	Run: func(in Input, report Report) {
		has := typefaceCharacters(in.FS)
		if len(has) == 0 {
			return
		}
		var first diag.Pos
		var lacks []rune
		look := func(pos diag.Pos, text string) {
			for i, r := range text {
				if !unicode.Is(unicode.Han, r) || has[r] {
					continue
				}
				if len(lacks) == 0 {
					first = in.files().locate(pos, text, i)
				}
				has[r] = true // told once
				lacks = append(lacks, r)
			}
		}
		for _, f := range in.files().list {
			if f.Lang != plan.ZH || f.Value("draft") == "true" && !in.Drafts {
				continue
			}
			if f.Front != nil {
				for i := 0; i+1 < len(f.Front.Content); i += 2 {
					if key, value := f.Front.Content[i], f.Front.Content[i+1]; key.Value == "title" || key.Value == "name" {
						look(f.Node(value), value.Value)
					}
				}
			}
			for _, m := range f.Marks() {
				if m.Kind == content.Heading {
					look(f.At(m.Text.Start), string(f.Data[m.Text.Start:m.Text.End]))
				}
			}
		}
		for u := range in.Tree.Plan.Units() {
			if in.causes().altered(u) {
				continue
			}
			look(in.Tree.UnitPos(u.ID, plan.ZH), u.Text.ZH)
		}
		if len(lacks) > 0 {
			some := string(lacks[:min(len(lacks), 20)])
			report(first, diag.Text("标题字体里没有 %d 个字：%s", "the typeface of headings lacks %[2]s (characters: %[1]d)", len(lacks), some),
				diag.Text("宽屏上标题里的这些字会换成黑体，分享卡片不显示有这些字的句子；想补上就请管理程序的人运行 %s。", "On wide screens headings show them in the sans, and cards leave out a sentence that has them; to add them, have the program’s keeper run %s.", remakeTypeface))
		}
	},
}

// remakeTypeface makes the font anew, with every character that the site needs now.
const remakeTypeface = "go test ./generator/internal/pipeline -run TestTypeface -update"

// typefaceCharacters are those of every list beside a font of the project or a theme.
func typefaceCharacters(fsys fs.FS) map[rune]bool {
	has := map[rune]bool{}
	for _, dir := range []string{"assets/fonts", "themes/*/assets/fonts"} {
		fonts, _ := fs.Glob(fsys, path.Join(dir, "*.woff2"))
		for _, font := range fonts {
			list, _ := fs.ReadFile(fsys, strings.TrimSuffix(font, ".woff2")+".txt")
			for _, r := range string(list) {
				has[r] = true
			}
		}
	}
	return has
}
