package hosts

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"strings"

	"minxi/generator/internal/plan"
	"minxi/generator/internal/publish"
)

// cloudflarePages is a folder as Cloudflare Pages takes it, to be sent there with
// "wrangler pages deploy FOLDER/current" or a push.
var cloudflarePages = Kind{
	Name: "cloudflare-pages",
	Doc: plan.Text{ZH: "按 Cloudflare Pages 的约定备好的本机文件夹，再用 wrangler pages deploy 或 Git 推送发出",
		EN: "A folder on this machine as Cloudflare Pages wants it, to be sent with wrangler pages deploy or a Git push"},
	Options: []Option{
		{Name: "path", Required: true, Doc: plan.Text{ZH: "文件夹；发送其中的 current", EN: "the folder; what is sent is current in it"}},
		{Name: "files", Default: "20000", Doc: plan.Text{ZH: "套餐允许的文件数", EN: "how many files the plan allows"}},
	},
	Example: `[targets.pages]
  kind = "cloudflare-pages"
  path = "../minxi-pages"          # then: npx wrangler pages deploy ../minxi-pages/current
`,
	Notes: []plan.Text{
		{ZH: "单个文件不超过 25 MiB；文件数含 _releases 里的在内。",
			EN: "A file has at most 25 MiB; the number of files counts those in _releases, too."},
		{ZH: "没有按语言的跳转，/ 一律到 /zh/。",
			EN: "There are no redirects by language: / leads to /zh/ for all."},
	},
	Open: func(ctx context.Context, o Values) (publish.Host, error) {
		files, err := o.number("files")
		if err != nil || files < 1 {
			return nil, publish.Final(tell("files：%q 不是文件数", "files: %q is no number of files", o.text("files")))
		}
		h, err := folder.Open(ctx, o)
		if err != nil {
			return nil, err
		}
		return &cloudflareHost{h.(*releasesHost), files}, nil
	},
}

// A cloudflareHost is a folder that refuses what Cloudflare would refuse only when
// it is sent, or leave out without a word.
// https://developers.cloudflare.com/pages/platform/limits/
type cloudflareHost struct {
	*releasesHost
	files int
}

const cloudflareSize = 25 << 20

// cloudflareOwn are names that wrangler does not send as files: at the root, and
// in any folder.
var cloudflareOwn = struct{ root, any []string }{
	root: []string{"_worker.js", "_routes.json", "functions", ".wrangler"},
	any:  []string{"node_modules", ".git", ".DS_Store"},
}

func (h *cloudflareHost) Traits() publish.Traits {
	t := h.releasesHost.Traits()
	t.Conventions = []string{"_headers:cloudflare", "_redirects:cloudflare"}
	return t
}

func (h *cloudflareHost) Put(ctx context.Context, f publish.File, body publish.Body) error {
	if err := cloudflareTakes(f); err != nil {
		return err
	}
	return h.releasesHost.Put(ctx, f, body)
}

func (h *cloudflareHost) Copy(ctx context.Context, from string, to publish.File) error {
	if err := cloudflareTakes(to); err != nil {
		return err
	}
	return h.releasesHost.Copy(ctx, from, to)
}

func cloudflareTakes(f publish.File) error {
	if f.Size > cloudflareSize {
		return publish.Final(tell("%s：Cloudflare Pages 只收 25 MiB 以内的文件，这个有 %d 字节", "%s: cloudflare pages takes files up to 25 MiB, and this one has %d bytes", f.Path, f.Size))
	}
	first, _, _ := strings.Cut(f.Path, "/")
	for _, name := range cloudflareOwn.root {
		if first == name {
			return publish.Final(tell("%s：%s 是 Cloudflare Pages 自用的名字", "%s: cloudflare pages has %s for itself", f.Path, name))
		}
	}
	for _, name := range cloudflareOwn.any {
		if strings.Contains("/"+f.Path+"/", "/"+name+"/") {
			return publish.Final(tell("%s：wrangler 不发送 %s", "%s: wrangler leaves out %s", f.Path, name))
		}
	}
	return nil
}

// Commit counts before it switches.
func (h *cloudflareHost) Commit(ctx context.Context) error {
	t, there, err := h.seen(ctx)
	if err != nil || !there {
		return err
	}
	r, err := h.disk.(*localDisk).root()
	if err != nil {
		return err
	}
	n := 0
	err = fs.WalkDir(r.FS(), t.dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && !strings.HasSuffix(name, tempSuffix) && path.Base(name) != "_headers" && path.Base(name) != "_redirects" {
			n++
		}
		return errors.Join(err, ctx.Err())
	})
	if err != nil {
		return err
	}
	if n > h.files {
		return publish.Final(tell("这个套餐的 Cloudflare Pages 最多 %d 个文件，现有 %d 个（含留存的旧版本）", "cloudflare pages takes %d files on this plan, and there are %d, those kept of earlier releases included", h.files, n))
	}
	return h.releasesHost.Commit(ctx)
}
