package hosts

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"

	"minxi/generator/internal/plan"
	"minxi/generator/internal/publish"
)

// netlify is a site at Netlify, by its deploy API, without its builds.
var netlify = Kind{
	Name: "netlify",
	Doc: plan.Text{ZH: "Netlify 上的站点，经部署接口直接上传，不在那边构建；一步切换版本",
		EN: "A site at Netlify, sent through its deploy API and not built there; releases switch in one step"},
	Options: []Option{
		{Name: "site", Required: true, Doc: plan.Text{ZH: "站点的 ID（Project ID），见 Netlify 的项目设置", EN: "the site's ID (Project ID), as the project's settings show it"}},
		{Name: "token", Required: true, Secret: true, Doc: plan.Text{ZH: "个人访问令牌", EN: "a personal access token"}},
		{Name: "api", Default: "https://api.netlify.com/api/v1", Doc: plan.Text{ZH: "接口的地址", EN: "where the API is"}},
	},
	Example: `[targets.netlify]
  kind = "netlify"
  site = "0d3a9d2f-ef38-4dc2-9f3b-5d5e7d4c8b1a"
  token = { env = "NETLIFY_TOKEN" }
`,
	Notes: []plan.Text{
		{ZH: "请关掉 Netlify 的后处理（压缩、代码片段、漂亮网址），否则读者得到的与发布的不同。",
			EN: "Switch Netlify's post-processing off (minifying, snippets, pretty URLs), or readers get something else than was published."},
		{ZH: "同一台机器上由锁分开；两台机器同时发布时，后到的会被拒绝，除非正好在比较与切换之间的一瞬。",
			EN: "A lock keeps publishers on one machine apart; of two on different machines the later is turned away, unless both are between comparing and switching at the same moment, when the later wins, whole."},
		{ZH: "文件名里不能有 # 和 ?。",
			EN: "Names of files cannot hold # or ?."},
	},
	Open: func(_ context.Context, o Values) (publish.Host, error) {
		api, err := url.Parse(o.text("api"))
		if err != nil || api.Host == "" || api.RawQuery != "" || api.User != nil {
			return nil, publish.Final(tell("api：不是网址", "api: it is no address"))
		}
		if api.Scheme != "https" && api.Scheme != "http" || isOpen(api) {
			return nil, publish.Final(tell("api：令牌会明文传送，请用 https", "api: the token would be sent in the clear; use https"))
		}
		for _, name := range []string{"site", "token"} {
			if v := o.text(name); v == "" || strings.ContainsFunc(v, func(r rune) bool { return r <= ' ' || r > '~' }) {
				return nil, publish.Final(tell("%s 是空的，或含有不该有的字符", "%s: is empty or has characters that do not belong", name))
			}
		}
		return &netlifyHost{
			api: strings.TrimRight(api.String(), "/"), site: o.text("site"), token: o.text("token"),
			client: newClient(o.Network), gate: newGate(),
			poll: cmp.Or(o.Network.Poll, 500*time.Millisecond), patience: cmp.Or(o.Network.Finish, 10*time.Minute),
		}, nil
	},
}

// A netlifyHost speaks to the API by hand: the official client brings Netlify's
// whole API for the seven requests that a publish needs.
// https://docs.netlify.com/api-and-cli-guides/api-guides/get-started-with-api/
//
// A deploy is a list of all paths with their SHA-1 digests. Netlify says which
// bytes it does not have yet, gets them, and makes the deploy ready; it is a draft
// until it is published, so that readers go from one whole release to the next. Bytes
// that arrived before a publish was cut off are not asked for again.
type netlifyHost struct {
	api, site, token string
	client           *http.Client
	poll, patience   time.Duration

	gate  gate                   // guards what follows
	known bool                   // base is known
	base  string                 // id of the deploy that readers had when we came; "" if there was none
	live  map[string]netlifyFile // its files; nil until something needs all of them
	draft string                 // id of a deploy that is not published yet; "" if there is none
	of    string                 // the release that it is of
}

// A netlifyFile is what a path holds.
type netlifyFile struct {
	sha1 string
	size int64
	from string          // the path under which the live deploy has the bytes
	put  *publish.Placed // in place of from
}

