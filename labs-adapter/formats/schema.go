package formats

import _ "embed" // the schema's file

// Schema is the JSON Schema (2020-12) of the JSON form.
//
//go:embed report.schema.json
var Schema string
