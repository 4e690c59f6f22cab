package diag

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"testing"

	"minxi/generator/internal/plan"
)

var sample = List{
	{Pos: Pos{File: "b.md", Line: 2, Col: 1}, Check: "x", Fact: Text("坏", "bad"), Hint: Text("改", "mend")},
	{Pos: Pos{File: "a.md"}, Severity: Warning, Fact: Text("%s 小心", "mind %s", "甲")},
	{Pos: Pos{File: "b.md", Line: 10}, Check: "x", Fact: Text("晚", "late")},
	{Pos: Pos{File: "b.md", Line: 2, Col: 1}, Check: "x", Fact: Text("坏", "bad"), Hint: Text("改", "mend")},
	{Fact: Text("无处", "nowhere")},
}

func TestPrint(t *testing.T) {
	l := append(List{}, sample...).Sort()
	for lang, want := range map[plan.Lang]string{
		plan.EN: "nowhere\na.md: warning: mind 甲\nb.md:2:1: bad\n    mend\nb.md:10: late\n",
		plan.ZH: "无处\na.md: 警告：甲 小心\nb.md:2:1: 坏\n    改\nb.md:10: 晚\n",
	} {
		var b strings.Builder
		l.Print(&b, lang)
		if b.String() != want {
			t.Errorf("%s: %q, want %q", lang, b.String(), want)
		}
	}
}

func TestJSON(t *testing.T) {
	data, err := json.Marshal(sample[0])
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"file":"b.md","line":2,"column":1,"check":"x","severity":"error","fact":{"zh":"坏","en":"bad"},"hint":{"zh":"改","en":"mend"}}`
	if string(data) != want {
		t.Errorf("%s, want %s", data, want)
	}
}

func TestErrors(t *testing.T) {
	if (List{sample[1]}).Err() != nil || sample.Err() == nil || List(nil).Err() != nil {
		t.Error("only errors are an error")
	}
	wrapped := fmt.Errorf("while building: %w", sample)
	if got := From(wrapped); len(got) != len(sample) {
		t.Errorf("From(list) = %v", got)
	}
	if got := From(fmt.Errorf("x: %w", sample[0])); len(got) != 1 || got[0].File != "b.md" {
		t.Errorf("From(diagnostic) = %v", got)
	}
	if got := From(errors.New("100% plain")); len(got) != 1 || got[0].Fact.EN != "100% plain" {
		t.Errorf("From(error) = %v", got)
	}
	if From(nil) != nil {
		t.Error("From(nil) is something")
	}
	if got := sample[0].Error(); got != "b.md:2:1: bad — mend" {
		t.Errorf("Error() = %q", got)
	}
}

func TestSARIF(t *testing.T) {
	var b strings.Builder
	l := append(List{}, sample...).Sort()
	l = append(l, Diagnostic{Pos: Pos{File: "内容/a b.md", Line: 3}, Check: "y", Fact: Text("远", "far")})
	if err := l.SARIF(&b, []Rule{{ID: "x", Doc: Text("要求", "a demand"), Severity: Error}, {ID: "z", Severity: Warning}}, plan.ZH); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct{ Rules []struct{ ID string } }
			}
			Results []struct {
				RuleID    string
				RuleIndex int
				Level     string
				Message   struct{ Text string }
				Locations []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           *struct{ StartLine, StartColumn int }
					}
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(b.String()), &got); err != nil {
		t.Fatal(err)
	}
	r := got.Runs[0]
	if got.Version != "2.1.0" || len(r.Results) != len(l) {
		t.Fatalf("%+v", got)
	}
	for i, res := range r.Results {
		if r.Tool.Driver.Rules[res.RuleIndex].ID != res.RuleID {
			t.Errorf("result %d: rule %s has index %d", i, res.RuleID, res.RuleIndex)
		}
	}
	last := r.Results[len(l)-1]
	at := last.Locations[0].PhysicalLocation
	if last.RuleID != "y" || last.Level != "error" || last.Message.Text != "远" || at.ArtifactLocation.URI != "%E5%86%85%E5%AE%B9/a%20b.md" || at.Region.StartLine != 3 {
		t.Errorf("%+v", last)
	}
	if first := r.Results[0]; len(first.Locations) != 0 || first.RuleID != "general" {
		t.Errorf("a finding without a place: %+v", first)
	}
}

// TestSystem explains what the system says of a file in both languages.
func TestSystem(t *testing.T) {
	for _, c := range []struct {
		err          error
		file, en, zh string
	}{
		{&fs.PathError{Op: "write", Path: "/a/b", Err: syscall.ENOSPC}, "/a/b", "the disk is full", "磁盘满了"},
		{fmt.Errorf("static files: %w", &fs.PathError{Op: "open", Path: "/a", Err: syscall.EACCES}), "/a", "not allowed", "没有权限"},
		{&os.LinkError{Op: "rename", Old: "/a", New: "/b", Err: syscall.EROFS}, "/b", "only be read", "只读"},
		{errors.Join(&fs.PathError{Op: "mkdir", Path: "/a", Err: syscall.ENAMETOOLONG}), "/a", "too long", "名字太长"},
		{syscall.ENOSPC, "", "no space left", "no space left"}, // of what, nobody knows
		{errors.New("other"), "", "other", "other"},
	} {
		d := From(c.err)[0]
		if d.File != c.file || !strings.Contains(d.Fact.EN, c.en) || !strings.Contains(d.Fact.ZH, c.zh) || (c.file != "") != (d.Hint.ZH != "" && d.Hint.EN != "") {
			t.Errorf("%v: %+v", c.err, d)
		}
	}
	for _, told := range []error{Diagnostic{Fact: Text("甲", "a")}, List{{Fact: Text("甲", "a")}}} {
		if d := From(fmt.Errorf("%w: %w", told, syscall.ENOSPC))[0]; d.Fact.EN != "a" {
			t.Errorf("what was told is told otherwise: %v", d)
		}
	}
}
