package preview

// Who is answered. The preview stands on a computer that other people and other
// programs use, too, and in a browser that shows other sites beside it. So:
//
//   - it listens on the loopback interface alone (Serve refuses anything else);
//   - every request, streams included, names this very host and port (a page of
//     another site cannot come in by a host name of its own: DNS rebinding), and where
//     the browser says who asks (Origin, Sec-Fetch-Site), it is this server's own page;
//   - whatever writes, and every page of the editor, needs the key of this start. It
//     stands in the address that the command prints, and from there on in a cookie that
//     no script reads and no other site's request carries;
//   - what is sent here is JSON of a limited size.
//
// Reading the preview needs no key: it shows what will be public, and tabs follow a
// restart by themselves.

import (
	"cmp"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"html"
	"mime"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// MaxBody is how many bytes a request may bring; a photograph of a telephone is
// smaller.
const MaxBody = 32 << 20

// guard decides which requests next gets.
type guard struct {
	lang   plan.Lang
	hosts  map[string]bool // that a request may name
	cookie string          // its name: cookies of one host are shared by all of its ports
	key    string
	policy string // Content-Security-Policy of the site's pages
	next   http.Handler

	tickets *sync.Map // of [Server.Once]: until when each is good
}

// NewKey makes the key of a start.
func NewKey() string { return rand.Text() }

func newGuard(s *Server, addr net.Addr, next http.Handler) (*guard, error) {
	at, is := addr.(*net.TCPAddr)
	if !is || !at.IP.IsLoopback() {
		return nil, diag.Diagnostic{Check: "serve",
			Fact: diag.Text("预览只在本机：%v 是别人也够得着的", "the preview is for this machine only: others can reach %v", addr),
			Hint: diag.Text("请用 127.0.0.1。", "Use 127.0.0.1.")}
	}
	_, port, _ := net.SplitHostPort(addr.String())
	g := &guard{lang: s.Lang, hosts: map[string]bool{}, cookie: "minxi-" + port, key: s.Key, policy: cmp.Or(s.Policy, strictPolicy), next: next, tickets: &s.tickets}
	for _, name := range []string{"127.0.0.1", "localhost", "::1"} {
		g.hosts[net.JoinHostPort(name, port)] = true
	}
	return g, nil
}

// Start is the address that lets a browser in and leads it on to a path.
func (s *Server) Start(addr net.Addr, to string) string {
	return "http://" + addr.String() + startPath + "?" + url.Values{"key": {s.Key}, "to": {to}}.Encode()
}

// Once is such an address that works one time, for a minute: what opens a browser has it
// on its command line, where other accounts of the computer may read it.
func (s *Server) Once(addr net.Addr, to string) string {
	ticket := NewKey()
	s.tickets.Store(ticket, time.Now().Add(time.Minute))
	return "http://" + addr.String() + startPath + "?" + url.Values{"once": {ticket}, "to": {to}}.Encode()
}

// isTicket reports whether a ticket is good, and uses it up.
func (g *guard) isTicket(s string) bool {
	until, has := g.tickets.LoadAndDelete(s)
	return has && time.Now().Before(until.(time.Time))
}

// languageCookie holds the language that a person has chosen in the editor.
const languageCookie = "minxi-language"

// langOf is the language in which a request is answered: guard writes it where clients
// say theirs, so that the editor finds it, too.
func langOf(r *http.Request) plan.Lang { return plan.Lang(r.Header.Get("Accept-Language")) }

func (g *guard) speak(r *http.Request) {
	lang := g.lang
	if c, err := r.Cookie(languageCookie); err == nil && slices.Contains(plan.Langs, plan.Lang(c.Value)) {
		lang = plan.Lang(c.Value)
	}
	r.Header.Set("Accept-Language", string(lang))
}

func (g *guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.speak(r)
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Content-Security-Policy", ownPolicy)
	h.Set("X-Frame-Options", "DENY")
	editing := strings.HasPrefix(r.URL.Path, editPath)
	switch {
	case !g.hosts[strings.ToLower(r.Host)]:
		g.refuse(w, r, http.StatusForbidden, diag.Text("预览只答应 127.0.0.1 和 localhost", "this preview answers to 127.0.0.1 and localhost only"), "")
		return
	case len(r.Header.Values("Origin")) > 0 && !g.own(r):
		g.refuse(w, r, http.StatusForbidden, diag.Text("这个请求来自别的网站", "this request comes from another site"), "")
		return
	case r.URL.Path == startPath && r.Method == http.MethodGet:
		g.start(w, r)
		return
	case !sameSite(r):
		g.refuse(w, r, http.StatusForbidden, diag.Text("这个请求来自别的网站", "this request comes from another site"), g.onward(r))
		return
	case r.Method == http.MethodPost && editing:
		if !g.mayWrite(w, r) {
			return
		}
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		h.Set("Allow", "GET, HEAD")
		g.refuse(w, r, http.StatusMethodNotAllowed, diag.Text("预览只供阅读", "the preview is only read"), "")
		return
	case editing && !g.hasKey(r):
		g.refuse(w, r, http.StatusForbidden, wantsKey, "")
		return
	}
	if !editing && !strings.HasPrefix(r.URL.Path, ours) {
		h.Set("Content-Security-Policy", g.policy)
		h.Set("X-Frame-Options", "SAMEORIGIN") // the preview shows pages in a frame of its own
	}
	g.next.ServeHTTP(w, r)
}

// ownPolicy is what the preview's and the editor's own pages may do. Whatever stands in
// them comes from here.
const ownPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"

// strictPolicy is for pages of a site that has none of its own.
const strictPolicy = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'; object-src 'none'"

var wantsKey = diag.Text("编辑要从启动时给的地址进来：终端里以“编辑：”开头的那一行，或重新双击启动文件。没有保存的文字留在这个浏览器里。",
	"The editor is entered by the address that was given at the start: the line “edit:” in the terminal, or start it again. Text that was not saved is kept in this browser.")

// own reports whether the page that asks is this server's, as it says itself.
func (g *guard) own(r *http.Request) bool {
	values := r.Header.Values("Origin")
	return len(values) == 1 && strings.EqualFold(values[0], "http://"+r.Host)
}

// sameSite reports whether the browser says that one of our pages asks, or a person who
// typed the address. Programs and old browsers say nothing.
func sameSite(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return true
	}
	return false
}

