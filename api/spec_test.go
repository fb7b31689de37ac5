package main

import (
	"log/slog"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"deltatrace/api/openapi"
	"deltatrace/traceability"
)

// TestSpecIsValid holds the description to OpenAPI 3.1, examples included.
func TestSpecIsValid(t *testing.T) {
	t.Parallel()
	if err := specification().doc.Validate(t.Context(), openapi3.EnableExamplesValidation()); err != nil {
		t.Fatal(err)
	}
	codes := specification().doc.Components.Schemas["Code"].Value.Enum
	var listed, table []string
	for _, c := range codes {
		listed = append(listed, c.(string))
	}
	for _, info := range traceability.CodeTable() {
		table = append(table, string(info.Code))
	}
	if diff := cmp.Diff(table, listed); diff != "" {
		t.Errorf("codes (-table +description):\n%s", diff)
	}
}

// TestSpecHasTheRoutes compares the server's routes with the description, both
// ways.
func TestSpecHasTheRoutes(t *testing.T) {
	t.Parallel()
	s, err := NewServer(Options{PublicURL: "http://example.test", Limits: mustServe(t, "serve").Limits, Log: slog.New(slog.DiscardHandler), Now: time.Now, Ledger: brokenLedger{}, Reader: brokenReader{}})
	if err != nil {
		t.Fatal(err)
	}
	served := make(map[string]bool)
	for _, r := range s.routes() {
		served[r.method+" "+template(r.path)] = true
	}
	described := make(map[string]bool)
	for path, item := range specification().doc.Paths.Map() {
		for method := range item.Operations() {
			described[method+" "+path] = true
		}
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(described)), slices.Sorted(maps.Keys(served))); diff != "" {
		t.Errorf("routes (-described +served):\n%s", diff)
	}
	if len(s.echo.Routes()) < len(s.routes()) {
		t.Errorf("echo has %d routes, the table %d", len(s.echo.Routes()), len(s.routes()))
	}
}

// template writes a route as the description does.
func template(path string) string {
	switch path {
	case "/01/*":
		return "/01/{gtin}/10/{lot}"
	case "/cn/*":
		return "/cn/{uscc}/{product}/{lot}"
	case "/assets/*":
		return "/assets/{name}"
	}
	return regexp.MustCompile(`:([a-z]+)`).ReplaceAllString(path, "{$1}")
}

// spec is openapi.yaml, for tests.
type spec struct {
	doc      *openapi3.T
	compiler *jsonschema.Compiler
	mu       sync.Mutex
	schemas  map[string]*jsonschema.Schema
}

var specification = sync.OnceValue(func() *spec {
	doc, err := openapi3.NewLoader().LoadFromData(openapi.NewSite().Spec())
	if err != nil {
		panic(err)
	}
	b, err := doc.MarshalJSON()
	if err != nil {
		panic(err)
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(b)))
	if err != nil {
		panic(err)
	}
	s := &spec{doc: doc, compiler: jsonschema.NewCompiler(), schemas: make(map[string]*jsonschema.Schema)}
	s.compiler.AssertFormat()
	if err := s.compiler.AddResource("openapi.json", value); err != nil {
		panic(err)
	}
	return s
})

// schema compiles the schema at a place of the description.
func (s *spec) schema(place string) (*jsonschema.Schema, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if compiled, ok := s.schemas[place]; ok {
		return compiled, nil
	}
	compiled, err := s.compiler.Compile("openapi.json#" + place)
	if err == nil {
		s.schemas[place] = compiled
	}
	return compiled, err
}

// conforms checks an answer against the description: status, media type and,
// for JSON, schema. Every request of these tests passes here.
func conforms(tb testing.TB, method, path string, answer reply) {
	tb.Helper()
	place, item := operationOf(path)
	if method == http.MethodHead {
		method = http.MethodGet
	}
	if item == nil || item.GetOperation(method) == nil {
		if answer.status != http.StatusNotFound && answer.status != http.StatusMethodNotAllowed {
			tb.Errorf("%s %s: status %d at an address that the description does not have", method, path, answer.status)
		}
		return
	}
	status := strconv.Itoa(answer.status)
	place += "/" + strings.ToLower(method) + "/responses/" + status
	response := item.GetOperation(method).Responses.Value(status)
	if response == nil {
		tb.Errorf("%s %s: the description has no status %s: %s", method, path, status, answer.body)
		return
	}
	if response.Ref != "" {
		place = strings.TrimPrefix(response.Ref, "#")
	}
	media, _, _ := strings.Cut(answer.header.Get("Content-Type"), ";")
	if len(answer.body) == 0 {
		return
	}
	content, ok := response.Value.Content[media]
	if !ok {
		content, ok = response.Value.Content["*/*"]
	}
	if !ok {
		tb.Errorf("%s %s: the description has no %s for %s", method, path, media, status)
		return
	}
	if content.Schema == nil || !strings.HasSuffix(media, "json") || media == mediaLines {
		return
	}
	place += "/content/" + strings.ReplaceAll(media, "/", "~1") + "/schema"
	schema, err := specification().schema(place)
	if err != nil {
		tb.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(answer.body)))
	if err != nil {
		tb.Errorf("%s %s: %v: %s", method, path, err, answer.body)
		return
	}
	if err := schema.Validate(value); err != nil {
		tb.Errorf("%s %s: %v\n%s", method, path, err, answer.body)
	}
}

