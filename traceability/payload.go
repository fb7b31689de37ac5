package traceability

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Payload is what a document of one type says.
type Payload interface {
	// Check judges the payload by itself, without the ledger: grammar, required
	// fields, list lengths. Problems refuse the document; warnings are recorded
	// with it. Both are in the order of the fields.
	Check() (problems, warnings []*Error)
}

// NewPayload returns an empty payload of a document type, or nil when the type
// is unknown.
func NewPayload(typ DocumentType) Payload {
	switch typ {
	case TypePartyAdmit:
		return new(Admission)
	case TypePartySuspend:
		return new(Suspension)
	case TypePartyRotateKey:
		return new(Rotation)
	case TypeLotRegister:
		return new(Lot)
	case TypeEventRecord:
		return new(Event)
	case TypeReportSubmit:
		return new(Report)
	case TypeRecognitionRule:
		return new(RecognitionRule)
	case TypeRecognitionDecide:
		return new(RecognitionDecision)
	case TypeCalendarSet:
		return new(Calendar)
	case TypeTimerSet:
		return new(Timer)
	case TypeParametersSet:
		return new(Parameters)
	case TypeWebhookSet:
		return new(Webhook)
	case TypeNoticeIssue:
		return new(NoticeIssue)
	case TypeNoticeAct:
		return new(NoticeAct)
	case TypeLicenceGrant:
		return new(Licence)
	case TypeLicenceChange:
		return new(LicenceChange)
	case TypeListingDeclare:
		return new(Listing)
	case TypeCreditEnter:
		return new(CreditEnter)
	case TypeCreditAct:
		return new(CreditAct)
	case TypeQuorumSet:
		return new(Quorum)
	case TypeRecurrenceSet:
		return new(Recurrence)
	case TypeLimitSet:
		return new(Limit)
	case TypeConsultationOpen:
		return new(ConsultationOpen)
	case TypeConsultationAct:
		return new(ConsultationAct)
	case TypeVerificationRecord:
		return new(Verification)
	case TypeRecallOpen:
		return new(RecallOpen)
	case TypeRecallAct:
		return new(RecallAct)
	default:
		return nil
	}
}

// checker collects what is wrong with a payload.
type checker struct{ problems, warnings []*Error }

func (c *checker) problem(err error, field string) {
	if e, ok := err.(*Error); ok {
		c.problems = append(c.problems, e.At(field))
	}
}

func (c *checker) missing(field, expected string) {
	c.problems = append(c.problems, Missing(field, expected))
}

// text checks a free text: at most so many characters, no control characters
// but the line feed.
func (c *checker) text(field, value string, most int) {
	// Most texts are short, and a text has no more characters than bytes.
	if len(value) > most && utf8.RuneCountInString(value) > most {
		c.problems = append(c.problems, Invalid(field, value, fmt.Sprintf("at most %d characters", most)))
		return
	}
	if i := strings.IndexFunc(value, isControl); i >= 0 {
		r, _ := utf8.DecodeRuneInString(value[i:])
		c.problems = append(c.problems, Invalid(field, fmt.Sprintf("%q", r), "text without control characters"))
	}
}

func isControl(r rune) bool { return r < 0xa0 && r != '\n' && unicode.IsControl(r) }

// need checks a required free text.
func (c *checker) need(field, value string, most int) {
	if value == "" {
		c.missing(field, "text")
		return
	}
	c.text(field, value, most)
}

// documentID checks an optional reference to another document.
func (c *checker) documentID(field string, id DocumentID) {
	if id != "" {
		_, err := ParseDocumentID(string(id))
		c.problem(err, field)
	}
}

// count checks the length of a list.
func (c *checker) count(field string, n, least, most int) {
	switch {
	case n < least:
		c.missing(field, fmt.Sprintf("at least %d entries", least))
	case n > most:
		c.problems = append(c.problems, &Error{Code: CodeTooMany, Field: field, Found: fmt.Sprint(n), Expected: fmt.Sprintf("at most %d", most),
			ZH: fmt.Sprintf("列表有 %d 项，最多 %d 项", n, most), EN: fmt.Sprintf("the list has %d entries; at most %d are allowed", n, most)})
	}
}

// uscc checks an optional unified social credit code: the grammar refuses, the
// check digit warns.
func (c *checker) uscc(field string, value USCC) {
	if value == "" {
		return
	}
	code, err := ParseUSCC(string(value))
	if canonical(c, field, value, code, err) && !code.CheckDigitOK() {
		c.checkDigit(field, string(code), "GB 32100-2015")
	}
}

func (c *checker) checkDigit(field, value, standard string) {
	c.warnings = append(c.warnings, &Error{Code: CodeCheckDigit, Field: field, Found: value, Expected: "a check digit by " + standard,
		ZH: "编号 " + value + " 的校验位不符合 " + standard, EN: "the check digit of " + value + " is wrong by " + standard})
}

// division checks an optional GB/T 2260 code: six digits are required, an
// unlisted one warns, because abolished codes live on in old papers.
func (c *checker) division(field string, value DivisionCode) {
	if value == "" {
		return
	}
	code, err := ParseDivisionCode(string(value))
	if canonical(c, field, value, code, err) && !value.Listed() {
		c.warnings = append(c.warnings, &Error{Code: CodeUnknownDivision, Field: field, Found: string(value), Expected: "a GB/T 2260 code",
			ZH: "行政区划代码 " + string(value) + " 未收录", EN: "the division code " + string(value) + " is not listed"})
	}
}

// quantity checks a required positive amount.
func (c *checker) quantity(field string, q Quantity) {
	switch {
	case q.Value == "":
		c.missing(field+".value", "a decimal number")
	case q.Unit == "":
		c.missing(field+".unit", "a unit code")
	case !q.positive():
		c.problems = append(c.problems, Invalid(field+".value", string(q.Value), "more than 0"))
	}
}

// lot checks a required lot id in canonical form.
func (c *checker) lot(field string, id LotID) {
	if id == "" {
		c.missing(field, "a lot id")
		return
	}
	parsed, err := ParseLotID(string(id))
	canonical(c, field, id, parsed, err)
}

// canonical refuses an identifier that does not parse, or that is not written
// in its one form: what is signed is kept as it is, so it must be right.
func canonical[ID ~string](c *checker, field string, value, parsed ID, err error) bool {
	switch {
	case err != nil:
		c.problem(err, field)
	case parsed != value:
		c.problems = append(c.problems, Invalid(field, string(value), "the canonical form "+string(parsed)))
	default:
		return true
	}
	return false
}
