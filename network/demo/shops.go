package demo

import (
	"context"
	"fmt"
	"time"

	"deltatrace/traceability"
	"deltatrace/traceability/client"
)

// Licences of restaurants, one for each thing that a shop's page says.
const (
	bistro      traceability.LicenceID = "JY23101040007012" // verified by two platforms, with commitments
	noodles     traceability.LicenceID = "JY23301060007021" // suspended
	fastFood    traceability.LicenceID = "JY23201060007038" // its page on the platform has another address
	streetFood  traceability.LicenceID = "JY23401040007041" // a person's, on no platform
	bistroShop                         = "SH-7012"
	noodleShop                         = "ZJ-7021"
	fastShop                           = "JS-7038"
	bistroLocal                        = "d-90417" // the bistro at the second platform
)

// licences are granted by the province of each.
func (s story) licences() []signed {
	yes, no := true, false
	hot, cold := traceability.LicenceItem{Name: "热食类食品制售"}, traceability.LicenceItem{Name: "冷食类食品制售", Without: "不含生食类食品"}
	code, _ := restaurant.USCC()
	licence := func(id traceability.LicenceID, storefront string, holder traceability.Firm, premises string, division traceability.DivisionCode, issuer string) traceability.Licence {
		return traceability.Licence{ID: id, Holder: holder, Premises: premises, Division: division, Storefront: storefront, BusinessType: traceability.BusinessTypeCatering,
			Items: []traceability.LicenceItem{hot, cold}, ValidFrom: "2025-03-01", ValidTo: "2030-02-28", Issuer: issuer, DineIn: &yes, Camera: &no}
	}
	first := licence(bistro, "示例小馆", traceability.Firm{Name: "上海示例餐饮管理有限公司", USCC: code}, "上海市徐汇区示例路300号", "310104", "上海市徐汇区市场监督管理局")
	first.Camera, first.Grades = &yes, []traceability.Grade{{Scheme: "food_safety_face", Grade: "excellent", Date: s.day(40)}}
	list := []traceability.Licence{first,
		licence(noodles, "西湖示例面馆", traceability.Firm{Name: "杭州示例面馆餐饮有限公司", USCC: "91330106MA1FPX703L"}, "浙江省杭州市西湖区示例路21号", "330106", "杭州市西湖区市场监督管理局"),
		licence(fastFood, "鼓楼示例快餐", traceability.Firm{Name: "南京示例快餐有限公司", USCC: "91320106MA1FPX711B"}, "江苏省南京市鼓楼区示例路38号", "320106", "南京市鼓楼区市场监督管理局"),
		licence(streetFood, "示例小吃", traceability.Firm{Name: "李示例", USCC: "92340104MA1FPX72XB", Address: "安徽省合肥市蜀山区示例路41号5幢"}, "安徽省合肥市蜀山区示例路41号", "340104", "合肥市蜀山区市场监督管理局"),
	}
	var documents []signed
	for i := range list {
		documents = append(documents, signed{traceability.Regulator(list[i].ID.Province()), traceability.TypeLicenceGrant, &list[i]})
	}
	return documents
}

// pages are the platforms' pages of the restaurants.
func (s story) pages() map[traceability.PartyID][]traceability.Shop {
	yes, no := true, false
	since := s.day(30)
	shop := func(id traceability.ShopID, site, name, address string, division traceability.DivisionCode, licence traceability.LicenceID) traceability.Shop {
		return traceability.Shop{ID: id, Name: name, Address: address, Division: division, Page: "https://" + site + ".example/shops/" + string(id), Licence: string(licence),
			Items: []string{"热食类"}, ShownSince: since, ShownAt: "main_page", NoDineIn: &no, Camera: &no}
	}
	first := shop(bistroShop, "waimai", "示例小馆", "上海市徐汇区示例路300号", "310104", bistro)
	second := shop(bistroLocal, "daojia", "示例小馆", "上海市徐汇区示例路300号", "310104", bistro)
	for _, b := range []*traceability.Shop{&first, &second} {
		b.Camera, b.Grade = &yes, "excellent"
	}
	return map[traceability.PartyID][]traceability.Shop{
		platform: {first, shop(noodleShop, "waimai", "西湖示例面馆", "浙江省杭州市西湖区示例路21号", "330106", noodles),
			shop(fastShop, "waimai", "鼓楼示例快餐", "江苏省南京市鼓楼区别处路5号", "320106", fastFood)},
		platformLocal: {second},
	}
}

// shops puts the restaurants on the ledger: licences, the pages that show them, what
// the platforms' comparison came to, and what has become known since.
func (l *loader) shops(ctx context.Context) error {
	if err := l.submit(ctx, "licences", l.licences()); err != nil {
		return err
	}
	for _, p := range []traceability.PartyID{platform, platformLocal} {
		pages := l.pages()[p]
		err := l.submit(ctx, "shops of "+string(p), []signed{
			{p, traceability.TypeListingDeclare, &traceability.Listing{Ref: "demo", At: traceability.Instant(l.today), Shops: pages}},
			{p, traceability.TypeVerificationRecord, &comparison{shops: pages}},
		})
		if err != nil {
			return err
		}
	}
	code, _ := restaurant.USCC()
	enter := func(by traceability.PartyID, ref string, kind traceability.CreditKind, topic, reason string) signed {
		return signed{by, traceability.TypeCreditEnter, &traceability.CreditEnter{Ref: ref, Company: code, Name: "上海示例餐饮管理有限公司", Kind: kind, Topic: topic, Reason: reason, From: l.day(0)}}
	}
	return l.submit(ctx, "what became known of shops", []signed{
		enter(restaurant, "C-1", traceability.CreditCommitment, traceability.TopicOpenKitchen, "营业时间公开后厨画面"),
		enter("reg:310000", "H-1", traceability.CreditHonour, traceability.TopicModelShop, ""),
		{regZhejiang, traceability.TypeLicenceChange, &traceability.LicenceChange{ID: noodles, Change: traceability.LicenceSuspended, From: l.day(0), Reason: "后厨不符合要求，责令停业整改（演示）", Basis: "演示"}},
	})
}

// comparison is a record of verification that is yet to be made: whoever submits it
// asks first how the shops show their licences.
type comparison struct {
	shops  []traceability.Shop
	record *traceability.Verification
}

// make compares a platform's shops with the register, as a platform does.
func (c *comparison) make(ctx context.Context, l *loader, platform traceability.PartyID) error {
	door, err := l.doorOf(platform)
	if err != nil {
		return err
	}
	answers, err := door.Verify(ctx, "", c.shops)
	if err != nil {
		return fmt.Errorf("verify the shops of %s: %w", platform, err)
	}
	c.record = &traceability.Verification{Ref: time.Now().UTC().Format("20060102T150405.000000000"), At: now(), Height: answers.AsOf.Block}
	for i, answer := range answers.Results {
		c.record.Shops = append(c.record.Shops, traceability.VerifiedShop{ID: c.shops[i].ID, Licence: c.shops[i].Licence, Verdict: answer.Verdict, Codes: answer.Codes()})
	}
	return nil
}

// doorOf is the API as a party reaches it.
func (l *loader) doorOf(party traceability.PartyID) (*client.Client, error) {
	key, err := l.keys.Key(party)
	if err != nil {
		return nil, err
	}
	door, err := client.New(l.api)
	if err != nil {
		return nil, err
	}
	door.Key = &key
	if l.audience != "" {
		door.Audience = l.audience
	}
	return door, nil
}
