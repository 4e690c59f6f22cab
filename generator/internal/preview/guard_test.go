package preview

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// ask sends a request with these headers (name: value) and gives status and body.
func (p *project) ask(method, path, body string, headers ...string) (int, http.Header, string) {
	p.t.Helper()
	req, err := http.NewRequest(method, p.base+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name == "Host" {
			req.Host = value
		} else {
			req.Header.Add(name, value)
		}
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return res.StatusCode, res.Header, string(got)
}

// TestGuard tries what other sites in the same browser, other programs on the same
// computer and mistaken clients may ask.
func TestGuard(t *testing.T) {
	p := start(t, "hello")
	_, port, _ := net.SplitHostPort(p.addr)
	key, json, mine, nav := "Cookie: minxi-"+port+"=the-key", "Content-Type: application/json", "Origin: "+p.base, "Sec-Fetch-Mode: navigate"
	for _, c := range []struct {
		what, method, path, body string
		headers                  []string
		status                   int
		want                     string
	}{
		// Reading: by the page itself, by a person, by a program.
		{"a person types the address", "GET", "/zh/", "", []string{"Sec-Fetch-Site: none"}, 200, "hello"},
		{"our own page", "GET", "/a.css", "", []string{"Sec-Fetch-Site: same-origin", mine}, 200, "p{}"},
		{"a program", "GET", "/zh/", "", nil, 200, "hello"},

		// DNS rebinding: the page has a name of its own for this address.
		{"rebinding", "GET", "/zh/", "", []string{"Host: evil.example:" + port}, 403, "403"},
		{"rebinding that says it is the same origin", "GET", "/zh/", "", []string{"Host: evil.example:" + port, "Origin: http://evil.example:" + port, "Sec-Fetch-Site: same-origin"}, 403, ""},
		{"rebinding of the stream", "GET", eventsPath, "", []string{"Host: evil.example:" + port}, 403, ""},
		{"rebinding of a write", "POST", "/edit/api/x", "{}", []string{"Host: evil.example:" + port, "Origin: http://evil.example:" + port, key, json}, 403, ""},
		{"another port's name", "GET", "/zh/", "", []string{"Host: 127.0.0.1:1"}, 403, ""},

		// Other sites, and other servers of this computer.
		{"a picture on another site", "GET", "/zh/", "", []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors"}, 403, "403"},
		{"the stream from another site", "GET", eventsPath, "", []string{"Sec-Fetch-Site: cross-site"}, 403, ""},
		{"a script of another site", "GET", "/zh/", "", []string{"Origin: https://evil.example"}, 403, ""},
		{"a sandboxed frame", "GET", "/zh/", "", []string{"Origin: null"}, 403, ""},
		{"another port of this computer", "GET", "/zh/", "", []string{"Sec-Fetch-Site: same-site"}, 403, ""},
		{"the origin of another port", "GET", "/zh/", "", []string{"Origin: http://127.0.0.1:1"}, 403, ""},
		{"two origins", "GET", "/zh/", "", []string{mine, "Origin: https://evil.example"}, 403, ""},
		{"localhost is not 127.0.0.1", "GET", "/zh/", "", []string{"Origin: http://localhost:" + port}, 403, ""},
		{"a link on another site leads on by hand", "GET", "/zh/?a=b", "", []string{"Sec-Fetch-Site: cross-site", nav, "Sec-Fetch-Dest: document"}, 403, `<a href="/zh/?a=b">`},
		{"a frame on another site does not", "GET", "/zh/", "", []string{"Sec-Fetch-Site: cross-site", nav, "Sec-Fetch-Dest: iframe"}, 403, "403"},

		// The editor needs the key.
		{"the editor without a key", "GET", "/edit/", "", nil, 403, "编辑"},
		{"with that of an earlier start", "GET", "/edit/", "", []string{"Cookie: minxi-" + port + "=old"}, 403, ""},
		{"with that of another port", "GET", "/edit/", "", []string{"Cookie: minxi-1=the-key"}, 403, ""},
		{"with the key", "GET", "/edit/", "", []string{key}, 200, ""},
		{"with the key, from another site", "GET", "/edit/", "", []string{key, "Sec-Fetch-Site: cross-site"}, 403, ""},

		// Writing.
		{"a write", "POST", "/edit/api/x", `{"a":1}`, []string{key, json, mine}, 200, `{"a":1}`},
		{"with a charset", "POST", "/edit/api/x", `{}`, []string{key, json + "; charset=utf-8", mine}, 200, `{}`},
		{"without a key", "POST", "/edit/api/x", `{}`, []string{json, mine}, 403, ""},
		{"without saying where from", "POST", "/edit/api/x", `{}`, []string{key, json}, 403, ""},
		{"from another site", "POST", "/edit/api/x", `{}`, []string{key, json, "Origin: https://evil.example"}, 403, ""},
		{"from another site by Sec-Fetch-Site", "POST", "/edit/api/x", `{}`, []string{key, json, mine, "Sec-Fetch-Site: cross-site"}, 403, ""},
		{"a form", "POST", "/edit/api/x", "a=1", []string{key, mine, "Content-Type: application/x-www-form-urlencoded"}, 415, ""},
		{"a form that looks like JSON", "POST", "/edit/api/x", "{}", []string{key, mine, "Content-Type: text/plain"}, 415, ""},
		{"no type", "POST", "/edit/api/x", "{}", []string{key, mine}, 415, ""},
		{"a write to the site", "POST", "/zh/", "{}", []string{key, json, mine}, 405, ""},
		{"another method", "DELETE", "/edit/api/x", "", []string{key, json, mine}, 405, ""},
		{"a question before", "OPTIONS", "/edit/api/x", "", []string{"Origin: https://evil.example", "Access-Control-Request-Method: POST"}, 403, ""},
		{"too large", "POST", "/edit/api/x", strings.Repeat("x", MaxBody+1), []string{key, json, mine}, 413, ""},

		// Paths and folders.
		{"a folder is not listed", "GET", "/zh/none/", "", nil, 404, "没有"},
		{"a folder of the project", "GET", "/content/", "", nil, 404, "404"},
		{"a path that climbs", "GET", "/zh/..%2f..%2fcontent/x.md", "", nil, 404, ""},
		{"a path that climbs backwards", "GET", `/..\content\x.md`, "", nil, 404, ""},
		{"below the preview's own files", "GET", "/__preview/../../etc/passwd", "", nil, 404, ""},
		{"its own files that are not there", "GET", "/__preview/assets/preview.js", "", nil, 404, ""},
	} {
		status, header, body := p.ask(c.method, c.path, c.body, c.headers...)
		if status != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s: %d %.200q, want %d %q", c.what, status, body, c.status, c.want)
		}
		for _, name := range []string{"Content-Security-Policy", "X-Frame-Options", "X-Content-Type-Options", "Cross-Origin-Resource-Policy"} {
			if header.Get(name) == "" {
				t.Errorf("%s: no %s", c.what, name)
			}
		}
		if status != 200 && header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: another site may read it", c.what)
		}
	}
	if _, header, _ := p.ask("GET", "/zh/", ""); header.Get("Content-Security-Policy") != "default-src 'self'" {
		t.Errorf("a page of the site has the policy %s", header.Get("Content-Security-Policy"))
	}
}

