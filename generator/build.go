package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"minxi/generator/internal/cache"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/optimize"
	"minxi/generator/internal/pipeline"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/proof"
)

func (a *app) buildCommand() *cobra.Command {
	var out, base string
	var o pipeline.Options
	var twins, noCache bool
	var slice, signKey string
	var more editions
	var parts []string
	cmd := &cobra.Command{
		Use:   "build",
		Short: a.say("检查内容并生成网站（默认命令）", "check the content and build the site (the default command)"),
		Long: a.say(`检查内容，渲染全部页面，压缩后写进 public/。

新网站写在旁边的临时文件夹里，全部完成后一步换上；中途出错或被终止，原来的 public/ 不变。`,
			`Check the content, render every page, minify, and write public/.

The new site grows in a folder beside public/ and takes its place in one step when it is complete; if anything fails or the build is killed, public/ stays as it was.`),
		Args: a.args(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if o.Base, err = pipeline.ParseBase(base); err != nil {
				return usageError{fmt.Errorf("%s", diag.From(err)[0].Fact.In(a.lang))}
			}
			if o.Dir, err = a.project(); err != nil {
				return err
			}
			store := cache.Store{Dir: cacheDir()}
			if twins {
				o.Twins = &optimize.Compressor{Cache: store}
			}
			if o.Version = version(); !noCache && o.Version != "" {
				o.Cache = store
			}
			if o.Key, err = a.signingKey(o.Dir, signKey); err != nil {
				return err
			}
			if !filepath.IsAbs(out) {
				out = filepath.Join(o.Dir, out)
			}
			for _, part := range parts {
				if info, err := os.Stat(part); err != nil || !info.IsDir() {
					return usageError{errors.New(a.say("--join：没有文件夹 %s", "--join: there is no folder %s", part))}
				}
				o.Parts = append(o.Parts, cache.Store{Dir: part})
			}
			if err := pipeline.CheckTarget(o.Dir, out); err != nil {
				d := diag.From(err)[0]
				return usageError{fmt.Errorf("%s — %s", d.Fact.In(a.lang), d.Hint.In(a.lang))}
			}
			if slice != "" {
				if o.Slice, err = pipeline.ParseSlice(slice); err != nil {
					d := diag.From(err)[0]
					return usageError{fmt.Errorf("%s — %s", d.Fact.In(a.lang), d.Hint.In(a.lang))}
				}
				return a.slice(o, out)
			}
			for _, path := range []*string{&more.zip, &more.pdf} {
				if *path == "" {
					continue
				}
				if !filepath.IsAbs(*path) {
					*path = filepath.Join(o.Dir, *path)
				}
				if _, is := below(out, *path); is {
					return usageError{errors.New(a.say("--offline 和 --pdf 不能写进 --out 的文件夹：那里只有网站", "--offline and --pdf cannot write into the folder of --out, which holds the site alone"))}
				}
			}
			return a.build(o, out, more)
		},
	}
	f := cmd.Flags()
	f.StringVar(&out, "out", "public", a.say("写到哪个文件夹", "folder to write"))
	f.StringVar(&base, "base-url", "", a.say("网站的网址，如 https://example.org/minxi/ 或 /minxi/；留空则从磁盘也能打开", "address of the site, such as https://example.org/minxi/ or /minxi/; empty: pages also open from a disk"))
	f.BoolVar(&o.Drafts, "drafts", false, a.say("包括标为草稿的页面", "include pages marked draft"))
	f.BoolVar(&o.NoCheck, "no-check", false, a.say("不做内容检查", "skip the checks of the content"))
	f.BoolVar(&noCache, "no-cache", false, a.say("不用缓存，全部重新渲染", "render every page, whatever was kept of earlier builds"))
	f.BoolVar(&o.Verify, "verify", false, a.say("抽取一部分缓存的页面重新渲染并比较", "render a sample of the kept pages again and compare"))
	f.StringVar(&slice, "slice", "", a.say("只渲染几份中的一份，如 2/5，写进 --out 的文件夹，供 --join 合并", "render one part of several, such as 2/5, into the folder of --out, for --join"))
	f.StringArrayVar(&parts, "join", nil, a.say("用 --slice 渲染好的文件夹，每份一个 --join", "a folder that --slice has made; once for each part"))
	f.StringVar(&signKey, "sign-key", os.Getenv(signKeyVar), a.say("用这个 minisign 私钥文件给发布清单签名（也可写在环境变量 MINXI_SIGN_KEY；口令在 MINXI_SIGN_PASSWORD）", "sign the manifest with the secret key of minisign in this file (or name it in MINXI_SIGN_KEY; its password in MINXI_SIGN_PASSWORD)"))
	f.Lookup("sign-key").DefValue = "" // help is the same for everybody
	f.StringVar(&more.zip, "offline", "", a.say("另把整个网站写成一个 zip，解压后不用网络就能看，如 --offline site.zip", "also write the whole site as a zip that is unpacked and read without a network, such as --offline site.zip"))
	f.StringVar(&more.pdf, "pdf", "", a.say("另把方案打印成 PDF（中文、英文、中英对照）放进这个文件夹；要有 Chromium、Chrome 或 Edge", "also print the plan as PDFs (Chinese, English, both) into this folder; it takes Chromium, Chrome or Edge"))
	f.BoolVar(&twins, "precompress", false, a.say("旁边另写 .br 和 .gz 文件", "write .br and .gz files beside the others"))
	f.DurationVar(&o.Stall, "stall", 2*time.Minute, a.say("渲染多久没有进展就放弃", "give up when rendering stands still for so long"))
	return cmd
}

