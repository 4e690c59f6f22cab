package check

import (
	"io/fs"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

var document = Check{
	ID: "document",
	Doc: plan.Text{
		ZH: "hugo.toml 里 [params.document] 写的是这份方案，与方案自己印出的文号、机关、日期一致",
		EN: "[params.document] in hugo.toml is about this plan, and agrees with the number, issuer and date that the plan itself prints",
	},
	Severity: diag.Error,
	Run: func(in Input, report Report) {
		data, err := fs.ReadFile(in.FS, configFile)
		if err != nil {
			return // whoever renders says so
		}
		facts := configured(data, "params.document.")
		about, first := fact{}, fact{}
		for _, f := range facts {
			switch {
			case f.name == "plan":
				about = f
			case f.value != "" && first.value == "":
				first = f
			}
		}
		title := in.Tree.Plan.Title.ZH
		if first.value == "" || title == "" {
			return
		}
		if about.value != title {
			at := about
			if at.name == "" {
				at = first
			}
			report(at.pos, diag.Text("这里写的是《%s》，方案是《%s》", "the facts here are about 《%s》, and the plan is 《%s》", orUnsaid(about.value), title),
				diag.Text("别的方案留下的请清空；写这份方案的文号、机关和日期，并把 plan 改成它的标题。不改，页面上就不出现。",
					"Empty what another plan has left; enter this plan's number, issuer and dates, and set plan to its title. Until then pages leave them out."))
			return // what follows from it is not told
		}
		printed := in.Tree.Plan.Front.Facts()
		for _, f := range facts {
			want := map[string]string{"number.zh": printed.Number.ZH, "issuer.zh": printed.Issuer.ZH, "signed": printed.Signed}[f.name]
			if f.value == "" || want == "" || agree(f.name, f.value, want) {
				continue
			}
			report(f.pos, diag.Text("%s 是“%s”，方案自己印的是“%s”", "%s is “%s”, and the plan itself prints “%s”", f.name, f.value, want),
				diag.Text("请对照原件改正；留空就用方案自己印的。", "Compare with the original; leave it empty to take what the plan prints."))
		}
	},
}

func orUnsaid(title string) string {
	if title == "" {
		return "？"
	}
	return title
}

// agree reports whether the configuration says what the plan prints: the same,
// or of an issuer the full name for the short one (国家发展改革委).
func agree(name, have, want string) bool {
	if name != "issuer.zh" {
		return strings.Join(strings.Fields(have), "") == want
	}
	rest := have
	for _, r := range strings.TrimSuffix(want, "委") {
		i := strings.IndexRune(rest, r)
		if i < 0 {
			return false
		}
		rest = rest[i+len(string(r)):]
	}
	return true
}

// fact is a text in the configuration and where it stands.
type fact struct {
	name, value string
	pos         diag.Pos
}

// configured lists the texts of hugo.toml whose dotted key begins with prefix,
// without it, in the order of the file; nothing where it is not TOML, which
// whoever renders tells.
func configured(data []byte, prefix string) (list []fact) {
	var p unstable.Parser
	p.Reset(data)
	table := ""
	for p.NextExpression() {
		e := p.Expression()
		var parts []string
		for key := e.Key(); key.Next(); {
			parts = append(parts, string(key.Node().Data))
		}
		name := strings.Join(parts, ".")
		switch e.Kind {
		case unstable.Table, unstable.ArrayTable:
			table = name + "."
		case unstable.KeyValue:
			name, is := strings.CutPrefix(table+name, prefix)
			value := e.Value()
			if !is || value.Kind != unstable.String && value.Kind != unstable.LocalDate {
				continue
			}
			at := p.Shape(value.Raw).Start
			list = append(list, fact{name, string(value.Data), diag.Pos{File: configFile, Line: at.Line, Col: at.Column}})
		}
	}
	if p.Error() != nil {
		return nil
	}
	return list
}
