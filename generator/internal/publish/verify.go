package publish

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// A Checked is what [Verify] found.
type Checked struct {
	Release string    `json:"release"`
	Readers bool      `json:"readers"` // files were fetched as readers do, else as the host holds them
	Files   int       `json:"files"`
	Right   int       `json:"right"`
	Skipped int       `json:"skipped"` // files that only the host reads, and serves to nobody
	Pending bool      `json:"pending"` // a publish was not finished
	Found   diag.List `json:"diagnostics"`
}

// mostFindings is how many differences are told one by one.
const mostFindings = 100

// Verify fetches every file of the release that readers are served and compares
// bytes and headers with the manifest: from site, the address at which readers find it, or, if that
// is "", from the host itself.
func Verify(ctx context.Context, h Host, site string, o Options) (*Checked, error) {
	s := newSession(h, o)
	ctx = s.listen(ctx)
	live, err := s.manifest(ctx, manifestName)
	if errors.Is(err, errDamaged) || err == nil && live == nil {
		fact := diag.Text("主机上没有发布过的网站", "nothing was ever published to this host")
		if err != nil {
			fact = diag.Text("主机上的清单损坏了", "the host's manifest is damaged")
		}
		return nil, diag.Diagnostic{Pos: diag.Pos{File: manifestName}, Check: "verify", Fact: fact,
			Hint: diag.Text("请发布一次。", "Publish to it.")}
	}
	if err != nil {
		return nil, err
	}
	defer live.close()
	c := &Checked{Release: live.ID, Readers: site != "", Files: live.Files}
	pending, err := s.list(ctx, pendingDir)
	if err != nil {
		return nil, err
	}
	c.Pending = len(pending) > 0
	if c.Pending {
		c.Found = append(c.Found, diag.Diagnostic{Pos: diag.Pos{File: manifestName}, Check: "verify", Severity: diag.Warning,
			Fact: diag.Text("有一次发布没有完成", "a publish was not finished"),
			Hint: diag.Text("再发布一次就会接着做完；rollback 则退回上一版。", "Publish again to finish it, or go back with rollback.")})
	}
	readers, err := newReaders(site)
	if err != nil {
		return nil, err
	}
	var skipped atomic.Int64
	differ, err := gather(ctx, s, "verify", live.Files, live.all(), func(ctx context.Context, f File) (found diag.List, differs bool, err error) {
		switch {
		case readers == nil:
			var d difference
			if d, err = s.look(ctx, f, true); d != noDifference {
				found = diag.List{d.at(f.Path)}
			}
		case conventions[f.Path]:
			skipped.Add(1)
		default:
			found, err = attempt(ctx, s, "get", f.Path, func() (diag.List, error) { return readers.look(ctx, f) })
		}
		return found, len(found) > 0, err
	})
	if err != nil {
		return nil, err
	}
	c.Skipped = int(skipped.Load())
	c.Right = c.Files - c.Skipped - len(differ)
	for _, found := range differ[:min(len(differ), mostFindings)] {
		c.Found = append(c.Found, found...)
	}
	if more := len(differ) - mostFindings; more > 0 {
		c.Found = append(c.Found, diag.Diagnostic{Check: "verify",
			Fact: diag.Text("还有 %d 个文件不对", "%d more files differ", more),
			Hint: diag.Text("发布时加上 --recheck 会逐个补正。", "Publish with --recheck to put each of them right.")})
	}
	c.Found = c.Found.Sort()
	return c, nil
}

// conventions are files that tell a host what to do, which readers do not get.
var conventions = map[string]bool{"_headers": true, "_redirects": true, "netlify.toml": true, ".nojekyll": true, ".htaccess": true}

var differences = map[difference]plan.Text{
	isMissing:    diag.Text("文件不在了", "the file is missing"),
	otherBytes:   diag.Text("内容与发布的不同", "its bytes are not those published"),
	otherHeaders: diag.Text("响应头与发布的不同", "its headers are not those published"),
}

