package publish

import (
	"context"
	"fmt"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// Limits are what a host cannot hold, as its makers say. 0 and nil are no limit. They
// are looked at before anything is sent, in a dry run, too.
type Limits struct {
	Of    string    // whose they are, for people: "Cloudflare Pages"
	Files int       // how many, those of the archive included
	File  int64     // bytes of one file
	Total int64     // bytes of all
	Hint  plan.Text // what to do about the number and the sum; general words if there is none

	// Takes says why the host cannot hold a file of that name; nil if it can.
	Takes func(name string) error
}

// takes adds what is wrong with one file.
func (t Traits) takes(f File, found *diag.List) {
	add := func(fact, hint plan.Text) {
		*found = append(*found, diag.Diagnostic{Pos: diag.Pos{File: f.Path}, Check: "publish", Fact: fact, Hint: hint})
	}
	if !t.fits(f.Path) {
		most := diag.Text("两个斜杠之间最多 %d 个字节", "at most %d bytes between two slashes", t.NameMax)
		if t.PathMax > 0 && len(f.Path) > t.PathMax {
			most = diag.Text("整个路径最多 %d 个字节", "at most %d bytes in the whole path", t.PathMax)
		}
		add(diag.Text("名字太长，这种主机存不下", "the name is too long for this kind of host"),
			diag.Text("请改短：%[1]s（一个汉字三个字节）。什么也没有改动。", "Make it shorter: %[2]s (a Chinese character has three). Nothing was changed.", most.ZH, most.EN))
	}
	if t.Limits.Takes != nil {
		if err := t.Limits.Takes(f.Path); err != nil {
			add(Detail(err), diag.Text("请给它另起名字。什么也没有改动。", "Give it another name. Nothing was changed."))
		}
	}
	if most := t.Limits.File; most > 0 && f.Size > most {
		add(diag.Text("%[1]s 的单个文件不能超过 %[2]s，这个有 %[3]s", "%[1]s takes files of up to %[2]s, and this one has %[3]s", t.Limits.Of, inMiB(most), inMiB(f.Size)),
			diag.Text("请把它改小，或从网站里去掉。什么也没有改动。", "Make it smaller, or leave it out of the site. Nothing was changed."))
	}
}

// tooMuch tells that the whole is more than the host holds.
func (w *work) tooMuch(ctx context.Context) error {
	l := w.traits.Limits
	if l.Files == 0 && l.Total == 0 || w.nothing() {
		return nil
	}
	files, bytes := w.next.Files-w.conventions, w.next.Bytes
	if _, deploys := w.Host.(Deployer); deploys {
		if err := w.archive(ctx); err != nil {
			return err
		}
		files, bytes = files+w.kept.files, bytes+w.kept.bytes
	}
	hint := l.Hint
	if hint.EN == "" {
		hint = diag.Text("请在 publish.toml 里把 keep 改小，或换一种主机。什么也没有改动。", "Set keep in publish.toml to less, or take another kind of host. Nothing was changed.")
	}
	var found diag.List
	if l.Files > 0 && files > l.Files {
		found = append(found, diag.Diagnostic{Check: "publish", Hint: hint,
			Fact: diag.Text("%[1]s 最多 %[2]d 个文件，现有 %[3]d 个（含留存的旧版本）", "%[1]s takes %[2]d files, and there are %[3]d, those kept of earlier releases included", l.Of, l.Files, files)})
	}
	if l.Total > 0 && bytes > l.Total {
		found = append(found, diag.Diagnostic{Check: "publish", Hint: hint,
			Fact: diag.Text("%[1]s 最多 %[2]s，现有 %[3]s（含留存的旧版本）", "%[1]s takes %[2]s, and there are %[3]s, what is kept of earlier releases included", l.Of, inMiB(l.Total), inMiB(bytes))})
	}
	return found.Err()
}

func inMiB(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }
