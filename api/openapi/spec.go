package openapi

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// The part of an OpenAPI description that the page shows. The specification is
// our own and is held to the standard by a test over a whole reader of OpenAPI;
// the program needs no more than this.
type specification struct {
	Info struct {
		Title, Summary, Description string
	}
	Tags []struct {
		Name, Description string
	}
	Paths      map[string]specPath
	Components struct {
		Schemas    map[string]*specSchema
		Parameters map[string]*specParameter
		Responses  map[string]*specResponse
	}
}

type specPath struct {
	Parameters []*specParameter
	Get, Post  *specOperation
}

type specOperation struct {
	OperationID          string `yaml:"operationId"`
	Summary, Description string
	Tags                 []string
	Parameters           []*specParameter
	RequestBody          struct {
		Content map[string]specMedia
	} `yaml:"requestBody"`
	Responses map[string]*specResponse
}

type specParameter struct {
	Ref                   string `yaml:"$ref"`
	Name, In, Description string
	Required              bool
	Schema                *specSchema
	Example               any
}

type specResponse struct {
	Ref         string `yaml:"$ref"`
	Description string
	Content     map[string]specMedia
}

type specMedia struct {
	Schema   *specSchema
	Example  any
	Examples map[string]struct{ Value any }
}

type specSchema struct {
	Ref                 string `yaml:"$ref"`
	Description, Format string
	Type                oneOrMore
	Enum                []any
	Items               *specSchema
	Properties          map[string]*specSchema
	Required            []string
}

// oneOrMore is a word or a list of words, as JSON Schema has its types.
type oneOrMore []string

func (o *oneOrMore) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*o = oneOrMore{node.Value}
		return nil
	}
	return node.Decode((*[]string)(o))
}

func read(source []byte) (*specification, error) {
	var doc specification
	return &doc, yaml.Unmarshal(source, &doc)
}

// component is what may stand elsewhere, under #/components.
type component interface{ reference() string }

func (p *specParameter) reference() string { return p.Ref }
func (r *specResponse) reference() string  { return r.Ref }
func (s *specSchema) reference() string    { return s.Ref }

// resolve returns what a reference names, or the thing itself. A name that is
// not there would be nil: a test reads the specification with a reader that
// refuses such.
func resolve[T component](value T, among map[string]T) T {
	for value.reference() != "" {
		value = among[lastPart(value.reference())]
	}
	return value
}

func lastPart(ref string) string { return ref[strings.LastIndexByte(ref, '/')+1:] }
