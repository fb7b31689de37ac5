package traceability

import "sync"

// ViolationCode names what is wrong with how a shop shows its licence.
type ViolationCode string

// The codes of domain knowledge §4.4, and those that the comparison needs beside
// them: a suspended or future licence, a holder that a joint measure keeps off
// platforms, an address that says too little, and a number of a province whose
// register this ledger does not hold.
const (
	ViolationNoLicence         ViolationCode = "NO_LICENCE"
	ViolationForged            ViolationCode = "FORGED"
	ViolationBorrowed          ViolationCode = "BORROWED"
	ViolationOutOfScope        ViolationCode = "OUT_OF_SCOPE"
	ViolationExpired           ViolationCode = "EXPIRED"
	ViolationRevoked           ViolationCode = "REVOKED"
	ViolationSuspended         ViolationCode = "SUSPENDED"
	ViolationRestricted        ViolationCode = "RESTRICTED"
	ViolationNotYetValid       ViolationCode = "NOT_YET_VALID"
	ViolationAddressMismatch   ViolationCode = "ADDRESS_MISMATCH"
	ViolationAddressIncomplete ViolationCode = "ADDRESS_INCOMPLETE"
	ViolationNameMismatch      ViolationCode = "NAME_MISMATCH"
	ViolationDuplicateUse      ViolationCode = "DUPLICATE_USE"
	ViolationNoPremises        ViolationCode = "NO_PREMISES"
	ViolationNotShown          ViolationCode = "NOT_SHOWN"
	ViolationStale             ViolationCode = "STALE"
	ViolationNoGrade           ViolationCode = "NO_GRADE"
	ViolationNoDineInLabel     ViolationCode = "NO_DINEIN_LABEL"
	ViolationCameraFalse       ViolationCode = "CAMERA_FALSE"
	ViolationNotCovered        ViolationCode = "NOT_COVERED"
)

// Severity says what a violation asks of the platform.
type Severity string

// The severities.
const (
	SeverityRefuse  Severity = "refuse"  // no service until it is put right
	SeverityMend    Severity = "mend"    // the page is to be put right
	SeverityUnknown Severity = "unknown" // it cannot be told
)

// Words returns what a severity is called; both are empty for one that there is not.
func (s Severity) Words() (zh, en string) {
	switch s {
	case SeverityRefuse:
		return "应停止服务", "to be refused"
	case SeverityMend:
		return "应改正页面", "to be mended"
	case SeverityUnknown:
		return "无法核验", "cannot be told"
	}
	return "", ""
}

// ViolationInfo explains a code.
type ViolationInfo struct {
	Code     ViolationCode
	Severity Severity
	ZH       string // the short name
	EN       string
	Cause    string // what brings it about
}

// ViolationTable lists every code: first those for which service is refused. It is
// the one place that says which those are (SAMR Order 123: where the licence does
// not agree with the regulators' data there is no service; what the page must show
// beside it is to be mended). The table in docs/verification.md is made from it.
func ViolationTable() []ViolationInfo {
	return []ViolationInfo{
		{ViolationNotShown, SeverityRefuse, "未公示", "licence not shown", "The page shows no licence number."},
		{ViolationForged, SeverityRefuse, "假证", "forged licence", "The number is not in the register and cannot be one: its form or its check digit is wrong."},
		{ViolationNoLicence, SeverityRefuse, "无证", "no such licence", "The number is well formed, and the register of the province that would have issued it does not have it."},
		{ViolationBorrowed, SeverityRefuse, "套证/借证", "borrowed licence", "The number belongs to another holder than the one shown, or the shop has neither its name nor its address."},
		{ViolationNotYetValid, SeverityRefuse, "尚未生效", "not yet valid", "The licence begins later than the day asked for."},
		{ViolationExpired, SeverityRefuse, "过期", "expired", "The last day of the licence is past."},
		{ViolationSuspended, SeverityRefuse, "责令停业", "suspended", "The holder was ordered to stop trading."},
		{ViolationRevoked, SeverityRefuse, "注销/吊销", "revoked or cancelled", "The licence was revoked or given up."},
		{ViolationRestricted, SeverityRefuse, "限制入网", "kept off platforms", "An abnormal-operation or serious-violation entry of the holder's credit record has a joint measure `platform_entry` that holds in the licence's province on the day."},
		{ViolationOutOfScope, SeverityRefuse, "超范围", "outside the licensed scope", "Something is sold that needs an item which the licence does not have."},
		{ViolationAddressMismatch, SeverityRefuse, "地址不符", "address mismatch", "The address on the page differs from the licensed premises in a part that both state."},
		{ViolationNoPremises, SeverityRefuse, "无实体店", "no premises", "An inspection found no shop at the address. No comparison of data finds it; a platform records it from its visit."},
		{ViolationAddressIncomplete, SeverityMend, "地址不全", "incomplete address", "The address on the page leaves out the road, village or number of the licensed premises."},
		{ViolationNameMismatch, SeverityMend, "名称不符", "name mismatch", "The name on the page is not the storefront's, and the holder's trade name is not in it."},
		{ViolationDuplicateUse, SeverityMend, "一证多店", "one licence, several shops", "Shops at other addresses show the same licence. A shop that does not match the premises is refused for its address; the one that does is told."},
		{ViolationStale, SeverityMend, "未更新", "verification overdue", "The platform has not verified the shop on record within the agreed period (timer V1)."},
		{ViolationNoGrade, SeverityMend, "未公示等级", "grade not shown", "The register has a grade, and the page shows none or another."},
		{ViolationNoDineInLabel, SeverityMend, "未标注无堂食", "no delivery-only label", "The shop serves no guests on its premises, and the page does not say so."},
		{ViolationCameraFalse, SeverityMend, "明厨亮灶不实", "open kitchen untrue", "The page claims an open kitchen which the register knows not to be there."},
		{ViolationNotCovered, SeverityUnknown, "不在登记范围", "outside the register", "The number is of a province whose register this ledger does not hold."},
	}
}

// Info returns the code's line of the table; false for a code that is not in it.
func (v ViolationCode) Info() (ViolationInfo, bool) {
	info, ok := violations()[v]
	return info, ok
}

// violations is the table by code.
var violations = sync.OnceValue(func() map[ViolationCode]ViolationInfo {
	table := make(map[ViolationCode]ViolationInfo)
	for _, info := range ViolationTable() {
		table[info.Code] = info
	}
	return table
})

// LicenceVerdict says whether a shop may be served by its licence.
type LicenceVerdict string

// The verdicts, from the worst to the best. A valid shop may still have something to
// mend.
const (
	LicenceFails      LicenceVerdict = "invalid"    // service is refused
	LicenceUnverified LicenceVerdict = "unverified" // 未核验: it cannot be told
	LicenceHolds      LicenceVerdict = "valid"
)

// Better reports whether v claims more than other. A word that is no verdict claims
// nothing.
func (v LicenceVerdict) Better(other LicenceVerdict) bool { return v.rank() > other.rank() }

func (v LicenceVerdict) rank() int {
	switch v {
	case LicenceUnverified:
		return 1
	case LicenceHolds:
		return 2
	}
	return 0
}

// VerdictOf is the verdict that the codes come to.
func VerdictOf(codes []ViolationCode) LicenceVerdict {
	verdict := LicenceHolds
	for _, code := range codes {
		switch info, known := code.Info(); {
		case !known || info.Severity == SeverityRefuse:
			return LicenceFails
		case info.Severity == SeverityUnknown:
			verdict = LicenceUnverified
		}
	}
	return verdict
}