// netlifyUploads is how many files are sent at once; Netlify's own programs send
// five.
const netlifyUploads = 5

// netlifyAtOnce is up to how many files Netlify's own programs have it look
// through the list while the request waits.
const netlifyAtOnce = 100

func (h *netlifyHost) Traits() publish.Traits {
	// Its limits depend on the plan, and are not stated as numbers.
	return publish.Traits{Checked: true, Conventions: []string{"_headers:netlify", "_redirects:netlify"}, Limits: publish.Limits{Takes: func(name string) error {
		// https://github.com/netlify/open-api: deployed filenames cannot contain # or ?
		if strings.ContainsAny(name, "#?") || !utf8.ValidString(name) {
			return tell("%q：Netlify 不接受含 # 或 ? 的、不是 UTF-8 的名字", "%q: netlify takes no names with # or ?, or that are not UTF-8", name)
		}
		return nil
	}}}
}

// What the API tells. https://open-api.netlify.com/
type netlifySite struct {
	PublishedDeploy *netlifyDeploy `json:"published_deploy"`
}

type netlifyDeploy struct {
	ID           string   `json:"id"`
	State        string   `json:"state"`
	Required     []string `json:"required"`
	ErrorMessage string   `json:"error_message"`
}

type netlifyListed struct {
	Path string `json:"path"`
	SHA  string `json:"sha"`
	Size int64  `json:"size"`
}

func (f netlifyListed) file() (name string, file netlifyFile) {
	name = strings.TrimPrefix(f.Path, "/")
	return name, netlifyFile{sha1: f.SHA, size: f.Size, from: name}
}

// published asks which deploy readers have, "" if none.
func (h *netlifyHost) published(ctx context.Context) (string, error) {
	var site netlifySite
	err := h.json(ctx, "GET", h.siteURL(), nil, &site)
	if errors.Is(err, fs.ErrNotExist) {
		return "", publish.Final(publish.Because(publish.NoPlace, tell("Netlify 上没有站点 %s，或者这个令牌无权使用", "netlify has no site %s, or not for this token", h.site)))
	}
	if err != nil || site.PublishedDeploy == nil {
		return "", err
	}
	return site.PublishedDeploy.ID, nil
}

func (h *netlifyHost) siteURL(below ...string) string {
	return h.api + "/sites/" + url.PathEscape(h.site) + strings.Join(below, "")
}

