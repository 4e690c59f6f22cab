package publish

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// Rules are the response headers and redirects of the site, as publish.toml has
// them. Whatever a host wants to be told about them is made from here: the
// headers of each file ([Rules.For]) and the configuration files that hosts read
// ([Rules.Files], [Rules.NetlifyConfig]).
//
// Only what all hosts understand alike can be said, and [Rules.Check] refuses the
// rest: patterns are one path or all of a folder, no header is set twice for a
// path (Netlify takes one of the values, Cloudflare joins them), and a redirect
// always leads away, even from a page that is there (Cloudflare knows no other).
type Rules struct {
	Headers   []HeaderRule `toml:"headers"`
	Redirects []Redirect   `toml:"redirects"`

	// Base is the URL path at which the site stands on its host, with slashes at
	// both ends; "" is "/". Only .htaccess needs it.
	Base string `toml:"-"`
}

// A HeaderRule sets response headers for a pattern of URL paths.
type HeaderRule struct {
	For    string            `toml:"for"`
	Values map[string]string `toml:"values"`

	pos diag.Pos
}

// A Redirect leads readers from a pattern of paths to a path or an https URL. To
// may end in ":splat", which stands for what the "*" of From matched. Of several
// that match, the first holds.
type Redirect struct {
	From string `toml:"from"`
	To   string `toml:"to"`

	// Status is 301 or 302; or 404, where From is a folder ("/en/*") and To the
	// page in it that says so ("/en/404.html").
	Status int `toml:"status"`

	// Language, if not empty, limits the redirect to readers whose browser asks
	// for one of these languages first. Cloudflare leaves such redirects out.
	Language []string `toml:"language,omitempty"`

	pos diag.Pos
}

// Located are the rules of a file, whose name is for messages, with their places in it and
// the names of headers as they are compared. The findings are what is wrong with them.
func (r Rules) Located(name string, data []byte) (Rules, diag.List) {
	var found diag.List
	places := Places(data)
	at := func(table string, i int) diag.Pos {
		return diag.Pos{File: name, Line: places[fmt.Sprintf("%s.%d", table, i)].Line}
	}
	for i := range r.Headers {
		r.Headers[i].pos = at("headers", i)
		// Names are written in any case, and compared in one.
		values := map[string]string{}
		for n, v := range r.Headers[i].Values {
			values[http.CanonicalHeaderKey(n)] = v
		}
		if len(values) < len(r.Headers[i].Values) {
			found = append(found, diag.Diagnostic{Pos: r.Headers[i].pos, Check: "rules",
				Fact: diag.Text("%s：同一个响应头写了两次，只是大小写不同", "%s: sets a header twice, in other capitals", r.Headers[i].For)})
		}
		r.Headers[i].Values = values
	}
	for i := range r.Redirects {
		r.Redirects[i].pos = at("redirects", i)
	}
	return r, append(found, r.Check()...).Sort()
}

// Places finds where each key and table of a TOML file stands, by its whole name:
// "targets.web.bucket", or "headers.0" for the first of an array of tables. What is
// written in a line with other things is not found.
func Places(data []byte) map[string]diag.Pos {
	places := map[string]diag.Pos{}
	var p unstable.Parser
	p.Reset(data)
	table, elements := "", map[string]int{}
	for p.NextExpression() {
		e := p.Expression()
		var parts []string
		var pos diag.Pos
		for it := e.Key(); it.Next(); {
			if pos.Line == 0 {
				start := p.Shape(it.Node().Raw).Start
				pos.Line, pos.Col = start.Line, start.Column
			}
			parts = append(parts, string(it.Node().Data))
		}
		key := strings.Join(parts, ".")
		switch e.Kind {
		case unstable.ArrayTable:
			n := elements[key]
			elements[key]++
			key += "." + strconv.Itoa(n)
			table = key + "."
		case unstable.Table:
			table = key + "."
		default:
			key = table + key
		}
		if _, has := places[key]; !has {
			places[key] = pos
		}
	}
	return places
}

