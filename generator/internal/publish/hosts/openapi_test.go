package hosts

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// An openAPI is a service's public description (Swagger 2.0) that requests and
// answers are held against. What it does not know is an error.
type openAPI struct{ routers.Router }

// apiPath is the path of a file in the site, slashes and all.
var apiPath = regexp.MustCompile(`\{(path|file_path)\}`)

func readOpenAPI(file string) (*openAPI, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var old openapi2.T
	if err := json.Unmarshal(apiPath.ReplaceAll(data, []byte("{$1:.+}")), &old); err != nil {
		return nil, err
	}
	shared := slices.Collect(maps.Values(old.Parameters)) // that any operation may have
	for _, path := range old.Paths {
		for _, o := range path.Operations() {
			o.Parameters = slices.Concat(o.Parameters, path.Parameters, shared)
		}
		path.Parameters = nil // with a body they could not be converted
	}
	doc, err := openapi2conv.ToV3(&old)
	if err != nil {
		return nil, err
	}
	doc.Servers = openapi3.Servers{{URL: old.BasePath}}
	for _, s := range doc.Components.Schemas {
		strict(s)
	}
	for _, path := range doc.Paths.Map() {
		for _, o := range path.Operations() {
			if o.RequestBody != nil && o.RequestBody.Value != nil {
				for _, m := range o.RequestBody.Value.Content {
					strict(m.Schema)
				}
			}
			for _, r := range o.Responses.Map() {
				for _, m := range r.Value.Content {
					strict(m.Schema)
				}
			}
		}
	}
	router, err := gorillamux.NewRouter(doc)
	return &openAPI{router}, err
}

// strict has a schema know no fields but those that it names.
func strict(s *openapi3.SchemaRef) {
	if s == nil || s.Value == nil || s.Value.AdditionalProperties.Has != nil {
		return
	}
	if len(s.Value.Properties) > 0 && s.Value.AdditionalProperties.Schema == nil {
		s.Value.AdditionalProperties.Has = new(bool)
	}
	strict(s.Value.Items)
	for _, p := range s.Value.Properties {
		strict(p)
	}
}

// request finds the operation of a request with its path parameters, and what is wrong
// with it.
func (a *openAPI) request(r *http.Request, body []byte) (*apiCall, error) {
	route, values, err := a.FindRoute(r)
	if err != nil {
		return nil, err
	}
	for name, v := range values {
		if values[name], err = url.PathUnescape(v); err != nil {
			return nil, err
		}
	}
	in := &openapi3filter.RequestValidationInput{Request: r, PathParams: values, Route: route, Options: &openapi3filter.Options{
		RejectWhenRequestBodyNotSpecified: route.Operation.RequestBody == nil,
		ExcludeRequestBody:                len(body) == 0 && r.Header.Get("Content-Type") == "application/octet-stream", // an empty file is one, too
		IncludeResponseStatus:             true, MultiError: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}}
	r.Body = io.NopCloser(bytes.NewReader(body))
	err = openapi3filter.ValidateRequest(context.Background(), in)
	for name := range r.URL.Query() {
		if !slices.ContainsFunc(route.Operation.Parameters, func(p *openapi3.ParameterRef) bool { return p.Value.In == "query" && p.Value.Name == name }) {
			err = errors.Join(err, errors.New("query parameter "+name+" is not known"))
		}
	}
	return &apiCall{in, r.Method + " " + strings.ReplaceAll(route.Path, ":.+}", "}")}, err
}

// An apiCall is a request of an operation.
type apiCall struct {
	*openapi3filter.RequestValidationInput
	operation string // GET /sites/{site_id}
}

// response says what is wrong with an answer.
func (c *apiCall) response(status int, body string) error {
	return openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{RequestValidationInput: c.RequestValidationInput,
		Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Options: c.Options})
}