// netlifyPath makes a name a URL path.
func netlifyPath(name string) string {
	parts := strings.Split(name, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return "/" + strings.Join(parts, "/")
}

// load makes base known, and all files of it if wanted. The gate is closed.
func (h *netlifyHost) load(ctx context.Context, files bool) (err error) {
	if !h.known {
		if h.base, err = h.published(ctx); err != nil {
			return err
		}
		h.known = true
	}
	if !files || h.live != nil {
		return ctx.Err()
	}
	live := map[string]netlifyFile{}
	if h.base != "" {
		if live, err = h.list(ctx); err != nil {
			return err
		}
		// The list is of the deploy that is live now, whichever that is.
		if now, err := h.published(ctx); err != nil {
			return err
		} else if now != h.base {
			return &publish.BusyError{}
		}
	}
	h.live = live
	return nil
}

// list reads the list of all files of the live deploy. It may come in pages, each
// with a link to the next. A list that is cut short would delete files, so that a
// number of files that looks like the end of a page is not believed.
func (h *netlifyHost) list(ctx context.Context) (map[string]netlifyFile, error) {
	const page = 100
	files := map[string]netlifyFile{}
	for n, next := 1, h.siteURL("/files"); next != ""; n++ {
		var listed []netlifyListed
		link, err := h.page(ctx, next, &listed)
		if err != nil {
			return nil, err
		}
		before := len(files)
		for _, f := range listed {
			name, file := f.file()
			if !fs.ValidPath(name) || len(file.sha1) != 2*sha1.Size {
				return nil, tell("Netlify 列出的 %q 不是文件", "netlify lists %q, which is no file", f.Path)
			}
			files[name] = file
		}
		next = link
		if next == "" && len(listed) > 0 && len(listed)%page == 0 && len(files) > before {
			next = h.siteURL("/files?page=" + strconv.Itoa(n+1) + "&per_page=" + strconv.Itoa(page))
		}
	}
	return files, nil
}

// page reads one page of a list, and says where the next is.
func (h *netlifyHost) page(ctx context.Context, from string, into any) (next string, err error) {
	res, err := h.do(ctx, "GET", from, "", 0, nil)
	if err := h.decode(ctx, res, err, into); err != nil {
		return "", err
	}
	for _, link := range strings.Split(strings.Join(res.Header.Values("Link"), ","), ",") {
		target, kind, _ := strings.Cut(link, ";")
		if !strings.Contains(kind, `rel="next"`) && !strings.Contains(kind, "rel=next") {
			continue
		}
		to, err := res.Request.URL.Parse(strings.Trim(strings.TrimSpace(target), "<>"))
		if err != nil || to.Host != res.Request.URL.Host || to.String() == from {
			return "", tell("Netlify 把列表的其余部分指向 %q", "netlify links to %q for the rest of a list", target)
		}
		return to.String(), nil
	}
	return "", nil
}

// find says what a name holds.
func (h *netlifyHost) find(ctx context.Context, name string, all bool) (f netlifyFile, err error) {
	if err := h.gate.enter(ctx); err != nil {
		return f, err
	}
	err = h.load(ctx, all)
	base, live := h.base, h.live
	h.gate.leave()
	f, ok := live[name]
	switch {
	case err != nil || ok:
		return f, err
	case base == "" || live != nil:
		return f, fs.ErrNotExist
	}
	// One file is asked for alone: the list of all can be long.
	var listed netlifyListed
	if err := h.json(ctx, "GET", h.siteURL("/files", netlifyPath(name)), nil, &listed); err != nil {
		return f, err
	}
	_, f = listed.file()
	return f, nil
}

// Stat takes the list of all files: who asks for what is there is about to deploy.
func (h *netlifyHost) Stat(ctx context.Context, name string) (publish.Stat, error) {
	f, err := h.find(ctx, name, true)
	return publish.Stat{Size: f.size}, err
}

func (h *netlifyHost) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	f, err := h.find(ctx, name, false)
	if err != nil {
		return nil, err
	}
	return h.fetch(ctx, f)
}

// fetch opens the bytes of a file of the live deploy.
func (h *netlifyHost) fetch(ctx context.Context, f netlifyFile) (io.ReadCloser, error) {
	if f.size == 0 && f.sha1 == hex.EncodeToString(sha1.New().Sum(nil)) {
		return io.NopCloser(bytes.NewReader(nil)), nil
	}
	// The API guide's way to the bytes instead of what is known about them.
	res, err := h.do(ctx, "GET", h.siteURL("/files", netlifyPath(f.from)), "application/vnd.bitballoon.v1.raw", 0, nil)
	if err != nil {
		return nil, err
	}
	return &netlifyChecked{ReadCloser: res.Body, want: f, sum: sha1.New()}, nil
}

// netlifyChecked fails at its end if it was not the file that was expected: because
// somebody has published in the meantime, say.
type netlifyChecked struct {
	io.ReadCloser
	want netlifyFile
	sum  hash.Hash
	n    int64
}

func (b *netlifyChecked) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.sum.Write(p[:n])
	b.n += int64(n)
	if err == io.EOF && (b.n != b.want.size || hex.EncodeToString(b.sum.Sum(nil)) != b.want.sha1) {
		return n, tell("%s：Netlify 给出的内容与所部署的不同", "%s: netlify gives other bytes than those of the deploy", b.want.from)
	}
	return n, err
}

func (h *netlifyHost) List(ctx context.Context, dir string) ([]string, error) {
	if err := h.gate.enter(ctx); err != nil {
		return nil, err
	}
	err := h.load(ctx, true)
	live := h.live
	h.gate.leave()
	var names []string
	for name := range live {
		if path.Dir(name) == dir {
			names = append(names, name)
		}
	}
	return names, err
}