var (
	pathPattern  = regexp.MustCompile(`^/(?:[A-Za-z0-9._~-]+/)*(?:[A-Za-z0-9._~-]+|\*)?$`)
	targetPath   = regexp.MustCompile(`^/(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})*(?::splat)?(?:\?[A-Za-z0-9._~=&-]+)?(?:#[A-Za-z0-9._~-]+)?$`)
	headerName   = regexp.MustCompile(`^[A-Za-z0-9-]+$`)
	headerValue  = regexp.MustCompile(`^[!-\[\]-~]+(?: [!-\[\]-~]+)*$`) // no backslash: Apache undoes it twice
	looseComma   = regexp.MustCompile(` ,|,[^ ]|,$`)
	languageTag  = regexp.MustCompile(`^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$`)
	dotSegment   = regexp.MustCompile(`/\.\.?(?:/|$)`)
	ownedHeaders = []string{"Age", "Connection", "Content-Encoding", "Content-Length", "Content-Range", "Date",
		"Etag", "Last-Modified", "Location", "Server", "Set-Cookie", "Trailer", "Transfer-Encoding", "Upgrade", "Vary"}
)

// What Cloudflare Pages takes; the other hosts take more.
// https://developers.cloudflare.com/pages/configuration/headers/ and …/redirects/
const (
	maxHeaderRules      = 100
	maxStaticRedirects  = 2000
	maxDynamicRedirects = 100
	maxLine             = 2000
)

// Check finds what hosts would not understand, or not alike.
func (r Rules) Check() diag.List {
	var f findings
	r.checkHeaders(&f)
	r.checkRedirects(&f)
	return diag.List(f)
}

// findings are what is wrong with rules.
type findings diag.List

func (f *findings) add(pos diag.Pos, fact, hint plan.Text) {
	*f = append(*f, diag.Diagnostic{Pos: pos, Check: "rules", Fact: fact, Hint: hint})
}

// pattern reports whether a pattern is one.
func (f *findings) pattern(pos diag.Pos, field, p string) bool {
	if !pathPattern.MatchString(p) || dotSegment.MatchString(p) {
		f.add(pos, diag.Text("%s = %q 不是各类主机都懂的路径", "%s = %q is no path that all hosts understand", field, p),
			diag.Text(`写一个路径（"/robots.txt"）或整个文件夹（"/assets/*"），只用字母、数字和 . _ ~ -`,
				`Write one path ("/robots.txt") or a whole folder ("/assets/*"), with letters, digits and . _ ~ - only.`))
		return false
	}
	if strings.HasSuffix(p, "/index.html") {
		f.add(pos, diag.Text("%s = %q 不是读者看到的地址", "%s = %q is not the address that readers see", field, p),
			diag.Text("写 %q", "Write %q.", strings.TrimSuffix(p, "index.html")))
		return false
	}
	return true
}

