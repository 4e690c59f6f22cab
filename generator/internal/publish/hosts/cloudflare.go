package hosts

import (
	"context"
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
		{Name: "files", Default: "20000", Form: pattern(`^[1-9]\d{0,8}$`, "%q 不是文件数", "%q is no number of files"), Doc: plan.Text{ZH: "套餐允许的文件数", EN: "how many files the plan allows"}},
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
		h, err := folder.Open(ctx, o)
		if err != nil {
			return nil, err
		}
		releases := h.(*releasesHost)
		releases.traits.Conventions = []string{"_headers:cloudflare", "_redirects:cloudflare"}
		releases.traits.Limits = cloudflareLimits
		releases.traits.Limits.Files = o.number("files")
		return releases, nil
	},
}

// cloudflareOwn are names that wrangler does not send as files: at the root, and
// in any folder.
var cloudflareOwn = struct{ root, any []string }{
	root: []string{"_worker.js", "_routes.json", "functions", ".wrangler"},
	any:  []string{"node_modules", ".git", ".DS_Store"},
}

func cloudflareTakes(file string) error {
	first, _, _ := strings.Cut(file, "/")
	for _, name := range cloudflareOwn.root {
		if first == name {
			return tell("%s：%s 是 Cloudflare Pages 自用的名字", "%s: cloudflare pages has %s for itself", file, name)
		}
	}
	for _, name := range cloudflareOwn.any {
		if strings.Contains("/"+file+"/", "/"+name+"/") {
			return tell("%s：wrangler 不发送 %s", "%s: wrangler leaves out %s", file, name)
		}
	}
	return nil
}
