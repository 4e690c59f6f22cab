package pipeline

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"minxi/generator/internal/address"
	"minxi/generator/internal/cache"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/offline"
	"minxi/generator/internal/plan"
)

// printed are the PDFs of the plan, by the pages that they are of.
var printed = []struct{ page, name string }{
	{address.In(plan.ZH).Plan(), "plan.zh.pdf"},
	{address.In(plan.EN).Plan(), "plan.en.pdf"},
	{address.SideBySide(address.In(plan.ZH).Plan()), "plan.zh-en.pdf"},
}

// WritePDFs prints the plan, from the tree that a build has left in a folder, into
// another: in Chinese, in English and in both languages. It needs a Chromium, and says so
// where there is none. What was printed is kept in the cache by the document and the
// browser's version.
func WritePDFs(ctx context.Context, o Options, res *Result, dir, to string) (names []string, err error) {
	if res.Plan.Units > address.UnitsInPart {
		return nil, diag.Diagnostic{Check: "pdf",
			Fact: diag.Text("方案超过 %d 句，分在许多页面上，没有一个页面可以打印成一份 PDF", "a plan of more than %d sentences stands on many pages, and no page of it can be printed as one PDF", address.UnitsInPart),
			Hint: diag.Text("请用 data/plan.zh.epub 等电子书。", "Use the e-books, such as data/plan.zh.epub.")}
	}
	program, version, err := offline.FindBrowser(ctx)
	if err != nil {
		fact := diag.Text("Chromium 用不了：%v", "Chromium cannot be used: %v", err)
		if errors.Is(err, offline.ErrNoBrowser) {
			fact = diag.Text("没有找到 Chromium、Chrome 或 Edge，PDF 没有做", "neither Chromium nor Chrome nor Edge was found, so no PDF was made")
		}
		return nil, diag.Diagnostic{Check: "pdf", Fact: fact,
			Hint: diag.Text("请安装其中之一（Debian：apt install chromium fonts-noto-cjk），或去掉 --pdf；网站已经构建好了。", "Install one of them (on Debian: apt install chromium fonts-noto-cjk), or leave out --pdf; the site itself is built.")}
	}
	p := offline.Printer{Program: program, Version: version, Tree: dir, Origin: o.Base.Origin, Day: res.day()}
	if err := os.MkdirAll(to, 0o755); err != nil {
		return nil, err
	}
	for _, v := range printed {
		document, err := p.Prepare(address.File(v.page))
		if err != nil {
			return nil, err
		}
		entry := cache.Entry("pdf", document, []byte(version), []byte(o.Version))
		data, kept := o.Cache.Get(entry)
		if !kept {
			if data, err = p.Print(ctx, address.File(v.page), document); err != nil {
				return nil, diag.Diagnostic{Check: "pdf", Fact: diag.Text("打印 %s 没有成功：%v", "printing %s has failed: %v", v.page, err),
					Hint: diag.Text("请再试一次；还是不行，请把这段话告诉维护者。", "Try again; if it fails again, show this to the maintainers.")}
			}
			o.Cache.Put(entry, data)
		}
		name := filepath.Join(to, v.name)
		if have, err := os.ReadFile(name); err != nil || string(have) != string(data) {
			if err := os.WriteFile(name, data, 0o644); err != nil {
				return nil, err
			}
		}
		names = append(names, name)
	}
	return names, nil
}
