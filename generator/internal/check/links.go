package check

import (
	"bytes"
	"html"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"minxi/generator/internal/address"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/formats"
	"minxi/generator/internal/plan"
)

var links = Check{
	ID: "links",
	Doc: plan.Text{
		ZH: "站内链接和锚点都有去处，链接写的编号（如 s3-2、c3）方案里有；没有 javascript:、vbscript:、data: 等会执行代码或藏内容的链接",
		EN: "links inside the site lead to a page and a place on it, and the plan has the ids that links name (s3-2, c3); no link is javascript:, vbscript:, data: or the like",
	},
	Severity: diag.Error,
	Run: func(in Input, report Report) {
		maps := map[bool]*siteMap{} // without drafts and with them: a draft may link drafts
		for _, f := range in.files().list {
			for _, l := range f.addresses() {
				to := strings.Map(printing, html.UnescapeString(l.to))
				scheme, _, absolute := strings.Cut(to, ":")
				switch scheme = strings.ToLower(scheme); {
				case strings.Contains(to, "{{"): // a shortcode knows its own way
				case absolute && dangerous[scheme]:
					report(f.at(l.toStart), diag.Text("不能用 %s: 链接", "a %s: link is not allowed", scheme),
						diag.Text("链接只能是网页地址（https:）、站内网址（/zh/…）或 mailto:。", "A link is a web address (https:), an address in this site (/en/…) or mailto:."))
				case absolute && isScheme.MatchString(scheme) || strings.HasPrefix(to, "//"):
					// Somebody else's site.
				default:
					drafts := in.Drafts || in.isDraft(f)
					if maps[drafts] == nil {
						maps[drafts] = newSiteMap(in, drafts)
					}
					known := maps[drafts]
					fact, hint, ok := plan.Text{}, plan.Text{}, false
					if l.isID(f, to) {
						fact, hint, ok = known.deadID(to)
					} else {
						fact, hint, ok = known.deadEnd(f, to)
					}
					if ok {
						report(f.at(l.toStart), fact, hint)
					}
				}
			}
		}
	},
}

// printing drops what browsers drop from an address before they look at it.
func printing(r rune) rune {
	if r <= ' ' || unicode.IsControl(r) {
		return -1
	}
	return r
}

// idLike is a destination that is meant as an id: of a sentence (p-1, c1-2, s3-2)
// or of a chapter or section (c3, s4).
var idLike = regexp.MustCompile(`^(?:p-[0-9]+|[cs][0-9]+(?:-[0-9]+)?)$`)

// isID reports whether the link names a sentence, chapter or section by its id.
// Pages may do that, [长汀经验](s3-2); sentences of the plan and images may not
// (see layouts/_markup/render-link.html of the theme).
func (a reference) isID(in *file, to string) bool {
	return !a.image && !in.isPlan() && idLike.MatchString(to)
}

// dangerous schemes run code, carry their content with them, or lead into the
// reader's own machine.
var dangerous = map[string]bool{"javascript": true, "vbscript": true, "data": true, "file": true, "blob": true}

var isScheme = regexp.MustCompile(`^[a-z][a-z0-9+.-]*$`)

// reference is a link or an image in a Markdown file.
type reference struct {
	text           string // between the square brackets
	to             string
	start, toStart int // byte offsets
	image          bool
}

var (
	inlineAddress = regexp.MustCompile(`(!?)\[([^\[\]]*)\]\(\s*(?:<([^<>\n]*)>|([^\s()<]*(?:\([^\s()]*\)[^\s()]*)*))`)
	outerAddress  = regexp.MustCompile(`\[(?:[^\[\]]|\[[^\[\]]*\](?:\([^()\n]*\))?)+\]\(\s*(?:<([^<>\n]*)>|([^\s()<]*(?:\([^\s()]*\)[^\s()]*)*))`)
	definition    = regexp.MustCompile(`(?m)^ {0,3}\[([^\]^\n][^\]\n]*)\]:[ \t]*<?([^\s<>]+)`)
	bareAddress   = regexp.MustCompile(`<([A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*)>`)
	imageByName   = regexp.MustCompile(`!\[\s*\]\[[^\]]*\]`)
)

// addresses are the links and images of the body.
func (f *file) addresses() []reference {
	if !f.linked {
		f.linked, f.links = true, f.findAddresses()
	}
	return f.links
}

