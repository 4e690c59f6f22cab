package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/pipeline"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/publish"
	"minxi/generator/internal/publish/hosts"
)

// publishing is what the commands about a target share.
type publishing struct {
	*app
	from    string
	verbose bool
	yes     bool
	options publish.Options
}

func (a *app) publishCommand() *cobra.Command {
	p := &publishing{app: a}
	cmd := &cobra.Command{
		Use:   "publish TARGET",
		Short: a.say("把 public/ 发布到 publish.toml 里的一个目标", "publish public/ to a target of publish.toml"),
		Long: a.say(`把构建好的 public/ 发布到 publish.toml 里的一个目标。

只送改过的文件；样式先于页面，页面先于首页和订阅，全部到齐、核对无误之后才删旧文件。中途出任何错，后面的步骤都不做，什么也不删；再发布一次就从断处接着做。

主机上已有的、不是发布上去的文件，替换之前会问，并先留存。退出状态：0 完成，1 没有成功，2 用法有误，3 别人正在往同一目标发布，过一会儿再试。`,
			`Publish the built public/ to a target of publish.toml.

Only what has changed is sent: style sheets before pages, pages before the home page and feeds; old files are deleted after everything is there and was looked at. Whatever fails, no later step is taken and nothing is deleted; publishing again carries on from there.

Files that stand on the host and that no publish has put there are asked about before they are replaced, and kept. The exit status is 0 when it is done, 1 when it failed, 2 for a wrong use, 3 when somebody else is publishing to the same target: try again later.`),
		Example: `  go run ./generator publish web --dry-run
  go run ./generator publish web
  go run ./generator publish verify web
  go run ./generator publish releases web
  go run ./generator publish rollback web`,
		Args: a.args(1, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			return p.onTarget(args[0], func(ctx context.Context, h publish.Host, t hosts.Target, rules publish.Rules) error {
				if err := p.readings(); err != nil {
					return err
				}
				dir, err := p.tree()
				if err != nil {
					return err
				}
				defer dir.Close()
				tree := publish.Tree{FS: dir.FS(), Extra: t.Files(rules, h.Traits()), Rules: rules, Secrets: t.Secrets}
				done := p.watch()
				r, err := publish.Publish(ctx, h, tree, p.options)
				done()
				if err != nil {
					return err
				}
				p.tell(r, t)
				return nil
			})
		},
	}
	p.flags(cmd)
	cmd.Flags().StringVar(&p.from, "from", "public", a.say("发布哪个构建好的文件夹", "the built folder to publish"))
	cmd.Flags().BoolVar(&p.options.DryRun, "dry-run", false, a.say("只看会增、改、删什么，不动手", "only show what would be added, changed and deleted"))
	cmd.Flags().BoolVar(&p.options.Recheck, "recheck", false, a.say("不信清单，逐个核对主机上的文件", "look at every file of the host instead of trusting its manifest"))
	cmd.AddCommand(p.verifyCommand(), p.rollbackCommand(), p.releasesCommand())
	return cmd
}

// flags are common to the commands that change a target.
func (p *publishing) flags(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&p.yes, "yes", false, p.say("要删很多文件、替换别人的文件时不再问", "do not ask before much is deleted, or files replaced that are not ours"))
	cmd.Flags().BoolVar(&p.verbose, "verbose", false, p.say("每一步操作记一行", "a line for every operation on the host"))
}

func (p *publishing) rollbackCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rollback TARGET [RELEASE]",
		Short: p.say("退回一个旧版本（默认退一步）", "go back to an earlier release (one step, by default)"),
		Args:  p.args(1, 2),
		RunE: func(_ *cobra.Command, args []string) error {
			return p.onTarget(args[0], func(ctx context.Context, h publish.Host, t hosts.Target, _ publish.Rules) error {
				release := ""
				if len(args) > 1 {
					release = args[1]
				}
				done := p.watch()
				r, err := publish.Rollback(ctx, h, release, p.options)
				done()
				if err != nil {
					return err
				}
				p.tell(r, t)
				return nil
			})
		},
	}
	p.flags(cmd)
	cmd.Flags().BoolVar(&p.options.DryRun, "dry-run", false, p.say("只看会增、改、删什么，不动手", "only show what would be added, changed and deleted"))
	return cmd
}

