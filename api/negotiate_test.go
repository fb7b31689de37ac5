package main

import "testing"

func TestNegotiate(t *testing.T) {
	t.Parallel()
	const html, js, ls = "text/html", "application/json", "application/linkset+json"
	for _, tt := range []struct {
		name, accept, want string
	}{
		{"none", "", html},
		{"anything", "*/*", html},
		{"JSON", "application/json", js},
		{"linkset", "application/linkset+json", ls},
		{"upper case", "Application/JSON", js},
		{"Chrome", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8", html},
		{"JSON before HTML", "application/json, text/html;q=0.9", js},
		{"HTML before JSON", "application/json;q=0.5, text/html", html},
		{"main type", "application/*", js},
		{"specific beats general", "application/*;q=0.9, application/json;q=0.1", ls},
		{"refused by name", "*/*, text/html;q=0", js},
		{"all refused", "*/*;q=0", ""},
		{"something else", "image/png", ""},
		{"spaces and parameters", " text/html ; level=1 ; q=0.4 , application/json ; q=0.5 ", js},
		{"q too large counts for nothing", "application/json;q=7, text/html;q=0.1", html},
		{"q is no number", "application/json;q=x, text/html;q=0.1", html},
		{"equals: our order", "application/linkset+json, application/json, text/html", html},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, ok := negotiate(tt.accept, html, js, ls)
			if got != tt.want || ok != (tt.want != "") {
				t.Errorf("got %q, %v; want %q", got, ok, tt.want)
			}
		})
	}
}

// FuzzNegotiate holds that no header chooses what was not offered.
func FuzzNegotiate(f *testing.F) {
	f.Add("text/html;q=0.5,*/*;q=0.1")
	f.Add(",;=,/")
	f.Fuzz(func(t *testing.T, accept string) {
		got, ok := negotiate(accept, "text/html", "application/json")
		if ok != (got == "text/html" || got == "application/json") {
			t.Errorf("%q: %q, %v", accept, got, ok)
		}
	})
}