// Where the secret key of the release is, and its password.
const (
	signKeyVar      = "MINXI_SIGN_KEY"
	signPasswordVar = "MINXI_SIGN_PASSWORD"
)

// signingKey reads the key that signs a release; without a file there is none. It is a
// secret, and the project is not: a file inside of it is refused. Nothing that the file
// or the password holds is ever told.
func (a *app) signingKey(project, file string) (*proof.Key, error) {
	if file == "" {
		return nil, nil
	}
	refuse := func(fact, hint plan.Text) error {
		return diag.Diagnostic{Pos: diag.Pos{File: filepath.ToSlash(file)}, Check: "sign", Fact: fact, Hint: hint}
	}
	if _, is := below(really(project), really(file)); is {
		return nil, refuse(diag.Text("私钥放在项目里，会随项目流出去", "the secret key is inside the project, and would go wherever the project goes"),
			diag.Text("请移到项目之外，再用 --sign-key 指明。", "Move it out of the project and name it with --sign-key."))
	}
	key, err := proof.ReadKey(file, os.Getenv(signPasswordVar))
	switch {
	case errors.Is(err, proof.ErrPassword):
		return nil, refuse(diag.Text("私钥要口令，给出的不对或没有给", "the key needs a password, and the right one was not given"),
			diag.Text("请把口令放进环境变量 %s。", "Put it into the environment variable %s.", signPasswordVar))
	case errors.Is(err, fs.ErrNotExist):
		return nil, refuse(diag.Text("没有这个私钥文件", "there is no such file with a key"), diag.Text("请检查 --sign-key 或环境变量 %s。", "Check --sign-key or the environment variable %s.", signKeyVar))
	case err != nil:
		return nil, refuse(diag.Text("这不是 minisign 的私钥", "this is no secret key of minisign"), diag.Text("用 minisign -G 生成一把。", "Make one with minisign -G."))
	}
	return key, nil
}

// really is where a file is, whatever links lead there; its name, if there is none.
func really(name string) string {
	if abs, err := filepath.Abs(name); err == nil {
		if real, err := filepath.EvalSymlinks(abs); err == nil {
			return real
		}
	}
	return name
}

// slice renders one part of the pages into a folder that a later build joins.
func (a *app) slice(o pipeline.Options, out string) error {
	if entries, err := os.ReadDir(out); err == nil && len(entries) > 0 && !cache.IsStore(out) {
		return diag.Diagnostic{Pos: diag.Pos{File: filepath.ToSlash(out)}, Check: "output",
			Fact: diag.Text("这个文件夹里有别的东西，没有动它", "this folder holds something else; it was left alone"),
			Hint: diag.Text("用 --out 另选一个空文件夹，如 --out part2。", "Choose an empty folder with --out, such as --out part2.")}
	}
	if o.Version == "" {
		return errors.New(a.say("读不了本程序，无法保证各份一致", "this program cannot be read, so parts cannot be told apart"))
	}
	o.Cache = cache.Store{Dir: out}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	start := time.Now()
	done := a.progress(&o)
	res, err := pipeline.Build(ctx, o, nowhere{})
	done()
	if err != nil {
		return err
	}
	pages := res.Pages[plan.ZH] + res.Pages[plan.EN]
	if a.asJSON {
		a.print(map[string]any{"ok": true, "out": out, "slice": fmt.Sprintf("%d/%d", o.Slice.Index, o.Slice.Of), "pages": pages, "ms": float64(time.Since(start).Microseconds()) / 1000, "diagnostics": res.Found})
		return nil
	}
	res.Found.Print(a.err, a.lang)
	if !a.quiet {
		fmt.Fprintln(a.out, a.say("已渲染第 %d/%d 份，%d 页，写入 %s", "rendered part %d/%d, %d pages, into %s", o.Slice.Index, o.Slice.Of, pages, relative(out)))
	}
	return nil
}

