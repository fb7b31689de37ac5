package traceability

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// Audience is whom a signal is for: a party, or the public. Examples:
// public, reg:320000, op:91310101MA1FPX121X.
type Audience string

// AudiencePublic is everybody.
const AudiencePublic Audience = "public"

// To returns the audience that is one party.
func To(party PartyID) Audience { return Audience(party) }

// SignalKind says what happened: a family and what happened in it, in lower case,
// with a point between. Examples: notice.dispatch, notice.publish,
// recall.announce, licence.revoked. A filter may name a whole family: notice.
type SignalKind string

// Families of signals. A family is the first part of a kind.
const (
	FamilyNotice       = "notice"       // notice.issue, and notice.<act> for each act of docs/notices.md
	FamilyRecognition  = "recognition"  // recognition.decide
	FamilyRecall       = "recall"       // recall.announce, …
	FamilyAlert        = "alert"        // what happened where it should not, such as alert.recalled_lot
	FamilyConsultation = "consultation" // consultation.open, …
	FamilyLimit        = "limit"        // limits that the provinces agree on
	FamilyLicence      = "licence"      // licence.grant, and licence.<change> for each LicenceChangeKind
	FamilyCredit       = "credit"       // credit.enter, and credit.<act>
)

// SignalFamilies lists the families.
func SignalFamilies() []string {
	return []string{FamilyNotice, FamilyRecognition, FamilyRecall, FamilyAlert, FamilyConsultation, FamilyLimit, FamilyLicence, FamilyCredit}
}

// Signals of limits and consultations.
const (
	SignalLimitPropose SignalKind = "limit.propose"        // a province has signed a limit, which waits for the others
	SignalLimitForce   SignalKind = "limit.in_force"       // all four have
	SignalProposal     SignalKind = "consultation.propose" // a rule of recurrence is met
)

// ConsultationSignal is the kind of an act's signal, or of the opening's.
func ConsultationSignal(act Act) SignalKind {
	if act == "" {
		return FamilyConsultation + ".open"
	}
	return FamilyConsultation + "." + SignalKind(act)
}

// SignalRecognition tells a laboratory how a province decided on its result.
const SignalRecognition SignalKind = "recognition.decide"

// SignalNoticeIssue tells that a notice was issued.
const SignalNoticeIssue SignalKind = "notice.issue"

// SignalCreditEnter tells that an entry was made in a credit record.
const SignalCreditEnter SignalKind = "credit.enter"

// CreditSignal is the kind of an act's signal.
func CreditSignal(act CreditActKind) SignalKind { return FamilyCredit + "." + SignalKind(act) }

// NoticeSignal is the kind of an act's signal.
func NoticeSignal(act Act) SignalKind { return FamilyNotice + "." + SignalKind(act) }

// SignalLicenceGrant tells a holder that its licence is in the register.
const SignalLicenceGrant SignalKind = "licence.grant"

// LicenceSignal is the kind of a change's signal.
func LicenceSignal(change LicenceChangeKind) SignalKind {
	return FamilyLicence + "." + SignalKind(change)
}

// RecallSignal is the kind of the signal of a recall's opening, for an empty act,
// or of its act.
func RecallSignal(act Act) SignalKind {
	if act == "" {
		act = "open"
	}
	return FamilyRecall + "." + SignalKind(act)
}

// SignalRecalledLot tells that a lot was used that is recalled.
const SignalRecalledLot SignalKind = "alert.recalled_lot"

var signalKindGrammar = regexp.MustCompile(`^[a-z]+(\.[a-z_]{1,40})?$`)

// ParseSignalKind reads a kind, or a family for all of its kinds.
func ParseSignalKind(s string) (SignalKind, error) {
	family, _, _ := strings.Cut(s, ".")
	if !signalKindGrammar.MatchString(s) || !slices.Contains(SignalFamilies(), family) {
		return "", Invalid("", s, "a kind of signal, such as notice.publish, or a family: "+strings.Join(SignalFamilies(), ", "))
	}
	return SignalKind(s), nil
}

// Among reports whether the kind is one of these, or of a family that is. No
// list means every kind.
func (k SignalKind) Among(kinds []SignalKind) bool {
	family, _, _ := strings.Cut(string(k), ".")
	return len(kinds) == 0 || slices.Contains(kinds, k) || slices.Contains(kinds, SignalKind(family))
}

// Signal tells an audience that something happened. It says no more than what is
// needed to judge how urgent it is; the rest is read at the subject's address,
// where the reader's rights are looked at again. So nothing that is withdrawn
// later has been copied about.
type Signal struct {
	Cursor   string       `json:"cursor"` // its place in the feed: opaque; the feed goes on after it
	Audience Audience     `json:"audience"`
	Kind     SignalKind   `json:"kind"`
	Subject  string       `json:"subject"` // state key of what it is about, such as notice/DBJ25330100319130599
	At       time.Time    `json:"at"`      // by the ledger's clock
	Block    uint64       `json:"block"`
	Province ProvinceCode `json:"province,omitzero"` // whose matter it is, such as the organiser of a notice
	By       PartyID      `json:"by,omitzero"`       // who signed what caused it
	Urgent   bool         `json:"urgent,omitzero"`   // to be acted on within 24 hours (限时报告)
}

// FeedQuery asks for an audience's signals, in the order of the ledger.
type FeedQuery struct {
	Audience Audience
	After    string       // the cursor of the last signal that was read, or the Next of a page; empty for the beginning
	From     uint64       // with no After: the first block of interest
	Kinds    []SignalKind // kinds and families; none for all
	Limit    int          // 1 to 1000; 100 when 0
}

// FeedPage is a part of a feed. The feed never ends: Next is where it goes on,
// also when there is nothing yet. More says that there may be more now.
type FeedPage struct {
	Signals []Signal `json:"signals"`
	Next    string   `json:"next"`
	More    bool     `json:"more"`
}