func (p *publishing) releasesCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "releases TARGET",
		Short: p.say("列出目标上的各个版本", "list the releases on a target"),
		Args:  p.args(1, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			return p.onTarget(args[0], func(ctx context.Context, h publish.Host, _ hosts.Target, _ publish.Rules) error {
				all, live, err := publish.Releases(ctx, h, p.options)
				if err != nil {
					return err
				}
				if p.asJSON {
					p.print(map[string]any{"ok": true, "live": live, "releases": append([]publish.Release{}, all...)})
					return nil
				}
				for _, r := range all {
					mark, note := " ", ""
					if r.ID == live {
						mark = "*"
					}
					switch {
					case r.Foreign:
						note = p.say("　第一次发布之前原有的", "  what stood there before the first publish")
					case r.Restores != "":
						note = p.say("　退回 %s", "  restores %s", r.Restores)
					}
					fmt.Fprintln(p.out, p.say("%s %s　%d 个文件　%s%s", "%s %s  %d files  %s%s", mark, r.ID, r.Files, size(r.Bytes), note))
				}
				if len(all) == 0 && !p.quiet {
					fmt.Fprintln(p.out, p.say("还没有发布过", "nothing was published yet"))
				}
				return nil
			})
		},
	}
}

func (p *publishing) verifyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "verify TARGET",
		Short: p.say("取回每个文件，核对内容和响应头", "fetch every file and compare its bytes and headers"),
		Args:  p.args(1, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			return p.onTarget(args[0], func(ctx context.Context, h publish.Host, t hosts.Target, _ publish.Rules) error {
				done := p.watch()
				c, err := publish.Verify(ctx, h, t.Site, p.options)
				done()
				if err != nil {
					return err
				}
				if p.asJSON {
					found := append(diag.List{}, c.Found...)
					p.print(struct {
						OK bool `json:"ok"`
						publish.Checked
						Found diag.List `json:"diagnostics"`
					}{!found.HasErrors(), *c, found})
				} else {
					c.Found.Print(p.err, p.lang)
					if !p.quiet {
						where := p.say("按主机上所存", "as the host holds them")
						if c.Readers {
							where = p.say("按读者在 %s 所见", "as readers get them from %s", t.Site)
						}
						fmt.Fprintln(p.out, p.say("版本 %s：%d 个文件中 %d 个无误（%s）", "release %s: %[3]d of %[2]d files are right (%[4]s)", c.Release, c.Files-c.Skipped, c.Right, where))
					}
				}
				if c.Found.HasErrors() {
					return errFailed
				}
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&p.verbose, "verbose", false, p.say("每一步操作记一行", "a line for every operation on the host"))
	return cmd
}

// readings refuses to publish what lacks the names that publish.toml asks for.
func (p *publishing) readings() error {
	dir, err := p.project()
	if err != nil {
		return err
	}
	return unread(dir)
}

// onTarget opens a target's host and does something with it. Whatever goes wrong
// is told without the target's secrets.
func (p *publishing) onTarget(name string, do func(context.Context, publish.Host, hosts.Target, publish.Rules) error) error {
	dir, err := p.project()
	if err != nil {
		return err
	}
	config, err := hosts.ReadConfig(dir)
	if err != nil {
		return err
	}
	t, err := config.Target(name)
	if err != nil {
		return err
	}
	if t, err = t.Fill(os.Getenv); err != nil {
		return err
	}
	hide := redactor(t.Secrets)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	p.options.Keep, p.options.Coding, p.options.Concurrency = t.Keep, t.Coding, t.Concurrency
	p.options.Holder = holder()
	if p.yes {
		p.options.Confirm = func(*publish.Report) bool { return true }
	} else if isatty.IsTerminal(os.Stdin.Fd()) && !p.asJSON {
		p.options.Confirm = p.ask
	}
	if p.verbose {
		var mu sync.Mutex
		start := time.Now()
		p.options.Log = func(op, on string) {
			mu.Lock()
			defer mu.Unlock()
			fmt.Fprintf(p.err, "%7.3f %s %s\n", time.Since(start).Seconds(), op, hide(on))
		}
	}
	if !p.quiet {
		p.options.Notice = func(text plan.Text) { fmt.Fprintln(p.err, hide(text.In(p.lang))) }
	}
	h, err := t.Open(ctx)
	if err == nil {
		err = do(ctx, h, t, config.Rules)
		if closing := h.Close(); err == nil {
			err = closing
		}
	}
	if err == nil || errors.Is(err, errFailed) {
		return err
	}
	if ctx.Err() != nil {
		return diag.Diagnostic{Check: "interrupted", Fact: diag.Text("已中断", "interrupted"),
			Hint: diag.Text("再运行一次会接着做；发布到一半的，也可以用 rollback 退回上一版。", "Run the command again to carry on; what was published by half can also be taken back with rollback.")}
	}
	found := diag.From(err)
	var one diag.Diagnostic
	var list diag.List
	if !errors.As(err, &one) && !errors.As(err, &list) { // what a host says has words of its own, below
		found = diag.List{{Fact: diag.Text("%s", "%s", err.Error())}}
	}
	for i := range found {
		if found[i].File == "" && found[i].Hint.EN == "" {
			found[i].File = hosts.ConfigFile
			why, hint := publish.Explain(err)
			detail := publish.Detail(err)
			found[i].Fact = plan.Text{
				ZH: fmt.Sprintf("目标 %s：%s（%s）", name, why.ZH, detail.ZH),
				EN: fmt.Sprintf("target %s: %s (%s)", name, why.EN, detail.EN)}
			found[i].Hint = hint
		}
		found[i].Fact = plan.Text{ZH: hide(found[i].Fact.ZH), EN: hide(found[i].Fact.EN)}
	}
	return found
}

// redactor gives a function that takes secrets out of a text.
func redactor(secrets []string) func(string) string {
	var pairs []string
	for _, s := range slices.SortedFunc(slices.Values(secrets), func(a, b string) int { return len(b) - len(a) }) {
		pairs = append(pairs, s, "•••")
	}
	return strings.NewReplacer(pairs...).Replace
}

// holder introduces this publisher to others who find the lock.
func holder() string {
	who := "?"
	if u, err := user.Current(); err == nil {
		who = u.Username
	}
	host, err := os.Hostname()
	if err != nil {
		return who
	}
	return who + "@" + host
}

// tree opens the built folder. Only what a build has made is published, and
// nothing outside of it, whatever symbolic links say.
func (p *publishing) tree() (*os.Root, error) {
	dir, err := p.project()
	if err != nil {
		return nil, err
	}
	from := p.from
	if !filepath.IsAbs(from) {
		from = filepath.Join(dir, from)
	}
	if err := pipeline.CheckBuilt(from); err != nil {
		return nil, diag.From(err)
	}
	root, err := os.OpenRoot(from)
	if err != nil {
		return nil, diag.From(err)
	}
	return root, nil
}

// ask asks a person before much is deleted, or what is not ours replaced.
func (p *publishing) ask(r *publish.Report) bool {
	for _, name := range r.Foreign {
		fmt.Fprintln(p.err, p.say("会替换主机上已有的、不是发布上去的文件：%s", "would replace a file that is not ours: %s", name))
	}
	fmt.Fprint(p.err, p.say("会删除 %d 个文件（留下和新增的共 %d 个）。继续吗？输入 yes：", "%d files would be deleted (%d stay or are new). Go on? Type yes: ", r.Deleted, r.Files))
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	return (err == nil || errors.Is(err, io.EOF)) && strings.TrimSpace(line) == "yes"
}

// watch shows on a terminal how far the work is.
func (p *publishing) watch() (done func()) {
	if p.quiet || p.asJSON || p.verbose || !isatty.IsTerminal(os.Stderr.Fd()) {
		return func() {}
	}
	var mu sync.Mutex
	var bar *progressbar.ProgressBar
	phase := ""
	finish := func() {
		if bar != nil {
			_ = bar.Finish()
		}
	}
	p.options.Progress = func(now string, done, total int) {
		mu.Lock()
		defer mu.Unlock()
		if now != phase {
			finish()
			phase = now
			name := publishPhases[now]
			bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(p.err), progressbar.OptionSetDescription(name.In(p.lang)),
				progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond))
		}
		_ = bar.Set(done) // a bar that cannot be drawn is no reason to stop
	}
	return func() {
		mu.Lock()
		defer mu.Unlock()
		finish()
	}
}

