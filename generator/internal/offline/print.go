package offline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"

	"golang.org/x/net/html"
)

// A Printer makes PDFs of pages of a tree with the Chromium that is installed here:
// tagged, with the language and with bookmarks of its headings, as the theme lays pages
// out on paper.
type Printer struct {
	Program string // of Chromium
	Version string // what it calls itself: another one makes other bytes
	Tree    string // folder of the finished tree
	Origin  string // where the site stands; links lead there, or nowhere if it is ""
	Day     time.Time
}

// browsers are the names of Chromium and its like, and where they stand on a Mac.
var browsers = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge", "microsoft-edge",
	"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium", "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge"}

// ErrNoBrowser says that no Chromium is installed.
var ErrNoBrowser = errors.New("no Chromium, Chrome or Edge was found")

// FindBrowser gives the program and version of the first that is installed.
func FindBrowser(ctx context.Context) (program, version string, err error) {
	for _, name := range browsers {
		program, e := exec.LookPath(name)
		if e != nil {
			continue
		}
		out, e := exec.CommandContext(ctx, program, "--version").Output()
		if runtime.GOOS == "windows" { // where it opens a window instead
			return program, program, nil
		}
		if e == nil {
			return program, strings.TrimSpace(string(out)), nil
		}
		err = e
	}
	if err == nil {
		err = ErrNoBrowser
	}
	return "", "", err
}

// Prepare is a page of the tree as a document of its own: without scripts, on A4, and
// with links that lead into the document or to the site.
func (p Printer) Prepare(name string) ([]byte, error) {
	src, err := os.ReadFile(filepath.Join(p.Tree, filepath.FromSlash(name)))
	if err != nil {
		return nil, err
	}
	here := &url.URL{Path: "/" + name}
	var b bytes.Buffer
	script := false
	for z := html.NewTokenizer(bytes.NewReader(src)); ; {
		kind := z.Next()
		if kind == html.ErrorToken {
			return b.Bytes(), nil
		}
		raw := bytes.Clone(z.Raw())
		t := z.Token()
		switch {
		case t.Data == "script" && kind == html.StartTagToken:
			script = true
		case t.Data == "script" && kind == html.EndTagToken:
			script = false
		case script:
		case t.Data == "link" && kind == html.StartTagToken:
			if a := attribute(t, "rel"); a != nil && a.Val == "stylesheet" {
				css, err := p.styles(here, attribute(t, "href").Val)
				if err != nil {
					return nil, err
				}
				b.WriteString("<style>" + css + "</style>")
			}
		case t.Data == "head" && kind == html.EndTagToken:
			b.WriteString("<style>@page{size:A4}</style></head>")
		case t.Data == "a" && kind == html.StartTagToken:
			if a := attribute(t, "href"); a != nil && !strings.HasPrefix(a.Val, "#") {
				if to := p.leads(here, a.Val); to != "" {
					a.Val = to
				} else {
					a.Key = "data-href"
				}
			}
			b.WriteString(t.String())
		default:
			b.Write(raw)
		}
	}
}

func attribute(t html.Token, key string) *html.Attribute {
	for i := range t.Attr {
		if t.Attr[i].Key == key {
			return &t.Attr[i]
		}
	}
	return nil
}

// fontFace are the rules of a style sheet that load fonts: paper has those that are installed.
var fontFace = regexp.MustCompile(`@font-face\s*\{[^}]*\}`)

func (p Printer) styles(here *url.URL, href string) (string, error) {
	at, err := here.Parse(href)
	if err != nil {
		return "", err
	}
	css, err := os.ReadFile(filepath.Join(p.Tree, filepath.FromSlash(at.Path)))
	return string(fontFace.ReplaceAll(css, nil)), err
}

// leads is the address on the web of what a page leads to; "" where nobody knows it.
func (p Printer) leads(here *url.URL, href string) string {
	at, err := here.Parse(href)
	if err != nil {
		return ""
	}
	if at.Scheme != "" {
		return href
	}
	if p.Origin == "" {
		return ""
	}
	at.Path = strings.TrimSuffix(at.Path, "index.html")
	return p.Origin + at.String()
}

// Print prints a document that Prepare has made. What the browser says of itself and of
// the clock is taken out, so that the same browser makes the same bytes.
func (p Printer) Print(ctx context.Context, name string, document []byte) ([]byte, error) {
	dir, err := os.MkdirTemp("", "minxi-print")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	page, out := filepath.Join(dir, strings.ReplaceAll(path.Dir(name), "/", "-")+".html"), filepath.Join(dir, "out.pdf")
	if err := os.WriteFile(page, document, 0o600); err != nil {
		return nil, err
	}
	args := []string{"--headless", "--disable-gpu", "--no-first-run", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
		"--user-data-dir=" + filepath.Join(dir, "profile"), "--no-pdf-header-footer", "--generate-pdf-document-outline", "--print-to-pdf=" + out}
	if runtime.GOOS != "windows" && os.Geteuid() == 0 {
		args = append(args, "--no-sandbox") // Chromium has none for root, as in containers
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	said, err := exec.CommandContext(ctx, p.Program, append(args, (&url.URL{Scheme: "file", Path: filepath.ToSlash(page)}).String())...).CombinedOutput()
	data, e := os.ReadFile(out)
	if err == nil {
		err = e
	}
	if err != nil || !bytes.HasPrefix(data, []byte("%PDF-")) {
		return nil, fmt.Errorf("%s prints nothing: %w\n%s", filepath.Base(p.Program), err, lastLines(said))
	}
	return p.settled(data), nil
}

// lastLines is the end of what a program has said.
func lastLines(said []byte) string {
	lines := strings.Split(strings.TrimSpace(string(said)), "\n")
	return strings.Join(lines[max(0, len(lines)-3):], "\n")
}

var (
	clocked = regexp.MustCompile(`/(CreationDate|ModDate) \(D:\d{14}[^)]*\)`)
	agent   = regexp.MustCompile(`/Creator \([^)\\]*(?:\\.[^)\\]*)*\)`)
)

// settled puts the document's day where the clock was, and blanks where the browser says
// what computer it runs on: as many bytes, since a PDF counts them.
func (p Printer) settled(data []byte) []byte {
	data = clocked.ReplaceAllFunc(data, func(was []byte) []byte {
		i := bytes.IndexByte(was, ':') + 1
		copy(was[i:], p.Day.Format("20060102")+"000000")
		return was
	})
	return agent.ReplaceAllFunc(data, func(was []byte) []byte {
		i := bytes.IndexByte(was, '(') + 1
		if n := len(was) - 1; n-i >= len("Chromium") {
			copy(was[i:n], "Chromium"+strings.Repeat(" ", n-i-len("Chromium")))
		}
		return was
	})
}
