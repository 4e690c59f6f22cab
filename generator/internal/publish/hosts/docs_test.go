package hosts

import (
	"crypto/ed25519"
	"crypto/rand"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/publish"
	"minxi/generator/internal/publish/hosttest"
)

var update = flag.Bool("update", false, "write docs/publish.md anew")

const docsIntro = `# Publishing · 发布

` + "`go run ./generator publish TARGET`" + ` puts the built ` + "`public/`" + ` on a host. Targets stand in
` + "`publish.toml`" + `, each with its kind of host and that kind's options; this page lists them.
发布目标写在 ` + "`publish.toml`" + ` 里，每个目标写明主机种类和它的各项设置，都列在下面。

This page is written from the hosts: ` + "`go test ./generator/internal/publish/hosts -run TestDocs -update`" + `.

## What happens · 发布时会发生什么

1. The tree is compared with the manifest that travels with the site. Without a difference that was all.
   Names that are new are looked at on the host: a file that stands there, is not the same and was put there by
   no publish is named by ` + "`--dry-run`" + `, asked about, and kept, so that ` + "`rollback`" + ` brings it back.
   与随网站保存的清单比较；没有变化就到此为止。新的文件名会先到主机上看：已有不同的、又不是发布上去的文件，
   预演会列出来，正式发布会先问并留存，` + "`rollback`" + ` 可以退回。
2. A lock keeps other publishers out. A publisher that stood still for so long that another took its place says
   that the site may be a mixture of both, and the next publish looks at every file. 加锁，不让别人同时发布；
   停顿太久而被别人接手的，会说明网站可能新旧混杂，下一次发布逐个核对。
3. What is going to be replaced or deleted is kept on the host, so that ` + "`rollback`" + ` can return to it.
   将被替换或删除的内容先留存在主机上，供 ` + "`rollback`" + ` 退回。
4. Files are sent: style sheets, data and new feeds, new pages, changed pages, then home pages and feeds. Each step is
   complete and looked at before the next begins. 依次送出样式、数据与新的订阅，新页面，改过的页面，首页与订阅；每一步到齐并核对后才做下一步。
5. The manifest is written; only then are old files deleted. Style sheets and scripts of the last two releases
   stay for pages that readers still have open. 写下清单之后才删旧文件；前两版的样式和脚本留给读者正开着的页面。

**Atomic** hosts get steps 3 to 5 at once, as one commit, deploy, file or folder: readers have the old release or
the new one, whole. **一步切换**的主机把第 3 至 5 步合成一次提交、部署、一个文件或文件夹：读者看到的要么全是旧版，要么全是新版。

What a host says that it cannot hold, files, bytes or names, is told before anything is sent, by ` + "`--dry-run`" + `, too.
主机装不下的（文件数、大小、名字），动手之前就会说明，预演时也说。

After any error no later step is taken and nothing is deleted; the same command carries on from there.
On **ordered** hosts the order is what protects readers.
出任何错都不再往下做，也不删任何东西，再运行一次就接着做。**按序**的主机靠次序保证读者看到的每一页都是完整的。

Everything that publishing keeps for itself stands in the folder ` + "`_releases`" + ` of the site. Releases of other tools,
and a zip that no publish has made, are refused and left as they are.
发布自用的文件都在网站的 ` + "`_releases`" + ` 文件夹里。别的程序的版本文件夹、不是发布生成的压缩包，一概不动，并说明怎么办。

## Commands · 命令

| | |
|---|---|
| ` + "`publish TARGET --dry-run`" + ` | what would be added, changed and deleted · 预演 |
| ` + "`publish TARGET`" + ` | publish · 发布 |
| ` + "`publish TARGET --recheck`" + ` | look at every file of the host, after somebody changed it by hand · 主机上有人手工改过时，逐个核对 |
| ` + "`publish verify TARGET`" + ` | fetch every file and compare bytes and headers · 取回每个文件核对 |
| ` + "`publish releases TARGET`" + ` | list the releases · 列出各版本 |
| ` + "`publish rollback TARGET [RELEASE]`" + ` | go back, one step or to a release · 退回 |

All take ` + "`--json`" + ` and ` + "`--quiet`" + `; those that work on files, ` + "`--verbose`" + ` (a line an operation).
A publish that would delete more than a quarter of the site, or replace files that are not ours, asks first;
` + "`--yes`" + ` answers for CI. 要删网站四分之一以上的文件，或替换不是发布上去的文件，会先问；CI 里用 ` + "`--yes`" + `。

The exit status is 0 when it is done, 1 when it failed, 2 for a wrong use, and 3 when somebody else is publishing to
the same target: try again later. 退出状态：0 完成，1 没有成功，2 用法有误，3 别人正在往同一目标发布，过一会儿再试。

` + "`verify`" + ` and ` + "`releases`" + ` tell what readers get now; what was begun and not shown yet is no part of it.
` + "`verify`" + ` 和 ` + "`releases`" + ` 说的是读者现在看到的；做了一半、还没有切换的不算。

## Secrets · 密码和密钥

A secret is never written into ` + "`publish.toml`" + `: name an environment variable or a file outside the project.
It is not printed, and a site that contains one, or a single line of a private key, is not published.
密码和密钥不写进 ` + "`publish.toml`" + `，只写环境变量名或项目之外的文件；它们不会被打印，网页里若含有（哪怕私钥的一行）就不发布。

` + "```toml" + `
  secret_key = { env = "MINXI_SECRET_KEY" }
  token = { file = "~/.config/minxi/token" }
` + "```" + `

## Headers and redirects · 响应头和跳转

They stand once, at the top of ` + "`publish.toml`" + `. Hosts that keep headers get them with each file; ` + "`_headers`" + `,
` + "`_redirects`" + `, ` + "`.htaccess`" + ` and the end of ` + "`netlify.toml`" + ` are made from them. Behind a web server of your own,
set the same headers there, and let ` + "`verify`" + ` say what is missing: give the target its ` + "`address`" + `.

`