func (f *file) findAddresses() []reference {
	// Square brackets alone, as in [2021] No. 3, are no link.
	may := func(mark string) bool { return bytes.Contains(f.data[f.body:], []byte(mark)) }
	if !f.isMarkdown() || !may("](") && !may("]:") && !may("][") && !may("<") {
		return nil
	}
	text := f.running()[f.body:]
	var list []reference
	seen := map[int]bool{}
	add := func(a reference) {
		if !seen[a.toStart] {
			seen[a.toStart] = true
			a.start += f.body
			a.toStart += f.body
			list = append(list, a)
		}
	}
	either := func(m []int, i, j int) (int, int) {
		if m[i] >= 0 {
			return m[i], m[i+1]
		}
		return m[j], m[j+1]
	}
	for _, m := range inlineAddress.FindAllSubmatchIndex(text, -1) {
		from, to := either(m, 6, 8)
		add(reference{text: string(text[m[4]:m[5]]), to: string(text[from:to]), start: m[0], toStart: from, image: m[2] < m[3]})
	}
	// A link around an image has brackets in its text.
	for _, m := range outerAddress.FindAllSubmatchIndex(text, -1) {
		from, to := either(m, 2, 4)
		add(reference{text: "…", to: string(text[from:to]), start: m[0], toStart: from})
	}
	for _, m := range definition.FindAllSubmatchIndex(text, -1) {
		add(reference{text: string(text[m[2]:m[3]]), to: string(text[m[4]:m[5]]), start: m[0], toStart: m[4]})
	}
	for _, m := range bareAddress.FindAllSubmatchIndex(text, -1) {
		add(reference{text: "…", to: string(text[m[2]:m[3]]), start: m[0], toStart: m[2]})
	}
	for _, m := range imageByName.FindAllIndex(text, -1) {
		list = append(list, reference{to: "//", start: f.body + m[0], toStart: f.body + m[0], image: true})
	}
	return list
}

// siteMap knows the addresses of the site before it is built.
type siteMap struct {
	book   *address.Book
	own    map[string]string // of a file of Markdown: the address that it has
	ids    map[string]bool   // of sentences, chapters and sections
	last   map[string]int    // number of the last sentence by chapter, section or "p"
	ledger plan.Ledger
	fsys   fs.FS
}

// newSiteMap knows the site with or without its drafts.
func newSiteMap(in Input, drafts bool) *siteMap {
	p := in.Tree.Plan
	m := &siteMap{own: map[string]string{}, ids: map[string]bool{}, last: map[string]int{}, ledger: p.Ledger, fsys: in.FS}
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
	o := address.Options{Pages: slices.Clone(in.Tree.Pages), Drafts: drafts}
	for i, page := range o.Pages {
		for _, name := range []string{page.Name + "." + string(page.Lang) + ".md", page.Name + ".md"} {
			if f := in.files().byName[path.Join(contentDir, name)]; f != nil && f.lang == page.Lang {
				o.Pages[i].Fragments = f.headingIDs()
				m.own[f.name] = page.Path()
			}
		}
	}
	for _, f := range formats.All {
		o.Data = append(o.Data, "/"+f.Path)
	}
	m.book = address.New(p, o)
	return m
}

// isDraft reports whether a file is a page that only drafts show.
func (in Input) isDraft(f *file) bool {
	return slices.ContainsFunc(in.Tree.Pages, func(p address.Markdown) bool {
		return p.Draft && p.Lang == f.lang && strings.HasPrefix(f.name, path.Join(contentDir, p.Name)+".")
	})
}

// address is where the site shows a Markdown file that asks for no address of its own.
func (f *file) address() string {
	name := strings.TrimPrefix(f.name, contentDir+"/")
	name = strings.TrimSuffix(strings.TrimSuffix(name, ".md"), "."+string(f.lang))
	if !f.isPlan() {
		return address.Markdown{Name: name, Lang: f.lang}.Path()
	}
	id := path.Base(strings.TrimSuffix(name, "/_index"))
	if id == "plan" {
		return address.In(f.lang).Plan()
	}
	return address.In(f.lang).Division(id) // sections are addressed without their chapter
}

var headingID = regexp.MustCompile(`(?m)^ {0,3}#{1,6} .*\{[^}]*#([^\s}]+)[^}]*\}[ \t]*\r?$`)

// headingIDs are the ids that headings are given with {#id}. The others are made
// from the heading's words and change with them, so nobody may link to them.
func (f *file) headingIDs() []string {
	var ids []string
	for _, m := range headingID.FindAllSubmatch(f.running()[f.body:], -1) {
		ids = append(ids, string(m[1]))
	}
	return ids
}

