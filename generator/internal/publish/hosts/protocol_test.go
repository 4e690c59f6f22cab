package hosts

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"

	"minxi/generator/internal/publish"
	"minxi/generator/internal/publish/hosttest"
)

func TestMain(m *testing.M) {
	flag.Parse()
	if text := os.Getenv(benchVariable); text != "" {
		if err := publishForBench(text); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	// The tests of the protocol wait for disks and servers more than they work.
	_ = flag.Set("test.parallel", "8")
	hosttest.Main(m, func(kind string, options map[string]string) (publish.Host, error) {
		return Open(context.Background(), kind, Values{Options: options, Network: hurried})
	})
}

type protocolHost struct {
	name, kind string
	bench      hosttest.Bench
	pages      int // see hosttest.Bench
}

// firstServers are the slowest first, so that none is left over when the others have
// ended.
var firstServers = []protocolHost{
	{"rsync", "rsync", rsyncPathBench, 0},
	{"git", "git", gitBench, 0},
	{"sftp", "sftp", sftpBench, 0},
	{"sftp flat", "sftp", sftpFlatBench, 0},
	{"ftp", "ftp", ftpBench, 0},
	{"azure", "azure", azureBench, 0},
	{"s3", "s3", s3Bench, 0},
	{"gcs", "gcs", gcsBench, 0},
	{"webdav on apache", "webdav", webdavApacheBench, 0},
	{"webdav on nginx", "webdav", webdavNginxBench, 0},
	{"netlify", "netlify", netlifyBench, 30},
	{"cloudflare-pages", "cloudflare-pages", cloudflareBench, 0},
	{"zip", "zip", zipBench, 0},
	{"folder", "folder", folderBench, 0},
}

// TestProtocol publishes to every kind of host with everything going wrong that
// can: killed, failing, cut off, on full disks, two at once, and readers all the
// while. Of each sort of fault and each kind of operation there is a sample; with
// MINXI_FAULTS=all it is all of them, and docs/faults.md is written.
func TestProtocol(t *testing.T) {
	tested := map[string]bool{}
	var mu sync.Mutex
	tallies := map[string]*hosttest.Tally{}
	t.Cleanup(func() { hosttest.Record(t, tallies) })
	hosts := slices.Clone(firstServers)
	for _, s := range furtherServers {
		s.bench.Second = true
		hosts = append(hosts, protocolHost{s.name, s.kind, s.bench, 0})
	}
	for _, host := range hosts {
		tested[host.kind] = true
		host.bench.Pages = host.pages
		t.Run(host.name, func(t *testing.T) {
			t.Parallel()
			tally := hosttest.Protocol(t, host.bench)
			mu.Lock()
			defer mu.Unlock()
			tallies[host.name] = tally
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
