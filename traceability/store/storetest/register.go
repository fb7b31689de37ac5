package storetest

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"time"

	"deltatrace/traceability"
)

// Register is an invented register of licences with the shops that platforms list
// by them, as large as one likes, and with the same violations wherever it is used:
// two in a hundred shops have each of Violations, the rest are in order. Every
// licence and shop is made from its number alone, so that a test can ask for any of
// them without making the others. Numbers have right check digits unless that is
// the violation; names, addresses and holders are invented.
//
// It signs nothing, as Region.
type Register struct {
	Seed     uint64
	Licences int
	Shops    int // at most Licences: the n-th shop has the n-th licence
	Block    int // records in a block; 1000 when 0
}

// Violation is what is wrong with a shop, by the codes of SAMR's practice; empty
// for a shop that is in order.
type Violation string

// The violations of a Register.
const (
	NoLicence       Violation = "NO_LICENCE"       // 无证: a number that is not in the register
	Forged          Violation = "FORGED"           // 假证: a number whose check digit is wrong
	Borrowed        Violation = "BORROWED"         // 套证: another holder's number
	OutOfScope      Violation = "OUT_OF_SCOPE"     // 超范围: raw food without the item
	Expired         Violation = "EXPIRED"          // 过期
	Suspended       Violation = "SUSPENDED"        // 责令停业
	Revoked         Violation = "REVOKED"          // 吊销
	AddressMismatch Violation = "ADDRESS_MISMATCH" // 地址不符
	NameMismatch    Violation = "NAME_MISMATCH"    // 名称不符
	DuplicateUse    Violation = "DUPLICATE_USE"    // 一证多店: the licence of the shop before, which is in order
	NotShown        Violation = "NOT_SHOWN"        // 未公示
	NoDineInLabel   Violation = "NO_DINEIN_LABEL"  // 未标注无堂食
	CameraFalse     Violation = "CAMERA_FALSE"     // 明厨亮灶不实
	NoGrade         Violation = "NO_GRADE"         // 未公示等级
)

// Violations lists them; the n-th shop of every fifty has one.
func Violations() []Violation {
	return []Violation{NoLicence, Forged, Borrowed, OutOfScope, Expired, Suspended, Revoked, AddressMismatch, NameMismatch, "", DuplicateUse, NotShown, NoDineInLabel,
		CameraFalse, NoGrade}
}

// RegisterDay is the day on which the violations hold; what is suspended or revoked
// has been for a month, what has expired for a day.
const RegisterDay traceability.Date = "2026-11-23"

// Violation returns what is wrong with the n-th shop.
func (g Register) Violation(n int) Violation {
	if kinds := Violations(); n%50 < len(kinds) {
		return kinds[n%50]
	}
	return ""
}

// registerPlatforms are how many platforms list the shops.
const registerPlatforms = 3

// Platform returns the platform that lists the n-th shop.
func (g Register) Platform(n int) traceability.PartyID {
	return traceability.PartyID("plat:" + string(inventUSCC("91", "310115", n%registerPlatforms)))
}

// Shop returns the n-th shop as its page stands.
func (g Register) Shop(n int) traceability.Shop {
	l, no := g.Licence(n), false
	shop := traceability.Shop{ID: traceability.ShopID(fmt.Sprintf("E%09d", n)), Name: l.Storefront, Address: colloquial(l.Premises, n), Division: l.Division,
		Page: fmt.Sprintf("https://waimai.example/shop/%d", n), Licence: string(l.ID), Holder: l.Holder.Name, ShownSince: l.ValidFrom, ShownAt: "main_page",
		NoDineIn: &no, Camera: l.Camera, Grade: "大笑"}
	switch g.Violation(n) {
	case NoLicence:
		shop.Licence = string(inventJY(l.Division, 900_000+n%100_000))
	case Forged:
		shop.Licence = shop.Licence[:15] + string('0'+('9'-rune(shop.Licence[15])))
		if shop.Licence == string(l.ID) {
			shop.Licence = shop.Licence[:15] + "1"
		}
	case Borrowed:
		other := g.Licence((n + g.Licences/2) % g.Licences)
		shop.Licence, shop.Holder = string(other.ID), other.Holder.Name
	case OutOfScope:
		shop.Items = []string{"生食类食品制售"}
	case AddressMismatch:
		shop.Address = g.Licence((n+1)%g.Licences).Premises + "B1-09"
	case NameMismatch:
		shop.Name = "网红爆款" + fmt.Sprint(n) + "号店"
	case DuplicateUse:
		before := g.Shop(max(0, n-1))
		shop.Licence, shop.Holder = before.Licence, before.Holder
	case NotShown:
		shop.Licence, shop.Holder, shop.ShownAt, shop.ShownSince = "", "", "", ""
	case CameraFalse:
		yes := true
		shop.Camera = &yes
	case NoGrade:
		shop.Grade = ""
	}
	return shop
}

