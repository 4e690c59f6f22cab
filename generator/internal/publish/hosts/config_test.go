package hosts

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"minxi/generator/internal/diag"
)

func TestSecrets(t *testing.T) {
	dir := t.TempDir()
	outside := write(t.TempDir(), "key", "from-a-file\n")
	must(os.Symlink(filepath.Dir(outside), filepath.Join(dir, "link")))
	configured := func(secretKey string) Target {
		t.Helper()
		write(dir, ConfigFile, `
[targets.web]
  kind = "s3"
  bucket = "b"
  access_key = { env = "KEY" }
  secret_key = { file = "`+secretKey+`" }
  session_token = { file = "link/key" }
`)
		return must2(must2(ReadConfig(dir)).Target("web"))
	}
	target := configured(outside)
	env := func(name string) string { return map[string]string{"KEY": "from-the-environment"}[name] }
	filled, err := target.Fill(env)
	if err != nil {
		t.Fatal(err)
	}
	if o := filled.Values.Options; o["access_key"] != "from-the-environment" || o["secret_key"] != "from-a-file" || o["session_token"] != "from-a-file" {
		t.Errorf("%q", o)
	}
	if len(filled.Secrets) != 3 || len(target.Secrets) != 0 {
		t.Errorf("secrets %q", filled.Secrets)
	}
	_, err = target.Fill(func(string) string { return "" })
	var found diag.List
	if !errors.As(err, &found) || len(found) != 1 || strings.Contains(err.Error(), "from-a-file") {
		t.Errorf("%v", err)
	}
	for _, inside := range []string{"key", "./a/../key", filepath.Join(dir, "key")} {
		write(dir, "key", "inside")
		if _, err := configured(inside).Fill(env); err == nil || !strings.Contains(err.Error(), "inside the project") {
			t.Errorf("%s: %v", inside, err)
		}
	}
}

// FuzzConfig: whatever stands in publish.toml, it is read, or told with findings in
// that file.
func FuzzConfig(f *testing.F) {
	for _, k := range All {
		f.Add(k.Example)
	}
	f.Add("[targets]\nweb = 1\n")
	f.Add("[targets.web]\nkind = [1]\nkind.x = 2\n")
	f.Add("[targets.web]\nkind = \"s3\"\nsecret_key = \"hunter2hunter2\"\nkeep = -1\nconcurrency = 1e9\n")
	f.Add("[[headers]]\nfor = \"/*\"\n[headers.values]\nX = \"y\"\n[[redirects]]\nfrom = \"/\"\nto = \"/zh/\"\nstatus = 302\n")
	f.Fuzz(func(t *testing.T, text string) {
		_, err := parseConfig("/nowhere", []byte(text))
		if err == nil {
			return
		}
		var found diag.List
		if !errors.As(err, &found) || len(found) == 0 {
			t.Fatalf("%T %v", err, err)
		}
		for _, d := range found {
			if d.File != ConfigFile || d.Fact.ZH == "" || d.Fact.EN == "" {
				t.Errorf("%+v", d)
			}
		}
	})
}
