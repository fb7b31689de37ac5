package verification

import (
	"slices"
	"time"

	"deltatrace/traceability"
	"deltatrace/traceability/address"
)

// Case is what is known of a shop and the licence that it shows, on a day.
type Case struct {
	Shop    *traceability.Shop
	Day     traceability.Date
	Licence *traceability.Licence      // in force on the day; nil: not in the register
	Status  traceability.LicenceStatus // on the day
	Shown   *traceability.Licence      // what of it the reader may be told; nil: all
	Bars    []Bar                      // what keeps the holder off platforms on the day; see BarsOf
	Others  []Use                      // other shops that show the number, on any platform
	Duty    *Duty                      // nil: the shop is not listed, so it need not be verified again
}

// Use is another shop that shows the same licence.
type Use struct {
	Address  string
	Division traceability.DivisionCode
	Foreign  bool // a platform's whose shops the reader does not see
}

// Duty is a listed shop's place in the platform's duty to verify it again.
type Duty struct {
	Verified time.Time // last on record; zero: never
	Due      time.Time // zero: unknown
	Now      time.Time
}

// Finding is one thing that is wrong.
type Finding struct {
	Code     traceability.ViolationCode `json:"code"`
	Severity traceability.Severity      `json:"severity"`
	Found    string                     `json:"found,omitzero"`    // on the page
	Expected string                     `json:"expected,omitzero"` // by the register
	ZH       string                     `json:"zh"`
	EN       string                     `json:"en"`
}

// Answer is the verdict with every reason, in the order in which a shop is looked
// at: the number, the day, the holder's credit, the scope, the address, the name, the holder, the labels.
type Answer struct {
	Verdict  traceability.LicenceVerdict `json:"verdict"`
	Findings []Finding                   `json:"findings,omitempty"`
	Address  *address.Comparison         `json:"address,omitzero"` // a is the page's, b the licence's; absent: nothing to compare
}

// Codes returns the findings' codes.
func (a *Answer) Codes() []traceability.ViolationCode {
	var codes []traceability.ViolationCode
	for _, f := range a.Findings {
		codes = append(codes, f.Code)
	}
	return codes
}

// Verify compares.
func Verify(c *Case) Answer {
	v := verifier{Case: c, shown: c.Shown}
	if v.shown == nil {
		v.shown = c.Licence
	}
	v.number()
	if c.Licence != nil {
		v.status()
		v.bars()
		v.scope()
		v.address()
		v.name()
		v.holder()
		v.labels()
	}
	v.duplicates()
	v.stale()
	v.answer.Verdict = traceability.VerdictOf(v.answer.Codes())
	return v.answer
}

// verifier is a case on its way to its answer.
type verifier struct {
	*Case
	shown  *traceability.Licence
	answer Answer
}

func (v *verifier) find(code traceability.ViolationCode, found, expected, zh, en string) {
	info, _ := code.Info()
	v.answer.Findings = append(v.answer.Findings, Finding{Code: code, Severity: info.Severity, Found: found, Expected: expected, ZH: zh, EN: en})
}

// number says what is wrong with a number that the register does not have. One that
// it has may fail its check digit: such licences are in force.
func (v *verifier) number() {
	shown := v.Shop.Licence
	ids := Numbers(v.Shop)
	switch {
	case v.Licence != nil:
	case shown == "":
		v.find(traceability.ViolationNotShown, "", "a licence number", "页面未公示许可证", "the page shows no licence")
	case len(ids) == 0:
		v.find(traceability.ViolationForged, shown, "JY, YB or SC and 14 digits, or a province's registration number",
			"不是任何机关核发的编号格式", "no authority issues a number of this form")
	case !ids[0].CheckDigitOK():
		v.find(traceability.ViolationForged, shown, "a check digit by GB/T 17710", "编号校验位不符，且登记库中没有此编号", "the check digit is wrong, and the number is not in the register")
	case !ids[0].Province().Valid():
		v.find(traceability.ViolationNotCovered, shown, "a licence of Shanghai, Jiangsu, Zhejiang or Anhui",
			"编号由其他省份核发，本账本不能核验", "another province issued the number; this ledger cannot verify it")
	default:
		v.find(traceability.ViolationNoLicence, shown, "a licence in the register of "+ids[0].Province().NameEN(),
			"登记库中没有此编号", "the number is not in the register")
	}
}

