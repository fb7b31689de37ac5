package main

import (
	"fmt"

	"deltatrace/labs-adapter/formats"
)

type schemaCommand struct{}

// Run prints the schema.
func (schemaCommand) Run(p *program) error {
	_, err := fmt.Fprint(p.stdout, formats.Schema)
	return err
}
