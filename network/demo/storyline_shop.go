package demo

import "deltatrace/traceability"

// shopSteps tell of a restaurant on a delivery platform: it gets its licence, the
// platform compares, the licence is revoked, and everybody knows at once.
func shopSteps() []step {
	return []step{
		{"浙江给沙拉店发证", "Zhejiang grants the salad restaurant its licence", func(s *storyline) []signed {
			l := s.saladLicence()
			return []signed{{regZhejiang, traceability.TypeLicenceGrant, &l}}
		}, func(s *storyline) []look {
			return []look{
				s.door("门口的二维码：有效，未核验", "the door’s QR code: valid, not verified", []string{"示例轻食", "有效 · 未核验"}),
				s.badge(`"status":"valid"`, "徽章同样这样说", "the badge says the same"),
			}
		}},
		{"平台申报网店，与登记库比对，结果上链", "The platform declares its page, compares it with the register and puts the outcome on record", func(s *storyline) []signed {
			shops := []traceability.Shop{s.saladShop()}
			return []signed{
				{platform, traceability.TypeListingDeclare, &traceability.Listing{Ref: "on-" + s.run, At: now(), Shops: shops}},
				{platform, traceability.TypeVerificationRecord, &comparison{shops: shops}},
			}
		}, func(s *storyline) []look {
			return []look{
				s.door("页面：有效，平台已核验，何时、比对到哪个高度", "the page: valid, which platform compared it, when, at which height", []string{"<strong>有效</strong>", "上海示例外卖平台有限公司", "相符"}, "未核验"),
				s.badge(`"verified":`, "徽章：已核验", "the badge: verified"),
			}
		}},
		{"浙江吊销许可证", "Zhejiang revokes the licence", func(s *storyline) []signed {
			return []signed{{regZhejiang, traceability.TypeLicenceChange, &traceability.LicenceChange{ID: s.saladNumber(), Change: traceability.LicenceRevoked, From: traceability.DateOf(now()), Reason: "毒死蜱超标且拒不整改", Basis: "演示"}}}
		}, func(s *storyline) []look {
			return []look{
				{who: platform, path: "/v1/feed?kinds=licence.revoked&from=" + s.height(), has: []string{traceability.LicenceKey(s.saladNumber())}, zh: "两秒之内，平台收到信号", en: "within two seconds the platform is told"},
				{who: platform, path: "/v1/listings/" + s.saladShop().ID.String() + "/check", has: []string{string(traceability.ViolationRevoked), `"verdict":"invalid"`}, zh: "再比对：吊销，不得提供服务", en: "compared again: revoked, no service"},
				s.door("页面变红：已被吊销", "the page is red: revoked", []string{`class="verdict fail"`, "已被吊销或撤销", "请不要在这里下单"}, "<strong>有效"),
				s.badge(`"status":"revoked"`, "徽章同时变红", "so is the badge"),
			}
		}},
		{"平台下架这家网店", "The platform takes the shop off", func(s *storyline) []signed {
			shop := s.saladShop()
			shop.Removed = true
			return []signed{{platform, traceability.TypeListingDeclare, &traceability.Listing{Ref: "off-" + s.run, At: now(), Shops: []traceability.Shop{shop}}}}
		}, func(s *storyline) []look {
			return []look{
				{who: regZhejiang, path: "/v1/listings/" + s.saladShop().ID.String() + "?platform=" + string(platform), has: []string{`"listed":false`, `"removed":true`}, zh: "监管部门看到已下架", en: "the regulator sees that it is gone"},
				s.door("许可证的页面仍在", "the licence’s page stays", []string{"已被吊销或撤销"}, "相符"),
			}
		}},
	}
}

// saladNumber is the licence of this playing: each has one of its own.
func (s *storyline) saladNumber() traceability.LicenceID {
	for _, digit := range "0123456789" {
		if id := traceability.LicenceID("JY2330105" + s.run[2:] + string(digit)); id.CheckDigitOK() {
			return id
		}
	}
	return ""
}

func (s *storyline) saladLicence() traceability.Licence {
	yes := true
	a := lettuceParties()[traceability.Zhejiang][0]
	code, _ := a.Party.USCC()
	return traceability.Licence{ID: s.saladNumber(), Holder: traceability.Firm{Name: a.Name, USCC: code}, Premises: a.Address, Division: a.Division, Storefront: "示例轻食", BusinessType: traceability.BusinessTypeCatering,
		Items: []traceability.LicenceItem{{Name: "冷食类食品制售"}}, ValidFrom: "2025-06-01", ValidTo: "2030-05-31", Issuer: "杭州市拱墅区市场监督管理局", DineIn: &yes}
}

func (s *storyline) saladShop() traceability.Shop {
	no := false
	a := lettuceParties()[traceability.Zhejiang][0]
	id := traceability.ShopID("ZJ-" + s.run)
	return traceability.Shop{ID: id, Name: "示例轻食", Address: a.Address, Division: a.Division, Page: "https://waimai.example/shops/" + string(id), Licence: string(s.saladNumber()),
		Items: []string{"冷食类"}, ShownSince: traceability.DateOf(s.today), ShownAt: "main_page", NoDineIn: &no}
}

// door is the page that the code on the door leads to.
func (s *storyline) door(zh, en string, has []string, lacks ...string) look {
	return look{path: "/licences/" + string(s.saladNumber()), page: true, has: has, lacks: lacks, zh: zh, en: en}
}

// badge is what a platform's page shows.
func (s *storyline) badge(has, zh, en string) look {
	return look{path: "/v1/licences/" + string(s.saladNumber()) + "/badge.json", has: []string{has}, zh: zh, en: en}
}
