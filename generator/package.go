package main

import (
	"archive/zip"
	"bytes"
	"cmp"
	"compress/flate"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"minxi/generator/internal/diag"
)

// A package is a zip for one kind of computer, for people without Go and without a
// terminal: the program, the project's folder, and a file to be double clicked that
// serves the editor and opens the browser.
//
//	minxi-windows-amd64/
//	  打开编辑器.cmd     or .command, or .desktop with open-editor.sh
//	  先读我 README.txt
//	  generator.exe
//	  project/           content, theme, settings, guides; what people work on
//
// The same project makes the same bytes.

// platform is a kind of computer that packages are made for.
type platform struct {
	os, arch string
	program  string // name of the program
	start    []member
}

func (p platform) name() string { return p.os + "/" + p.arch }

// member is a file in a package.
type member struct {
	name string
	data string
	run  bool // it can be run
}

// The files to be double clicked. They hold nothing but ASCII: what people read comes
// from the program, which knows their language. pushd gives a folder on a network a
// letter, which cmd needs; 65001 is UTF-8.
var (
	startWindows = []member{{name: "打开编辑器.cmd", data: strings.ReplaceAll(`@echo off
chcp 65001 >nul
pushd "%~dp0project"
"%~dp0generator.exe" serve --open
if errorlevel 1 pause
popd
`, "\n", "\r\n")}}
	startMac = []member{{name: "打开编辑器.command", run: true, data: `#!/bin/sh
cd "$(dirname "$0")/project" && exec ../generator serve --open
`}}
	startLinux = []member{{name: "open-editor.sh", run: true, data: `#!/bin/sh
cd "$(dirname "$0")/project" && ../generator serve --open
status=$?
[ "$status" -eq 0 ] || { printf '\nEnter ⏎ '; read -r _; }
exit "$status"
`}, {name: "打开编辑器.desktop", run: true, data: `[Desktop Entry]
Type=Application
Name=Open the editor
Name[zh_CN]=打开编辑器
Comment=Edit and preview the portal on this computer
Comment[zh_CN]=在这台电脑上编辑和预览门户
Exec=sh -c "f=\\$1; exec \\"\\$(dirname \\"\\${f#file://}\\")/open-editor.sh\\"" sh %k
Icon=accessories-text-editor
Terminal=true
Categories=Office;
`}}
)

// platforms are all that packages are made for.
var platforms = []platform{
	{"windows", "amd64", "generator.exe", startWindows},
	{"linux", "amd64", "generator", startLinux},
	{"linux", "arm64", "generator", startLinux},
	{"linux", "loong64", "generator", startLinux},
	{"darwin", "arm64", "generator", startMac},
}

// packed are the files and folders of a project that a package has: what people work on
// and read, all that a build reads, and nothing that it makes.
var packed = []string{"content", "themes", "seeds", "static", "layouts", "i18n", "assets", "docs", "hugo.toml", "publish.toml", "netlify.toml",
	"README.md", "README.zh.md", "CHANGELOG.md", "LICENSE", "NOTICE"}

// packedOn is the date of every file in a package: that of the build would make other
// bytes each time.
var packedOn = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

const readMe = `闽西革命老区高质量发展示范区建设方案 门户 —— 编辑用的程序
==========================================================

双击“%[1]s”：浏览器里会打开编辑器。不用安装，不用上网。
用完以后关掉那个黑色窗口。

  project    网站的全部内容。只有它需要备份。
  %[2]s  程序。有新版时，只换这一个文件。

%[3]s

The portal for the plan: the program for those who edit it
==========================================================

Double click “%[1]s”: the editor opens in your browser. Nothing is installed, and no
network is needed. Close the black window when you are done.

  project    all of the site's content, and all that needs a backup.
  %[2]s  the program. For a new version, replace this file alone.

%[4]s
`

// firstTime is what a system asks of who runs a program for the first time.
var firstTime = map[string][2]string{
	"windows": {"第一次打开时，Windows 可能提示“已保护你的电脑”：请点“更多信息”，再点“仍要运行”。请先解压，不要在压缩包里双击。",
		"The first time Windows may say that it protected your PC: choose “More info”, then\n“Run anyway”. Unpack the zip first; do not start it from inside."},
	"darwin": {"第一次打开时，请按住 Control 点它，选“打开”；若仍被拦住，到“系统设置 › 隐私与安全性”里点“仍要打开”。",
		"The first time, click it with Control held and choose “Open”; if it is still blocked,\nchoose “Open Anyway” in System Settings, Privacy & Security."},
	"linux": {"双击没有反应的话：右键点它，选“允许启动”；或者在终端里运行 ./open-editor.sh。",
		"If a double click does nothing: right click it and choose “Allow launching”, or run\n./open-editor.sh in a terminal."},
}

