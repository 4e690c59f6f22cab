package hosts

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// An openAPI is a service's public description (Swagger 2.0) that requests and
// answers are held against. What it does not know is an error.
type openAPI struct {
	BasePath   string
	Consumes   []string
	Paths      map[string]map[string]json.RawMessage
	Parameters map[string]apiParameter // that any operation may have
	operations []apiOperation
}

type apiOperation struct {
	method, path string
	match        *regexp.Regexp
	names        []string // of the parameters in the path
	Parameters   []apiParameter
	Consumes     []string
	Responses    map[string]struct{ Schema *apiSchema }
}

type apiParameter struct {
	Name, In, Type string
	Required       bool
	Enum           []any
	Schema         *apiSchema
}

type apiSchema struct {
	Type, Format         string
	Properties           map[string]*apiSchema
	Items                *apiSchema
	Required             []string
	Enum                 []any
	AdditionalProperties json.RawMessage
	Nullable             *bool `json:"x-nullable"`
}

func readOpenAPI(file string) (*openAPI, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var api openAPI
	if err := json.Unmarshal(data, &api); err != nil {
		return nil, err
	}
	param := regexp.MustCompile(`\\\{(\w+)\\\}`)
	for path, methods := range api.Paths {
		var shared []apiParameter
		if raw, ok := methods["parameters"]; ok {
			if err := json.Unmarshal(raw, &shared); err != nil {
				return nil, err
			}
		}
		for method, raw := range methods {
			if method == "parameters" {
				continue
			}
			o := apiOperation{method: strings.ToUpper(method), path: path}
			if err := json.Unmarshal(raw, &o); err != nil {
				return nil, fmt.Errorf("%s %s: %w", method, path, err)
			}
			o.Parameters = append(o.Parameters, shared...)
			text := param.ReplaceAllStringFunc(regexp.QuoteMeta(path), func(p string) string {
				name := param.FindStringSubmatch(p)[1]
				o.names = append(o.names, name)
				if name == "path" || name == "file_path" { // of a file in the site, slashes and all
					return "(.+)"
				}
				return "([^/]+)"
			})
			o.match = regexp.MustCompile("^" + regexp.QuoteMeta(api.BasePath) + text + "$")
			api.operations = append(api.operations, o)
		}
	}
	return &api, nil
}

// request finds the operation of a request, its path parameters, and what is wrong
// with it.
func (a *openAPI) request(r *http.Request, body []byte) (o *apiOperation, values map[string]string, wrong []string) {
	for i := range a.operations {
		c := &a.operations[i]
		m := c.match.FindStringSubmatch(r.URL.EscapedPath())
		if c.method != r.Method || m == nil || o != nil && len(c.names) >= len(o.names) {
			continue
		}
		o, values = c, map[string]string{}
		for i, name := range c.names {
			v, err := url.PathUnescape(m[i+1])
			if err != nil {
				wrong = append(wrong, err.Error())
			}
			values[name] = v
		}
	}
	if o == nil {
		return nil, nil, []string{"there is no such operation"}
	}
	known := o.Parameters
	for _, p := range a.Parameters {
		known = append(known, p)
	}
	for name, v := range r.URL.Query() {
		i := slices.IndexFunc(known, func(p apiParameter) bool { return p.In == "query" && p.Name == name })
		if i < 0 {
			wrong = append(wrong, "query parameter "+name+" is not known")
			continue
		}
		p := known[i]
		_, notInt := strconv.Atoi(v[0])
		_, notBool := strconv.ParseBool(v[0])
		if len(v) != 1 || p.Type == "integer" && notInt != nil || p.Type == "boolean" && notBool != nil {
			wrong = append(wrong, fmt.Sprintf("query parameter %s is %q, not one %s", name, v, p.Type))
		}
	}
	var takesBody bool
	for _, p := range o.Parameters {
		switch {
		case p.In == "query" && p.Required && !r.URL.Query().Has(p.Name):
			wrong = append(wrong, "query parameter "+p.Name+" is missing")
		case p.In == "body":
			takesBody = true
			consumes := o.Consumes
			if consumes == nil {
				consumes = a.Consumes
			}
			if got := r.Header.Get("Content-Type"); !slices.Contains(consumes, got) {
				wrong = append(wrong, fmt.Sprintf("the body is %q, not one of %q", got, consumes))
			}
			if p.Schema.Format == "binary" {
				break
			}
			var v any
			if err := json.Unmarshal(body, &v); err != nil {
				wrong = append(wrong, "the body: "+err.Error())
				break
			}
			wrong = append(wrong, p.Schema.check("the body", v)...)
		}
	}
	if !takesBody && len(body) > 0 {
		wrong = append(wrong, "it has a body")
	}
	return o, values, wrong
}

// response says what is wrong with an answer.
func (o *apiOperation) response(status int, body []byte) (wrong []string) {
	r, ok := o.Responses[strconv.Itoa(status)]
	if !ok && status >= 400 {
		r, ok = o.Responses["default"]
	}
	if !ok {
		return []string{fmt.Sprintf("answer %d is not known", status)}
	}
	if r.Schema == nil {
		return nil
	}
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return []string{"the answer: " + err.Error()}
	}
	return r.Schema.check("the answer", v)
}

// check says where a value is not what the schema says.
func (s *apiSchema) check(at string, v any) (wrong []string) {
	bad := func() []string { return []string{fmt.Sprintf("%s is %v, not %s", at, v, s.Type)} }
	if s.Enum != nil && !slices.Contains(s.Enum, v) {
		return []string{fmt.Sprintf("%s is %v, not one of %v", at, v, s.Enum)}
	}
	switch s.Type {
	case "string":
		if _, ok := v.(string); !ok {
			return bad()
		}
	case "boolean":
		if _, ok := v.(bool); !ok {
			return bad()
		}
	case "number":
		if _, ok := v.(float64); !ok {
			return bad()
		}
	case "integer":
		if n, ok := v.(float64); !ok || n != float64(int64(n)) {
			return bad()
		}
	case "array":
		list, ok := v.([]any)
		if !ok {
			return bad()
		}
		for i, v := range list {
			wrong = append(wrong, s.Items.check(fmt.Sprintf("%s[%d]", at, i), v)...)
		}
	case "object":
		object, ok := v.(map[string]any)
		if !ok {
			return bad()
		}
		for _, name := range s.Required {
			if _, ok := object[name]; !ok {
				wrong = append(wrong, at+" has no "+name)
			}
		}
		for name, v := range object {
			if p, ok := s.Properties[name]; ok {
				wrong = append(wrong, p.check(at+"."+name, v)...)
			} else if len(s.Properties) > 0 && s.AdditionalProperties == nil {
				wrong = append(wrong, at+" has an unknown "+name)
			}
		}
	default:
		return []string{at + " has a type that this test does not know: " + s.Type}
	}
	return wrong
}
