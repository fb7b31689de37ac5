package board

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"mime"
	"path"

	"deltatrace/traceability"
)

//go:embed assets shell.html
var files embed.FS

// Policy is the Content-Security-Policy of everything under /board: our own
// scripts, styles and pictures, requests to our own server, and no text that
// becomes markup or code.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"

// Options configures the board.
type Options struct {
	Audience string // of the tokens: the API's public address
	Style    string // address of the pages' style sheet, which the board shares
	Icon     string
}

// Site serves the board. It is safe for concurrent use.
type Site struct {
	shells map[string]File // by language: zh, en
	files  map[string]File
}

// File is something to be sent: its entity tag is with the quotes.
type File struct {
	ContentType string
	Body        []byte
	ETag        string
}

// New reads what is embedded and makes the table of subjects.
func New(o Options) (*Site, error) {
	s := &Site{shells: make(map[string]File), files: make(map[string]File)}
	entries, err := fs.ReadDir(files, "assets")
	if err != nil {
		return nil, fmt.Errorf("read the board's files: %w", err)
	}
	for _, entry := range entries {
		body, err := files.ReadFile("assets/" + entry.Name())
		if err != nil {
			return nil, fmt.Errorf("read the board's files: %w", err)
		}
		s.files[entry.Name()] = newFile(contentType(entry.Name()), body)
	}
	table, err := traceability.Canonical(newTable())
	if err != nil {
		return nil, err
	}
	s.files["table.json"] = newFile("application/json", table)
	shell, err := template.ParseFS(files, "shell.html")
	if err != nil {
		return nil, fmt.Errorf("parse the board's shell: %w", err)
	}
	for _, lang := range []string{"zh", "en"} {
		var b bytes.Buffer
		if err := shell.Execute(&b, frame{o, lang}); err != nil {
			return nil, fmt.Errorf("make the board's shell: %w", err)
		}
		s.shells[lang] = newFile("text/html; charset=utf-8", b.Bytes())
	}
	return s, nil
}

// contentType does not depend on what the machine has registered for a name.
func contentType(name string) string {
	if path.Ext(name) == ".js" {
		return "text/javascript; charset=utf-8"
	}
	return mime.TypeByExtension(path.Ext(name))
}

func newFile(contentType string, body []byte) File {
	sum := sha256.Sum256(body)
	return File{ContentType: contentType, Body: body, ETag: `"` + hex.EncodeToString(sum[:16]) + `"`}
}

// frame is what the shell is made of.
type frame struct {
	Options
	Lang string
}

// Tag is the language as HTML names it.
func (f frame) Tag() string {
	if f.Lang == "en" {
		return "en"
	}
	return "zh-Hans"
}

// Say chooses between the languages.
func (f frame) Say(zh, en string) string {
	if f.Lang == "en" {
		return en
	}
	return zh
}

// Shell returns the page in a language, zh or en. It is the same for everybody:
// the script fills it in.
func (s *Site) Shell(lang string) File {
	if shell, ok := s.shells[lang]; ok {
		return shell
	}
	return s.shells["zh"]
}

// File returns a script, the style sheet, or table.json.
func (s *Site) File(name string) (File, bool) {
	f, ok := s.files[name]
	return f, ok
}