// Deploy makes a draft deploy of all files, brings the bytes that it lacks, and has it
// published when it is ready. Called again after an error, it goes on with the same
// draft.
//
// Netlify has no lock and publishes unconditionally. So the deploy that readers
// have is compared right before and right after with the one that this began from;
// the error is a publish.BusyError if somebody else has published. In the moment
// between the comparison and the switch the later of two wins, whole.
func (h *netlifyHost) Deploy(ctx context.Context, d publish.Deployment) error {
	if err := h.gate.enter(ctx); err != nil {
		return err
	}
	defer h.gate.leave()
	if err := h.load(ctx, true); err != nil {
		return err
	}
	files, err := h.coming(ctx, d)
	if err != nil {
		return err
	}
	if maps.EqualFunc(files, h.live, func(a, b netlifyFile) bool { return a.sha1 == b.sha1 }) {
		return nil
	}
	deploy, err := h.drafted(ctx, d.Release.ID, files)
	if err != nil {
		return err
	}
	if err := h.prepare(ctx, deploy, files); err != nil {
		return err
	}
	now, err := h.published(ctx)
	if err != nil {
		return err
	}
	if now != deploy.ID { // else only the answer was lost
		if now != h.base {
			return &publish.BusyError{}
		}
		if err := h.json(ctx, "POST", h.siteURL("/deploys/", url.PathEscape(deploy.ID), "/restore"), nil, new(netlifyDeploy)); err != nil {
			return err
		}
		if now, err = h.published(ctx); err != nil {
			return err
		}
		switch now {
		case deploy.ID:
		case h.base:
			return tell("Netlify 仍用着上一次部署：如果项目的部署被锁定（locked），请解锁", "netlify keeps to the earlier deploy: unlock publishing in the project's deploys, if it is locked")
		default:
			return &publish.BusyError{}
		}
	}
	h.base, h.live, h.draft = deploy.ID, nil, ""
	return nil
}

// coming lists the files of the deploy to come, by their digests.
func (h *netlifyHost) coming(ctx context.Context, d publish.Deployment) (map[string]netlifyFile, error) {
	files := maps.Clone(h.live)
	for name, err := range d.Drops {
		if err != nil {
			return nil, err
		}
		delete(files, name)
	}
	for p, err := range d.Puts {
		if err != nil {
			return nil, err
		}
		f, ok := h.live[p.Live]
		if p.Live == "" {
			sum := sha1.New()
			if err := copyBody(ctx, sum, p.File, p.Open); err != nil {
				return nil, err
			}
			f, ok = netlifyFile{sha1: hex.EncodeToString(sum.Sum(nil)), size: p.Size, put: &p}, true
		}
		if !ok {
			return nil, fmt.Errorf("%s: %w", p.Live, fs.ErrNotExist)
		}
		files[p.Path] = f
	}
	return files, nil
}

// drafted is the draft of a release: the one that was made before, if there is one.
func (h *netlifyHost) drafted(ctx context.Context, release string, files map[string]netlifyFile) (deploy netlifyDeploy, err error) {
	if h.draft != "" && h.of == release {
		return h.look(ctx, h.draft)
	}
	digests := make(map[string]string, len(files))
	for name, f := range files {
		digests["/"+name] = f.sha1
	}
	order := map[string]any{"files": digests, "draft": true, "async": len(files) > netlifyAtOnce}
	if err = h.json(ctx, "POST", h.siteURL("/deploys?title=minxi"), order, &deploy); err == nil {
		h.draft, h.of = deploy.ID, release
	}
	return deploy, err
}

// look asks how a draft stands.
func (h *netlifyHost) look(ctx context.Context, id string) (deploy netlifyDeploy, err error) {
	err = h.json(ctx, "GET", h.siteURL("/deploys/", url.PathEscape(id)), nil, &deploy)
	if errors.Is(err, fs.ErrNotExist) {
		err = h.giveUp(tell("Netlify 已删除这次的草稿部署", "netlify has removed the draft deploy"))
	}
	return deploy, err
}

// giveUp forgets a draft that is of no more use: the next Deploy makes a new one.
func (h *netlifyHost) giveUp(err error) error {
	h.draft = ""
	return err
}