func (a *app) packageCommand() *cobra.Command {
	var out, program string
	cmd := &cobra.Command{
		Use:   "package [PLATFORM …|all]",
		Short: a.say("打成压缩包，给没有 Go、不用终端的人", "make a zip for people without Go and without a terminal"),
		Long: a.say(`把程序、项目和一个“打开编辑器”的启动文件打成压缩包，旁边写上 SHA-256。

平台：%[1]s；不写就是这台电脑的，all 是全部。别的平台要在有 Go 和源代码的电脑上打；没有 Go 的电脑只能打自己的平台，用正在运行的这个程序。`,
			`Put the program, the project and a file that opens the editor into a zip, with its SHA-256 beside it.

Platforms: %[1]s; this computer's if none is named, all for all of them. For others than this computer's, Go and the source are needed; a computer without Go packages its own platform only, with the program that is running.`, platformNames()),
		Example: `  go run ./generator package windows/amd64
  go run ./generator package all --out dist`,
		Args: cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error {
			wanted, err := a.wantedPlatforms(args)
			if err != nil {
				return err
			}
			if program != "" && len(wanted) != 1 {
				return usageError{errors.New(a.say("--program 只能配一个平台", "--program goes with one platform"))}
			}
			dir, err := a.project()
			if err != nil {
				return err
			}
			return a.makePackages(dir, out, program, wanted)
		},
	}
	cmd.Flags().StringVar(&out, "out", "dist", a.say("写到哪个文件夹", "folder to write to"))
	cmd.Flags().StringVar(&program, "program", "", a.say("用已经编译好的程序，不再编译", "a program that is built already, instead of building one"))
	return cmd
}

func platformNames() string {
	names := make([]string, len(platforms))
	for i, p := range platforms {
		names[i] = p.name()
	}
	return strings.Join(names, " ")
}

func (a *app) wantedPlatforms(args []string) (wanted []platform, err error) {
	if len(args) == 0 {
		args = []string{runtime.GOOS + "/" + runtime.GOARCH}
	}
	for _, arg := range args {
		if arg == "all" {
			wanted = append(wanted, platforms...)
			continue
		}
		i := slices.IndexFunc(platforms, func(p platform) bool { return p.name() == arg })
		if i < 0 {
			return nil, usageError{errors.New(a.say("没有平台“%[1]s”；可用的有：%[2]s", "there is no platform “%[1]s”; there are: %[2]s", arg, platformNames()))}
		}
		wanted = append(wanted, platforms[i])
	}
	return wanted, nil
}

// made is a package that was written.
type made struct {
	Platform string `json:"platform"`
	File     string `json:"file"`
	SHA256   string `json:"sha256"`
	Size     int    `json:"size"`
	Program  int    `json:"program"`
}

func (a *app) makePackages(dir, out, program string, wanted []platform) error {
	project, err := projectMembers(os.DirFS(dir))
	if err != nil {
		return err
	}
	var all []made
	for _, p := range wanted {
		exe, err := a.programFor(dir, program, p)
		if err != nil {
			return err
		}
		data, err := packageOf(p, exe, project)
		if err != nil {
			return err
		}
		name := "minxi-" + p.os + "-" + p.arch + ".zip"
		m := made{Platform: p.name(), File: filepath.Join(out, name), SHA256: fmt.Sprintf("%x", sha256.Sum256(data)), Size: len(data), Program: len(exe)}
		if err := replaceFile(m.File, data); err != nil {
			return err
		}
		if err := replaceFile(m.File+".sha256", []byte(m.SHA256+"  "+name+"\n")); err != nil {
			return err
		}
		all = append(all, m)
		if !a.quiet && !a.asJSON {
			fmt.Fprintln(a.out, a.say("写了 %[1]s：%[2]s，其中程序 %[3]s\n    SHA-256 %[4]s", "wrote %[1]s: %[2]s, of which the program is %[3]s unpacked\n    SHA-256 %[4]s",
				relative(m.File), size(int64(m.Size)), size(int64(m.Program)), m.SHA256))
		}
	}
	if a.asJSON {
		a.print(map[string]any{"ok": true, "packages": all})
	}
	return nil
}

