package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// report is what is read of a Lighthouse report.
type report struct {
	Categories map[string]struct{ Score *float64 }
	Audits     map[string]struct {
		Score        *float64
		NumericValue float64
		Title        string
		DisplayValue string
		Details      struct {
			Items json.RawMessage // a list, or something else in some audits
		}
	}
	RuntimeError struct{ Message string }
}

// lighthouseConfig is the default but for what it waits for: nothing comes late to
// these pages, and nobody looks at the report's pictures.
const lighthouseConfig = `{
	"extends": "lighthouse:default",
	"settings": {
		"pauseAfterFcpMs": 500, "pauseAfterLoadMs": 500, "networkQuietThresholdMs": 500, "cpuQuietThresholdMs": 500,
		"disableFullPageScreenshot": true
	}
}`

// TestLighthouse runs Lighthouse as it comes, on a simulated slow phone, over one
// page of each kind. Accessibility, best practices and search must be 100. The
// score for speed is measured on a machine that does other things too, and
// timings decide no test: it goes into the log and the report, and what makes it
// up and does not depend on the machine is what is tested.
func TestLighthouse(t *testing.T) {
	if testing.Short() {
		t.Skip("Lighthouse takes a quarter of a minute a page")
	}
	chromium, err := chromiumPath()
	need(t, err)
	program := nodePackage(t, "lighthouse", "cli", "index.js")
	w := open(t)
	w.best.Store(true) // it weighs what is loaded
	t.Cleanup(func() { w.best.Store(false) })
	config := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(config, []byte(lighthouseConfig), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, path := range first() {
		switch {
		case strings.HasSuffix(path, "404.html"), strings.Contains(path, "components"), strings.Contains(path, "stay"):
			continue // not for search engines, or not published, or left at once
		}
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "report.json")
			ctx, cancel := context.WithTimeout(context.Background(), 6*time.Minute)
			defer cancel()
			lighthouse := func() ([]byte, error) {
				cmd := exec.CommandContext(ctx, "node", program, w.base+path, "--quiet", "--config-path="+config, "--output=json", "--output-path="+file,
					"--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync --disable-dev-shm-usage")
				cmd.Env = append(os.Environ(), "CHROME_PATH="+chromium)
				return cmd.CombinedOutput()
			}
			out, err := lighthouse()
			// On a busy machine a browser may be too late to paint, which Lighthouse
			// calls an error of the run, not of the page: it says to try again.
			if err != nil && strings.Contains(string(out), "NO_FCP") {
				out, err = lighthouse()
			}
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			keep(t, "lighthouse-"+fileName(path)+".json", data)
			var r report
			if err := json.Unmarshal(data, &r); err != nil {
				t.Fatal(err)
			}
			if r.RuntimeError.Message != "" {
				t.Fatal(r.RuntimeError.Message)
			}
			score := func(category string) int {
				if c := r.Categories[category]; c.Score != nil {
					return int(*c.Score*100 + 0.5)
				}
				return -1
			}
			for _, category := range []string{"accessibility", "best-practices", "seo"} {
				if score(category) != 100 {
					var failed []string
					for id, a := range r.Audits {
						if a.Score != nil && *a.Score < 1 {
							failed = append(failed, fmt.Sprintf("%s: %s %s %v", id, a.Title, a.DisplayValue, string(a.Details.Items[:min(800, len(a.Details.Items))])))
						}
					}
					t.Errorf("%s: %d, want 100\n  %s", category, score(category), strings.Join(failed, "\n  "))
				}
			}
			t.Logf("%-40s speed %d, largest content %s, blocked %s", path, score("performance"),
				r.Audits["largest-contentful-paint"].DisplayValue, r.Audits["total-blocking-time"].DisplayValue)
			// Less than a thousandth is less than a pixel on one line.
			if shift := r.Audits["cumulative-layout-shift"].NumericValue; shift >= 0.001 {
				t.Errorf("the page moves while it loads, by %v", shift)
			}
			most := 40 << 10
			if strings.HasSuffix(path, "/search/") {
				most = searchBudget + 12<<10 // and what a page loads elsewhere
			}
			if n := r.Audits["total-byte-weight"].NumericValue; n > float64(most) {
				t.Errorf("%v bytes are loaded, more than %d", n, most)
			}
			var requests []struct{ URL string }
			if err := json.Unmarshal(r.Audits["network-requests"].Details.Items, &requests); err != nil || len(requests) == 0 {
				t.Errorf("the report does not list what was loaded: %v", err)
			}
			for _, item := range requests {
				if address := item.URL; !strings.HasPrefix(address, w.base) && !strings.HasPrefix(address, "data:") {
					t.Errorf("asks for %s", address)
				}
			}
		})
	}
}
