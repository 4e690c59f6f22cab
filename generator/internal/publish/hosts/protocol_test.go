package hosts

import (
	"context"
	"testing"

	"minxi/generator/internal/publish"
	"minxi/generator/internal/publish/hosttest"
)

func TestMain(m *testing.M) {
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
	}{
		{"folder", "folder", folderBench},
		{"s3", "s3", s3Bench},
		{"azure", "azure", azureBench},
		{"gcs", "gcs", gcsBench},
		{"netlify", "netlify", netlifyBench},
		{"sftp", "sftp", sftpBench},
		{"sftp flat", "sftp", sftpFlatBench},
		{"ftp", "ftp", ftpBench},
		{"cloudflare-pages", "cloudflare-pages", cloudflareBench},
	} {
		tested[host.kind] = true
		t.Run(host.name, func(t *testing.T) { hosttest.Protocol(t, host.bench) })
	}
	for _, k := range All {
		if !tested[k.Name] {
			t.Errorf("the protocol is not tested on %s", k.Name)
		}
	}
}
