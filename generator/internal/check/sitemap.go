package check

import (
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"minxi/generator/internal/address"
	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/formats"
	"minxi/generator/internal/plan"
)

// siteMap knows the addresses of the site before it is built.
type siteMap struct {
	book   *address.Book
	ids    map[string]bool // of sentences, chapters and sections
	last   map[string]int  // number of the last sentence by chapter, section or "p"
	ledger plan.Ledger
	tree   *content.Tree
	fsys   fs.FS
}

// newSiteMap knows the site with or without its drafts.
func newSiteMap(in Input, drafts bool) *siteMap {
	p := in.Tree.Plan
	m := &siteMap{ids: map[string]bool{}, last: map[string]int{}, ledger: p.Ledger, tree: in.Tree, fsys: in.FS}
	for u := range p.Units() {
		m.ids[string(u.ID)] = true
		if division, n, ok := strings.Cut(string(u.ID), "-"); ok {
			i, _ := strconv.Atoi(n)
			m.last[division] = max(m.last[division], i)
		}
	}
	for _, c := range p.Chapters {
		m.ids[address.ChapterID(c.Number)] = true
	}
	for s := range p.Sections() {
		m.ids[address.SectionID(s.Number)] = true
	}
	o := address.Options{Pages: in.Tree.Pages(), Drafts: drafts, Data: append(formats.Addresses(p), address.ManifestFile)}
	m.book = address.New(p, o)
	return m
}

// deadID says what is wrong with a link that names an id.
func (m *siteMap) deadID(id string) (fact, hint plan.Text, dead bool) {
	if m.ids[id] {
		return fact, hint, false
	}
	if fact, hint, retired := m.retired(id); retired {
		return fact, hint, true
	}
	hint = diag.Text("请核对编号：编号标在句子前面，点击即可打开其网址。", "Check the id: it stands before the sentence, and leads to its address.")
	if division, _, ok := strings.Cut(id, "-"); ok && m.last[division] > 0 {
		hint = diag.Text("请核对编号：%[1]s 的句子是 %[1]s-1 至 %[1]s-%[2]d。", "Check the id: the sentences of %[1]s are %[1]s-1 to %[1]s-%[2]d.", division, m.last[division])
	}
	return diag.Text("方案中没有链接所用的编号 %s", "the link names an id that the plan does not have: %s", id), hint, true
}

// retired says where a sentence has gone that the plan once had.
func (m *siteMap) retired(id string) (fact, hint plan.Text, retired bool) {
	e, found := m.ledger.Find(plan.ID(id))
	if !found || e.State == plan.Live || m.ids[id] {
		return fact, hint, false
	}
	var to []string
	for _, t := range e.To {
		to = append(to, string(t))
	}
	switch {
	case len(to) == 0:
		fact = diag.Text("链接所指的 %s 已撤销，没有替代的句子", "the link names %s, which was withdrawn and replaced by nothing", id)
		hint = diag.Text("请删去这个链接以及以此为依据的内容。", "Remove the link, and whatever rests on it.")
		return fact, hint, true
	case e.State == plan.Moved:
		fact = diag.Text("链接所指的 %s 已移至 %s", "the link names %s, which was moved to %s", id, to[0])
	default:
		fact = diag.Text("链接所指的 %[1]s 已撤销，由 %[2]s 替代", "the link names %[1]s, which was withdrawn and replaced by %[3]s", id, strings.Join(to, "、"), strings.Join(to, ", "))
	}
	hint = diag.Text("请改链 %s，并核对此处内容是否仍然成立。", "Link %s instead, and see whether what is said here still holds.", to[0])
	return fact, hint, true
}

// leadsTo is the address and the fragment of a link inside the site.
func leadsTo(t *content.Tree, f *content.Document, to string) (target, fragment string) {
	linked := t.Linked(f, to)
	to, fragment, _ = strings.Cut(to, "#")
	fragment, _, _ = strings.Cut(fragment, ":~:") // words, which only a browser can look for
	to, _, _ = strings.Cut(to, "?")
	if linked != nil {
		return linked.Path(), fragment
	}
	here := f.Path()
	switch {
	case strings.HasPrefix(to, "/"):
		target = to
	case to == "":
		target = here
	default:
		target = path.Join(here, to)
		if strings.HasSuffix(to, "/") && target != "/" {
			target += "/"
		}
	}
	return strings.TrimSuffix(target, "index.html"), fragment
}

// deadEnd says what is wrong with a link inside the site.
func (m *siteMap) deadEnd(from *content.Document, to string) (fact, hint plan.Text, dead bool) {
	hint = diag.Text("站内网址形如 /zh/m/s3-2/、/zh/plan/s3/#s3-2、/zh/topics/ecology/，末尾有斜线；句子也可以只写编号：[文字](s3-2)。",
		"Addresses in this site look like /en/m/s3-2/, /en/plan/s3/#s3-2 and /en/topics/ecology/, with a slash at the end; a sentence may go by its id alone: [text](s3-2).")
	target, fragment := leadsTo(m.tree, from, to)
	at, known := m.book.Find(target)
	switch {
	case at.Kind == address.Withdrawn || at.Kind == address.Moved:
		return m.retired(at.Of) // the page is there, and what it says is not in the plan
	case !known && m.file(target):
		return fact, hint, false
	case !known && m.draft(target) != nil:
		return diag.Text("链接失效：%[2]s 是草稿，本站没有 %[1]s", "the link is dead: this site has no %[1]s, because %[2]s is a draft", target, m.draft(target).Name),
			diag.Text("等草稿发布了再链接它；或从它的开头删去 draft。", "Link it when it is published, or take draft out of its front matter."), true
	case !known:
		return diag.Text("链接失效：本站没有 %s", "the link is dead: this site has no %s", target), hint, true
	case fragment != "" && !slices.Contains(at.Fragments, fragment) && at.Kind.IsPage():
		return diag.Text("链接的锚点失效：%[1]s 页没有 #%[2]s", "the link is dead: %[1]s has no #%[2]s", target, fragment), hint, true
	}
	return fact, hint, false
}

// file reports whether an address is that of a file of the theme's or the project's.
func (m *siteMap) file(target string) bool {
	dirs, _ := fs.Glob(m.fsys, "themes/*/static")
	for _, dir := range append(dirs, "static") {
		if info, err := fs.Stat(m.fsys, path.Join(dir, path.Clean("/"+target))); err == nil && !info.IsDir() {
			return true
		}
	}
	return false
}

// draft is the draft that would stand at an address.
func (m *siteMap) draft(target string) *content.Document {
	for _, d := range m.tree.Documents() {
		if d.IsMarkdown() && d.Value("draft") == "true" && d.Path() == target {
			return d
		}
	}
	return nil
}