// holder finds a licence that is another's: the page shows another holder, or shows
// the licence as it is while the shop has neither its name nor its address.
func (v *verifier) holder() {
	codes := v.answer.Codes()
	elsewhere := slices.Contains(codes, traceability.ViolationAddressMismatch) && slices.Contains(codes, traceability.ViolationNameMismatch)
	switch {
	case v.Shop.Holder != "" && !sameHolder(v.Shop.Holder, v.Licence.Holder.Name):
		v.find(traceability.ViolationBorrowed, v.Shop.Holder, v.shown.Holder.Name,
			"该编号属于另一经营者", "the number belongs to another holder")
	case elsewhere:
		v.find(traceability.ViolationBorrowed, v.Shop.Name, v.shown.Holder.Name,
			"店铺的名称和地址均与许可证不符，该编号应属于另一经营者", "neither the shop's name nor its address is the licence's: the number is another holder's")
	}
}

func (v *verifier) status() {
	from, to := string(v.Licence.ValidFrom), string(v.Licence.ValidTo)
	on := string(v.Day)
	switch v.Status {
	case traceability.LicenceValid:
	case traceability.LicenceNotYet:
		v.find(traceability.ViolationNotYetValid, on, "from "+from, "许可证自 "+from+" 起有效", "the licence is valid from "+from)
	case traceability.LicenceExpired:
		v.find(traceability.ViolationExpired, on, "to "+to, "许可证已于 "+to+" 到期", "the licence expired on "+to)
	case traceability.LicenceHalted:
		v.find(traceability.ViolationSuspended, on, "", "已被责令停业", "the holder was ordered to stop trading")
	case traceability.LicenceStruck:
		v.find(traceability.ViolationRevoked, on, "", "许可证已被吊销或撤销", "the licence was revoked")
	default:
		v.find(traceability.ViolationRevoked, on, "", "许可证已注销", "the licence was given up")
	}
}

// duplicates counts, and names nobody: the others may be another platform's. Of those
// the reader is told only where the shop is at the licensed premises and they are not.
// Else a platform could go through the register, asking for each licence with an
// address that fits nothing, and learn which shops another lists.
func (v *verifier) duplicates() {
	if len(v.Others) == 0 || v.Licence == nil {
		return
	}
	own, premises := address.Parse(v.Shop.Address, v.Shop.Division), address.Parse(v.Licence.Premises, v.Licence.Division)
	elsewhere := slices.Contains(v.answer.Codes(), traceability.ViolationAddressMismatch)
	var apart []address.Address
	shops := 0
	for _, use := range v.Others {
		other := address.Parse(use.Address, use.Division)
		if other.Compare(own).Result != address.Different || use.Foreign && (elsewhere || other.Compare(premises).Result != address.Different) {
			continue
		}
		shops++
		if !anySame(apart, other) {
			apart = append(apart, other)
		}
	}
	if shops > 0 {
		v.find(traceability.ViolationDuplicateUse, count(shops)+" other listings at "+count(len(apart))+" other addresses", "one licence at its premises",
			"另有 "+count(shops)+" 家店铺在 "+count(len(apart))+" 处其他地址使用同一许可证",
			count(shops)+" other listings at "+count(len(apart))+" other addresses show the same licence")
	}
}

func anySame(list []address.Address, a address.Address) bool {
	for _, other := range list {
		if other.Compare(a).Result != address.Different {
			return true
		}
	}
	return false
}

func (v *verifier) stale() {
	d := v.Duty
	switch {
	case d == nil || !d.Verified.IsZero() && (d.Due.IsZero() || !d.Now.After(d.Due)):
	case d.Verified.IsZero():
		v.find(traceability.ViolationStale, "", "a verification on record", "该店铺尚无核验记录", "no verification of the shop is on record")
	default:
		due := string(traceability.DateOf(d.Due))
		v.find(traceability.ViolationStale, string(traceability.DateOf(d.Verified)), "verified again by "+due,
			"应于 "+due+" 前再次核验", "it had to be verified again by "+due)
	}
}