// operationOf finds the path of the description that a request's path has.
func operationOf(path string) (string, *openapi3.PathItem) {
	path, _, _ = strings.Cut(path, "?")
	path = joinIdentifier(path)
	switch {
	case strings.HasPrefix(path, "/01/"):
		path = "/01/{gtin}/10/{lot}"
	case strings.HasPrefix(path, "/cn/"):
		path = "/cn/{uscc}/{product}/{lot}"
	}
	paths := specification().doc.Paths.Map()
	if item := paths[path]; item != nil { // rather than /v1/notices/{notice} for /v1/notices/stats
		return "/paths/" + strings.ReplaceAll(path, "/", "~1"), item
	}
	for name, item := range paths {
		pattern := "^" + regexp.MustCompile(`\\\{[a-z]+\\\}`).ReplaceAllString(regexp.QuoteMeta(name), "[^/]+") + "$"
		if regexp.MustCompile(pattern).MatchString(path) {
			return "/paths/" + strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1"), item
		}
	}
	return "", nil
}

// TestTraceLinesConform checks what the description says of JSON lines.
func TestTraceLinesConform(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	schema, err := specification().schema("/components/schemas/TraceStep")
	if err != nil {
		t.Fatal(err)
	}
	answer := w.get("/v1/lots/"+string(pickles)+"/trace", "Accept: "+mediaLines)
	lines := strings.Split(strings.TrimSuffix(string(answer.body), "\n"), "\n")
	if len(lines) != 3 { // the lot, what went into it, the event between
		t.Errorf("%d lines: %s", len(lines), answer.body)
	}
	array := mustDecode[trace](t, w.get("/v1/lots/"+string(pickles)+"/trace").body)
	for i, line := range lines {
		var value any
		if err := json.Unmarshal([]byte(line), &value); err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(string(array.Steps[i]), line); diff != "" {
			t.Errorf("line %d (-array +line):\n%s", i, diff)
		}
	}
}

// TestExamplesCanBePasted sends the description's examples of bodies as they
// stand there, and runs its commands.
func TestExamplesCanBePasted(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	w.accept(w.sign(shanghai, traceability.TypePartyAdmit, w.admission(delivery)))
	folder := t.TempDir()
	for path, item := range specification().doc.Paths.Map() {
		if item.Get != nil {
			w.paste(folder, item.Get.Description, "")
		}
		if item.Post == nil {
			continue
		}
		sent, lines := 0, ""
		for media, content := range item.Post.RequestBody.Value.Content {
			examples := []any{content.Example}
			for _, named := range content.Examples {
				examples = append(examples, named.Value.Value)
			}
			for _, example := range slices.DeleteFunc(examples, func(e any) bool { return e == nil }) {
				sent++
				body, isText := example.(string)
				if !isText {
					body = string(mustEncode(t, example))
				} else if media == mediaLines {
					lines = body
				}
				header := []string{"Content-Type: " + media}
				if item.Post.Security != nil {
					header = append(header, "Authorization: Bearer "+w.token(zhejiang))
				}
				if answer := w.do(http.MethodPost, path, []byte(body), header...); answer.status != http.StatusOK {
					t.Errorf("%s: %d %s", path, answer.status, answer.body)
				}
			}
		}
		if sent == 0 {
			t.Errorf("%s has no example", path)
		}
		w.paste(folder, item.Post.Description, lines)
	}
}

// paste runs the commands of a description, as a platform and with the example of
// lines in shops.ndjson.
func (w *world) paste(folder, description, lines string) {
	w.Helper()
	for _, block := range regexp.MustCompile("(?s)```\n(.*?)```").FindAllStringSubmatch(description, -1) {
		for command := range strings.SplitSeq(strings.ReplaceAll(block[1], "\\\n", " "), "\n") {
			if !strings.HasPrefix(command, "curl ") {
				continue
			}
			if err := os.WriteFile(filepath.Join(folder, "shops.ndjson"), []byte(lines), 0o600); err != nil {
				w.Fatal(err)
			}
			run := exec.CommandContext(w.Context(), "sh", "-ec", strings.Replace(command, "curl ", "curl -sSf --max-time 20 ", 1))
			run.Dir = folder
			run.Env = append(os.Environ(), "URL="+w.main.URL(), "TOKEN="+w.token(delivery))
			if out, err := run.CombinedOutput(); err != nil || len(out) == 0 {
				w.Errorf("%s: %v\n%s", command, err, out)
			}
		}
	}
}
