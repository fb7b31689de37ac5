// Package openapi holds the description of the API, openapi.yaml, which is
// written by hand and is the truth, and makes two pages of it for people: the
// description itself and the table of error codes. The pages are plain HTML with
// a style sheet of their own; nothing comes from elsewhere.
//
// A test in package main holds that the description is valid, that it has
// exactly the server's routes, and that real answers keep to its schemas.
//
// Floor: it imports the domain for the table of codes, and no ledger, store or
// web framework.
package openapi
