package traceability

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Limits of one document and of one batch.
const (
	MaxDocumentBytes  = 1 << 20
	MaxBatchDocuments = 1000
	MaxBatchBytes     = 8 << 20
)

// LongestDelay is how long after it was done an act may be said on the ledger at the
// latest: as long as the records of a sampling are kept (食品安全抽样检验管理办法,
// article 19).
const LongestDelay = 2 * 365 * 24 * time.Hour

// ClockSkew is how far ahead of the ledger's clock a document may be dated.
const ClockSkew = 5 * time.Minute

// DocumentType says what a document states; it is the `typ` of the JWS header.
type DocumentType string

// The document types.
const (
	TypePartyAdmit     DocumentType = "party.admit"
	TypePartySuspend   DocumentType = "party.suspend"
	TypePartyRotateKey DocumentType = "party.rotate-key"
	TypeLotRegister    DocumentType = "lot.register"
	TypeGTINAssign     DocumentType = "gtin.assign"
	TypeEventRecord    DocumentType = "event.record"
	TypeReportSubmit   DocumentType = "report.submit"

	TypeRecognitionRule   DocumentType = "recognition.rule"
	TypeRecognitionDecide DocumentType = "recognition.decide"

	TypeCalendarSet   DocumentType = "calendar.set"
	TypeTimerSet      DocumentType = "timer.set"
	TypeParametersSet DocumentType = "parameters.set"

	TypeQuorumSet     DocumentType = "quorum.set"
	TypeRecurrenceSet DocumentType = "recurrence.set"
	TypeLimitSet      DocumentType = "limit.set"

	TypeNoticeIssue DocumentType = "notice.issue"
	TypeNoticeAct   DocumentType = "notice.act"

	TypeLicenceGrant   DocumentType = "licence.grant"
	TypeLicenceChange  DocumentType = "licence.change"
	TypeListingDeclare DocumentType = "listing.declare"

	TypeWebhookSet DocumentType = "webhook.set"

	TypeCreditEnter DocumentType = "credit.enter"
	TypeCreditAct   DocumentType = "credit.act"

	TypeConsultationOpen DocumentType = "consultation.open"
	TypeConsultationAct  DocumentType = "consultation.act"

	TypeVerificationRecord DocumentType = "verification.record"

	TypeRecallOpen DocumentType = "recall.open"
	TypeRecallAct  DocumentType = "recall.act"
)

// DocumentID names a document by what it says: the SHA-256, in lower-case hex,
// of type, party and canonical payload. The same content signed twice is one
// document.
type DocumentID string

var documentIDGrammar = regexp.MustCompile(`^[0-9a-f]{64}$`)

// ParseDocumentID checks the grammar.
func ParseDocumentID(s string) (DocumentID, error) {
	if !documentIDGrammar.MatchString(s) {
		return "", Invalid("", s, "a document id: 64 lower-case hex digits")
	}
	return DocumentID(s), nil
}

// Document is what a party says, signed: a compact JWS (RFC 7515). Header:
// alg (EdDSA or ES256), kid (a KeyID), typ (a DocumentType), iat (seconds
// since 1970, when it was signed), and nothing else. Payload: a JSON object,
// decimals as strings. Base64url is without padding and has one spelling.
type Document struct {
	ID       DocumentID
	Type     DocumentType
	Key      KeyID
	IssuedAt time.Time // UTC, whole seconds; the signer's claim
	Payload  []byte    // canonical JSON (RFC 8785); nil before Read
	JWS      string    // as it was sent

	algorithm string // alg
	signed    string // the part of JWS that the signature is of
	signature []byte
}

// Party returns the party that signed, as claimed by kid.
func (d *Document) Party() PartyID { return d.Key.Party() }

// Sign returns the compact JWS of a payload, dated now.
func Sign(key SigningKey, typ DocumentType, payload any, now time.Time) (string, error) {
	body, err := Canonical(payload)
	if err != nil {
		return "", err
	}
	return signBytes(key, string(typ), body, now)
}

func signBytes(key SigningKey, typ string, body []byte, now time.Time) (string, error) {
	options := (&jose.SignerOptions{}).
		WithType(jose.ContentType(typ)).
		WithHeader("iat", now.Unix()).
		WithHeader("kid", string(key.ID()))
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: key.Public().algorithm(), Key: key.jwk.Key}, options)
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	signed, err := signer.Sign(body)
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	return signed.CompactSerialize()
}

// ParseDocument reads a compact JWS without judging its signature, which only
// the ledger can: see Verify. Errors are *Error with the codes malformed,
// oversized, unsigned, algorithm_unsupported, unknown_type and too_many.
func ParseDocument(compact string) (*Document, error) {
	d, err := ParseSigned(compact)
	if err != nil {
		return nil, err
	}
	if err := d.Read(); err != nil {
		return nil, err
	}
	return d, nil
}