// publishPhases are the parts of a publish as people see them go by.
var publishPhases = map[string]plan.Text{
	"keep":                 {ZH: "留存旧内容", EN: "keeping the old"},
	"assets":               {ZH: "样式与数据", EN: "assets and data"},
	"new pages":            {ZH: "新页面", EN: "new pages"},
	"changed pages":        {ZH: "改过的页面", EN: "changed pages"},
	"home pages and feeds": {ZH: "首页与订阅", EN: "home pages and feeds"},
	"verify":               {ZH: "核对", EN: "looking at them"},
	"delete":               {ZH: "清理", EN: "tidying"},
	"deploy":               {ZH: "送出", EN: "sending"},
	"look":                 {ZH: "查看留存", EN: "looking at the archive"},
	"strangers":            {ZH: "查看主机上已有的文件", EN: "looking at what is there"},
}

// tell says what a publish or rollback did.
func (p *publishing) tell(r *publish.Report, t hosts.Target) {
	if p.asJSON {
		p.print(struct {
			OK     bool   `json:"ok"`
			Target string `json:"target"`
			Kind   string `json:"kind"`
			DryRun bool   `json:"dry_run"`
			*publish.Report
			Millis int64 `json:"ms"`
		}{true, t.Name, t.Kind.Name, p.options.DryRun, r, r.Took.Milliseconds()})
		return
	}
	r.Warnings.Print(p.err, p.lang)
	if n := len(r.Unkept); n > 0 {
		fmt.Fprintln(p.err, p.say("警告：主机上有 %d 个文件在上次发布之后被改过，旧内容没有留下来（如 %s）", "warning: %d files were changed on the host after the last publish; their earlier content was not kept (such as %s)", n, r.Unkept[0]))
	}
	if p.quiet {
		return
	}
	say := func(zh, en string, args ...any) { fmt.Fprintln(p.out, p.say(zh, en, args...)) }
	if r.Nothing {
		say("没有变化，%s 上仍是版本 %s", "no change: %s still has release %s", t.Name, r.Release)
		return
	}
	say("增 %d，改 %d，删 %d，不变 %d，留用的旧资源 %d", "added %d, changed %d, deleted %d, unchanged %d, assets kept from before %d", r.Added, r.Changed, r.Deleted, r.Same, r.Kept)
	for _, name := range r.Foreign {
		say("替换不是发布上去的文件：%s", "replaces a file that is not ours: %s", name)
	}
	say("要送 %s，要删 %s", "%s to send, %s to delete", size(r.Bytes), size(r.Dropped))
	if p.options.DryRun {
		say("操作约 %s", "about %s", p.requests(r.Requests))
		say("这只是预演，什么也没有改动", "this was a dry run; nothing was changed")
		return
	}
	say("送出 %d 个文件 %s，上次已到的 %d 个；操作 %s", "sent %d files, %s; %d had arrived before; %s", r.Sent, size(r.SentSize), r.Resumed, p.requests(r.Requests))
	if r.Atomic {
		say("一步切换：读者看到的不是旧版就是新版", "switched in one step: readers had the old release or the new")
	} else {
		say("按序送达：读者看到的每一页，所需的文件都在", "sent in order: every page that readers met had its parts")
	}
	say("版本 %s，用时 %d 毫秒", "release %s, %d ms", r.Release, r.Took.Milliseconds())
}

// publishSteps are what a dry run foresees; other operations have the names that the
// host's protocol gives them.
var publishSteps = map[string]plan.Text{
	"put":    {ZH: "送出", EN: "put"},
	"keep":   {ZH: "留存", EN: "keep"},
	"delete": {ZH: "删除", EN: "delete"},
}

// requests lists operations by number.
func (p *publishing) requests(n map[string]int) string {
	var parts []string
	for _, op := range slices.Sorted(maps.Keys(n)) {
		if n[op] > 0 {
			name := op
			if own, ok := publishSteps[op]; ok {
				name = own.In(p.lang)
			}
			parts = append(parts, fmt.Sprintf("%s %d", name, n[op]))
		}
	}
	if len(parts) == 0 {
		return p.say("无", "no operations")
	}
	return strings.Join(parts, p.say("，", ", "))
}