// prepare brings a draft what it lacks and waits until it is ready.
func (h *netlifyHost) prepare(ctx context.Context, deploy netlifyDeploy, files map[string]netlifyFile) error {
	names := map[string][]string{} // by digest
	for _, name := range slices.Sorted(maps.Keys(files)) {
		names[files[name].sha1] = append(names[files[name].sha1], name)
	}
	sent := map[string]int{} // by digest, how often
	pause, state, since := h.poll/4, "", time.Now()
	for {
		switch deploy.State {
		case "ready":
			return nil
		case "error", "rejected":
			return h.giveUp(tell("Netlify 没能完成部署：%s", "netlify could not make the deploy: %s", cmp.Or(h.clean(deploy.ErrorMessage), deploy.State)))
		}
		// Netlify wants each content once, whatever it is called. Should it go on
		// wanting one, it gets it under its other names.
		var uploads []string
		for _, digest := range deploy.Required {
			if n := sent[digest]; n < len(names[digest]) {
				uploads = append(uploads, names[digest][n])
				sent[digest]++
			}
		}
		if len(uploads) > 0 {
			if err := h.upload(ctx, deploy.ID, uploads, files); err != nil {
				// What a try before this one sent may have arrived after all, so that
				// Netlify takes no more.
				if now, lost := h.look(ctx, deploy.ID); lost != nil || len(now.Required) > 0 {
					return err
				}
			}
			since = time.Now()
		} else {
			if deploy.State != state {
				state, since = deploy.State, time.Now()
			}
			if time.Since(since) > h.patience {
				return tell("Netlify 一直没有备好部署：状态 %q 已持续 %s", "netlify has not made the deploy ready: its state has been %q for %s", state, h.patience)
			}
			if err := netlifyWait(ctx, pause); err != nil {
				return err
			}
			pause = min(pause*2, 4*h.poll)
		}
		var err error
		if deploy, err = h.look(ctx, deploy.ID); err != nil {
			return err
		}
	}
}

// upload sends files, several at once.
func (h *netlifyHost) upload(ctx context.Context, deploy string, names []string, files map[string]netlifyFile) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(netlifyUploads)
	for _, name := range names {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return h.send(ctx, deploy, name, files[name])
		})
	}
	return group.Wait()
}

// send sends a file: from here, or, where Netlify has lost bytes that it serves, from
// there.
func (h *netlifyHost) send(ctx context.Context, deploy, name string, f netlifyFile) error {
	to := h.api + "/deploys/" + url.PathEscape(deploy) + "/files" + netlifyPath(name) + "?size=" + strconv.FormatInt(f.size, 10)
	res, err := h.do(ctx, "PUT", to, "application/octet-stream", f.size, func() (io.ReadCloser, error) {
		if f.put == nil {
			return h.fetch(ctx, f)
		}
		return openFile(ctx, f.put.File, f.put.Open)
	})
	var got netlifyListed
	if err := h.decode(ctx, res, err, &got); err != nil {
		return err
	}
	if got.SHA != "" && got.SHA != f.sha1 {
		return tell("%s：Netlify 收到的与送出的不同", "%s: netlify got other bytes than were sent", name)
	}
	return nil
}

// Lock keeps other publishers on this machine out, with a lock of the operating
// system that ends with the process; those on other machines are found out by
// Deploy. What is compared there is read from now on.
func (h *netlifyHost) Lock(ctx context.Context, holder string) (context.Context, func() error, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		dir = os.TempDir()
	}
	sum := sha256.Sum256([]byte(h.api + "\n" + h.site))
	file := filepath.Join(dir, "minxi", "netlify-"+hex.EncodeToString(sum[:8]))
	unlock, err := holdLock(file + ".lock")
	if busy := new(publish.BusyError); errors.As(err, &busy) {
		who, _ := os.ReadFile(file + ".holder")
		busy.Holder = string(who)
	}
	if err != nil {
		return nil, nil, err
	}
	_ = os.WriteFile(file+".holder", []byte(holder), 0o600) // a courtesy
	if err := h.gate.enter(ctx); err != nil {
		return nil, nil, errors.Join(err, unlock())
	}
	defer h.gate.leave()
	h.known, h.live = false, nil
	return ctx, unlock, nil
}

func (h *netlifyHost) Close() error {
	h.client.CloseIdleConnections()
	return nil
}

