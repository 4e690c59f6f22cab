// Command generator turns a government plan's chapters into a bilingual static
// site. Without a command it builds:
//
//	go run ./generator                              content/ → public/
//	go run ./generator import seeds/NAME.txt        a plan's text → content/
//	go run ./generator check                        look for mistakes only
//	go run ./generator serve                        preview that follows every save
//	go run ./generator new update NAME …            a new update, topic, place or page
//	go run ./generator package all                  zips for people without Go
//
// This package is thin: one file a command. What the commands do lives in
// internal/; docs/architecture.md says where.
//
// The exit status is 0 when the work is done, 1 when the content or the work
// failed (the findings are printed), 2 when the command was used wrongly, 3 when
// somebody else is publishing to the same target.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	_ "time/tzdata" // Windows has no time zones of the names that hugo.toml gives

	"github.com/spf13/cobra"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/publish"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// app is what every command shares: how to speak and where to.
type app struct {
	lang     plan.Lang
	quiet    bool
	asJSON   bool
	out, err io.Writer
}

// usageError is a wrong use of the command line.
type usageError struct{ error }

// errFailed is returned when findings have been printed already.
var errFailed = errors.New("failed")

// run executes one command line and returns the exit status.
func run(args []string, out, errw io.Writer) int {
	a := &app{lang: language(args, os.Getenv, systemLanguage), out: out, err: errw}
	root := a.root()
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(errw)
	err := root.Execute()
	var usage usageError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errFailed):
		return 1
	case errors.As(err, &usage):
		fmt.Fprintln(errw, a.say("用法有误：", "wrong usage: ")+usage.Error())
		fmt.Fprintln(errw, "    "+a.say("运行 go run ./generator --help 看用法。", "Run go run ./generator --help."))
		return 2
	}
	found := diag.From(err)
	a.report(found)
	if slices.ContainsFunc(found, func(d diag.Diagnostic) bool { return d.Check == publish.Busy }) {
		return 3
	}
	return 1
}

// language decides in which language to speak: --lang, then the locale, then what the
// system says of itself.
func language(args []string, getenv func(string) string, system func() string) plan.Lang {
	for i, arg := range args {
		v, ok := strings.CutPrefix(arg, "--lang=")
		if arg == "--lang" && i+1 < len(args) {
			v, ok = args[i+1], true
		}
		if ok {
			if v == "zh" {
				return plan.ZH
			}
			return plan.EN
		}
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := getenv(name); v != "" {
			if strings.HasPrefix(v, "zh") {
				return plan.ZH
			}
			return plan.EN
		}
	}
	if strings.HasPrefix(system(), "zh") {
		return plan.ZH
	}
	return plan.EN
}

// say picks the text in the person's language.
func (a *app) say(zh, en string, args ...any) string { return diag.Text(zh, en, args...).In(a.lang) }

func (a *app) root() *cobra.Command {
	build := a.buildCommand()
	root := &cobra.Command{
		Use: "generator",
		Short: a.say("把一份政府方案的各章变成中英双语的静态网站",
			"Turn a government plan's chapters into a bilingual static site"),
		Long: a.say(`把一份政府方案的各章变成中英双语的静态网站。

不带命令就是 build：检查 content/，生成 public/。`, `Turn a government plan's chapters into a bilingual static site.

Without a command it builds: it checks content/ and makes public/.`),
		Example: `  go run ./generator
  go run ./generator --base-url https://example.org/minxi/
  go run ./generator import seeds/minxi-2022.txt
  go run ./generator serve`,
		SilenceErrors: true, SilenceUsage: true,
		Args: a.args(0, 0),
		RunE: build.RunE,
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.Flags().AddFlagSet(build.Flags())
	f := root.PersistentFlags()
	f.String("lang", "", a.say("消息的语言：zh 或 en（默认看 LANG）", "language of messages: zh or en (default: from LANG)"))
	f.BoolVar(&a.quiet, "quiet", false, a.say("只说出了什么错", "say only what is wrong"))
	f.BoolVar(&a.asJSON, "json", false, a.say("结果写成 JSON", "write the result as JSON"))
	root.AddCommand(build, a.importCommand(), a.checkCommand(), a.cacheCommand(), a.serveCommand(), a.newCommand(), a.translateCommand(), a.convertCommand(), a.historyCommand(), a.editionsCommand(), a.undoCommand(), a.changesCommand(), a.recordCommand(), a.readingCommand(), a.packageCommand(), a.publishCommand(), a.verifyCopyCommand())
	root.SetHelpCommand(&cobra.Command{Use: "no-help", Hidden: true})
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		if v, _ := cmd.Flags().GetString("lang"); v != "" && v != "zh" && v != "en" {
			return usageError{errors.New(a.say("--lang 只能是 zh 或 en", "--lang is zh or en"))}
		}
		return nil
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	a.localize(root)
	return root
}

// localize gives every command the help layout in the person's language.
func (a *app) localize(root *cobra.Command) {
	if a.lang != plan.ZH {
		return
	}
	t := root.UsageTemplate()
	for en, zh := range map[string]string{
		"Usage:": "用法：", "Aliases:": "别名：", "Examples:": "例子：", "Available Commands:": "命令：",
		"Global Flags:": "通用选项：", "Flags:": "选项：", "Additional help topics:": "其他：",
		`Use "{{.CommandPath}} [command] --help" for more information about a command.`: `用 "{{.CommandPath}} [命令] --help" 看某个命令的用法。`,
	} {
		t = strings.ReplaceAll(t, en, zh)
	}
	root.SetUsageTemplate(t)
	for _, c := range append(root.Commands(), root) {
		c.InitDefaultHelpFlag()
		c.Flags().Lookup("help").Usage = "显示用法"
	}
}

// args demands between low and high arguments.
func (a *app) args(low, high int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) > high && high == 0 && !cmd.HasParent():
			return usageError{errors.New(a.say("没有“%s”这个命令", "there is no command “%s”", args[0]))}
		case len(args) < low:
			return usageError{errors.New(a.say("缺少参数：%s", "an argument is missing: %s", cmd.UseLine()))}
		case len(args) > high:
			return usageError{errors.New(a.say("多了参数“%s”", "“%s” is one argument too many", args[high]))}
		}
		return nil
	}
}

// project finds the project's folder: the nearest one, from here outwards, that
// has a hugo.toml.
func (a *app) project() (string, error) {
	here, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := here; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "hugo.toml")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", diag.Diagnostic{Pos: diag.Pos{File: filepath.ToSlash(here)}, Check: "project",
				Fact: diag.Text("这里不是项目文件夹：没有 hugo.toml", "this is not a project folder: there is no hugo.toml"),
				Hint: diag.Text("请在项目的文件夹里运行。", "Run the command in the project's folder.")}
		}
	}
}

// report prints findings, or the JSON of a failed command.
func (a *app) report(found diag.List) {
	for i := range found {
		if filepath.IsAbs(filepath.FromSlash(found[i].File)) {
			found[i].File = filepath.ToSlash(relative(filepath.FromSlash(found[i].File)))
		}
	}
	if a.asJSON {
		a.print(map[string]any{"ok": !found.HasErrors(), "diagnostics": found})
		return
	}
	found.Print(a.err, a.lang)
	if n := len(found); n > 1 {
		fmt.Fprintln(a.err, a.say("共 %d 处", "%d findings", n))
	}
}

// print writes v as JSON.
func (a *app) print(v any) {
	enc := json.NewEncoder(a.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		fmt.Fprintln(a.err, err)
	}
}
