package httpsig

import (
	"crypto/ed25519"
	"slices"
	"time"

	"github.com/dunglas/httpsfv"
)

// Params are what a signature says of itself (RFC 9421 §2.3). The algorithm is
// always ed25519.
type Params struct {
	Label   string // names the signature among others of the message
	KeyID   string
	Tag     string    // what the signature is for, so that it is good for nothing else
	Created time.Time // whole seconds
}

// Sign adds Signature-Input and Signature over the components to the message's
// header.
func Sign(m *Message, key ed25519.PrivateKey, p Params, components ...string) error {
	input := httpsfv.InnerList{Params: httpsfv.NewParams()}
	for _, name := range components {
		input.Items = append(input.Items, httpsfv.NewItem(name))
	}
	input.Params.Add("created", p.Created.Unix())
	input.Params.Add("keyid", p.KeyID)
	input.Params.Add("alg", "ed25519")
	input.Params.Add("tag", p.Tag)
	base, err := m.base(input)
	if err != nil {
		return err
	}
	inputs, signatures := httpsfv.NewDictionary(), httpsfv.NewDictionary()
	inputs.Add(p.Label, input)
	signatures.Add(p.Label, httpsfv.NewItem(ed25519.Sign(key, base)))
	for name, field := range map[string]*httpsfv.Dictionary{"Signature-Input": inputs, "Signature": signatures} {
		text, err := httpsfv.Marshal(field)
		if err != nil {
			return invalid("%v", err)
		}
		m.Header.Set(name, text)
	}
	return nil
}

// Expected is what a verifier asks of a signature.
type Expected struct {
	Label      string
	Tag        string                                    // empty: any, or none
	Components []string                                  // all of these must be signed
	Key        func(id string) (ed25519.PublicKey, bool) // the sender's keys
	Now        time.Time
	Tolerance  time.Duration // how far from Now it may have been made
}

// Verify checks the message's signature of that label. Errors are ErrInvalid. That
// the body is what Content-Digest says is for CheckDigest.
func Verify(m *Message, e Expected) error {
	input, signature, err := m.signature(e.Label)
	if err != nil {
		return err
	}
	var signed []string
	for _, item := range input.Items {
		name, _ := item.Value.(string)
		signed = append(signed, name)
	}
	for _, name := range e.Components {
		if !slices.Contains(signed, name) {
			return invalid("%s is not signed", name)
		}
	}
	text := func(name string) string {
		value, _ := input.Params.Get(name)
		s, _ := value.(string)
		return s
	}
	if algorithm, ok := input.Params.Get("alg"); ok && algorithm != "ed25519" {
		return invalid("the algorithm is not ed25519")
	}
	if e.Tag != "" && text("tag") != e.Tag {
		return invalid("the tag is %q", text("tag"))
	}
	value, _ := input.Params.Get("created")
	created, ok := value.(int64)
	if away := e.Now.Sub(time.Unix(created, 0)); !ok || away > e.Tolerance || away < -e.Tolerance {
		return invalid("it was not made in the last %v", e.Tolerance)
	}
	if value, ok := input.Params.Get("expires"); ok {
		if expires, ok := value.(int64); !ok || e.Now.Unix() >= expires {
			return invalid("it has expired")
		}
	}
	key, ok := e.Key(text("keyid"))
	if !ok || len(key) != ed25519.PublicKeySize {
		return invalid("the key %q is not the sender's", text("keyid"))
	}
	base, err := m.base(input)
	if err != nil {
		return err
	}
	if !ed25519.Verify(key, base, signature) {
		return invalid("it is not of this message by this key")
	}
	return nil
}

// signature reads the signature of a label and what it says of itself.
func (m *Message) signature(label string) (httpsfv.InnerList, []byte, error) {
	inputs, err := httpsfv.UnmarshalDictionary(m.Header.Values("Signature-Input"))
	if err != nil {
		return httpsfv.InnerList{}, nil, invalid("Signature-Input: %v", err)
	}
	signatures, err := httpsfv.UnmarshalDictionary(m.Header.Values("Signature"))
	if err != nil {
		return httpsfv.InnerList{}, nil, invalid("Signature: %v", err)
	}
	member, _ := inputs.Get(label)
	input, ok := member.(httpsfv.InnerList)
	if !ok {
		return httpsfv.InnerList{}, nil, invalid("there is no signature %s", label)
	}
	member, _ = signatures.Get(label)
	item, _ := member.(httpsfv.Item)
	signature, ok := item.Value.([]byte)
	if !ok {
		return httpsfv.InnerList{}, nil, invalid("the signature %s is not bytes", label)
	}
	return input, signature, nil
}
