package openapi

import (
	"fmt"
	"maps"
	"slices"
	"strings"

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
func describe(source []byte) (description, error) {
	doc, err := read(source)
	if err != nil {
		return description{}, fmt.Errorf("read openapi.yaml: %w", err)
	}
	d := description{Title: doc.Info.Title, Summary: doc.Info.Summary, About: doc.Info.Description}
	for _, tag := range doc.Tags {
		s := section{Name: tag.Name, About: tag.Description}
		for _, path := range slices.Sorted(maps.Keys(doc.Paths)) {
			item := doc.Paths[path]
			for _, m := range []method{{"GET", item.Get}, {"POST", item.Post}} {
				if m.operation != nil && slices.Contains(m.operation.Tags, tag.Name) {
					s.Operations = append(s.Operations, doc.operation(path, item, m))
				}
			}
		}
		d.Sections = append(d.Sections, s)
	}
	for _, name := range slices.Sorted(maps.Keys(doc.Components.Schemas)) {
		d.Schemas = append(d.Schemas, doc.schema(name))
	}
	return d, nil
}

type method struct {
	name      string
	operation *specOperation
}

func (doc *specification) operation(path string, item specPath, m method) operation {
	o := m.operation
	d := operation{ID: o.OperationID, Method: m.name, Path: path, Summary: o.Summary, About: o.Description}
	for _, p := range slices.Concat(item.Parameters, o.Parameters) {
		p = resolve(p, doc.Components.Parameters)
		d.Parameters = append(d.Parameters, parameter{
			Name: p.Name, In: p.In, Required: p.Required, About: p.Description, Type: nameOf(p.Schema).Text, Example: literal(p.Example),
		})
	}
	d.Body, d.Example = describeContent(o.RequestBody.Content), example(o.RequestBody.Content)
	for _, status := range slices.Sorted(maps.Keys(o.Responses)) {
		r := resolve(o.Responses[status], doc.Components.Responses)
		d.Responses = append(d.Responses, response{Status: status, About: r.Description, Media: describeContent(r.Content)})
	}
	return d
}

func describeContent(content map[string]specMedia) []media {
	var list []media
	for _, name := range slices.Sorted(maps.Keys(content)) {
		list = append(list, media{Name: name, Schema: nameOf(content[name].Schema)})
	}
	return list
}

// example returns the first example of a JSON body, indented.
func example(content map[string]specMedia) string {
	body := content["application/json"]
	if body.Example != nil {
		return literal(body.Example)
	}
	for _, name := range slices.Sorted(maps.Keys(body.Examples)) {
		return literal(body.Examples[name].Value)
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

func (doc *specification) schema(name string) schema {
	s := doc.Components.Schemas[name]
	d := schema{Name: name, About: s.Description, Type: nameOf(s), Values: words(s.Enum)}
	for _, property := range slices.Sorted(maps.Keys(s.Properties)) {
		p := s.Properties[property]
		about := resolve(p, doc.Components.Schemas).Description
		d.Members = append(d.Members, member{Name: property, Type: nameOf(p), About: about, Required: slices.Contains(s.Required, property)})
	}
	return d
}

// nameOf says what a schema is in a word or two.
func nameOf(s *specSchema) typeName {
	if s == nil {
		return typeName{Text: "bytes"}
	}
	if s.Ref != "" {
		name := lastPart(s.Ref)
		return typeName{Text: name, Link: "#" + name}
	}
	switch {
	case slices.Equal(s.Type, []string{"array"}):
		item := nameOf(s.Items)
		return typeName{Text: "list of " + item.Text, Link: item.Link}
	case len(s.Enum) > 0:
		return typeName{Text: strings.Join(words(s.Enum), " | ")}
	case len(s.Type) == 0:
		return typeName{Text: "any"}
	default:
		return typeName{Text: strings.TrimSpace(strings.Join(s.Type, " or ") + " " + s.Format)}
	}
}

func words(values []any) []string {
	var list []string
	for _, v := range values {
		list = append(list, fmt.Sprint(v))
	}
	return list
}