// nowhere takes the files of a build that only fills a cache.
type nowhere struct{}

func (nowhere) Write(string, []byte) error { return nil }

// cacheDir is where finished files are kept from build to build, outside the project.
func cacheDir() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		dir = os.TempDir()
	}
	return filepath.Join(dir, "minxi", "cache")
}

// How much a build's heap grows between collections, in per cent: more than Go's
// default, for less processor time; where there is much to render less, for the sake of
// memory (docs/performance.md).
const (
	gcPercent     = 400
	gcPercentMuch = 200
)

// spareCollector sets this, unless whoever runs the program has said otherwise.
func spareCollector(o *pipeline.Options) {
	if os.Getenv("GOGC") != "" {
		return
	}
	debug.SetGCPercent(gcPercent)
	o.Much = func() { debug.SetGCPercent(gcPercentMuch) }
}

// editions are what is made of a finished site beside it; "" for none.
type editions struct{ zip, pdf string }

// make makes them, and gives the files.
func (e editions) make(ctx context.Context, o pipeline.Options, res *pipeline.Result, out string) (files []string, err error) {
	if e.zip != "" {
		if _, err := pipeline.WriteZip(o, res, out, e.zip); err != nil {
			return nil, err
		}
		files = append(files, e.zip)
	}
	if e.pdf != "" {
		pdfs, err := pipeline.WritePDFs(ctx, o, res, out, e.pdf)
		if err != nil {
			return nil, err
		}
		files = append(files, pdfs...)
	}
	return files, nil
}

// build runs the pipeline into a folder and tells how it went.
func (a *app) build(o pipeline.Options, out string, more editions) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	start := time.Now()
	spareCollector(&o)
	folder, err := pipeline.NewFolder(out)
	if err != nil {
		return err
	}
	done := a.progress(&o)
	res, err := pipeline.Renew(ctx, o, folder)
	done()
	if err != nil {
		if ctx.Err() != nil {
			fmt.Fprintln(a.err, a.say("已中断，%s 没有改动", "interrupted; %s is unchanged", out))
			return errFailed
		}
		return err
	}
	files, err := more.make(ctx, o, res, out)
	if err != nil {
		return err
	}
	a.summary(res, out, time.Since(start))
	for _, file := range files {
		if info, err := os.Stat(file); err == nil && !a.quiet && !a.asJSON {
			fmt.Fprintln(a.out, a.say("离线　%s，%s", "offline  %s, %s", relative(file), size(info.Size())))
		}
	}
	o.Cache.Tidy(res.Written)
	return nil
}

// progress shows on a terminal how far a build is, if it takes over a second.
func (a *app) progress(o *pipeline.Options) (done func()) {
	if a.quiet || a.asJSON || !isatty.IsTerminal(os.Stderr.Fd()) {
		return func() {}
	}
	start := time.Now()
	var mu sync.Mutex // files are finished by several workers
	var bar *progressbar.ProgressBar
	o.Progress = func(files, expected int) {
		if time.Since(start) < time.Second {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		if bar == nil {
			bar = progressbar.NewOptions(max(files, expected),
				progressbar.OptionSetWriter(a.err), progressbar.OptionSetDescription(a.say("渲染", "rendering")),
				progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond))
		}
		bar.ChangeMax(max(files, expected))
		_ = bar.Set(files) // a bar that cannot be drawn is no reason to stop
	}
	return func() {
		mu.Lock()
		defer mu.Unlock()
		if bar != nil {
			_ = bar.Finish()
		}
	}
}