func (d difference) at(name string) diag.Diagnostic {
	return diag.Diagnostic{Pos: diag.Pos{File: name}, Check: "verify", Fact: differences[d],
		Hint: diag.Text("发布时加上 --recheck 会逐个补正。", "Publish with --recheck to put it right.")}
}

// readers fetches files as a browser does.
type readers struct {
	site   *url.URL
	client *http.Client
}

func newReaders(site string) (*readers, error) {
	if site == "" {
		return nil, nil
	}
	u, err := url.Parse(site)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, Because(BadSetting, diag.Diagnostic{Check: "verify", Fact: diag.Text("address：“%s”不是网址", "address: “%s” is no address of a site", site)})
	}
	if !strings.HasSuffix(u.Path, "/") {
		u.Path += "/"
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableCompression = true // the coding is asked for, and undone, by hand
	transport.ResponseHeaderTimeout = 30 * time.Second
	return &readers{u, &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}, nil
}

// address is where readers find a file: a folder's index at the folder.
func (r *readers) address(name string) string {
	if name == "index.html" {
		name = ""
	} else if dir, ok := strings.CutSuffix(name, "/index.html"); ok {
		name = dir + "/"
	}
	u := *r.site
	u.Path += name
	u.RawPath = ""
	return u.String()
}

func (r *readers) look(ctx context.Context, f File) (diag.List, error) {
	if err := Step(ctx, "fetch", f.Path); err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.address(f.Path), nil)
	if err != nil {
		return nil, err
	}
	coding := f.Header["Content-Encoding"]
	if coding == "" {
		coding = "identity"
	}
	req.Header.Set("Accept-Encoding", coding)
	res, err := r.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if f.Path == "index.html" && res.StatusCode >= 300 && res.StatusCode < 400 {
		return nil, nil // the host sends readers on to their language, as its rules say
	}
	if res.StatusCode >= 500 || res.StatusCode == http.StatusTooManyRequests {
		return nil, Because(StatusReason(res.StatusCode), fmt.Errorf("the site answers %s", res.Status))
	}
	if res.StatusCode != http.StatusOK && !(path.Base(f.Path) == "404.html" && res.StatusCode == http.StatusNotFound) {
		d := isMissing.at(f.Path)
		d.Fact.ZH += "（" + res.Status + "）"
		d.Fact.EN += " (" + res.Status + ")"
		return diag.List{d}, nil
	}
	sum := sha256.New()
	n, err := io.Copy(sum, res.Body)
	if err != nil {
		return nil, err
	}
	var found diag.List
	if n != f.Size || hex.EncodeToString(sum.Sum(nil)) != f.SHA256 {
		found = append(found, otherBytes.at(f.Path))
	}
	for _, name := range f.Header.names() {
		want, got := f.Header[name], strings.Join(res.Header.Values(name), ", ")
		if !sameHeader(name, want, got) {
			found = append(found, diag.Diagnostic{Pos: diag.Pos{File: f.Path}, Check: "verify",
				Fact: diag.Text("响应头 %s 是“%s”，应为“%s”", "the header %s is “%s” and should be “%s”", name, got, want),
				Hint: diag.Text("请按 docs/publish.md 设置网页服务器。", "Set up the web server as docs/publish.md says.")})
		}
	}
	return found, nil
}

// sameHeader compares two values of a header by what they mean.
func sameHeader(name, a, b string) bool {
	switch name {
	case "Content-Type":
		typeA, paramsA, errA := mime.ParseMediaType(a)
		typeB, paramsB, errB := mime.ParseMediaType(b)
		return errA == nil && errB == nil && typeA == typeB && strings.EqualFold(paramsA["charset"], paramsB["charset"])
	case "Vary", "Cache-Control":
		return slices.Equal(tokens(a), tokens(b))
	}
	return a == b
}

func tokens(s string) []string {
	var all []string
	for t := range strings.SplitSeq(strings.ToLower(s), ",") {
		all = append(all, strings.TrimSpace(t))
	}
	slices.Sort(all)
	return all
}