// TestTooLargeWithoutLength sends more than is taken without saying so before.
func TestTooLargeWithoutLength(t *testing.T) {
	p := start(t, "hello")
	_, port, _ := net.SplitHostPort(p.addr)
	body := io.LimitReader(zeros{}, MaxBody+1)
	req, err := http.NewRequest("POST", p.base+"/edit/api/x", io.MultiReader(body)) // of unknown length
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Cookie", "minxi-"+port+"=the-key")
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Origin", p.base)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return // cut off while it was sent
	}
	defer res.Body.Close()
	n, _ := io.Copy(io.Discard, res.Body)
	if n > MaxBody+100 {
		t.Errorf("%d bytes were taken", n)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// TestStart lets a browser in that has the key, and leads it nowhere else.
func TestStart(t *testing.T) {
	p := start(t, "hello")
	l, err := net.ResolveTCPAddr("tcp", p.addr)
	if err != nil {
		t.Fatal(err)
	}
	address := strings.TrimPrefix(p.server.Start(l, "/edit/"), p.base)
	// From a program that opens it, a link in a message, or a file on the disk.
	status, header, body := p.ask("GET", address, "", "Sec-Fetch-Site: cross-site")
	cookie := header.Get("Set-Cookie")
	if status != 200 || !strings.Contains(cookie, "the-key") || !strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Strict") || !strings.Contains(body, `url=/edit/"`) {
		t.Fatalf("%d %q %s", status, cookie, body)
	}
	if status, header, _ := p.ask("GET", startPath+"?key=old&to=/edit/", ""); status != 403 || header.Get("Set-Cookie") != "" {
		t.Errorf("an old key: %d %s", status, header.Get("Set-Cookie"))
	}
	once := strings.TrimPrefix(p.server.Once(l, "/edit/"), p.base)
	if strings.Contains(once, "the-key") {
		t.Error("the address for once has the key")
	}
	if status, header, _ := p.ask("GET", once, ""); status != 200 || !strings.Contains(header.Get("Set-Cookie"), "the-key") {
		t.Errorf("the first time: %d", status)
	}
	if status, header, _ := p.ask("GET", once, ""); status != 403 || header.Get("Set-Cookie") != "" {
		t.Errorf("the second time: %d", status)
	}
	for _, to := range []string{"https://evil.example/", "//evil.example/", `/\evil.example`, "javascript:alert(1)", "", "/\"><script>"} {
		_, _, body := p.ask("GET", startPath+"?key=the-key&to="+strings.ReplaceAll(to, "\"", "%22"), "")
		if strings.Contains(body, "evil") || strings.Contains(body, "javascript:") || strings.Contains(body, "<script") {
			t.Errorf("%q leads to %s", to, body)
		}
	}
}

// TestLoopbackOnly does not answer where others on the network can ask.
func TestLoopbackOnly(t *testing.T) {
	for _, addr := range []net.Addr{&net.TCPAddr{IP: net.IPv4zero, Port: 1313}, &net.TCPAddr{IP: net.IPv4(192, 168, 0, 7), Port: 1313}, &net.TCPAddr{IP: net.IPv6zero, Port: 1313}, &net.UnixAddr{Name: "x"}} {
		if _, err := newGuard(&Server{}, addr, nil); err == nil {
			t.Errorf("%v is answered", addr)
		}
	}
	if _, err := newGuard(&Server{}, &net.TCPAddr{IP: net.IPv6loopback, Port: 1313}, nil); err != nil {
		t.Error(err)
	}
}

// TestLanguage speaks the language that a person has chosen in the editor, wherever words
// are; the program's to who has chosen none.
func TestLanguage(t *testing.T) {
	p := start(t, "broken")
	key := "Cookie: " + (&http.Cookie{Name: "minxi-" + p.addr[strings.LastIndex(p.addr, ":")+1:], Value: "the-key"}).String()
	for _, c := range []struct {
		chosen     string
		tag, words string // of the page of what is wrong
		refused    string
	}{
		{"", "zh-Hans", "还不能预览", "编辑要从启动时给的地址进来"},
		{languageCookie + "=en", "en", "Nothing to preview yet", "The editor is entered by"},
		{languageCookie + "=zh", "zh-Hans", "还不能预览", "编辑要从启动时给的地址进来"},
		{languageCookie + "=fr", "zh-Hans", "还不能预览", "编辑要从启动时给的地址进来"},
	} {
		chosen := []string{"Accept: text/html", "Accept-Language: fr"}
		if c.chosen != "" {
			chosen = append(chosen, "Cookie: "+c.chosen)
		}
		lang := strings.TrimSuffix(c.tag, "-Hans")
		if _, _, body := p.ask("GET", "/zh/", "", chosen...); !strings.Contains(body, `<html lang="`+c.tag+`">`) || !strings.Contains(body, c.words) || !strings.Contains(body, `data-language="`+lang+`"`) {
			t.Errorf("%q: the page says %s", c.chosen, body)
		}
		if _, _, body := p.ask("GET", viewPath, "", chosen...); !strings.Contains(body, `data-language="`+lang+`"`) {
			t.Errorf("%q: around a page it says %s", c.chosen, body)
		}
		if _, _, body := p.ask("GET", "/edit/", "", chosen...); !strings.Contains(body, c.refused) {
			t.Errorf("%q: it is refused with %s", c.chosen, body)
		}
		if _, header, _ := p.ask("GET", "/edit/", "", append(chosen, key)...); header.Get("Content-Language") != lang {
			t.Errorf("%q: the editor is asked for %q", c.chosen, header.Get("Content-Language"))
		}
	}
}

// TestExcerptStaysInside shows nothing of files that a symbolic link leads to.
func TestExcerptStaysInside(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "secret.md")
	if err := os.WriteFile(outside, []byte("a\nb\nsecret\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	p := start(t, "one\ntwo\nbroken here\n")
	states := p.states()
	if s := next(t, states); len(s.Found) != 1 || s.Found[0].Text != "broken here" {
		t.Fatalf("%+v", s)
	}
	file := filepath.Join(p.dir, "content", "x.md")
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(outside, []byte("a\nb\nbroken secret\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, file); err != nil {
		t.Skip(err)
	}
	for s := range states {
		if len(s.Found) == 1 && strings.Contains(s.Found[0].Fact.ZH, "坏了") {
			if s.Found[0].Text == "" {
				return
			}
			if strings.Contains(s.Found[0].Text, "secret") {
				t.Fatalf("shows %q of a file outside", s.Found[0].Text)
			}
		}
	}
}

// TestPolled follows what a network share does not tell.
func TestPolled(t *testing.T) {
	was, every := sendsNone, pollEvery
	sendsNone, pollEvery = func(string) bool { return true }, 50*time.Millisecond
	t.Cleanup(func() { sendsNone, pollEvery = was, every })
	p := start(t, "one")
	states := p.states()
	next(t, states)
	// A changed time sends no event that counts, as nothing does that others write.
	for n := range 2 {
		at := time.Now().Add(time.Duration(n+1) * time.Hour)
		if err := os.Chtimes(filepath.Join(p.dir, "content", "x.md"), at, at); err != nil {
			t.Fatal(err)
		}
		next(t, states)
	}
	select {
	case s := <-states:
		t.Errorf("built without a reason: %+v", s)
	case <-time.After(300 * time.Millisecond):
	}
}

// TestKeepsGoing shows what the program itself did wrong, and goes on.
func TestKeepsGoing(t *testing.T) {
	p := start(t, "one")
	states := p.states()
	first := next(t, states)
	if !first.Marks["/zh/"].Draft {
		t.Errorf("a draft is not marked: %+v", first.Marks)
	}
	p.save("content/x.md", "panic")
	if s := next(t, states); len(s.Found) != 1 || !strings.Contains(s.Found[0].Fact.EN, "of the program") || s.Tree != first.Tree {
		t.Fatalf("%+v", s)
	}
	// The same text again is the same tree: no page has to load.
	p.save("content/x.md", "one")
	if s := next(t, states); len(s.Found) != 0 || s.Tree != first.Tree {
		t.Fatalf("%+v, first %+v", s, first)
	}
	p.save("content/x.md", "two")
	s := next(t, states)
	if s.Before != first.Tree || fmt.Sprint(s.Differ) != "[zh/index.html]" {
		t.Errorf("what differs: %+v", s)
	}
}