func (r Rules) checkHeaders(f *findings) {
	for i, rule := range r.Headers {
		if !f.pattern(rule.pos, "for", rule.For) {
			continue
		}
		if len(rule.Values) == 0 {
			f.add(rule.pos, diag.Text("%s：没有任何响应头", "%s: sets no header", rule.For), plan.Text{})
		}
		for _, name := range slices.Sorted(maps.Keys(rule.Values)) {
			value := rule.Values[name]
			switch {
			case !headerName.MatchString(name):
				f.add(rule.pos, diag.Text("%s：%q 不是响应头的名称", "%s: %q is no name of a header", rule.For, name), plan.Text{})
			case slices.Contains(ownedHeaders, name):
				f.add(rule.pos, diag.Text("%s：%s 由主机自己决定", "%s: %s is for the host to set", rule.For, name),
					diag.Text("去掉这一行", "Remove the line."))
			case !headerValue.MatchString(value):
				f.add(rule.pos, diag.Text("%s：%s 的值为空，或者有不该有的字符或空格", "%s: the value of %s is empty or has characters or spaces that do not belong", rule.For, name),
					diag.Text("写成一行，只用 ASCII 字符，不用反斜线，空格只用单个", "Write it in one line of ASCII, without backslashes, with single spaces."))
			case strings.HasPrefix(value, "expr=") || strings.Contains(value, "${"):
				f.add(rule.pos, diag.Text("%s：Apache 会把 %s 的值当作表达式", "%s: Apache would take the value of %s for an expression", rule.For, name), plan.Text{})
			case looseComma.MatchString(value):
				f.add(rule.pos, diag.Text("%s：%s 的逗号后面应有一个空格，前面没有", "%s: %s needs one space after each comma and none before", rule.For, name),
					diag.Text("Netlify 会这样改写，别的主机不会", "Netlify writes it that way, other hosts leave it."))
			case len(name)+len(": ")+len(value) > maxLine:
				f.add(rule.pos, diag.Text("%s：%s 超过 %d 个字符", "%s: %s is longer than %d characters", rule.For, name, maxLine), plan.Text{})
			}
			for _, other := range r.Headers[:i] {
				if _, twice := other.Values[name]; twice && overlap(rule.For, other.For) {
					f.add(rule.pos, diag.Text("%[1]s 与 %[2]s 有重叠，都设了 %[3]s", "%[1]s and %[2]s overlap and both set %[3]s", other.For, rule.For, name),
						diag.Text("让两处的路径互不重叠；各主机对重复的处理不同", "Make their paths disjoint: hosts differ in what they do then."))
				}
			}
		}
	}
	if n := len(r.Headers); n > maxHeaderRules {
		f.add(r.Headers[maxHeaderRules].pos, diag.Text("响应头规则有 %d 条，最多 %d 条", "%d header rules, and the most is %d", n, maxHeaderRules), plan.Text{})
	}
}

func (r Rules) checkRedirects(f *findings) {
	static, dynamic := 0, 0
	for i, rule := range r.Redirects {
		if !f.pattern(rule.pos, "from", rule.From) {
			continue
		}
		folder, isFolder := strings.CutSuffix(rule.From, "*")
		name := rule.From + " → " + rule.To
		switch rule.Status {
		case 301, 302:
			// Cloudflare takes rules without "*" for static only while none with it
			// has come.
			if isFolder || dynamic > 0 {
				dynamic++
			} else {
				static++
			}
			switch {
			case !validTarget(rule.To):
				f.add(rule.pos, diag.Text("%s：目标既不是路径，也不是 https 网址", "%s: leads to what is neither a path nor an https address", name),
					diag.Text(`写 "/zh/plan/" 或 "https://…"，特殊字符写成百分号编码`, `Write "/zh/plan/" or "https://…", special characters percent-encoded.`))
			case strings.Contains(rule.To, ":splat") && !isFolder:
				f.add(rule.pos, diag.Text("%s：没有 * 可以对应 :splat", "%s: has no * for its :splat", name), plan.Text{})
			case matches(rule.From, strings.ReplaceAll(cutAfterPath(rule.To), ":splat", "x")):
				f.add(rule.pos, diag.Text("%s：会循环跳转", "%s: leads back to itself", name), plan.Text{})
			}
		case 404:
			if !isFolder || rule.To != folder+"404.html" || len(rule.Language) > 0 {
				f.add(rule.pos, diag.Text("%s：404 只能从一个文件夹到其中的 404.html", "%s: a 404 goes from a folder to the 404.html in it", name),
					diag.Text(`例如 "/en/*" 到 "/en/404.html"，不限语言`, `For example "/en/*" to "/en/404.html", for all languages.`))
			}
		default:
			f.add(rule.pos, diag.Text("%s：状态码应为 301、302 或 404", "%s: the status must be 301, 302 or 404", name), plan.Text{})
		}
		if len(rule.From)+len(rule.To)+len("  301") > maxLine {
			f.add(rule.pos, diag.Text("%s：超过 %d 个字符", "%s: is longer than %d characters", name, maxLine), plan.Text{})
		}
		for _, l := range rule.Language {
			if !languageTag.MatchString(l) {
				f.add(rule.pos, diag.Text("%s：%q 不是语言代码", "%s: %q is no language", name, l), diag.Text(`例如 "en"`, `For example "en".`))
			}
		}
		for _, earlier := range r.Redirects[:i] {
			if len(earlier.Language) == 0 && covers(earlier.From, rule.From) {
				f.add(rule.pos, diag.Text("%s：不会生效，前面的 %s 已包括它的全部网址", "%s: is never reached, because %s comes before it", name, earlier.From),
					diag.Text("把范围小的写在前面", "Write the narrower rule first."))
				break
			}
		}
	}
	if static > maxStaticRedirects || dynamic > maxDynamicRedirects {
		f.add(diag.Pos{File: r.Redirects[0].pos.File}, diag.Text("重定向太多：%d 条（最多 %d 条），另有从第一个带 * 的算起 %d 条（最多 %d 条）",
			"too many redirects: %d (the most is %d), and from the first with a * on %d (the most is %d)", static, maxStaticRedirects, dynamic, maxDynamicRedirects), plan.Text{})
	}
}

