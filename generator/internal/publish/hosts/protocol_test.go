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
// can: killed, failing, cut off, two at once, and readers all the while. In CI all
// of it is tried, and a sample of it on hosts that share what matters with another
// or take seconds for each publish; elsewhere a sample on all. MINXI_FAULTS=all
// tries all on all.
func TestProtocol(t *testing.T) {
	tested := map[string]bool{}
	for _, host := range []struct {
		name, kind string
		bench      hosttest.Bench
		how        hosttest.Bench
	}{
		{"folder", "folder", folderBench, hosttest.Bench{}},
		{"s3", "s3", s3Bench, hosttest.Bench{}},
		{"azure", "azure", azureBench, hosttest.Bench{Slow: true, Sampled: true}},
		{"gcs", "gcs", gcsBench, hosttest.Bench{}},
		{"netlify", "netlify", netlifyBench, hosttest.Bench{Pages: 30}},
		{"sftp", "sftp", sftpBench, hosttest.Bench{Slow: true, Sampled: true}},
		{"sftp flat", "sftp", sftpFlatBench, hosttest.Bench{Slow: true, Sampled: true}},
		{"ftp", "ftp", ftpBench, hosttest.Bench{Slow: true, Sampled: true}},
		{"webdav on apache", "webdav", webdavApacheBench, hosttest.Bench{Slow: true, Sampled: true}},
		{"webdav on nginx", "webdav", webdavNginxBench, hosttest.Bench{Slow: true, Sampled: true}},
		{"git", "git", gitBench, hosttest.Bench{Slow: true, Sampled: true}},
		{"zip", "zip", zipBench, hosttest.Bench{}},
		{"rsync", "rsync", rsyncPathBench, hosttest.Bench{Slow: true, Sampled: true}},
		{"cloudflare-pages", "cloudflare-pages", cloudflareBench, hosttest.Bench{Sampled: true}},
	} {
		tested[host.kind] = true
		host.bench.Slow, host.bench.Pages, host.bench.Sampled = host.how.Slow, host.how.Pages, host.how.Sampled
		t.Run(host.name, func(t *testing.T) {
			t.Parallel()
			hosttest.Protocol(t, host.bench)
		})
	}
	t.Run("rsync daemon", func(t *testing.T) {
		t.Parallel()
		hosttest.CutOff(t, hosttest.Bench{Fresh: rsyncDaemonBench.Fresh, Sampled: true})
	})
	t.Run("git over http", func(t *testing.T) {
		t.Parallel()
		hosttest.CutOff(t, gitBenches["http"])
	})
	for _, k := range All {
		if !tested[k.Name] {
			t.Errorf("the protocol is not tested on %s", k.Name)
		}
	}
}