func (a *app) summary(r *pipeline.Result, out string, took time.Duration) {
	if a.asJSON {
		a.print(summaryJSON(r, out, took))
		return
	}
	r.Found.Print(a.err, a.lang)
	if a.quiet {
		return
	}
	p := func(zh, en string, args ...any) { fmt.Fprintln(a.out, a.say(zh, en, args...)) }
	p("方案　%d 章、%d 节、%d 句，其中措施 %d 条", "plan     %d chapters, %d sections, %d sentences, %d of them measures",
		r.Plan.Chapters, r.Plan.Sections, r.Plan.Units, r.Plan.Measures)
	if n := r.Missing[plan.EN]; n > 0 {
		p("　　　　%d 句还没有英文", "         %d sentences have no English yet", n)
	}
	p("页面　中文 %d，英文 %d；文件共 %d 个", "pages    %d Chinese, %d English; %d files in all", r.Pages[plan.ZH], r.Pages[plan.EN], r.Files)
	if r.Kept > 0 && !r.Standing {
		p("　　　　其中 %d 页取自缓存，%d 页重新渲染比较过", "         %d pages were kept from earlier builds, %d of them rendered again and compared", r.Kept, r.Verified)
	}
	if r.Standing {
		p("大小　%s", "size     %s", size(r.Written))
	} else {
		p("大小　渲染后 %s，写入 %s（%d%%）", "size     %s rendered, %s written (%d%%)", size(r.Rendered), size(r.Written-r.Reused), percent(r.Written-r.Reused, r.Rendered))
	}
	if r.Reused > 0 && !r.Standing {
		p("　　　　另有 %s 取自以前的构建", "         and %s as earlier builds have left it", size(r.Reused))
	}
	if r.Twins > 0 {
		p("　　　　另有 %d 个预压缩文件", "         and %d precompressed files", r.Twins)
	}
	if r.Unrecorded > 0 {
		p("历史　%d 句的改动还没有记入，发布前请运行 go run ./generator editions record", "history  %d changed sentences are not recorded; before you publish, run go run ./generator editions record", r.Unrecorded)
	}
	if len(r.Unfilled) > 0 {
		p("未填　hugo.toml：%s（页面上不出现）", "unfilled hugo.toml: %s (left out of the pages)", strings.Join(r.Unfilled, a.say("、", ", ")))
	}
	var parts []string
	for _, s := range r.Stages {
		parts = append(parts, fmt.Sprintf("%s %d", a.stage(s.Name), s.Took.Milliseconds()))
	}
	p("用时　%d 毫秒（%s）", "time     %d ms (%s)", took.Milliseconds(), strings.Join(parts, a.say("，", ", ")))
	if r.Standing {
		p("没有变化，%s 保持原样", "nothing has changed; %s is as it was", relative(out))
	} else {
		p("已写入 %s", "wrote    %s", relative(out))
	}
	if r.Nowhere {
		p("没有写明网址：永久链接、分享卡片和长图要知道网站在哪里，请加 --base-url https://网址/", "no address: permalinks, cards and long pictures need to know where the site will stand; add --base-url https://ADDRESS/")
	}
}

var stageNames = map[string]plan.Text{
	pipeline.Load:     {ZH: "读取", EN: "load"},
	pipeline.Check:    {ZH: "检查", EN: "check"},
	pipeline.Render:   {ZH: "渲染", EN: "render"},
	pipeline.Optimize: {ZH: "其中压缩", EN: "in it minify"},
	pipeline.Write:    {ZH: "其中写盘", EN: "in it write"},
	pipeline.Swap:     {ZH: "换上", EN: "swap"},
}

func (a *app) stage(name string) string {
	t := stageNames[name]
	return t.In(a.lang)
}

func summaryJSON(r *pipeline.Result, out string, took time.Duration) any {
	type bytes struct {
		Rendered int64 `json:"rendered"`
		Written  int64 `json:"written"`
	}
	stages := map[string]float64{}
	for _, s := range r.Stages {
		stages[s.Name] = float64(s.Took.Microseconds()) / 1000
	}
	found := r.Found
	if found == nil {
		found = diag.List{}
	}
	return struct {
		OK      bool               `json:"ok"`
		Out     string             `json:"out"`
		Plan    plan.Counts        `json:"plan"`
		Missing map[plan.Lang]int  `json:"untranslated"`
		Empty   []string           `json:"unfilled"`
		Pages   map[plan.Lang]int  `json:"pages"`
		Files   int                `json:"files"`
		Twins   int                `json:"precompressed"`
		Kept    int                `json:"kept"`
		Bytes   bytes              `json:"bytes"`
		Millis  float64            `json:"ms"`
		Stages  map[string]float64 `json:"stages_ms"`
		Found   diag.List          `json:"diagnostics"`
	}{true, out, r.Plan, r.Missing, append([]string{}, r.Unfilled...), r.Pages, r.Files, r.Twins, r.Kept, bytes{r.Rendered, r.Written},
		float64(took.Microseconds()) / 1000, stages, found}
}

func size(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 1000_000:
		return fmt.Sprintf("%.1f kB", float64(n)/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1000_000)
}

func percent(part, whole int64) int64 {
	if whole == 0 {
		return 100
	}
	return (part*100 + whole/2) / whole
}

// relative shortens a path for people where it is below the current folder.
func relative(p string) string {
	here, err := os.Getwd()
	if err != nil {
		return p
	}
	if rel, err := filepath.Rel(here, p); err == nil && !strings.HasPrefix(rel, "..") {
		return rel
	}
	return p
}
