package check

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

var links = Check{
	ID: "links",
	Doc: plan.Text{
		ZH: "站内链接和锚点都指向存在的页面和位置，链接中的编号（如 s3-2、c3）方案中都有；站外链接只用 https:、http:、mailto:、tel:；图片都是本站的",
		EN: "links inside the site lead to a page and a place on it, and the plan has the ids that links name (s3-2, c3); links outside are https:, http:, mailto: or tel:; images are the site’s own",
	},
	Severity: diag.Error,
	Run: func(in Input, report Report) {
		maps := map[bool]*siteMap{} // without drafts and with them: a draft may link drafts
		for _, f := range in.files().list {
			for _, l := range addresses(f) {
				if fact, hint, bad := outside(l); bad {
					report(f.At(l.DestinationAt), fact, hint)
					continue
				}
				to := l.Destination
				if l.Kind == content.Link && strings.TrimSpace(string(f.Data[l.Text.Start:l.Text.End])) == "" {
					report(f.At(l.Start), diag.Text("链接没有文字，读者看不到也点不到", "the link has no words, so nobody can see or follow it"),
						diag.Text("请写作 [文字](网址)。", "Write [text](address)."))
					continue
				}
				if l.outside() || strings.Contains(string(f.Data[l.DestinationAt:min(len(f.Data), l.DestinationAt+2)]), "{{") {
					continue // somebody else's site; or a shortcode, which knows its own way
				}
				drafts := in.Drafts || f.Value("draft") == "true"
				if maps[drafts] == nil {
					maps[drafts] = newSiteMap(in, drafts)
				}
				known := maps[drafts]
				fact, hint, dead := plan.Text{}, plan.Text{}, false
				if isID(f, l.Mark) {
					fact, hint, dead = known.deadID(to)
				} else {
					fact, hint, dead = known.deadEnd(f, to)
				}
				if target, fragment := leadsTo(in.Tree, f, to); dead && !in.causes().leads(target, fragment) && !(idLike.MatchString(to) && in.causes().told(plan.ID(to))) {
					report(f.At(l.DestinationAt), fact, hint)
				}
			}
		}
	},
}

// reference is a link, an image or the definition of one.
type reference struct {
	content.Mark
	scheme string // in small letters, "" inside the site
}

func (a reference) outside() bool { return a.scheme != "" }

// addresses are the links and images of a document, those by name once, where
// their address is defined.
func addresses(f *content.Document) []reference {
	var list []reference
	for _, m := range f.Marks() {
		switch m.Kind {
		case content.Link, content.Image, content.Autolink, content.Definition:
			if !m.ByName || m.Kind == content.Image {
				list = append(list, reference{m, schemeOf(m.Destination)})
			}
		}
	}
	return list
}

// schemeOf is what stands before the colon of an address, as a browser sees it,
// which drops white space and control characters first.
func schemeOf(to string) string {
	scheme, _, absolute := strings.Cut(strings.Map(printing, to), ":")
	if scheme = strings.ToLower(scheme); !absolute || !isScheme.MatchString(scheme) {
		return ""
	}
	return scheme
}

func printing(r rune) rune {
	if r <= ' ' || unicode.IsControl(r) {
		return -1
	}
	return r
}

var isScheme = regexp.MustCompile(`^[a-z][a-z0-9+.-]*$`)

// idLike is a destination that is meant as an id: of a sentence (p-1, c1-2, s3-2)
// or of a chapter or section (c3, s4).
var idLike = regexp.MustCompile(`^(?:p-[0-9]+|[cs][0-9]+(?:-[0-9]+)?)$`)

// isID reports whether the link names a sentence, chapter or section by its id.
// Pages may do that, [长汀经验](s3-2); sentences of the plan and images may not
// (see layouts/_markup/render-link.html of the theme).
func isID(in *content.Document, m content.Mark) bool {
	return m.Kind != content.Image && !in.InPlan() && idLike.MatchString(m.Destination)
}

// outside says what is wrong with an address whatever the site has.
func outside(a reference) (fact, hint plan.Text, bad bool) {
	to := a.Destination
	hint = diag.Text("请写作 https://…（其他网站）、/zh/…（本站）、mailto: 或 tel:。", "Write https://… for another site, /en/… in this site, mailto: or tel:.")
	u, err := url.Parse(to)
	switch {
	case to == "":
		return diag.Text("链接缺少网址", "the link has no address"), hint, true
	case a.outside() && !slices.Contains(content.Schemes, a.scheme):
		if near := diag.Nearest(a.scheme, content.Schemes); near != "" {
			hint = diag.Text("是否应为 %s:？", "Did you mean %s:?", near)
		}
		return diag.Text("不能用 %s: 链接", "a %s: link is not allowed", a.scheme), hint, true
	case err != nil || strings.ContainsFunc(to, func(r rune) bool { return unicode.IsControl(r) || r == '\\' }):
		return diag.Text("网址“%s”不完整或有错", "the address “%s” is not complete, or has a mistake", printable(to)), hint, true
	case strings.HasPrefix(to, "//"):
		return diag.Text("网址以 // 开头", "the address starts with //"), hint, true
	case (a.scheme == "http" || a.scheme == "https") && u.Host == "", a.scheme != "" && u.Opaque == "" && u.Host == "":
		return diag.Text("网址“%s”不完整或有错", "the address “%s” is not complete, or has a mistake", printable(to)), hint, true
	case a.Kind == content.Image && a.outside():
		return diag.Text("图片引自其他网站", "the image is on another site"),
			diag.Text("请把图片放进 static 文件夹，写作 ![说明](/图片.jpg)；本站不加载其他网站的内容。", "Put it into the folder static and write ![text](/picture.jpg): this site loads nothing from other sites."), true
	}
	return plan.Text{}, plan.Text{}, false
}

// printable is an address for a message, its invisible characters made visible.
func printable(to string) string {
	return shorten(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '\uFFFD'
		}
		return r
	}, to))
}