// onward is where a person goes on who has followed a link on another site: such a
// link opens nothing by itself.
func (g *guard) onward(r *http.Request) string {
	if r.Method != http.MethodGet || r.Header.Get("Sec-Fetch-Mode") != "navigate" || r.Header.Get("Sec-Fetch-Dest") != "document" {
		return ""
	}
	return local(r.URL.RequestURI())
}

func (g *guard) hasKey(r *http.Request) bool {
	c, err := r.Cookie(g.cookie)
	return err == nil && g.isKey(c.Value)
}

func (g *guard) isKey(s string) bool {
	return g.key != "" && subtle.ConstantTimeCompare([]byte(s), []byte(g.key)) == 1
}

// mayWrite reports whether a request may change something, and answers it if not.
func (g *guard) mayWrite(w http.ResponseWriter, r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case !g.own(r) && r.Header.Get("Sec-Fetch-Site") != "same-origin":
		g.refuse(w, r, http.StatusForbidden, diag.Text("没有说明这个请求来自哪里", "this request does not say where it comes from"), "")
	case !g.hasKey(r):
		g.refuse(w, r, http.StatusForbidden, wantsKey, "")
	case err != nil || kind != "application/json":
		g.refuse(w, r, http.StatusUnsupportedMediaType, diag.Text("只收 JSON", "only JSON is taken"), "")
	case r.ContentLength > MaxBody:
		g.refuse(w, r, http.StatusRequestEntityTooLarge, diag.Text("内容太大，最多 %d MB", "this is too large: at most %d MB", MaxBody>>20), "")
	default:
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(time.Minute)) // where it cannot be set there is none
		r.Body = http.MaxBytesReader(w, r.Body, MaxBody)
		return true
	}
	return false
}

// start takes the key and leads on. It answers with a page, not with a redirect: a
// browser that came from a program or another page would not send the cookie along.
func (g *guard) start(w http.ResponseWriter, r *http.Request) {
	to := local(r.URL.Query().Get("to"))
	if to == "" {
		to = "/"
	}
	if !g.isKey(r.URL.Query().Get("key")) && !(g.key != "" && g.isTicket(r.URL.Query().Get("once"))) {
		g.refuse(w, r, http.StatusForbidden, diag.Text("这个地址是以前一次启动的，已经无效；请用最近一次启动时给的地址", "this address is of an earlier start; use the one that was given at the last"), "")
		return
	}
	http.SetCookie(w, &http.Cookie{Name: g.cookie, Value: g.key, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	g.page(w, r, `<meta http-equiv="refresh" content="0; url=`+html.EscapeString(to)+`">`, diag.Text("请稍候", "One moment"), to)
}

// local is an address on this server, or "" where it would lead elsewhere.
func local(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "" || u.Host != "" || u.Opaque != "" || !strings.HasPrefix(s, "/") || strings.HasPrefix(s, "//") || strings.ContainsAny(s, "\\\r\n\t") {
		return ""
	}
	return u.String()
}

// refuse says why a request is not answered: in words for a page, else with a hint of
// them.
func (g *guard) refuse(w http.ResponseWriter, r *http.Request, status int, why plan.Text, onward string) {
	if r.Body != nil && r.Method == http.MethodPost {
		w.Header().Set("Connection", "close") // what it brings is not read
	}
	if r.Header.Get("Sec-Fetch-Dest") == "document" || strings.Contains(r.Header.Get("Accept"), "text/html") {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(status)
		g.page(w, r, "", why, onward)
		return
	}
	http.Error(w, fmt.Sprintf("%d: %s", status, why.In(langOf(r))), status)
}

// page is a page with one sentence and, if it leads on, a link.
func (g *guard) page(w http.ResponseWriter, r *http.Request, head string, text plan.Text, to string) {
	lang := langOf(r)
	fmt.Fprintf(w, `<!DOCTYPE html><html lang="%s"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">%s<link rel="stylesheet" href="%s"><title>%s</title></head><body class="note"><main><p>%s</p>`,
		lang.Tag(), head, stylePath, html.EscapeString(text.In(lang)), html.EscapeString(text.In(lang)))
	if to != "" {
		fmt.Fprintf(w, `<p><a href="%s">%s</a></p>`, html.EscapeString(to), diag.Text("继续", "Go on").In(lang))
	}
	fmt.Fprint(w, "</main></body></html>")
}