func validTarget(to string) bool {
	if rest, ok := strings.CutPrefix(to, "https://"); ok {
		host, target, _ := strings.Cut(rest, "/")
		u, err := url.Parse(to)
		return err == nil && host != "" && u.Host == host && u.Port() == "" && targetPath.MatchString("/"+target)
	}
	return targetPath.MatchString(to) && !strings.HasPrefix(to, "//") && !dotSegment.MatchString(to)
}

func cutAfterPath(to string) string {
	to, _, _ = strings.Cut(to, "#")
	to, _, _ = strings.Cut(to, "?")
	return to
}

// matches reports whether a pattern covers a URL path.
func matches(pattern, path string) bool {
	if folder, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(path, folder)
	}
	return path == pattern
}

// covers reports whether pattern a covers all that b covers.
func covers(a, b string) bool {
	if folder, ok := strings.CutSuffix(b, "*"); ok {
		return strings.HasSuffix(a, "*") && matches(a, folder)
	}
	return matches(a, b)
}

func overlap(a, b string) bool { return covers(a, b) || covers(b, a) }

// shortCache is the Cache-Control of files for which no rule has one.
const shortCache = "public, max-age=300"

// For gives the response headers of a file of the site, by its path in the tree:
// Content-Type from one table, Cache-Control from the rules or short, and what
// else the matching rules say. Hosts that keep headers get them file by file.
func (r Rules) For(name string) Header {
	h := Header{"Content-Type": ContentType(name), "Cache-Control": shortCache}
	at := "/" + name
	if dir, ok := strings.CutSuffix(at, "/index.html"); ok {
		at = dir + "/"
	}
	for _, rule := range r.Headers {
		if matches(rule.For, at) {
			maps.Copy(h, rule.Values)
		}
	}
	return h
}

// ContentType is the media type of a file by its name, with the charset where it
// is text. All text of the site is UTF-8. The type of feeds is the one that pages
// give in their links to them.
func ContentType(name string) string {
	if t, ok := typesByName[path.Base(name)]; ok {
		return t
	}
	if t, ok := typesByExtension[strings.ToLower(path.Ext(name))]; ok {
		return t
	}
	return "application/octet-stream"
}

var typesByName = map[string]string{
	"feed.xml":   "application/atom+xml; charset=utf-8",
	"_headers":   "text/plain; charset=utf-8",
	"_redirects": "text/plain; charset=utf-8",
}

