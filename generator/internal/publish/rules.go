package publish

import (
	"strings"

	"minxi/generator/internal/diag"
)

type Rules struct{ Headers []HeaderRule }
type HeaderRule struct {
	For    string
	Values map[string]string
}

func (r Rules) For(name string) Header {
	h := Header{"Content-Type": "application/octet-stream"}
	if strings.HasSuffix(name, ".html") {
		h["Content-Type"] = "text/html; charset=utf-8"
	}
	for _, rule := range r.Headers {
		if p, ok := strings.CutSuffix(rule.For, "*"); ok && strings.HasPrefix("/"+name, p) {
			for k, v := range rule.Values {
				h[k] = v
			}
		}
	}
	return h
}

func ReadRules(string, []byte) (Rules, diag.List) { return Rules{}, nil }

func (r Rules) Files([]string) map[string][]byte { return nil }
