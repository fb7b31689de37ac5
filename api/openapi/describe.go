package openapi

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// description is what the page shows of the specification.
type description struct {
	Title, Summary, About string
	Sections              []section
	Schemas               []schema
}

type section struct {
	Name, About string
	Operations  []operation
}

type operation struct {
	ID, Method, Path, Summary, About string
	Parameters                       []parameter
	Body                             []media
	Example                          string
	Responses                        []response
}

type parameter struct {
	Name, In, Type, About, Example string
	Required                       bool
}

type media struct {
	Name   string
	Schema typeName
}

// typeName is how a schema is called, and where it is explained.
type typeName struct{ Text, Link string }

type response struct {
	Status, About string
	Media         []media
}

type schema struct {
	Name, About string
	Type        typeName
	Values      []string
	Members     []member
}

type member struct {
	Name, About string
	Type        typeName
	Required    bool
}

// describe reads the specification.
func describe(yaml []byte) (description, error) {
	doc, err := openapi3.NewLoader().LoadFromData(yaml)
	if err != nil {
		return description{}, fmt.Errorf("read openapi.yaml: %w", err)
	}
	d := description{Title: doc.Info.Title, Summary: doc.Info.Summary, About: doc.Info.Description}
	for _, tag := range doc.Tags {
		s := section{Name: tag.Name, About: tag.Description}
		for _, path := range slices.Sorted(maps.Keys(doc.Paths.Map())) {
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				item := doc.Paths.Find(path)
				if o := item.GetOperation(method); o != nil && slices.Contains(o.Tags, tag.Name) {
					s.Operations = append(s.Operations, describeOperation(method, path, item, o))
				}
			}
		}
		d.Sections = append(d.Sections, s)
	}
	for _, name := range slices.Sorted(maps.Keys(doc.Components.Schemas)) {
		d.Schemas = append(d.Schemas, describeSchema(name, doc.Components.Schemas[name].Value))
	}
	return d, nil
}

func describeOperation(method, path string, item *openapi3.PathItem, o *openapi3.Operation) operation {
	d := operation{ID: o.OperationID, Method: method, Path: path, Summary: o.Summary, About: o.Description}
	for _, ref := range slices.Concat(item.Parameters, o.Parameters) {
		p := ref.Value
		d.Parameters = append(d.Parameters, parameter{
			Name: p.Name, In: p.In, Required: p.Required, About: p.Description, Type: nameOf(p.Schema).Text, Example: literal(p.Example),
		})
	}
	if o.RequestBody != nil {
		d.Body = describeContent(o.RequestBody.Value.Content)
		d.Example = example(o.RequestBody.Value.Content)
	}
	for _, status := range slices.Sorted(maps.Keys(o.Responses.Map())) {
		r := o.Responses.Value(status).Value
		d.Responses = append(d.Responses, response{Status: status, About: *r.Description, Media: describeContent(r.Content)})
	}
	return d
}

func describeContent(content openapi3.Content) []media {
	var list []media
	for _, name := range slices.Sorted(maps.Keys(content)) {
		list = append(list, media{Name: name, Schema: nameOf(content[name].Schema)})
	}
	return list
}

// example returns the first example of a JSON body, indented.
func example(content openapi3.Content) string {
	body := content.Get("application/json")
	if body == nil {
		return ""
	}
	if body.Example != nil {
		return literal(body.Example)
	}
	for _, name := range slices.Sorted(maps.Keys(body.Examples)) {
		return literal(body.Examples[name].Value.Value)
	}
	return ""
}

func literal(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	b, err := json.Marshal(v, json.Deterministic(true), jsontext.WithIndent("  "))
	if err != nil {
		return ""
	}
	return string(b)
}

func describeSchema(name string, s *openapi3.Schema) schema {
	d := schema{Name: name, About: s.Description, Type: nameOf(&openapi3.SchemaRef{Value: s})}
	for _, v := range s.Enum {
		d.Values = append(d.Values, fmt.Sprint(v))
	}
	for _, property := range slices.Sorted(maps.Keys(s.Properties)) {
		ref := s.Properties[property]
		d.Members = append(d.Members, member{
			Name: property, Type: nameOf(ref), About: ref.Value.Description, Required: slices.Contains(s.Required, property),
		})
	}
	return d
}

// nameOf says what a schema is in a word or two.
func nameOf(ref *openapi3.SchemaRef) typeName {
	if ref == nil || ref.Value == nil {
		return typeName{Text: "bytes"}
	}
	if name, ok := strings.CutPrefix(ref.Ref, "#/components/schemas/"); ok {
		return typeName{Text: name, Link: "#" + name}
	}
	s := ref.Value
	switch {
	case s.Type.Is("array"):
		item := nameOf(s.Items)
		return typeName{Text: "list of " + item.Text, Link: item.Link}
	case len(s.Enum) > 0:
		var values []string
		for _, v := range s.Enum {
			values = append(values, fmt.Sprint(v))
		}
		return typeName{Text: strings.Join(values, " | ")}
	case s.Type == nil:
		return typeName{Text: "any"}
	default:
		return typeName{Text: strings.TrimSpace(strings.Join(s.Type.Slice(), " or ") + " " + s.Format)}
	}
}
