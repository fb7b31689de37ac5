package traceability

import (
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
)

// A compact JWS (RFC 7515, section 7.1) is taken apart here, its shape only;
// what the signature says of it is crypto/ed25519's and crypto/ecdsa's to
// judge, see PublicKey.verifies. go-jose signs, and in the tests is the oracle
// that this reading is compared with; it accepts more (ADR 7):
//
//   - base64url in other spellings of the same bytes, with line breaks or with
//     bits set that no byte has: one signed document would have many texts;
//   - header members that mean nothing here, among them those that elsewhere
//     change what is checked or with what (crit, b64, jwk, jku, x5c);
//   - headers of any length, and text in them that is not UTF-8.

// The algorithms, as `alg` names them (RFC 7518, RFC 8037).
const (
	algorithmEdDSA = "EdDSA"
	algorithmES256 = "ES256"
)

// maxHeaderBytes bounds a JWS header; the longest that says anything has about
// 160 bytes.
const maxHeaderBytes = 1024

// signatureBytes is the length of a signature, Ed25519's as well as P-256's
// (RFC 7518, section 3.4: R and S, 32 bytes each).
const signatureBytes = 64

// jwsHeader is all that a header may have.
type jwsHeader struct {
	Algorithm string   `json:"alg"`
	Key       KeyID    `json:"kid"`
	Type      string   `json:"typ"`
	IssuedAt  *float64 `json:"iat"` // as RFC 7519 has it, any spelling of a whole number
}

// parseSigned reads the header of a document or token; the type is taken as it
// is. The payload is left in its base64url: see decodePayload.
func parseSigned(compact string) (d *Document, typ string, err error) {
	if len(compact) > MaxDocumentBytes {
		return nil, "", &Error{Code: CodeOversized, Found: fmt.Sprintf("%d bytes", len(compact)), Expected: fmt.Sprintf("at most %d bytes", MaxDocumentBytes),
			ZH: fmt.Sprintf("文档长 %d 字节，最多 %d 字节", len(compact), MaxDocumentBytes),
			EN: fmt.Sprintf("the document has %d bytes; at most %d are allowed", len(compact), MaxDocumentBytes)}
	}
	parts, err := splitJWS(compact)
	if err != nil {
		return nil, "", err
	}
	header, err := parseHeader(parts.header)
	if err != nil {
		return nil, "", err
	}
	return &Document{
		Key:       header.Key,
		IssuedAt:  time.Unix(int64(*header.IssuedAt), 0).UTC(),
		JWS:       compact,
		algorithm: header.Algorithm,
		signed:    parts.signed,
		signature: parts.signature,
	}, header.Type, nil
}

// decodePayload returns the payload of a document or token, as it was signed.
func (d *Document) decodePayload() ([]byte, error) {
	_, payload, _ := strings.Cut(d.signed, ".")
	text, err := decodeBase64URL(payload)
	if err != nil {
		return nil, malformed("", "a compact JWS (RFC 7515)", err)
	}
	if !utf8.Valid(text) {
		return nil, malformed("payload", "UTF-8", nil)
	}
	return text, nil
}

// jwsParts are the parts of a compact JWS.
type jwsParts struct {
	header, signature []byte
	signed            string // what the signature is of: header and payload as they were sent
}

func splitJWS(compact string) (jwsParts, error) {
	if strings.Count(compact, ".") > 2 {
		return jwsParts{}, malformed("", "a compact JWS: header.payload.signature", nil)
	}
	header, rest, found := strings.Cut(compact, ".")
	if !found {
		return jwsParts{}, malformed("", "a compact JWS: header.payload.signature", nil)
	}
	payload, signature, _ := strings.Cut(rest, ".")
	if signature == "" {
		return jwsParts{}, NewError(CodeUnsigned, "signature", "文档未签名", "the document is not signed")
	}
	if base64.RawURLEncoding.DecodedLen(len(header)) > maxHeaderBytes {
		return jwsParts{}, malformed("", fmt.Sprintf("a header of at most %d bytes", maxHeaderBytes), nil)
	}
	if base64.RawURLEncoding.DecodedLen(len(signature)) > maxHeaderBytes {
		return jwsParts{}, malformed("", fmt.Sprintf("a signature of %d bytes", signatureBytes), nil)
	}
	p := jwsParts{signed: compact[:len(header)+1+len(payload)]}
	var errs [2]error
	p.header, errs[0] = decodeBase64URL(header)
	p.signature, errs[1] = decodeBase64URL(signature)
	if err := errors.Join(errs[:]...); err != nil {
		return jwsParts{}, malformed("", "a compact JWS (RFC 7515)", err)
	}
	return p, nil
}

var errLineBreak = errors.New("line break in base64url")

// decodeBase64URL accepts the one spelling that bytes have: base64url without
// padding, the unused bits zero. The standard library passes over line breaks
// even when it is strict.
func decodeBase64URL(s string) ([]byte, error) {
	if strings.IndexByte(s, '\n') >= 0 || strings.IndexByte(s, '\r') >= 0 {
		return nil, errLineBreak
	}
	return base64.RawURLEncoding.Strict().DecodeString(s)
}

// parseHeader reads a header strictly: the four members, each once, nothing
// else.
func parseHeader(text []byte) (jwsHeader, error) {
	var h jwsHeader
	if len(text) > 0 { // an empty header names no algorithm, which is said below
		if err := json.Unmarshal(text, &h, json.RejectUnknownMembers(true)); err != nil {
			var semantic *json.SemanticError
			field := ""
			if errors.As(err, &semantic) {
				field = shorten(jsonPath(string(semantic.JSONPointer)))
			}
			return h, malformed(field, "a JWS header with alg, kid, typ and iat, each once, and nothing else", err)
		}
	}
	switch h.Algorithm {
	case algorithmEdDSA, algorithmES256:
	case "none":
		return h, NewError(CodeUnsigned, "alg", "文档未签名（alg 为 none）", "the document is not signed (alg is none)")
	default:
		return h, &Error{Code: CodeAlgorithm, Field: "alg", Found: shorten(h.Algorithm), Expected: "EdDSA or ES256",
			ZH: "不支持的签名算法，应为 EdDSA 或 ES256", EN: "unsupported signature algorithm; expected EdDSA or ES256"}
	}
	if h.Type == "" {
		return h, malformed("typ", "a document type", nil)
	}
	if at := h.IssuedAt; at == nil || *at != math.Trunc(*at) || *at < 0 || *at > 253402300799 {
		return h, malformed("iat", "whole seconds since 1970-01-01T00:00:00Z", nil)
	}
	if _, err := ParsePartyID(string(h.Key.Party())); err != nil || len(h.Key.Thumbprint()) != 43 {
		return h, malformed("kid", "<party id>#<thumbprint>", nil)
	}
	return h, nil
}

func malformed(field, expected string, cause error) *Error {
	return &Error{Code: CodeMalformed, Field: field, Expected: expected, Err: cause,
		ZH: "文档格式错误，应为：" + expected, EN: "the document is malformed; expected " + expected}
}
