package page

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// luminance is the relative luminance of WCAG 2.2 of a colour #rrggbb.
func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(strings.TrimPrefix(colour, "#"), 16, 32)
	if err != nil || len(colour) != 7 {
		t.Fatalf("%q is no colour #rrggbb", colour)
	}
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		c := float64(n>>(16-8*i)&0xff) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// schemes reads the custom properties: light, dark, and on paper.
func schemes(t *testing.T) map[string]map[string]string {
	t.Helper()
	source, err := os.ReadFile("assets/style.css")
	if err != nil {
		t.Fatal(err)
	}
	roots := regexp.MustCompile(`:root \{([^}]*)\}`).FindAllStringSubmatch(string(source), -1)
	if len(roots) != 3 {
		t.Fatalf("the style sheet has %d :root rules, not one for light, dark and print", len(roots))
	}
	all := make(map[string]map[string]string)
	for i, name := range []string{"light", "dark", "print"} {
		scheme := make(map[string]string)
		for property, value := range all["light"] {
			scheme[property] = value
		}
		for _, match := range regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6});`).FindAllStringSubmatch(roots[i][1], -1) {
			scheme[match[1]] = match[2]
		}
		all[name] = scheme
	}
	return all
}

// TestContrast holds WCAG 2.2 AA for every pair of colours that the style sheet
// uses: 4.5 to 1 for text (1.4.3), 3 to 1 for what is drawn (1.4.11).
func TestContrast(t *testing.T) {
	t.Parallel()
	const text, drawn = 4.5, 3.0
	pairs := []struct {
		front, back string
		least       float64
	}{
		{"ink", "ground", text}, {"ink", "paper", text}, {"soft", "ground", text}, {"soft", "paper", text},
		{"accent", "ground", text}, {"accent", "paper", text}, {"accent", "accent-ground", text}, {"accent-ink", "accent", text}, {"ink", "accent-ground", text},
		{"soft", "accent-ground", text},
		{"pass", "pass-ground", text}, {"fail", "fail-ground", text}, {"warn", "warn-ground", text}, {"none", "none-ground", text},
		{"ink", "pass-ground", text}, {"ink", "fail-ground", text}, {"ink", "warn-ground", text}, {"ink", "none-ground", text},
		{"accent", "pass-ground", text}, {"accent", "fail-ground", text}, {"accent", "warn-ground", text}, {"accent", "none-ground", text},
		{"fail", "paper", text}, {"warn", "paper", text}, {"warn", "ground", drawn}, {"alarm-ink", "alarm", text}, {"alarm", "ground", drawn},
		{"edge", "paper", drawn}, {"edge", "ground", drawn}, {"accent", "fail-ground", drawn},
	}
	for name, scheme := range schemes(t) {
		for _, p := range pairs {
			if got := contrast(t, scheme[p.front], scheme[p.back]); got < p.least {
				t.Errorf("%s: %s on %s is %.2f to 1, less than %.1f", name, p.front, p.back, got, p.least)
			}
		}
	}
	if got := contrast(t, "#000000", "#ffffff"); math.Abs(got-21) > 0.01 {
		t.Errorf("black on white is %.2f to 1, not 21: the arithmetic is wrong", got)
	}
}
