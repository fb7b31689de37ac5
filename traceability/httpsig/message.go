package httpsig

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/dunglas/httpsfv"
)

// ErrInvalid says that a request is not signed as it must be. What wraps it says
// why, for a log; the sender needs no more than that it was refused.
var ErrInvalid = errors.New("the signature is not valid")

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrInvalid, fmt.Sprintf(format, args...))
}

// Message is what of a request is signed. TargetURI is the address that the sender
// called: a receiver behind a proxy does not find it in the request, and must know
// its own.
type Message struct {
	Method    string
	TargetURI string
	Header    http.Header
}

// component returns a component's value, by RFC 9421 §2.
func (m *Message) component(name string) (string, error) {
	if field, ok := strings.CutPrefix(name, "@"); ok {
		return m.derived(field)
	}
	values := m.Header.Values(name)
	if len(values) == 0 {
		return "", invalid("there is no field %s", name)
	}
	trimmed := make([]string, len(values))
	for i, value := range values {
		trimmed[i] = strings.TrimSpace(value)
		if strings.ContainsAny(value, "\r\n") {
			return "", invalid("the field %s has more than a line", name)
		}
	}
	return strings.Join(trimmed, ", "), nil
}

// derived returns a component of §2.2, without its @.
func (m *Message) derived(name string) (string, error) {
	if name == "method" {
		return m.Method, nil
	}
	target, err := url.Parse(m.TargetURI)
	if err != nil || target.Host == "" {
		return "", invalid("%q is no address", m.TargetURI)
	}
	switch name {
	case "target-uri":
		return m.TargetURI, nil
	case "authority":
		host := strings.ToLower(target.Host)
		standard := map[string]string{"http": ":80", "https": ":443"}[target.Scheme]
		return strings.TrimSuffix(host, standard), nil
	case "path":
		if path := target.EscapedPath(); path != "" {
			return path, nil
		}
		return "/", nil
	}
	return "", invalid("@%s is not known", name)
}

// base is the signature base of §2.5: what is signed.
func (m *Message) base(input httpsfv.InnerList) ([]byte, error) {
	var b strings.Builder
	var seen []string
	for _, item := range input.Items {
		name, ok := item.Value.(string)
		switch {
		case !ok || name != strings.ToLower(name) || len(item.Params.Names()) > 0:
			return nil, invalid("a component is not a plain name")
		case slices.Contains(seen, name):
			return nil, invalid("%s is named twice", name)
		}
		seen = append(seen, name)
		value, err := m.component(name)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "%q: %s\n", name, value)
	}
	params, err := httpsfv.Marshal(httpsfv.List{input})
	if err != nil {
		return nil, invalid("%v", err)
	}
	fmt.Fprintf(&b, "%q: %s", "@signature-params", params)
	return []byte(b.String()), nil
}

// Digest is the value of Content-Digest for a body (RFC 9530 §2), by SHA-256.
func Digest(body []byte) string {
	sum := sha256.Sum256(body)
	digests := httpsfv.NewDictionary()
	digests.Add("sha-256", httpsfv.NewItem(sum[:]))
	text, err := httpsfv.Marshal(digests)
	if err != nil {
		panic("httpsig: " + err.Error()) // a key and bytes always marshal
	}
	return text
}

// CheckDigest holds a body to the header's SHA-256. Errors are ErrInvalid.
func CheckDigest(header http.Header, body []byte) error {
	digests, err := httpsfv.UnmarshalDictionary(header.Values("Content-Digest"))
	if err != nil {
		return invalid("Content-Digest: %v", err)
	}
	member, _ := digests.Get("sha-256")
	item, ok := member.(httpsfv.Item)
	want, bytes := item.Value.([]byte)
	if !ok || !bytes {
		return invalid("Content-Digest has no sha-256")
	}
	if sum := sha256.Sum256(body); subtle.ConstantTimeCompare(sum[:], want) != 1 {
		return invalid("the body is another than was signed")
	}
	return nil
}
