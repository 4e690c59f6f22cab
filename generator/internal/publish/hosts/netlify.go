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
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/smithy-go/encoding/httpbinding"
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
		{Name: "site", Required: true, Form: pattern(`^[\w.-]+$`, "%q 不是站点的 ID", "%q is no ID of a site"), Doc: plan.Text{ZH: "站点的 ID（Project ID），见 Netlify 的项目设置", EN: "the site's ID (Project ID), as the project's settings show it"}},
		{Name: "token", Required: true, Secret: true, Form: aToken, Doc: plan.Text{ZH: "个人访问令牌", EN: "a personal access token"}},
		{Name: "api", Default: "https://api.netlify.com/api/v1", Form: serviceURL, Doc: plan.Text{ZH: "接口的地址", EN: "where the API is"}},
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
	Open: openNetlify,
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
	service
	api, site      string // the address of the API, and the path of the site below it
	poll, patience time.Duration

	gate  gate                   // guards what follows
	known bool                   // base is known
	base  string                 // id of the deploy that readers had when we came; "" if there was none
	live  map[string]netlifyFile // its files; nil until something needs all of them
	draft string                 // id of a deploy that is not published yet; "" if there is none
	of    string                 // the release that it is of
}

func openNetlify(_ context.Context, o Values) (publish.Host, error) {
	site, token := o.text("site"), o.text("token")
	none := tell("Netlify 上没有站点 %s，或者这个令牌无权使用", "netlify has no site %s, or not for this token", site)
	return &netlifyHost{
		service: service{
			client:  newClient(o.Network),
			missing: publish.Final(publish.Because(publish.NoPlace, none)),
			authorize: func(req *http.Request) error {
				req.Header.Set("Authorization", "Bearer "+token)
				return nil
			},
			says: func(res *http.Response) (code, text string) {
				if res.StatusCode == http.StatusNotFound {
					return notFound, ""
				}
				var said struct{ Message string }
				_ = json.NewDecoder(io.LimitReader(res.Body, 1<<16)).Decode(&said) // a gateway may answer in HTML
				return "", oneLineOf(hide(said.Message, token))
			},
		},
		api: o.text("api"), site: "/sites/" + site, gate: newGate(),
		poll: cmp.Or(o.Network.Poll, 500*time.Millisecond), patience: cmp.Or(o.Network.Finish, 10*time.Minute),
	}, nil
}

// to is a request for a path below the API's address.
func (h *netlifyHost) to(method, path string) call {
	return call{op: method, on: path, method: method, url: h.api + httpbinding.EscapePath(path, false)}
}

