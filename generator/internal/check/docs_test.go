package check

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/checks.md anew")

// TestDocs keeps docs/checks.md what the checks say of themselves.
func TestDocs(t *testing.T) {
	const file = "../../../docs/checks.md"
	var b strings.Builder
	b.WriteString(`# Checks · 检查

` + "`go run ./generator check`" + ` runs these over ` + "`content/`" + `, and every build runs them first.
An error stops the build; a warning asks. 错误会停止构建，警告只是提问。

This page is written from the checks: ` + "`go test ./generator/internal/check -run TestDocs -update`" + `.

| id | severity | 要求 | what it demands |
|---|---|---|---|
`)
	for _, c := range All {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", c.ID, c.Severity, cell(c.Doc.ZH), cell(c.Doc.EN))
	}
	b.WriteString(`
Reading the files has checks of its own, all of them errors: ` + "`structure`, `encoding`, `copy`, `conflict`, `front-matter`, `unit-id`, `unit-attributes`, `raw-html`, `parity`, `numbering`, `termbase`, `ledger`" + `.
`)
	want := b.String()
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != want {
		t.Errorf("docs/checks.md is out of date (%v): go test ./generator/internal/check -run TestDocs -update", err)
	}
}

func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
