package traceability

import (
	"crypto/rand"
	"time"

	"github.com/go-json-experiment/json"
)

// MaxTokenLife is how long a token may be good for.
const MaxTokenLife = 5 * time.Minute

// Token is a short-lived proof that the bearer has a party's key: a JWT (RFC
// 7519) that the party issues to itself. It is sent as `Authorization: Bearer`.
type Token struct {
	Audience string `json:"aud"` // the API's public address
	Expires  int64  `json:"exp"` // seconds since 1970
	ID       string `json:"jti"` // good once

	document *Document
}

// typeToken is the JWS header typ of tokens, so that no document can pass for a
// token, nor a token for a document.
const typeToken = "JWT"

// NewToken makes a token that is good for one request to the audience.
func NewToken(key SigningKey, audience string, now time.Time) (string, error) {
	body, err := Canonical(Token{Audience: audience, Expires: now.Add(MaxTokenLife).Unix(), ID: rand.Text()})
	if err != nil {
		return "", err
	}
	return signBytes(key, typeToken, body, now)
}

// ParseToken reads a token; the signature is judged by Verify. Errors are
// *Error with the code unauthorized.
func ParseToken(compact string) (*Token, error) {
	document, typ, err := parseSigned(compact)
	if err != nil || typ != typeToken {
		return nil, unauthorized("令牌格式错误", "the token is malformed", err)
	}
	token := &Token{document: document}
	payload, err := document.decodePayload()
	if err != nil {
		return nil, unauthorized("令牌格式错误", "the token is malformed", err)
	}
	if err := json.Unmarshal(payload, token, json.RejectUnknownMembers(true)); err != nil || len(token.ID) < 16 || len(token.ID) > 64 {
		return nil, unauthorized("令牌格式错误：应含 aud、exp、jti", "the token is malformed; expected aud, exp and jti of 16 to 64 characters", err)
	}
	return token, nil
}

// Key returns the key that claims to have signed.
func (t *Token) Key() KeyID { return t.document.Key }

// Verify checks audience, time and signature: a token lives for MaxTokenLife at most, by
// its own iat and exp, and its signer's clock may be ClockSkew ahead; that the token is used once is the
// caller's to check. Errors are *Error with the code unauthorized.
func (t *Token) Verify(key PublicKey, audience string, now time.Time) error {
	expires := time.Unix(t.Expires, 0)
	switch {
	case t.Audience != audience:
		return &Error{Code: CodeUnauthorized, Field: "aud", Found: shorten(t.Audience), Expected: audience,
			ZH: "令牌不是给本系统的", EN: "the token is for another audience"}
	case !now.Before(expires):
		return unauthorized("令牌已过期", "the token has expired", nil)
	case t.document.IssuedAt.After(now.Add(ClockSkew)):
		return unauthorized("令牌的签发时间晚于当前时间", "the token was issued in the future", nil)
	case expires.After(t.document.IssuedAt.Add(MaxTokenLife)):
		return unauthorized("令牌有效期过长，最多 5 分钟", "the token is good for too long; at most 5 minutes are allowed", nil)
	}
	if err := t.document.Verify(key); err != nil {
		return unauthorized("令牌签名与账本上的公钥不符", "the token's signature does not match the key on the ledger", err)
	}
	return nil
}

func unauthorized(zh, en string, cause error) *Error {
	e := NewError(CodeUnauthorized, "", zh, en)
	e.Err = cause
	return e
}