// deadID says what is wrong with a link that names an id.
func (m *siteMap) deadID(id string) (fact, hint plan.Text, dead bool) {
	if m.ids[id] {
		return fact, hint, false
	}
	if fact, hint, retired := m.retired(id); retired {
		return fact, hint, true
	}
	hint = diag.Text("请核对编号；编号在句子前面，点开就是它的网址。", "Check the id: it stands before the sentence, and leads to its address.")
	if division, _, ok := strings.Cut(id, "-"); ok && m.last[division] > 0 {
		hint = diag.Text("请核对编号：%[1]s 的句子是 %[1]s-1 至 %[1]s-%[2]d。", "Check the id: the sentences of %[1]s are %[1]s-1 to %[1]s-%[2]d.", division, m.last[division])
	}
	return diag.Text("链接的编号方案里没有：%s", "the link names an id that the plan does not have: %s", id), hint, true
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
		fact = diag.Text("链接的 %s 已撤销，没有代替它的句子", "the link names %s, which was withdrawn and replaced by nothing", id)
		hint = diag.Text("删去这个链接和以它为依据的话。", "Remove the link, and what is said on the strength of it.")
		return fact, hint, true
	case e.State == plan.Moved:
		fact = diag.Text("链接的 %s 已移到 %s", "the link names %s, which was moved to %s", id, to[0])
	default:
		fact = diag.Text("链接的 %[1]s 已撤销，代替它的是 %[2]s", "the link names %[1]s, which was withdrawn and replaced by %[3]s", id, strings.Join(to, "、"), strings.Join(to, ", "))
	}
	hint = diag.Text("改为链接 %s，并核对这里的话是否还成立。", "Link %s instead, and see whether what is said here still holds.", to[0])
	return fact, hint, true
}

// leadsTo is the address and the fragment of a link inside the site.
func (f *file) leadsTo(to string) (target, fragment string) {
	to, fragment, _ = strings.Cut(to, "#")
	to, _, _ = strings.Cut(to, "?")
	here := f.address()
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
func (m *siteMap) deadEnd(from *file, to string) (fact, hint plan.Text, dead bool) {
	hint = diag.Text("站内网址形如 /zh/m/s3-2/、/zh/plan/s3/#s3-2、/zh/topics/ecology/，末尾有斜线；句子也可以只写编号：[文字](s3-2)。",
		"Addresses in this site look like /en/m/s3-2/, /en/plan/s3/#s3-2 and /en/topics/ecology/, with a slash at the end; a sentence may go by its id alone: [text](s3-2).")
	target, fragment := from.leadsTo(to)
	if own, is := m.own[from.name]; is && strings.HasPrefix(to, "#") {
		target = own
	}
	at, known := m.book.Find(target)
	to, _, _ = strings.Cut(to, "#")
	to, _, _ = strings.Cut(to, "?")
	switch {
	case at.Kind == address.Withdrawn || at.Kind == address.Moved:
		return m.retired(at.Of) // the page is there, and what it says is not in the plan
	case !known && m.file(from, to, target):
		return fact, hint, false
	case !known:
		return diag.Text("链接无处可去：站内没有 %s", "the link leads nowhere: this site has no %s", target), hint, true
	case fragment != "" && !slices.Contains(at.Fragments, fragment):
		return diag.Text("链接的锚点无处可去：%[1]s 上没有 #%[2]s", "the link leads nowhere: there is no #%[2]s on %[1]s", target, fragment), hint, true
	}
	return fact, hint, false
}

// file reports whether the link leads to a file: one of the theme's or the
// project's, one that lies beside the page, or a page by the name of its Markdown
// file, which Hugo resolves.
func (m *siteMap) file(from *file, to, target string) bool {
	exists := func(name string) bool {
		info, err := fs.Stat(m.fsys, strings.TrimPrefix(path.Clean("/"+name), "/"))
		return err == nil && !info.IsDir()
	}
	if exists("static" + target) {
		return true
	}
	if themes, _ := fs.Glob(m.fsys, "themes/*/static"); len(themes) > 0 {
		for _, dir := range themes {
			if exists(dir + target) {
				return true
			}
		}
	}
	if to != "" && path.Ext(to) != "" {
		return strings.HasPrefix(to, "/") && exists(contentDir+to) || !strings.HasPrefix(to, "/") && exists(path.Join(path.Dir(from.name), to))
	}
	return false
}