// TestDocs keeps docs/publish.md what the hosts say of themselves.
func TestDocs(t *testing.T) {
	const file = "../../../../docs/publish.md"
	hosttest.Program(t, "rsync") // or its example cannot be opened
	var b strings.Builder
	b.WriteString(docsIntro)
	b.WriteString("## For every target · 各种目标都有的设置\n\n")
	table(&b, common)
	for _, k := range All {
		for _, o := range k.Options {
			if slices.ContainsFunc(common, func(c Option) bool { return c.Name == o.Name }) {
				t.Errorf("%s: its option %s has the name of one that every target has", k.Name, o.Name)
			}
		}
		h, err := k.Open(t.Context(), exampleValues(t, k))
		if err != nil {
			t.Errorf("%s: the example cannot be opened: %v", k.Name, err)
			continue
		}
		traits := h.Traits()
		_, atomic := h.(publish.Deployer)
		h.Close()
		promise := "ordered · 按序"
		if atomic {
			promise = "atomic · 一步切换"
		}
		fmt.Fprintf(&b, "## %s\n\n%s. %s。\n\n- %s\n", k.Name, k.Doc.EN, k.Doc.ZH, promise)
		switch {
		case !traits.Headers:
			b.WriteString("- headers: as the web server is set up · 响应头由网页服务器设置\n")
		case traits.Keeps == nil:
			b.WriteString("- headers: all · 响应头全部保存\n")
		default:
			fmt.Fprintf(&b, "- headers: %s · 只保存这些响应头\n", strings.Join(traits.Keeps, ", "))
		}
		if len(traits.Encodings) > 0 {
			fmt.Fprintf(&b, "- encoding: %s\n", strings.Join(traits.Encodings, ", "))
		}
		if l := traits.Limits; l.Of != "" {
			var most []string
			for _, part := range []struct {
				is   bool
				text string
			}{{l.Files > 0, fmt.Sprintf("%d files · 个文件", l.Files)}, {l.File > 0, fmt.Sprintf("%d MiB a file · 每个文件", l.File>>20)}, {l.Total > 0, fmt.Sprintf("%d MiB in all · 总共", l.Total>>20)}} {
				if part.is {
					most = append(most, part.text)
				}
			}
			fmt.Fprintf(&b, "- limits · 上限 (%s): %s\n", l.Of, strings.Join(most, "; "))
		}
		for _, n := range k.Notes {
			fmt.Fprintf(&b, "- %s %s\n", n.EN, n.ZH)
		}
		b.WriteString("\n```toml\n" + k.Example + "```\n\n")
		table(&b, k.Options)
	}
	want := strings.TrimRight(b.String(), "\n") + "\n"
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != want {
		t.Errorf("docs/publish.md is out of date (%v): go test ./generator/internal/publish/hosts -run TestDocs -update", err)
	}
}

func table(b *strings.Builder, options []Option) {
	b.WriteString("| | 含义 | meaning |\n|---|---|---|\n")
	for _, o := range options {
		zh, en := o.Doc.ZH, o.Doc.EN
		if o.Required {
			zh, en = zh+"（必填）", en+" (required)"
		}
		if o.Choices != nil {
			en += "; " + strings.Join(o.Choices, " | ")
		}
		if o.Default != "" {
			en += "; default " + o.Default
		}
		if o.Secret {
			zh, en = zh+"（秘密）", en+" (secret)"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", o.Name, strings.ReplaceAll(zh, "|", `\|`), strings.ReplaceAll(en, "|", `\|`))
	}
	b.WriteString("\n")
}

// exampleValues reads the example of a kind as publish.toml is read.
func exampleValues(t *testing.T, k Kind) Values {
	t.Helper()
	c, err := parseConfig(t.TempDir(), []byte(k.Example))
	if err != nil || len(c.Targets) != 1 {
		t.Fatalf("%s: its example: %v", k.Name, diag.From(err))
	}
	for _, target := range c.Targets {
		filled := target.Values
		for name, value := range filled.Options {
			if strings.HasPrefix(value, "\x00") {
				filled.Options[name] = secretFor(t, k.Name, name)
			}
		}
		if target.Kind.Name != k.Name {
			t.Errorf("%s: its example is of the kind %s", k.Name, target.Kind.Name)
		}
		if i := slices.IndexFunc(k.Options, func(o Option) bool { return o.Required && filled.Options[o.Name] == "" }); i >= 0 {
			t.Errorf("%s: its example has no %s", k.Name, k.Options[i].Name)
		}
		return filled
	}
	return Values{}
}

// secretFor gives something of the form that an option's secret has.
func secretFor(t *testing.T, kind, option string) string {
	t.Helper()
	switch option {
	case "key":
		if kind == "azure" {
			return "c2VjcmV0LW9mLXRoZS1leGFtcGxl"
		}
		_, key, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return keyText(signer{key}.ssh(), "")
	case "credentials":
		return accountKey(t, gcsTestKey(), "https://oauth2.googleapis.com/token")
	}
	return "secret-of-the-example"
}
