package diag

import (
	"encoding/json"
	"io"
	"net/url"

	"minxi/generator/internal/plan"
)

// Rule describes a check to programs that show findings.
type Rule struct {
	ID       string
	Doc      plan.Text
	Severity Severity
}

// SARIF writes findings as SARIF 2.1.0 (OASIS), which code-review tools show
// beside the lines, with messages in language lang. Files are relative to the
// project's folder; columns count Unicode characters (clause 3.14.17). A check
// that rules does not have is described by its id alone.
func (l List) SARIF(w io.Writer, rules []Rule, lang plan.Lang) error {
	type text struct {
		Text string `json:"text"`
	}
	type level struct {
		Level Severity `json:"level"`
	}
	type descriptor struct {
		ID      string `json:"id"`
		Short   *text  `json:"shortDescription,omitempty"`
		Default level  `json:"defaultConfiguration"`
	}
	type region struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
	}
	type artifact struct {
		URI  string `json:"uri"`
		Base string `json:"uriBaseId"`
	}
	type physical struct {
		Artifact artifact `json:"artifactLocation"`
		Region   *region  `json:"region,omitempty"`
	}
	type location struct {
		Physical physical `json:"physicalLocation"`
	}
	type result struct {
		Rule      string     `json:"ruleId"`
		Index     int        `json:"ruleIndex"`
		Level     Severity   `json:"level"`
		Message   text       `json:"message"`
		Locations []location `json:"locations,omitempty"`
	}
	type driver struct {
		Name  string       `json:"name"`
		Rules []descriptor `json:"rules"`
	}
	type tool struct {
		Driver driver `json:"driver"`
	}
	type run struct {
		Tool       tool     `json:"tool"`
		Language   string   `json:"language"`
		ColumnKind string   `json:"columnKind"`
		Results    []result `json:"results"`
	}
	type report struct {
		Schema  string `json:"$schema"`
		Version string `json:"version"`
		Runs    []run  `json:"runs"`
	}

	// The schema allows a region after the language, not a script.
	language := map[plan.Lang]string{plan.ZH: "zh-CN", plan.EN: "en"}[lang]
	r := run{Tool: tool{driver{Name: "minxi"}}, Language: language, ColumnKind: "unicodeCodePoints", Results: []result{}}
	index := map[string]int{}
	add := func(rule Rule) {
		d := descriptor{ID: rule.ID, Default: level{orError(rule.Severity)}}
		if doc := rule.Doc.In(lang); doc != "" {
			d.Short = &text{doc}
		}
		index[rule.ID] = len(r.Tool.Driver.Rules)
		r.Tool.Driver.Rules = append(r.Tool.Driver.Rules, d)
	}
	for _, rule := range rules {
		add(rule)
	}
	for _, d := range l {
		id := d.Check
		if id == "" {
			id = "general"
		}
		if _, known := index[id]; !known {
			add(Rule{ID: id, Severity: d.Severity})
		}
		res := result{Rule: id, Index: index[id], Level: orError(d.Severity), Message: text{d.Fact.In(lang)}}
		if hint := d.Hint.In(lang); hint != "" {
			res.Message.Text += "\n" + hint
		}
		if d.File != "" {
			at := physical{Artifact: artifact{URI: (&url.URL{Path: d.File}).EscapedPath(), Base: "%SRCROOT%"}}
			if d.Line > 0 {
				at.Region = &region{d.Line, d.Col}
			}
			res.Locations = []location{{at}}
		}
		r.Results = append(r.Results, res)
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(report{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []run{r}})
}

func orError(s Severity) Severity {
	if s == "" {
		return Error
	}
	return s
}
