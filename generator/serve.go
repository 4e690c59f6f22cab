package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"minxi/generator/internal/cache"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/edit"
	"minxi/generator/internal/editor"
	"minxi/generator/internal/pipeline"
	"minxi/generator/internal/preview"
	"minxi/generator/internal/publish/hosts"
)

func (a *app) serveCommand() *cobra.Command {
	var port int
	var drafts, open bool
	cmd := &cobra.Command{
		Use:   "serve",
		Short: a.say("在本机预览，随每次保存更新", "preview on this machine, following every save"),
		Args:  a.args(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := a.project()
			if err != nil {
				return err
			}
			if port < 0 || port > 65535 {
				return usageError{errors.New(a.say("--port 在 0 到 65535 之间", "--port is between 0 and 65535"))}
			}
			l, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
			if err != nil && open && !cmd.Flags().Changed("port") {
				l, err = net.Listen("tcp4", "127.0.0.1:0") // a double click is to open something
			}
			if err != nil {
				return diag.Diagnostic{Check: "serve",
					Fact: diag.Text("端口 %d 用不了：%v", "port %d cannot be used: %v", port, err),
					Hint: diag.Text("多半是另一个预览还开着；关掉它，或换一个：--port %d", "Another preview is probably running: close it, or choose another with --port %d", port+1)}
			}
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			o := pipeline.Options{Dir: dir, Drafts: drafts, Preview: true, Tolerant: true}
			if o.Version = version(); o.Version != "" {
				o.Cache = cache.Store{Dir: cacheDir()}
			}
			return a.serve(ctx, l, o, open)
		},
	}
	cmd.Flags().IntVar(&port, "port", 1313, a.say("端口；0 表示任选", "port; 0 picks one"))
	cmd.Flags().BoolVar(&open, "open", false, a.say("在浏览器里打开", "open it in the browser"))
	cmd.Flags().BoolVar(&drafts, "drafts", true, a.say("包括标为草稿的页面", "include pages marked draft"))
	return cmd
}

func (a *app) serve(ctx context.Context, l net.Listener, o pipeline.Options, open bool) error {
	spareCollector(&o)
	desk, err := edit.Open(o.Dir, edit.Options{}) // who works here may say so later
	if err != nil {
		return err
	}
	defer desk.Close()
	desktop := editor.New(editor.Options{Dir: o.Dir, Lang: a.lang, Desk: desk, Publisher: button{a, o.Dir}, Recorder: archive{o.Dir}})
	var s *preview.Server
	s = &preview.Server{
		Editor: desktop,
		Dir:    o.Dir, Lang: a.lang, Key: preview.NewKey(), Policy: policy(o.Dir),
		Build: func(ctx context.Context, out pipeline.Output) (*pipeline.Result, error) {
			return pipeline.Build(ctx, o, out)
		},
		Built: func(res *pipeline.Result, found diag.List, took time.Duration, first bool) {
			found.Print(a.err, a.lang)
			desktop.Built(found)
			if !a.quiet {
				if res != nil {
					fmt.Fprintln(a.out, a.say("已更新，%d 个文件，%d 毫秒", "updated: %d files, %d ms", res.Files, took.Milliseconds()))
				} else {
					fmt.Fprintln(a.out, a.say("没有更新：有 %d 处要改", "not updated: %d findings", len(found)))
				}
			}
			if first {
				a.started(s, l.Addr(), open)
			}
		},
	}
	return s.Serve(ctx, l)
}

// started tells where the preview is, and opens it if that is wanted.
func (a *app) started(s *preview.Server, at net.Addr, open bool) {
	address := s.Start(at, "/edit/")
	switch {
	case a.quiet:
	case open:
		a.welcome(address)
	default:
		fmt.Fprintln(a.out, a.say("编辑：%s", "edit: %s", address))
		fmt.Fprintln(a.out, a.say("预览：http://%s/zh/ （按 Ctrl+C 结束）", "preview: http://%s/zh/ (Ctrl+C ends it)", at))
	}
	if open {
		a.openBrowser(s.Once(at, "/edit/"))
	}
}

// policy is the Content-Security-Policy that readers' browsers get with a page: in the
// preview a page may do no more. While publish.toml cannot be read it is the strict one.
func policy(dir string) string {
	config, err := hosts.ReadConfig(dir)
	if err != nil {
		return ""
	}
	return config.Rules.For("zh/index.html")["Content-Security-Policy"]
}