// typesByExtension holds the types that are registered with IANA; those that
// begin with x- are in common use and not registered. JSON has no charset of its
// own (RFC 8259), but browsers that show it as text go by it.
var typesByExtension = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".mjs":  "text/javascript; charset=utf-8",
	".txt":  "text/plain; charset=utf-8",
	".md":   "text/markdown; charset=utf-8",
	".csv":  "text/csv; charset=utf-8",
	".tsv":  "text/tab-separated-values; charset=utf-8",
	".ics":  "text/calendar; charset=utf-8",
	".vtt":  "text/vtt; charset=utf-8",
	".ttl":  "text/turtle; charset=utf-8",

	".json":        "application/json; charset=utf-8",
	".jsonl":       "application/jsonl; charset=utf-8",
	".map":         "application/json; charset=utf-8",
	".jsonld":      "application/ld+json; charset=utf-8",
	".geojson":     "application/geo+json; charset=utf-8",
	".webmanifest": "application/manifest+json; charset=utf-8",
	".xml":         "application/xml; charset=utf-8",
	".atom":        "application/atom+xml; charset=utf-8",
	".rdf":         "application/rdf+xml; charset=utf-8",
	".xlf":         "application/xliff+xml; charset=utf-8",
	".tmx":         "application/x-tmx+xml; charset=utf-8",
	".tbx":         "application/x-tbx+xml; charset=utf-8",
	".tei":         "application/tei+xml; charset=utf-8",
	".nt":          "application/n-triples; charset=utf-8",
	".nq":          "application/n-quads; charset=utf-8",
	".yaml":        "application/yaml; charset=utf-8",
	".bib":         "application/x-bibtex; charset=utf-8",
	".ris":         "application/x-research-info-systems; charset=utf-8",

	".svg":   "image/svg+xml; charset=utf-8",
	".png":   "image/png",
	".jpg":   "image/jpeg",
	".jpeg":  "image/jpeg",
	".gif":   "image/gif",
	".webp":  "image/webp",
	".avif":  "image/avif",
	".ico":   "image/vnd.microsoft.icon",
	".woff":  "font/woff",
	".woff2": "font/woff2",
	".mp3":   "audio/mpeg",
	".mp4":   "video/mp4",
	".webm":  "video/webm",

	".pdf":     "application/pdf",
	".epub":    "application/epub+zip",
	".zip":     "application/zip",
	".docx":    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	".xlsx":    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	".ods":     "application/vnd.oasis.opendocument.spreadsheet",
	".odt":     "application/vnd.oasis.opendocument.text",
	".parquet": "application/vnd.apache.parquet",
	".sqlite":  "application/vnd.sqlite3",
	".wasm":    "application/wasm",

	// The compressed twins of files, where somebody fetches them by their own
	// names. No type is registered for brotli.
	".gz":  "application/gzip",
	".zst": "application/zstd",
	".br":  "application/octet-stream",
}

// Files gives the configuration files that a host obeys, by name: what
// [Traits].Conventions lists. Two hosts read files of the same names in different
// ways, so that these carry the dialect: "_headers:netlify". A file that would say
// nothing is not there.
func (r Rules) Files(conventions []string) map[string][]byte {
	files := map[string][]byte{}
	for _, c := range conventions {
		write, ok := conventionFiles[c]
		if !ok {
			panic("publish: there is no convention " + strconv.Quote(c))
		}
		name, _, _ := strings.Cut(c, ":")
		if text := write(r); text != "" || name == noJekyll {
			files[name] = []byte(text)
		}
	}
	return files
}

// conventionFiles is every convention that there is.
var conventionFiles = map[string]func(Rules) string{
	"_headers:netlify":      Rules.HeadersFile,
	"_redirects:netlify":    func(r Rules) string { return r.RedirectsFile(Netlify) },
	"_headers:cloudflare":   Rules.HeadersFile,
	"_redirects:cloudflare": func(r Rules) string { return r.RedirectsFile(Cloudflare) },
	".htaccess":             Rules.HtaccessFile,
	noJekyll:                func(Rules) string { return "" },
}

