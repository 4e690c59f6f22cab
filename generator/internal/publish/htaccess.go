package publish

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// HtaccessFile writes a .htaccess, for the many FTP and WebDAV hosts that are
// Apache 2.4. It asks for no more than AllowOverride FileInfo, and leaves out what
// needs a module that the server does not have. Types, headers, the page that
// says 404 and redirects are as on the other hosts; paths begin with Base.
// https://httpd.apache.org/docs/2.4/howto/htaccess.html
func (r Rules) HtaccessFile() string {
	base := "/" + strings.Trim(r.Base, "/")
	if base != "/" {
		base += "/"
	}
	inBase := func(p string) string { return base + strings.TrimPrefix(p, "/") }
	var b strings.Builder
	b.WriteString(generated)

	b.WriteString("\n<IfModule mod_mime.c>\n")
	for _, ext := range slices.Sorted(maps.Keys(typesByExtension)) {
		fmt.Fprintf(&b, "AddType %q %s\n", typesByExtension[ext], ext)
	}
	b.WriteString("</IfModule>\n")
	for _, name := range slices.Sorted(maps.Keys(typesByName)) {
		fmt.Fprintf(&b, "<Files %q>\nForceType %q\n</Files>\n", name, typesByName[name])
	}

	fmt.Fprintf(&b, "\nErrorDocument 404 %s\n", inBase("/404.html"))
	// Later ones hold over earlier ones; the first rule is the one to hold.
	for _, rule := range slices.Backward(r.Redirects) {
		if rule.Status == 404 {
			fmt.Fprintf(&b, "<If \"%%{REQUEST_URI} =~ m#%s#\">\nErrorDocument 404 %s\n</If>\n", uriRegexp(inBase(rule.From)), inBase(rule.To))
		}
	}

	b.WriteString("\n<IfModule mod_headers.c>\n")
	fmt.Fprintf(&b, "Header set Cache-Control \"%s\"\n", shortCache)
	for _, rule := range r.Headers {
		fmt.Fprintf(&b, "<If \"%%{REQUEST_URI} =~ m#%s#\">\n", uriRegexp(inBase(rule.For)))
		for _, name := range slices.Sorted(maps.Keys(rule.Values)) {
			fmt.Fprintf(&b, "Header set %s \"%s\"\n", name, headerFormat.Replace(rule.Values[name]))
		}
		b.WriteString("</If>\n")
	}
	b.WriteString("</IfModule>\n")

	b.WriteString("\n<IfModule mod_rewrite.c>\nRewriteEngine On\n")
	for _, rule := range r.Redirects {
		if rule.Status == 404 {
			continue
		}
		if len(rule.Language) > 0 {
			fmt.Fprintf(&b, "RewriteCond %%{HTTP:Accept-Language} \"^\\s*(?:%s)(?:[-,;]|$)\" [NC]\n", strings.Join(rule.Language, "|"))
		}
		from := strings.TrimPrefix(rule.From, "/")
		if folder, ok := strings.CutSuffix(from, "*"); ok {
			from = regexp.QuoteMeta(folder) + "(.*)"
		} else {
			from = regexp.QuoteMeta(from)
		}
		to := rule.To
		if strings.HasPrefix(to, "/") {
			to = inBase(to)
		}
		to = strings.ReplaceAll(rewriteTarget.Replace(to), ":splat", "$1")
		fmt.Fprintf(&b, "RewriteRule \"^%s$\" \"%s\" [R=%d,L,NE]\n", from, to, rule.Status)
	}
	b.WriteString("</IfModule>\n")
	return b.String()
}

var (
	// Header takes a format, in which % begins a variable.
	headerFormat = strings.NewReplacer("%", "%%", `"`, `\"`)
	// A digit after % would be a back-reference.
	rewriteTarget = strings.NewReplacer("%", `\%`)
)

// uriRegexp is a pattern as a regular expression over REQUEST_URI, which names the
// index file of a folder once Apache has chosen it.
func uriRegexp(pattern string) string {
	if folder, ok := strings.CutSuffix(pattern, "*"); ok {
		return "^" + regexp.QuoteMeta(folder)
	}
	if strings.HasSuffix(pattern, "/") {
		return "^" + regexp.QuoteMeta(pattern) + `(?:index\.html)?$`
	}
	return "^" + regexp.QuoteMeta(pattern) + "$"
}