// A netlifyFile is what a path holds, as the API lists it.
type netlifyFile struct {
	Path string `json:"path"` // in the live deploy, with a slash before it
	SHA1 string `json:"sha"`
	Size int64  `json:"size"`

	put *publish.Placed // what is going to be there, if it is new
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
type netlifyDeploy struct {
	ID           string   `json:"id"`
	State        string   `json:"state"`
	Required     []string `json:"required"`
	ErrorMessage string   `json:"error_message"`
}

// published asks which deploy readers have, "" if none.
func (h *netlifyHost) published(ctx context.Context) (string, error) {
	var site struct {
		Published netlifyDeploy `json:"published_deploy"`
	}
	err := h.json(ctx, h.to("GET", h.site), nil, &site)
	if errors.Is(err, fs.ErrNotExist) {
		err = h.missing
	}
	return site.Published.ID, err
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

// list reads the list of all files of the live deploy, page by page. A list that is cut
// short would delete files: it has ended only where a page has less than the first one or
// nothing new, however many the service puts in one and whether it says that more follow.
// https://docs.netlify.com/api-and-cli-guides/api-guides/get-started-with-api/#pagination
func (h *netlifyHost) list(ctx context.Context) (map[string]netlifyFile, error) {
	files := map[string]netlifyFile{}
	for n, full := 1, 0; ; n++ {
		c := h.to("GET", h.site+"/files")
		c.url += fmt.Sprintf("?page=%d&per_page=100", n)
		var listed []netlifyFile
		if err := h.json(ctx, c, nil, &listed); err != nil {
			return nil, err
		}
		before := len(files)
		for _, f := range listed {
			name := strings.TrimPrefix(f.Path, "/")
			if !fs.ValidPath(name) || len(f.SHA1) != 2*sha1.Size {
				return nil, tell("Netlify 列出的 %q 不是文件", "netlify lists %q, which is no file", f.Path)
			}
			files[name] = f
		}
		if full = max(full, len(listed)); len(listed) < full || len(files) == before {
			return files, nil
		}
	}
}

// files are those that readers have; nil, if only base is asked for and they are not
// known.
func (h *netlifyHost) files(ctx context.Context, all bool) (live map[string]netlifyFile, base string, err error) {
	if err := h.gate.enter(ctx); err != nil {
		return nil, "", err
	}
	defer h.gate.leave()
	err = h.load(ctx, all)
	return h.live, h.base, err
}

// Stat takes the list of all files: who asks for what is there is about to deploy.
func (h *netlifyHost) Stat(ctx context.Context, name string) (publish.Stat, error) {
	live, _, err := h.files(ctx, true)
	f, ok := live[name]
	if err == nil && !ok {
		err = fs.ErrNotExist
	}
	return publish.Stat{Size: f.Size}, err
}

// Get asks for one file alone: the list of all can be long.
func (h *netlifyHost) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	live, base, err := h.files(ctx, false)
	f, ok := live[name]
	switch {
	case err != nil:
		return nil, err
	case !ok && (base == "" || live != nil):
		return nil, fs.ErrNotExist
	case !ok:
		if err := h.json(ctx, h.to("GET", h.site+"/files/"+name), nil, &f); err != nil {
			return nil, err
		}
	}
	return h.fetch(ctx, f)
}

func (h *netlifyHost) List(ctx context.Context, dir string) ([]string, error) {
	live, _, err := h.files(ctx, true)
	return namesIn(live, "", dir), err
}

// fetch opens the bytes of a file of the live deploy.
func (h *netlifyHost) fetch(ctx context.Context, f netlifyFile) (io.ReadCloser, error) {
	if f.Size == 0 && f.SHA1 == hex.EncodeToString(sha1.New().Sum(nil)) {
		return io.NopCloser(bytes.NewReader(nil)), nil
	}
	// The API guide's way to the bytes instead of what is known about them.
	c := h.to("GET", h.site+"/files"+f.Path)
	c.header = map[string]string{"Content-Type": "application/vnd.bitballoon.v1.raw"}
	res, err := h.ask(ctx, c)
	if err != nil {
		return nil, err
	}
	return res.Body, nil
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
	files, err := coming(h.live, "", d, func(p publish.Placed) (netlifyFile, error) { return h.added(ctx, p) })
	if err != nil {
		return err
	}
	if maps.EqualFunc(files, h.live, func(a, b netlifyFile) bool { return a.SHA1 == b.SHA1 }) {
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
	if err == nil && now == h.base {
		if err = h.do(ctx, h.to("POST", h.site+"/deploys/"+deploy.ID+"/restore")); err == nil {
			now, err = h.published(ctx)
		}
	}
	switch {
	case err != nil:
		return err
	case now == deploy.ID: // also where an earlier try was told of no success
		h.base, h.live, h.draft = deploy.ID, nil, ""
		return nil
	case now == h.base:
		return tell("Netlify 仍用着上一次部署：如果项目的部署被锁定（locked），请解锁", "netlify keeps to the earlier deploy: unlock publishing in the project's deploys, if it is locked")
	}
	return &publish.BusyError{}
}

// added takes the digest of a file.
func (h *netlifyHost) added(ctx context.Context, p publish.Placed) (netlifyFile, error) {
	sum := sha1.New()
	err := copyBody(ctx, sum, p.File, p.Open)
	return netlifyFile{SHA1: hex.EncodeToString(sum.Sum(nil)), Size: p.Size, put: &p}, err
}

// drafted is the draft of a release: the one that was made before, if there is one.
func (h *netlifyHost) drafted(ctx context.Context, release string, files map[string]netlifyFile) (deploy netlifyDeploy, err error) {
	if h.draft != "" && h.of == release {
		return h.look(ctx, h.draft)
	}
	digests := make(map[string]string, len(files))
	for name, f := range files {
		digests["/"+name] = f.SHA1
	}
	order := map[string]any{"files": digests, "draft": true, "async": len(files) > netlifyAtOnce}
	c := h.to("POST", h.site+"/deploys")
	c.url += "?title=minxi"
	if err = h.json(ctx, c, order, &deploy); err == nil {
		h.draft, h.of = deploy.ID, release
	}
	return deploy, err
}

// look asks how a draft stands.
func (h *netlifyHost) look(ctx context.Context, id string) (deploy netlifyDeploy, err error) {
	err = h.json(ctx, h.to("GET", h.site+"/deploys/"+id), nil, &deploy)
	if errors.Is(err, fs.ErrNotExist) {
		h.draft = ""
		err = tell("Netlify 已删除这次的草稿部署", "netlify has removed the draft deploy")
	}
	return deploy, err
}

// prepare brings a draft what it lacks and waits until it is ready.
func (h *netlifyHost) prepare(ctx context.Context, deploy netlifyDeploy, files map[string]netlifyFile) error {
	names := map[string][]string{} // not sent yet, by digest
	for _, name := range slices.Sorted(maps.Keys(files)) {
		sha := files[name].SHA1
		names[sha] = append(names[sha], name)
	}
	wait, state, since := h.poll/4, "", time.Now()
	for {
		switch deploy.State {
		case "ready":
			return nil
		case "error", "rejected":
			h.draft = "" // the next Deploy makes a new one
			return tell("Netlify 没能完成部署：%s", "netlify could not make the deploy: %s", cmp.Or(oneLineOf(deploy.ErrorMessage), deploy.State))
		}
		// Netlify wants each content once, whatever it is called. Should it go on
		// wanting one, it gets it under its other names.
		var uploads []string
		for _, digest := range deploy.Required {
			if left := names[digest]; len(left) > 0 {
				uploads, names[digest] = append(uploads, left[0]), left[1:]
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
			if err := pause(ctx, wait); err != nil {
				return err
			}
			wait = min(wait*2, 4*h.poll)
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
		group.Go(func() error { return h.send(ctx, deploy, name, files[name]) })
	}
	return group.Wait()
}

// send sends a file: from here, or, where Netlify has lost bytes that it serves, from
// there.
func (h *netlifyHost) send(ctx context.Context, deploy, name string, f netlifyFile) error {
	c := h.to("PUT", "/deploys/"+deploy+"/files/"+name)
	c.url += "?size=" + strconv.FormatInt(f.Size, 10)
	c.header = map[string]string{"Content-Type": "application/octet-stream"}
	c.size, c.open = f.Size, func() (io.ReadCloser, error) {
		if f.put == nil {
			return h.fetch(ctx, f)
		}
		return openFile(ctx, f.put.File, f.put.Open)
	}
	var got netlifyFile
	if err := h.json(ctx, c, nil, &got); err != nil {
		return err
	}
	if got.SHA1 != "" && got.SHA1 != f.SHA1 {
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
	sum := sha256.Sum256([]byte(h.api + h.site))
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
