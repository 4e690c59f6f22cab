package hosts

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"minxi/generator/internal/publish"
	"minxi/generator/internal/publish/hosttest"
)

// BenchmarkPublish publishes a tree to a server: the first time, again without a
// change, and with one page edited. rclone, and for Git its own commands, do the same
// beside it, on the same server and tree. Each run is a process of its own, of which
// the processor time and the most memory are told, and the requests that it made.
//
// Without MINXI_SITE it is 20,000 pages of 8 kB.
//
//	MINXI_SITE=$PWD/public go test ./generator/internal/publish/hosts -run '^$' -bench Publish -benchtime 1x -timeout 2h
func BenchmarkPublish(b *testing.B) {
	trees := map[string]string{}
	if site := os.Getenv("MINXI_SITE"); site == "" {
		trees["files=20000"] = manyPages(b, 20_000)
	} else {
		copied := filepath.Join(b.TempDir(), "site")
		if err := os.CopyFS(copied, os.DirFS(site)); err != nil {
			b.Fatal(err)
		}
		trees["the site"] = copied
	}
	for tree, dir := range trees {
		for server, tools := range map[string]func(*testing.B, string) (map[string]benchTool, *atomic.Int64){"s3": s3Tools, "sftp": sftpTools, "git": gitTools} {
			all, requests := tools(b, dir)
			for tool, run := range all {
				b.Run(fmt.Sprintf("%s/%s/%s", tree, server, tool), func(b *testing.B) {
					for _, what := range []string{"first", "again", "edit"} {
						if what == "edit" {
							editOne(b, dir)
						}
						requests.Store(0)
						start := time.Now()
						cpu, most := run(b)
						b.ReportMetric(cpu.Seconds(), what+"-cpu-s")
						b.ReportMetric(time.Since(start).Seconds(), what+"-s")
						b.ReportMetric(float64(most)/(1<<20), what+"-MB")
						b.ReportMetric(float64(requests.Load()), what+"-requests")
					}
				})
			}
		}
	}
}

// A benchTool brings the server to what the tree is, and tells what that took.
type benchTool func(*testing.B) (cpu time.Duration, most int64)

func manyPages(b *testing.B, n int) string {
	tree := b.TempDir()
	random := rand.New(rand.NewPCG(1, 1))
	page := make([]byte, 8<<10)
	for i := range n {
		for j := range page {
			page[j] = "推广龙岩长汀水土流失治理经验 abcdefghij<>/"[random.IntN(50)]
		}
		name := filepath.Join(tree, "zh", "m", fmt.Sprint(i/1000), fmt.Sprint(i), "index.html")
		must(os.MkdirAll(filepath.Dir(name), 0o755))
		must(os.WriteFile(name, page, 0o644))
	}
	return tree
}

// editOne changes the first page that a walk meets.
func editOne(b *testing.B, dir string) {
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(name) != ".html" {
			return err
		}
		return cmp.Or(os.WriteFile(name, fmt.Appendf(nil, "edited %d", rand.Uint64()), 0o644), filepath.SkipAll)
	})
	if err != nil {
		b.Fatal(err)
	}
}

// measured runs a process to its end, with those that it starts.
func measured(b *testing.B, cmd *exec.Cmd) (time.Duration, int64) {
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		b.Fatalf("%v\n%.2000s", err, said.String())
	}
	use := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), use.Maxrss << 10
}

const benchVariable = "MINXI_BENCH_PUBLISH"

type benchTarget struct {
	Kind, Tree string
	Options    map[string]string
}

// ours publishes in a process of its own.
func ours(kind, tree string, options map[string]string) benchTool {
	return func(b *testing.B) (time.Duration, int64) {
		text, err := json.Marshal(benchTarget{kind, tree, options})
		must(err)
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), benchVariable+"="+string(text))
		return measured(b, cmd)
	}
}