// json sends a request with a value, or none, and reads the answer.
func (h *netlifyHost) json(ctx context.Context, method, to string, send, into any) error {
	kind := ""
	var data []byte
	if send != nil {
		var err error
		if data, err = json.Marshal(send); err != nil {
			return publish.Final(err)
		}
		kind = "application/json"
	}
	res, err := h.do(ctx, method, to, kind, int64(len(data)), func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil })
	return h.decode(ctx, res, err, into)
}

// decode reads an answer.
func (h *netlifyHost) decode(ctx context.Context, res *http.Response, err error, into any) error {
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(into); err != nil {
		return networkError(ctx, "netlify: "+res.Request.Method+" "+h.about(res.Request.URL.String()), err)
	}
	return nil
}

// How long Netlify may tell us to wait for its limit of requests (500 a minute, 3
// deploys a minute), and how often in a row.
const (
	netlifyLongestWait = 2 * time.Minute
	netlifyWaits       = 5
)

// do sends a request and gives the answer if it is a good one. It waits where
// Netlify's limits say so. The error is fs.ErrNotExist for 404.
func (h *netlifyHost) do(ctx context.Context, method, to, kind string, size int64, open publish.Body) (*http.Response, error) {
	for waits := 0; ; waits++ {
		res, err := once(ctx, h.client, call{op: method, on: h.about(to), method: method, url: to, header: map[string]string{"Content-Type": kind}, size: size, open: open, authorize: h.authorize})
		if err != nil {
			return nil, err
		}
		if res.StatusCode < 300 {
			return res, nil
		}
		err = h.refused(res, method, to)
		res.Body.Close()
		if res.StatusCode != http.StatusTooManyRequests || waits == netlifyWaits {
			return nil, err
		}
		if err := netlifyWait(ctx, netlifyRetryAfter(res.Header, time.Now())); err != nil {
			return nil, err
		}
	}
}

// authorize says who we are.
func (h *netlifyHost) authorize(req *http.Request) error {
	req.Header.Set("Authorization", "Bearer "+h.token)
	req.Header.Set("User-Agent", "minxi")
	return nil
}

// about is the part of an address that says what a request is about.
func (h *netlifyHost) about(to string) string {
	to, _, _ = strings.Cut(strings.TrimPrefix(to, h.api), "?")
	if plain, err := url.PathUnescape(to); err == nil {
		return plain
	}
	return to
}

// refused is the error of an answer that is not good.
func (h *netlifyHost) refused(res *http.Response, method, to string) error {
	var said struct{ Message string }
	data, _ := io.ReadAll(io.LimitReader(res.Body, 1<<16))
	_ = json.Unmarshal(data, &said) // a gateway may answer in HTML
	text := strings.ToLower(res.Status)
	if m := h.clean(said.Message); m != "" {
		text += ": " + m
	}
	err := publish.Because(publish.StatusReason(res.StatusCode), fmt.Errorf("netlify: %s %s: %s", method, h.about(to), text))
	switch res.StatusCode {
	case http.StatusNotFound:
		return fmt.Errorf("%w: %w", err, fs.ErrNotExist)
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusConflict:
		return err
	}
	if res.StatusCode < 500 {
		return publish.Final(err)
	}
	return err
}

// clean makes a text of Netlify's fit for a message.
func (h *netlifyHost) clean(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > 300 {
		text = strings.ToValidUTF8(text[:300], "") + "…"
	}
	return strings.ReplaceAll(text, h.token, "[token]")
}

// netlifyRetryAfter is how long a 429 asks us to wait. X-RateLimit-Reset is in seconds
// since 1970.
func netlifyRetryAfter(header http.Header, now time.Time) time.Duration {
	pause := 10 * time.Second
	after := header.Get("Retry-After")
	if n, err := strconv.Atoi(after); err == nil {
		pause = time.Duration(n) * time.Second
	} else if at, err := http.ParseTime(after); err == nil {
		pause = at.Sub(now)
	} else if n, err := strconv.ParseInt(header.Get("X-RateLimit-Reset"), 10, 64); err == nil {
		pause = time.Unix(n, 0).Sub(now)
	}
	return min(max(pause, 0), netlifyLongestWait)
}

// netlifyWait waits, or until the context ends.
func netlifyWait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
