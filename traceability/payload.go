package traceability

import (
	"fmt"
	"iter"
	"net/url"
	"strconv"
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
	case TypeGTINAssign:
		return new(GTINAssignment)
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

// MaxProblems is how many problems of one document are told. Who has made more
// mends these and sends it again; a stranger's document makes no long answer.
const MaxProblems = 100

// full reports whether there is no room for more problems: then nothing more
// needs to be looked at.
func (c *checker) full() bool { return len(c.problems) >= MaxProblems }

// result returns what was found: at most MaxProblems problems, and after them a
// note when there are, or may be, more.
func (c *checker) result() (problems, warnings []*Error) {
	if !c.full() {
		return c.problems, c.warnings
	}
	note := &Error{Code: CodeTooMany, Found: fmt.Sprintf("%d problems", MaxProblems), Expected: "these mended first",
		ZH: fmt.Sprintf("问题较多，只列出前 %d 个，请先改正这些问题", MaxProblems),
		EN: fmt.Sprintf("there may be more problems; the first %d are listed, mend these first", MaxProblems)}
	return append(c.problems[:MaxProblems:MaxProblems], note), c.warnings
}

func (c *checker) problem(err error, field string) {
	if e, ok := err.(*Error); ok {
		c.problems = append(c.problems, e.At(field))
	}
}

func (c *checker) missing(field, expected string) {
	c.problems = append(c.problems, Missing(field, expected))
}

// text checks a free text: at most so many characters, all of which people can
// see; see findHidden.
func (c *checker) text(field, value string, most int) {
	if value == "" {
		return
	}
	// Most texts are short, and a text has no more characters than bytes.
	if len(value) > most && utf8.RuneCountInString(value) > most {
		c.problems = append(c.problems, Invalid(field, value, fmt.Sprintf("at most %d characters", most)))
		return
	}
	found, seen, ok := findHidden(value)
	switch {
	case ok:
		c.problems = append(c.problems, &Error{Code: CodeHiddenCharacter, Field: field, Found: found.String(), Expected: "characters that can be seen",
			ZH: fmt.Sprintf("第 %d 个字符 U+%04X 不可见或会改变文字的显示，请删除", found.place, found.r),
			EN: fmt.Sprintf("character %d is U+%04X, which cannot be seen or changes how others are shown; remove it", found.place, found.r)})
	case !seen:
		c.problems = append(c.problems, Invalid(field, value, "text that can be seen"))
	}
}

// need checks a required free text.
func (c *checker) need(field, value string, most int) {
	if value == "" {
		c.missing(field, "text")
		return
	}
	c.text(field, value, most)
}

// maxNumberBytes bounds a number within an id, folded and percent-escaped: 60
// characters of four bytes each.
const maxNumberBytes = 60 * 4 * 3

// number checks a required number that becomes part of an id, folded.
func (c *checker) number(field, value string, most int) {
	before := len(c.problems)
	c.need(field, value, most)
	if len(c.problems) > before {
		return
	}
	switch escaped := url.PathEscape(Fold(value)); {
	case escaped == "":
		c.problems = append(c.problems, Invalid(field, value, "a number"))
	case len(escaped) > maxNumberBytes: // some characters fold into eighteen
		c.problems = append(c.problems, Invalid(field, value, "a number of ordinary characters"))
	}
}

// documentID checks an optional reference to another document.
func (c *checker) documentID(field string, id DocumentID) {
	if id != "" {
		_, err := ParseDocumentID(string(id))
		c.problem(err, field)
	}
}

// bounded checks the length of a list and yields its entries with their places.
// A list that is too long is refused and not walked, and the walk ends when there
// are enough problems: so no document costs more than its lists may be long. It is
// the one way in which a Check walks a list of its payload.
func bounded[T any](c *checker, field string, list []T, least, most int) iter.Seq2[int, T] {
	c.count(field, len(list), least, most)
	return func(yield func(int, T) bool) {
		if len(list) > most {
			return
		}
		for i, entry := range list {
			if c.full() || !yield(i, entry) {
				return
			}
		}
	}
}

// once tells which entries of a list have come before.
type once[T comparable] map[T]struct{}

// again reports whether the entry has come before, and keeps it in mind.
func (o once[T]) again(entry T) bool {
	before := len(o)
	o[entry] = struct{}{}
	return len(o) == before
}

// count checks the length of a list that is not walked; see bounded.
func (c *checker) count(field string, n, least, most int) {
	switch {
	case n < least:
		c.missing(field, fmt.Sprintf("at least %d entries", least))
	case n > most:
		c.problems = append(c.problems, tooMany(field, strconv.Itoa(n), most))
	}
}

func tooMany(field, found string, most int) *Error {
	return &Error{Code: CodeTooMany, Field: field, Found: found, Expected: fmt.Sprintf("at most %d", most),
		ZH: fmt.Sprintf("列表有 %s 项，最多 %d 项", found, most), EN: fmt.Sprintf("the list has %s entries; at most %d are allowed", found, most)}
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