// publishForBench is what that process does.
func publishForBench(text string) error {
	var t benchTarget
	if err := json.Unmarshal([]byte(text), &t); err != nil {
		return err
	}
	h, err := Open(context.Background(), t.Kind, Values{Options: t.Options})
	if err != nil {
		return err
	}
	defer h.Close()
	_, err = publish.Publish(context.Background(), h, publish.Tree{FS: os.DirFS(t.Tree)}, publish.Options{Keep: 10})
	return err
}

func rclone(args ...string) benchTool {
	return func(b *testing.B) (time.Duration, int64) {
		cmd := exec.Command(hosttest.Program(b, "rclone"), append([]string{"--config", os.DevNull, "sync", "--checksum", "--transfers", "16", "--checkers", "16"}, args...)...)
		for _, variable := range os.Environ() {
			if !strings.HasPrefix(variable, "AWS_") { // what rclone does not understand
				cmd.Env = append(cmd.Env, variable)
			}
		}
		return measured(b, cmd)
	}
}

func s3Tools(b *testing.B, tree string) (map[string]benchTool, *atomic.Int64) {
	to := must2(url.Parse("http://" + versity(b).Address))
	requests := new(atomic.Int64)
	forward := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to); r.Out.Host = r.In.Host }}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		forward.ServeHTTP(w, r)
	}))
	b.Cleanup(proxy.Close)
	remote := fmt.Sprintf(":s3,provider=Other,force_path_style=true,endpoint='%s',access_key_id=%s,secret_access_key=%s:%s", proxy.URL, s3Key, s3Secret, versityPlace(b).Options["bucket"])
	return map[string]benchTool{
		"publish": ours("s3", tree, with(versityPlace(b).Options, "endpoint", proxy.URL)),
		"rclone":  rclone("--fast-list", tree, remote),
	}, requests
}

// Requests of SFTP and Git are not counted: they are packets on one connection.
func sftpTools(b *testing.B, tree string) (map[string]benchTool, *atomic.Int64) {
	p, flat := sftpBench.Fresh(b), sftpFlatBench.Fresh(b)
	key := write(b.TempDir(), "key", flat.Options["key"])
	must(os.Chmod(key, 0o600))
	remote := fmt.Sprintf(":sftp,host=%s,port=%s,user=%s,key_file=%s,shell_type=none:%s", flat.Options["host"], flat.Options["port"], flat.Options["user"], key, flat.Options["path"])
	theirs := rclone("--size-only", tree, remote) // without a shell it has no checksums
	return map[string]benchTool{"publish": ours("sftp", tree, p.Options), "rclone": theirs}, new(atomic.Int64)
}

// gitTools has ten lines of shell do what the host does.
func gitTools(b *testing.B, tree string) (map[string]benchTool, *atomic.Int64) {
	p, other := gitBench.Fresh(b), gitBench.Fresh(b)
	work := b.TempDir()
	script := `set -e
export GIT_DIR=$1/git GIT_WORK_TREE=$2 GIT_AUTHOR_NAME=x GIT_AUTHOR_EMAIL=x@x GIT_COMMITTER_NAME=x GIT_COMMITTER_EMAIL=x@x
rm -rf "$GIT_DIR"; git init -q
tip=$(git ls-remote "$3" refs/heads/gh-pages | cut -f1)
if [ -n "$tip" ]; then git fetch -q --depth=1 --filter=blob:none "$3" +refs/heads/gh-pages:refs/minxi/tip; parent="-p $tip"; fi
git add -A -f
tree=$(git write-tree)
if [ -n "$tip" ] && [ "$(git rev-parse "$tip^{tree}")" = "$tree" ]; then exit; fi
commit=$(git commit-tree "$tree" $parent -m publish)
git push -q --force-with-lease=refs/heads/gh-pages:$tip "$3" "$commit:refs/heads/gh-pages"`
	return map[string]benchTool{
		"publish": ours("git", tree, p.Options),
		"git": func(b *testing.B) (time.Duration, int64) {
			return measured(b, exec.Command("/bin/sh", "-c", script, "sh", work, tree, other.Options["url"]))
		},
	}, new(atomic.Int64)
}
