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
	_ = flag.Set("test.parallel", "8")
	hosttest.Main(m, func(kind string, options map[string]string) (publish.Host, error) {
		return Open(context.Background(), kind, Values{Options: options})
	})
}

// TestProtocol publishes to every kind of host with everything going wrong that
// can: killed, failing, cut off, on full disks, two at once, and readers all the
// while. With MINXI_FAULTS=all, all of it is tried on all hosts. In CI every host is
// killed before every operation, and what is tried at random or again and again is
// less on the slow ones; elsewhere there is a sample of everything.
func TestProtocol(t *testing.T) {
	tested := map[string]bool{}
	// The slowest first, so that none is left over when the others have ended.
	for _, host := range []struct {
		name, kind string
		bench      hosttest.Bench
		how        hosttest.Bench
	}{
		{"rsync", "rsync", rsyncPathBench, hosttest.Bench{Slow: true}},
		{"git", "git", gitBench, hosttest.Bench{Slow: true}},
		{"sftp", "sftp", sftpBench, hosttest.Bench{Slow: true}},
		{"sftp flat", "sftp", sftpFlatBench, hosttest.Bench{Slow: true}},
		{"ftp", "ftp", ftpBench, hosttest.Bench{Slow: true}},
		{"azure", "azure", azureBench, hosttest.Bench{Slow: true}},
		{"s3", "s3", s3Bench, hosttest.Bench{}},
		{"gcs", "gcs", gcsBench, hosttest.Bench{}},
		{"webdav on apache", "webdav", webdavApacheBench, hosttest.Bench{Slow: true}},
		{"webdav on nginx", "webdav", webdavNginxBench, hosttest.Bench{Slow: true}},
		{"netlify", "netlify", netlifyBench, hosttest.Bench{Pages: 30}},
		{"cloudflare-pages", "cloudflare-pages", cloudflareBench, hosttest.Bench{}},
		{"zip", "zip", zipBench, hosttest.Bench{}},
		{"folder", "folder", folderBench, hosttest.Bench{}},
	} {
		tested[host.kind] = true
		host.bench.Slow, host.bench.Pages = host.how.Slow, host.how.Pages
		t.Run(host.name, func(t *testing.T) {
			t.Parallel()
			hosttest.Protocol(t, host.bench)
		})
	}
	t.Run("rsync daemon", func(t *testing.T) {
		t.Parallel()
		hosttest.CutOff(t, rsyncDaemonBench)
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
