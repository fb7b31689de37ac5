package page

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
)

//go:embed assets templates
var files embed.FS

// asset is a file that the pages refer to. Its address holds a hash of its
// content, so that a browser may keep it for ever.
type asset struct {
	url         string // /assets/style.0123456789ab.css
	contentType string
	body        []byte
}

// loadAssets returns the assets by their plain names: style.css, favicon.svg.
var loadAssets = sync.OnceValues(func() (map[string]asset, error) {
	entries, err := files.ReadDir("assets")
	if err != nil {
		return nil, fmt.Errorf("read assets: %w", err)
	}
	assets := make(map[string]asset, len(entries))
	for _, entry := range entries {
		name := entry.Name()
		body, err := files.ReadFile("assets/" + name)
		if err != nil {
			return nil, fmt.Errorf("read assets: %w", err)
		}
		sum := sha256.Sum256(body)
		ext := path.Ext(name)
		assets[name] = asset{
			url:         "/assets/" + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext,
			contentType: mime.TypeByExtension(ext),
			body:        body,
		}
	}
	return assets, nil
})

// Asset returns the address of the style sheet (style.css) or the icon
// (favicon.svg), for pages that look like these; empty for any other name.
func Asset(name string) string {
	assets, _ := loadAssets() // New has said what is wrong
	return assets[name].url
}

// Assets serves the style sheet and the icon under /assets/, each at an address
// that changes with its content. Any other address is 404.
func Assets() http.Handler {
	assets, err := loadAssets()
	byURL := make(map[string]asset, len(assets))
	for _, a := range assets {
		byURL[a.url] = a
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, ok := byURL[r.URL.Path]
		switch {
		case err != nil:
			http.Error(w, "assets are missing", http.StatusInternalServerError)
			return
		case !ok:
			http.NotFound(w, r)
			return
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		header := w.Header()
		header.Set("Content-Type", a.contentType)
		header.Set("Content-Length", fmt.Sprint(len(a.body)))
		header.Set("Cache-Control", "public, max-age=31536000, immutable")
		header.Set("X-Content-Type-Options", "nosniff")
		if r.Method == http.MethodGet {
			_, _ = w.Write(a.body) // the reader went away: nothing to do
		}
	})
}