// ParseSigned reads the header of a compact JWS and nothing else, so that it
// costs the same whatever a stranger sends: the document has no payload and no id
// until Read. Errors are those of ParseDocument that the header can have.
func ParseSigned(compact string) (*Document, error) {
	d, typ, err := parseSigned(compact)
	if err != nil {
		return nil, err
	}
	d.Type = DocumentType(typ)
	if !d.Type.known() {
		return nil, &Error{Code: CodeUnknownType, Field: "typ", Found: shorten(typ), Expected: "a document type of this ledger",
			ZH: "未知的文档类型：" + shorten(typ), EN: "unknown document type " + shorten(typ)}
	}
	return d, nil
}

// Read reads the payload of a document that ParseSigned has returned. It is for
// documents whose signature has been found good, or that a record keeps. Errors
// are *Error with the codes malformed and too_many.
func (d *Document) Read() error {
	payload, err := d.decodePayload()
	if err != nil {
		return err
	}
	value := jsontext.Value(payload)
	if err := canonicalize(&value); err != nil {
		return malformed("payload", "JSON (RFC 8259) in UTF-8 without duplicate names", err)
	}
	if value.Kind() != jsontext.KindBeginObject {
		return malformed("payload", "a JSON object", nil)
	}
	if err := checkShape(value); err != nil {
		return err
	}
	d.Payload = value
	d.ID = documentID(d.Type, d.Party(), d.Payload)
	return nil
}

// documentID hashes what a document says; see DocumentID.
func documentID(typ DocumentType, party PartyID, payload []byte) DocumentID {
	h := sha256.New()
	h.Write([]byte(string(typ) + "\n" + string(party) + "\n"))
	h.Write(payload)
	return DocumentID(hex.EncodeToString(h.Sum(nil)))
}

// Verify checks the signature against a key that the ledger holds. It returns
// an *Error with the code bad_signature or algorithm_unsupported.
func (d *Document) Verify(key PublicKey) error {
	if expected := string(key.algorithm()); d.algorithm != expected {
		return &Error{Code: CodeAlgorithm, Field: "alg", Found: d.algorithm, Expected: expected,
			ZH: "签名算法与密钥不符", EN: "the signature algorithm does not fit the key"}
	}
	if !key.verifies(d.signed, d.signature) {
		return NewError(CodeBadSignature, "signature", "签名与账本上的公钥不符", "the signature does not match the key on the ledger")
	}
	return nil
}

// Decode reads the payload strictly: unknown and duplicate members are errors,
// names are case-sensitive. Errors are *Error with the JSON path as field.
func (d *Document) Decode(payload any) error {
	err := json.Unmarshal(d.Payload, payload, json.RejectUnknownMembers(true))
	if err == nil {
		return nil
	}
	var semantic *json.SemanticError
	field := ""
	if errors.As(err, &semantic) {
		field = jsonPath(string(semantic.JSONPointer))
	}
	var domain *Error
	switch {
	case errors.As(err, &domain):
		return domain.At(field)
	case errors.Is(err, json.ErrUnknownName):
		return &Error{Code: CodeUnknownField, Field: field, Err: err,
			ZH: "未定义的字段：" + field, EN: "this document type has no field " + field}
	default:
		return &Error{Code: CodeInvalid, Field: field, Err: err,
			ZH: "字段的类型或格式不符：" + field, EN: "the value of " + field + " has the wrong type or form"}
	}
}

// jsonPath turns an RFC 6901 pointer (/items/3/unit) into items[3].unit.
func jsonPath(pointer string) string {
	var b strings.Builder
	for _, token := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
		token = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
		switch {
		case token != "" && strings.Trim(token, "0123456789") == "":
			b.WriteString("[" + token + "]")
		case b.Len() > 0:
			b.WriteString("." + token)
		default:
			b.WriteString(token)
		}
	}
	return b.String()
}

func (t DocumentType) known() bool {
	for _, typ := range DocumentTypes() {
		if t == typ {
			return true
		}
	}
	return false
}

// DocumentTypes lists the document types of this ledger.
func DocumentTypes() []DocumentType {
	return []DocumentType{
		TypePartyAdmit, TypePartySuspend, TypePartyRotateKey,
		TypeLotRegister, TypeGTINAssign, TypeEventRecord, TypeReportSubmit,
		TypeRecognitionRule, TypeRecognitionDecide,
		TypeCalendarSet, TypeTimerSet, TypeParametersSet,
		TypeNoticeIssue, TypeNoticeAct,
		TypeLicenceGrant, TypeLicenceChange, TypeListingDeclare,
		TypeWebhookSet,
		TypeCreditEnter, TypeCreditAct,
		TypeQuorumSet, TypeRecurrenceSet, TypeLimitSet, TypeConsultationOpen, TypeConsultationAct,
		TypeVerificationRecord,
		TypeRecallOpen, TypeRecallAct,
	}
}
