package proof

import (
	"archive/zip"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"golang.org/x/sync/errgroup"
)

// A Report is how a copy differs from a manifest. Lists are in the order of names.
type Report struct {
	Files     int      `json:"files"`     // that the manifest lists
	Equal     int      `json:"equal"`     // of these, how many are in the copy as they were published
	Differing []string `json:"differing"` // are in it with other bytes
	Missing   []string `json:"missing"`   // are not in it
	Extra     []string `json:"extra"`     // are in it, and were not published
	Host      int      `json:"host"`      // files of the host: its configuration, its archive, assets of earlier releases
	Listed    bool     `json:"listed"`    // the copy could be looked through for extra files; a website cannot
}

// OK reports whether the copy is what was published.
func (r *Report) OK() bool { return len(r.Differing)+len(r.Missing)+len(r.Extra) == 0 }

// hosts are what hosts and programs that publish add to a site, by how a path begins.
var hosts = []string{"_headers", "_redirects", "_releases/", ".built-by-minxi", ".git/", ".gitignore", ".htaccess", ".nojekyll", ".well-known/", "CNAME", "netlify.toml"}

// fingerprinted is a file whose name has the beginning of its SHA-256: publishing keeps
// those of earlier releases for pages that are still open in a browser.
var fingerprinted = regexp.MustCompile(`^assets/[A-Za-z0-9._-]+\.([0-9a-f]{12})\.[a-z0-9]+$`)

// twins are the precompressed forms of a file. A manifest does not have them, because
// whoever serves a site may make them; in a copy they have to hold the file.
var twins = map[string]func(io.Reader) (io.Reader, error){
	".br": func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil },
	".gz": func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
}

// mostRequests is how many files are read at once.
const mostRequests = 8

// Check holds a copy against a manifest. own are the files of the copy that the
// manifest cannot list: itself and its signature. The error is what kept files from
// being read, other than that they are not there.
func Check(ctx context.Context, copied fs.FS, m Manifest, own ...string) (*Report, error) {
	r := &Report{Files: len(m), Differing: []string{}, Missing: []string{}, Extra: []string{}}
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(mostRequests)
	compare := func(file, name string, decode func(io.Reader) (io.Reader, error)) {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			sum, err := sumOf(copied, file, decode)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case errors.Is(err, errElsewhere) && name == rootPage:
				r.Host++
			case errors.Is(err, fs.ErrNotExist):
				r.Missing = append(r.Missing, file)
			case err != nil && decode == nil:
				return fmt.Errorf("%s: %w", file, err)
			case err != nil || sum != m[name]:
				r.Differing = append(r.Differing, file)
			case file == name:
				r.Equal++
			}
			return nil
		})
	}
	for name := range m {
		compare(name, name, nil)
	}
	if _, listed := copied.(fs.ReadDirFS); listed {
		r.Listed = true
		err := fs.WalkDir(copied, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || m[name] != "" || slices.Contains(own, name) {
				return err
			}
			of, decode := strings.TrimSuffix(name, path.Ext(name)), twins[path.Ext(name)]
			switch {
			case decode != nil && m[of] != "":
				compare(name, of, decode)
			case slices.ContainsFunc(hosts, func(h string) bool { return name == h || strings.HasSuffix(h, "/") && strings.HasPrefix(name, h) }), kept(copied, name):
				mu.Lock()
				r.Host++
				mu.Unlock()
			default:
				mu.Lock()
				r.Extra = append(r.Extra, name)
				mu.Unlock()
			}
			return nil
		})
		if err != nil {
			return nil, errors.Join(err, group.Wait())
		}
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for _, list := range [][]string{r.Differing, r.Missing, r.Extra} {
		slices.Sort(list)
	}
	return r, nil
}

// kept reports whether a file is an asset of an earlier release, with the content that
// its name says.
func kept(copied fs.FS, name string) bool {
	m := fingerprinted.FindStringSubmatch(name)
	if m == nil {
		return false
	}
	sum, err := sumOf(copied, name, nil)
	return err == nil && strings.HasPrefix(sum, m[1])
}

// sumOf is the SHA-256 of a file of a copy, hexadecimal.
func sumOf(copied fs.FS, name string, decode func(io.Reader) (io.Reader, error)) (string, error) {
	f, err := copied.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return "", fs.ErrNotExist
	}
	var in io.Reader = f
	if decode != nil {
		if in, err = decode(f); err != nil {
			return "", err
		}
	}
	h := sha256.New()
	if _, err := io.Copy(h, in); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// mostMemory bounds what is read into memory of a file that somebody else has made: a
// manifest of a million files has 130 MB.
const mostMemory = 1 << 28

// ReadFile reads a file of a copy, up to a bound.
func ReadFile(copied fs.FS, name string) ([]byte, error) {
	f, err := copied.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, mostMemory+1))
	if err == nil && len(data) > mostMemory {
		err = fmt.Errorf("%s: larger than any manifest", name)
	}
	return data, err
}

