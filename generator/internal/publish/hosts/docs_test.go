package hosts

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/publish"
	"minxi/generator/internal/publish/hosttest"
)

var update = flag.Bool("update", false, "write docs/publish.md anew")

// TestDocs keeps docs/publish.md what the hosts say of themselves.
func TestDocs(t *testing.T) {
	const file = "../../../../docs/publish.md"
	hosttest.Program(t, "rsync") // or its example cannot be opened
	var b strings.Builder
	b.Write(must2(os.ReadFile("testdata/publish.md")))
	b.WriteString("## For every target · 各种目标都有的设置\n\n")
	table(&b, common)
	for _, k := range All {
		for _, o := range k.Options {
			if slices.ContainsFunc(common, func(c Option) bool { return c.Name == o.Name }) {
				t.Errorf("%s: its option %s has the name of one that every target has", k.Name, o.Name)
			}
		}
		h, err := k.Open(t.Context(), exampleValues(t, k))
		if err != nil {
			t.Errorf("%s: the example cannot be opened: %v", k.Name, err)
			continue
		}
		traits := h.Traits()
		_, atomic := h.(publish.Deployer)
		h.Close()
		promise := "ordered · 按序"
		if atomic {
			promise = "atomic · 一步切换"
		}
		fmt.Fprintf(&b, "## %s\n\n%s. %s。\n\n- %s\n", k.Name, k.Doc.EN, k.Doc.ZH, promise)
		switch {
		case !traits.Headers:
			b.WriteString("- headers: as the web server is set up · 响应头由网页服务器设置\n")
		case traits.Keeps == nil:
			b.WriteString("- headers: all · 响应头全部保存\n")
		default:
			fmt.Fprintf(&b, "- headers: %s · 只保存这些响应头\n", strings.Join(traits.Keeps, ", "))
		}
		if len(traits.Encodings) > 0 {
			fmt.Fprintf(&b, "- encoding: %s\n", strings.Join(traits.Encodings, ", "))
		}
		if l := traits.Limits; l.Of != "" {
			var most []string
			for _, part := range []struct {
				is   bool
				text string
			}{{l.Files > 0, fmt.Sprintf("%d files · 个文件", l.Files)}, {l.File > 0, fmt.Sprintf("%d MiB a file · 每个文件", l.File>>20)}, {l.Total > 0, fmt.Sprintf("%d MiB in all · 总共", l.Total>>20)}} {
				if part.is {
					most = append(most, part.text)
				}
			}
			fmt.Fprintf(&b, "- limits · 上限 (%s): %s\n", l.Of, strings.Join(most, "; "))
		}
		for _, n := range k.Notes {
			fmt.Fprintf(&b, "- %s %s\n", n.EN, n.ZH)
		}
		b.WriteString("\n```toml\n" + k.Example + "```\n\n")
		table(&b, k.Options)
	}
	want := strings.TrimRight(b.String(), "\n") + "\n"
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != want {
		t.Errorf("docs/publish.md is out of date (%v): go test ./generator/internal/publish/hosts -run TestDocs -update", err)
	}
}

func table(b *strings.Builder, options []Option) {
	b.WriteString("| | 含义 | meaning |\n|---|---|---|\n")
	for _, o := range options {
		zh, en := o.Doc.ZH, o.Doc.EN
		if o.Required {
			zh, en = zh+"（必填）", en+" (required)"
		}
		if o.Choices != nil {
			en += "; " + strings.Join(o.Choices, " | ")
		}
		if o.Default != "" {
			en += "; default " + o.Default
		}
		if o.Secret {
			zh, en = zh+"（秘密）", en+" (secret)"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", o.Name, strings.ReplaceAll(zh, "|", `\|`), strings.ReplaceAll(en, "|", `\|`))
	}
	b.WriteString("\n")
}

// exampleValues reads the example of a kind as publish.toml is read.
func exampleValues(t *testing.T, k Kind) Values {
	t.Helper()
	c, err := parseConfig(t.TempDir(), []byte(k.Example))
	if err != nil || len(c.Targets) != 1 {
		t.Fatalf("%s: its example: %v", k.Name, diag.From(err))
	}
	for _, target := range c.Targets {
		filled := target.Values
		for name, value := range filled.Options {
			if strings.HasPrefix(value, "\x00") {
				filled.Options[name] = secretFor(t, k.Name, name)
			}
		}
		if target.Kind.Name != k.Name {
			t.Errorf("%s: its example is of the kind %s", k.Name, target.Kind.Name)
		}
		if i := slices.IndexFunc(k.Options, func(o Option) bool { return o.Required && filled.Options[o.Name] == "" }); i >= 0 {
			t.Errorf("%s: its example has no %s", k.Name, k.Options[i].Name)
		}
		return filled
	}
	return Values{}
}

// secretFor gives something of the form that an option's secret has.
func secretFor(t *testing.T, kind, option string) string {
	t.Helper()
	switch option {
	case "key":
		if kind == "azure" {
			return "c2VjcmV0LW9mLXRoZS1leGFtcGxl"
		}
		return keyText(sshKeys().user, "")
	case "credentials":
		return accountKey(t, gcsTestKey(), "https://oauth2.googleapis.com/token")
	}
	return "secret-of-the-example"
}
