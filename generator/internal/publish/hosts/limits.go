package hosts

import (
	"net/url"
	"strings"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/publish"
)

// What services say that they hold, as looked up in November 2026. A tree that is more
// is refused before anything is sent, in a dry run, too.

// https://developers.cloudflare.com/pages/platform/limits/: 20,000 files on the free
// plan (100,000 on others, changelog of 23 January 2026), 25 MiB a file.
var cloudflareLimits = publish.Limits{Of: "Cloudflare Pages", Files: 20_000, File: 25 << 20, Takes: cloudflareTakes,
	Hint: diag.Text("请把 keep 改小；付费套餐能放更多的，把允许的文件数写进 files。什么也没有改动。", "Set keep to less; on a plan that takes more files, set files to their number. Nothing was changed.")}

// gitLimits are those of who serves the branch of a repository.
var gitLimits = map[string]publish.Limits{
	// https://docs.github.com/en/pages/getting-started-with-github-pages/github-pages-limits:
	// a published site is no larger than 1 GB. https://docs.github.com/en/repositories/
	// working-with-files/managing-large-files/about-large-files-on-github: files above
	// 100 MiB are blocked.
	"github.com": {Of: "GitHub Pages", File: 100 << 20, Total: 1 << 30},
	// https://gitlab.com/gitlab-org/gitlab/-/issues/405048: 1 GB, and 200,000 files.
	"gitlab.com": {Of: "GitLab Pages", Files: 200_000, Total: 1 << 30},
}

// limitsOf finds the limits of a repository's server by its address.
func limitsOf(address string) publish.Limits {
	host := ""
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		host = u.Hostname()
	} else if before, _, ok := strings.Cut(address, ":"); ok {
		host = before[strings.LastIndexByte(before, '@')+1:]
	}
	return gitLimits[strings.ToLower(strings.TrimPrefix(host, "ssh."))]
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html: 5 GB with
// one request, which is how files are put; other stores took the number over. Lists are
// XML, which has no words for control characters: such a name would never be seen.
var s3Limits = publish.Limits{Of: "S3", File: 5 << 30, Takes: func(name string) error {
	if strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\uFFFE' || r == '\uFFFF' }) {
		return tell("%q：对象存储不能列出含控制字符的名字", "%q: a store cannot list names with control characters", name)
	}
	return nil
}}

// https://learn.microsoft.com/rest/api/storageservices/put-blob: 5000 MiB with one
// request of the version that we say.
var azureLimits = publish.Limits{Of: "Azure Blob Storage", File: 5000 << 20}