// noJekyll says what it has to say by being there.
const noJekyll = ".nojekyll"

// A Dialect is a host's way to read _headers and _redirects.
type Dialect string

// The dialects that there are.
const (
	Netlify    Dialect = "netlify"
	Cloudflare Dialect = "cloudflare"
)

const generated = "# Made from publish.toml. Edit it there.\n"

// HeadersFile writes a _headers file, which both dialects read alike. It is ""
// without rules.
// https://docs.netlify.com/manage/routing/headers/
// https://developers.cloudflare.com/pages/configuration/headers/
func (r Rules) HeadersFile() string {
	if len(r.Headers) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(generated)
	for _, rule := range r.Headers {
		b.WriteString(rule.For + "\n")
		for _, name := range slices.Sorted(maps.Keys(rule.Values)) {
			fmt.Fprintf(&b, "  %s: %s\n", name, rule.Values[name])
		}
	}
	return b.String()
}

// RedirectsFile writes a _redirects file, "" if it would say nothing. Cloudflare
// has no conditions and no status 404: it shows the nearest 404.html by itself.
// Netlify leads away from a page that is there only with "!".
// https://docs.netlify.com/manage/routing/redirects/overview/
// https://developers.cloudflare.com/pages/configuration/redirects/
func (r Rules) RedirectsFile(d Dialect) string {
	var b strings.Builder
	for _, rule := range r.Redirects {
		if d == Cloudflare {
			if rule.Status != 404 && len(rule.Language) == 0 {
				fmt.Fprintf(&b, "%s %s %d\n", rule.From, rule.To, rule.Status)
			}
			continue
		}
		fmt.Fprintf(&b, "%s %s %d", rule.From, rule.To, rule.Status)
		if rule.Status != 404 {
			b.WriteString("!")
		}
		if len(rule.Language) > 0 {
			b.WriteString(" Language=" + strings.Join(rule.Language, ","))
		}
		b.WriteString("\n")
	}
	if b.Len() == 0 {
		return ""
	}
	return generated + b.String()
}

const netlifyMark = "# From here on this file is made from publish.toml. Edit it there, then run\n" +
	"#   go test ./generator/internal/publish -run TestNetlifyConfig -update\n"

// NetlifyConfig gives a netlify.toml with the rules at its end. What stands before
// them is kept.
func (r Rules) NetlifyConfig(old string) string {
	kept, _, _ := strings.Cut(old, netlifyMark)
	var b strings.Builder
	b.WriteString(strings.TrimRight(kept, "\n") + "\n\n" + netlifyMark)
	// The values are printable ASCII, for which Go and TOML quote alike.
	for _, rule := range r.Headers {
		fmt.Fprintf(&b, "\n[[headers]]\n  for = %q\n  [headers.values]\n", rule.For)
		for _, name := range slices.Sorted(maps.Keys(rule.Values)) {
			fmt.Fprintf(&b, "    %s = %q\n", name, rule.Values[name])
		}
	}
	for _, rule := range r.Redirects {
		fmt.Fprintf(&b, "\n[[redirects]]\n  from = %q\n  to = %q\n  status = %d\n", rule.From, rule.To, rule.Status)
		if rule.Status != 404 {
			b.WriteString("  force = true\n")
		}
		if len(rule.Language) > 0 {
			fmt.Fprintf(&b, "  conditions = {Language = [%s]}\n", quoteAll(rule.Language))
		}
	}
	return b.String()
}

func quoteAll(texts []string) string {
	quoted := make([]string, len(texts))
	for i, t := range texts {
		quoted[i] = strconv.Quote(t)
	}
	return strings.Join(quoted, ", ")
}