// Open opens a copy: a folder, a zip or the address of a website. has is a file by which
// the site's root is found in a zip and above an address: the manifest. page is the
// slash path of what was asked for where that is a page of a site and not all of it.
// done releases what is open.
func Open(ctx context.Context, where, has string) (copied fs.FS, page string, done func() error, err error) {
	if strings.Contains(where, "://") {
		copied, page, err = website(ctx, where, has)
		return copied, page, func() error { return nil }, err
	}
	info, err := os.Stat(where)
	if err != nil {
		return nil, "", nil, err
	}
	if info.IsDir() {
		root, err := os.OpenRoot(where) // a link that leaves the copy is no file of it
		if err != nil {
			return nil, "", nil, err
		}
		return root.FS(), "", root.Close, nil
	}
	r, err := zip.OpenReader(where)
	if err != nil {
		return nil, "", nil, err
	}
	top := ""
	for _, f := range r.File { // a zip may hold the site in a folder
		if dir, ok := strings.CutSuffix(f.Name, has); ok && (dir == "" || strings.HasSuffix(dir, "/")) && (top == "" || len(dir) < len(top)) {
			if top = dir; dir == "" {
				break
			}
		}
	}
	copied = r
	if top != "" {
		if copied, err = fs.Sub(r, strings.TrimSuffix(top, "/")); err != nil {
			return nil, "", nil, errors.Join(err, r.Close())
		}
	}
	return copied, "", r.Close, nil
}

// web is a website, as far as HTTP shows it: files can be asked for and not listed.
type web struct {
	ctx    context.Context
	root   string // ends in a slash
	client *http.Client
}

// ErrScheme refuses an address over which anybody on the way could answer.
var ErrScheme = errors.New("neither https nor on this machine")

// website finds the root of a site from an address on it: the nearest folder, from the
// address outwards, that has a manifest.
func website(ctx context.Context, where, has string) (fs.FS, string, error) {
	u, err := url.Parse(where)
	if err != nil {
		return nil, "", err
	}
	local := u.Hostname() == "localhost"
	if ip := net.ParseIP(u.Hostname()); ip != nil {
		local = ip.IsLoopback()
	}
	if u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !local) {
		return nil, "", ErrScheme
	}
	u.RawQuery, u.Fragment = "", ""
	client := &http.Client{CheckRedirect: func(to *http.Request, via []*http.Request) error {
		if to.URL.Host != u.Host || to.URL.Scheme != u.Scheme || len(via) > 5 || bare(to.URL.Path) != bare(via[0].URL.Path) {
			return http.ErrUseLastResponse
		}
		return nil // the same page, spelled as the host likes it
	}}
	at := path.Clean("/" + u.Path)
	page := strings.TrimPrefix(at, "/")
	if path.Ext(page) == "" {
		page = path.Join(page, "index.html")
	}
	for dir := at; ; dir = path.Dir(dir) {
		root := *u
		root.Path = strings.TrimSuffix(dir, "/") + "/"
		w := &web{ctx, root.String(), client}
		f, err := w.Open(has)
		if err == nil {
			f.Close()
			if rest := strings.TrimPrefix("/"+page, root.Path); rest != "index.html" {
				return w, rest, nil
			}
			return w, "", nil
		}
		if !errors.Is(err, fs.ErrNotExist) || dir == "/" {
			return nil, "", err
		}
	}
}

// bare is a path without what hosts take off it or put behind it.
func bare(p string) string {
	return strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(p, "index.html"), ".html"), "/")
}

// errElsewhere says that a host leads away from a file.
var errElsewhere = errors.New("the host leads elsewhere")

// rootPage is shown to nobody by hosts that lead each reader to a language.
const rootPage = "index.html"

// Open asks for a file. A page is asked for by the address that readers have.
func (w *web) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	address := (&url.URL{Path: name}).EscapedPath()
	if path.Base(name) == "index.html" {
		address = strings.TrimSuffix(address, "index.html")
	}
	req, err := http.NewRequestWithContext(w.ctx, http.MethodGet, w.root+address, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept-Encoding", "identity")
	req.Header.Set("Accept-Language", "zh")
	res, err := w.client.Do(req)
	if err != nil {
		return nil, err
	}
	lost := path.Base(name) == "404.html" // hosts show it with the status that it is for
	switch {
	case res.StatusCode == http.StatusOK, lost && res.StatusCode == http.StatusNotFound:
		return answer{res}, nil
	case res.StatusCode/100 == 3:
		err = fmt.Errorf("%w (%w)", errElsewhere, fs.ErrNotExist)
	case res.StatusCode == http.StatusNotFound, res.StatusCode == http.StatusGone:
		err = fs.ErrNotExist
	default:
		err = errors.New(res.Status)
	}
	res.Body.Close()
	return nil, &fs.PathError{Op: "open", Path: name, Err: err}
}

// answer is a file as HTTP gives it.
type answer struct{ *http.Response }

func (a answer) Stat() (fs.FileInfo, error) { return nil, errors.ErrUnsupported }
func (a answer) Read(b []byte) (int, error) { return a.Body.Read(b) }
func (a answer) Close() error               { return a.Body.Close() }
