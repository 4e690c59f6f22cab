package hosts

import (
	"context"
	"flag"
	"testing"

	"minxi/generator/internal/publish"
	"minxi/generator/internal/publish/hosttest"
)

func TestMain(m *testing.M) {
	flag.Parse()
	// The tests of the protocol wait for disks and servers more than they work.
	_ = flag.Set("test.parallel", "6")
	hosttest.Main(m, func(kind string, options map[string]string) (publish.Host, error) {
		return Open(context.Background(), kind, Values{Options: options})
	})
}

// TestProtocol publishes to every kind of host with everything going wrong that
// can: killed, failing, cut off, two at once, and readers all the while. In CI
// every fault is tried, elsewhere a sample, unless MINXI_FAULTS is "all".
func TestProtocol(t *testing.T) {
	tested := map[string]bool{}
	for _, host := range []struct {
		name, kind string
		bench      hosttest.Bench
		slow       bool // takes a second for what others do in a tenth
		pages      int  // see hosttest.Bench
	}{
		{"folder", "folder", folderBench, false, 0},
		{"s3", "s3", s3Bench, false, 0},
		{"azure", "azure", azureBench, true, 0},
		{"gcs", "gcs", gcsBench, false, 0},
		{"netlify", "netlify", netlifyBench, false, 30},
		{"sftp", "sftp", sftpBench, true, 0},
		{"sftp flat", "sftp", sftpFlatBench, true, 0},
		{"ftp", "ftp", ftpBench, true, 0},
		{"webdav on apache", "webdav", webdavApacheBench, true, 0},
		{"webdav on nginx", "webdav", webdavNginxBench, true, 0},
		{"cloudflare-pages", "cloudflare-pages", cloudflareBench, false, 0},
	} {
		tested[host.kind] = true
		host.bench.Slow, host.bench.Pages = host.slow, host.pages
		t.Run(host.name, func(t *testing.T) {
			t.Parallel()
			hosttest.Protocol(t, host.bench)
		})
	}
	for _, k := range All {
		if !tested[k.Name] {
			t.Errorf("the protocol is not tested on %s", k.Name)
		}
	}
}