// Licence returns the n-th licence as it was granted.
func (g Register) Licence(n int) traceability.Licence {
	random := rand.New(rand.NewPCG(g.Seed, uint64(n)))
	pick := func(list []string) string { return list[random.IntN(len(list))] }
	divisions := registerDivisions()
	division := divisions[n%len(divisions)]
	family, dish := pick(families), pick(dishes)
	l := traceability.Licence{ID: inventJY(division, n/len(divisions)), Division: division, BusinessType: traceability.BusinessTypeCatering,
		Items: []traceability.LicenceItem{{Name: "热食类食品制售"}}, ValidFrom: "2024-03-01", ValidTo: "2029-02-28",
		Issuer: traceability.DivisionName(division) + "市场监督管理局",
		Grades: []traceability.Grade{{Scheme: "food_safety_face", Grade: "excellent", Date: "2026-06-15"}}}
	l.Storefront = family + pick(givens) + dish
	l.Premises = fmt.Sprintf("%s%s%d号%d幢%d层%d室", traceability.DivisionName(division), pick(roads), 1+random.IntN(1999), 1+random.IntN(20), 1+random.IntN(4), 101+random.IntN(30))
	if random.IntN(10) < 6 {
		l.Holder = traceability.Firm{Name: division.Name() + l.Storefront, USCC: inventUSCC("92", division, n)}
	} else {
		l.Holder = traceability.Firm{Name: division.Name() + l.Storefront[:len(family)+3] + "餐饮管理有限公司", USCC: inventUSCC("91", division, n)}
	}
	l.Holder.Address = l.Premises
	if random.IntN(3) == 0 {
		l.Items = append(l.Items, traceability.LicenceItem{Name: "冷食类食品制售", Without: "不含冷荤类食品"})
	}
	if random.IntN(4) == 0 {
		l.Items = append(l.Items, traceability.LicenceItem{Name: "自制饮品制售"})
	}
	dineIn, camera := g.Violation(n) != NoDineInLabel, g.Violation(n) != CameraFalse && random.IntN(2) == 0
	l.DineIn, l.Camera = &dineIn, &camera
	if g.Violation(n) == Expired {
		l.ValidFrom, l.ValidTo = "2021-11-23", "2026-11-22"
	}
	return l
}

// Change returns what happened to the n-th licence since; nil for most.
func (g Register) Change(n int) *traceability.LicenceChange {
	kind := traceability.LicenceSuspended
	switch g.Violation(n) {
	case Suspended:
	case Revoked:
		kind = traceability.LicenceRevoked
	default:
		return nil
	}
	return &traceability.LicenceChange{ID: g.Licence(n).ID, Change: kind, From: "2026-10-23", Reason: "示例", Basis: "示例市监罚〔2026〕1号"}
}

// Blocks makes the register's blocks: the licences, then the shops' declarations,
// which are one full snapshot of each platform.
func (g Register) Blocks() iter.Seq[traceability.Block] {
	return func(yield func(traceability.Block) bool) {
		w := &regionWriter{most: g.Block, yield: yield}
		if w.most == 0 {
			w.most = traceability.MaxBatchDocuments
		}
		w.flush() // block 0 is empty
		for n := 0; n < g.Licences && !w.stopped; n++ {
			g.writeLicence(w, n)
		}
		for platform := 0; platform < registerPlatforms && !w.stopped; platform++ {
			g.writeShops(w, platform)
		}
		w.flush()
	}
}

func (g Register) writeLicence(w *regionWriter, n int) {
	l := g.Licence(n)
	regulator := traceability.Regulator(l.ID.Province())
	state := traceability.LicenceState{Documents: []traceability.Entry{w.entry(regulator, traceability.TypeLicenceGrant, l)},
		Periods: []traceability.LicencePeriod{{From: l.ValidFrom}}}
	if change := g.Change(n); change != nil {
		state.Documents = append(state.Documents, w.entry(regulator, traceability.TypeLicenceChange, change))
		state.Periods = append(state.Periods, traceability.LicencePeriod{From: change.From, By: 1, Halt: change.Change.Halt("")})
	}
	w.write(traceability.LicenceKey(l.ID), &state)
}

func (g Register) writeShops(w *regionWriter, platform int) {
	id := g.Platform(platform)
	own := (g.Shops - platform + registerPlatforms - 1) / registerPlatforms
	parts := (own + traceability.MaxListingShops - 1) / traceability.MaxListingShops
	at := time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)
	for part := range parts {
		say := traceability.Listing{Ref: fmt.Sprintf("2026-11-23.%d", part+1), At: at, Snapshot: &traceability.SnapshotPart{ID: "2026-11-23", Part: part + 1, Parts: parts}}
		for i := part * traceability.MaxListingShops; i < min(own, (part+1)*traceability.MaxListingShops); i++ {
			say.Shops = append(say.Shops, g.Shop(platform+i*registerPlatforms))
		}
		w.write(traceability.DeclarationKey(id, say.Ref), &traceability.DeclarationState{Document: w.entry(id, traceability.TypeListingDeclare, say)})
		for _, shop := range say.Shops {
			w.write(traceability.ListingKey(id, shop.ID), &traceability.ListingState{Shop: shop, At: at, Since: at, Declaration: say.Ref})
		}
	}
}