// programFor builds the program from its source or, for this kind of computer, takes
// the one that is running.
func (a *app) programFor(dir, given string, p platform) ([]byte, error) {
	if given != "" {
		return os.ReadFile(given)
	}
	_, noGo := exec.LookPath("go")
	_, noSource := os.Stat(filepath.Join(dir, "generator", "main.go"))
	if noGo == nil && noSource == nil {
		return buildProgram(dir, p)
	}
	if p.os != runtime.GOOS || p.arch != runtime.GOARCH {
		return nil, diag.Diagnostic{Check: "package",
			Fact: diag.Text("这里没有 Go 或者没有源代码，做不出 %s 的程序", "without Go and the source, no program for %s can be made here", p.name()),
			Hint: diag.Text("请在有 Go 和源代码的电脑上打包；这里只能打自己的平台：package %s。", "Package it on a computer with Go and the source; here only its own platform can be: package %s.", runtime.GOOS+"/"+runtime.GOARCH)}
	}
	own, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return os.ReadFile(own)
}

// buildProgram compiles without C, paths, symbols or the state of the repository: the
// same source makes the same bytes on every computer.
func buildProgram(dir string, p platform) ([]byte, error) {
	tmp, err := os.MkdirTemp("", "minxi-package-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(tmp)
	out := filepath.Join(tmp, p.program)
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", out, "./generator")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+p.os, "GOARCH="+p.arch)
	if said, err := cmd.CombinedOutput(); err != nil {
		return nil, diag.Diagnostic{Check: "package",
			Fact: diag.Text("编译 %[1]s 的程序失败：%[2]s", "the program for %[1]s could not be built: %[2]s", p.name(), cmp.Or(strings.TrimSpace(string(said)), err.Error())),
			Hint: diag.Text("请先让 go build ./generator 成功。", "Make go build ./generator succeed first.")}
	}
	return os.ReadFile(out)
}

// projectMembers reads the project's folder, without what editors and systems leave in
// folders. A link is refused: another computer would not have what it leads to.
func projectMembers(project fs.FS) (members []member, err error) {
	for _, part := range packed {
		err := fs.WalkDir(project, part, func(name string, d fs.DirEntry, err error) error {
			switch base := path.Base(name); {
			case name == part && errors.Is(err, fs.ErrNotExist):
				return nil
			case err != nil:
				return err
			case strings.HasPrefix(base, ".") || strings.HasPrefix(base, "~$") || strings.HasSuffix(base, "~") || base == "Thumbs.db" || base == "desktop.ini":
				if d.IsDir() {
					return fs.SkipDir
				}
				return nil
			case d.IsDir():
				return nil
			case !d.Type().IsRegular():
				return diag.Diagnostic{Pos: diag.Pos{File: name}, Check: "package",
					Fact: diag.Text("这是链接，别的电脑上没有它指向的东西", "this is a link, and another computer has not what it leads to"),
					Hint: diag.Text("请把它换成文件，或移出项目。", "Put a file in its place, or move it out of the project.")}
			}
			data, err := fs.ReadFile(project, name)
			members = append(members, member{name: "project/" + name, data: string(data)})
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return members, nil
}

// packageOf makes the zip. Names are UTF-8 and say so, programs can be run.
func packageOf(p platform, program []byte, project []member) ([]byte, error) {
	ask := firstTime[p.os]
	start := p.start[len(p.start)-1].name
	read := fmt.Sprintf(readMe, start, p.program, ask[0], ask[1])
	if p.os == "windows" {
		read = strings.ReplaceAll(read, "\n", "\r\n")
	}
	members := slices.Concat(p.start, []member{{name: "先读我 README.txt", data: "\ufeff" + read}, {name: p.program, data: string(program), run: true}}, project)
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
	for _, m := range members {
		h := &zip.FileHeader{Name: "minxi-" + p.os + "-" + p.arch + "/" + m.name, Method: zip.Deflate, Modified: packedOn}
		h.SetMode(0o644)
		if m.run {
			h.SetMode(0o755)
		}
		w, err := z.CreateHeader(h)
		if err != nil {
			return nil, err
		}
		if _, err := io.WriteString(w, m.data); err != nil {
			return nil, err
		}
	}
	err := z.Close()
	return b.Bytes(), err
}
