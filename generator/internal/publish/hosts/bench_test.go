package hosts

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"minxi/generator/internal/publish"
)

// BenchmarkS3 publishes a tree of pages of 8 kB to an S3 server: the first time,
// again without a change, and with one page edited. rclone does the same beside it,
// with as many connections and comparing by checksum:
//
//	go test ./generator/internal/publish/hosts -run '^$' -bench S3 -benchtime 3x
func BenchmarkS3(b *testing.B) {
	for _, n := range []int{2_000, 20_000} {
		tree := b.TempDir()
		random := rand.New(rand.NewPCG(1, 1))
		page := make([]byte, 8<<10)
		for i := range n {
			for j := range page {
				page[j] = "推广龙岩长汀水土流失治理经验 abcdefghij<>/"[random.IntN(50)]
			}
			name := filepath.Join(tree, "zh", "m", fmt.Sprint(i/1000), fmt.Sprint(i), "index.html")
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				b.Fatal(err)
			}
			if err := os.WriteFile(name, page, 0o644); err != nil {
				b.Fatal(err)
			}
		}
		edit := func(b *testing.B) {
			name := filepath.Join(tree, "zh", "m", "1", "1700", "index.html")
			if err := os.WriteFile(name, fmt.Appendf(nil, "edited %d", random.Uint64()), 0o644); err != nil {
				b.Fatal(err)
			}
		}
		endpoint := startVersity(b)
		for _, tool := range []struct {
			name string
			run  func(b *testing.B, bucket string)
		}{
			{"publish", func(b *testing.B, bucket string) {
				h := open(b, "s3", map[string]string{"endpoint": endpoint, "bucket": bucket, "access_key": versityKey, "secret_key": versitySecret})
				defer h.Close()
				if _, err := publish.Publish(context.Background(), h, publish.Tree{FS: os.DirFS(tree)}, publish.Options{Keep: 10}); err != nil {
					b.Fatal(err)
				}
			}},
			{"rclone", func(b *testing.B, bucket string) {
				program, err := exec.LookPath("rclone")
				if err != nil {
					b.Skip("rclone is not installed")
				}
				remote := fmt.Sprintf(":s3,provider=Other,force_path_style=true,endpoint='%s',access_key_id=%s,secret_access_key=%s:%s", endpoint, versityKey, versitySecret, bucket)
				cmd := exec.Command(program, "--config", os.DevNull, "sync", "--checksum", "--transfers", "16", "--checkers", "16", "--fast-list", tree, remote)
				for _, variable := range os.Environ() {
					if !strings.HasPrefix(variable, "AWS_") { // what rclone does not understand
						cmd.Env = append(cmd.Env, variable)
					}
				}
				if out, err := cmd.CombinedOutput(); err != nil {
					b.Fatalf("%v\n%s", err, out)
				}
			}},
		} {
			b.Run(fmt.Sprintf("files=%d/first/%s", n, tool.name), func(b *testing.B) {
				for b.Loop() {
					b.StopTimer()
					bucket := makeBucket(b, endpoint)
					b.StartTimer()
					tool.run(b, bucket)
				}
			})
			bucket := makeBucket(b, endpoint)
			tool.run(b, bucket)
			b.Run(fmt.Sprintf("files=%d/again/%s", n, tool.name), func(b *testing.B) {
				for b.Loop() {
					tool.run(b, bucket)
				}
			})
			b.Run(fmt.Sprintf("files=%d/one page/%s", n, tool.name), func(b *testing.B) {
				for b.Loop() {
					b.StopTimer()
					edit(b)
					b.StartTimer()
					tool.run(b, bucket)
				}
			})
		}
	}
}
