package main

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"deltatrace/traceability"
	"deltatrace/traceability/disclosure"
)

// TestBoardShops has a regulator find the worst shop at the board, look at it, and
// take the list along; what is revoked meanwhile is seen on the shop. Then platforms
// see what they have to put right and to verify, each its own.
func TestBoardShops(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.agree()
	b := newTab(w)
	b.signIn(shanghai, "zh")
	b.visit("#/shops", ".head h1")
	b.shows("还没有统计")

	day := w.failingDay()
	w.rateSeries(day)
	b.signIn(shanghai, "zh")
	b.visit("#/shops", ".cases")
	b.shows(string(day) + " 日终的统计")
	rows := func(want ...string) {
		t.Helper()
		b.until(`[...document.querySelectorAll(".case strong")].map(e => e.innerText).join() === ` + strconv.Quote(strings.Join(want, ",")))
	}
	rows("=另一餐厅", "对手餐厅", "某某小吃", "示例餐厅")
	b.shows("未公示、未更新")
	b.shows("按许可证更正页面上的店铺名称。")
	b.shot("shops")
	b.until(`document.querySelectorAll(".series .strict circle").length === 10`) // a day between was not counted
	b.click(`.reasons a[href*="NAME_MISMATCH"]`)
	rows("某某小吃")
	b.choose("#filter-code", "")
	b.choose("#filter-severity", "refuse")
	rows("=另一餐厅", "对手餐厅")
	b.choose("#filter-platform", string(rival))
	rows("对手餐厅")
	b.choose("#filter-division", "330000")
	b.shows("没有问题店铺")
	b.choose("#filter-division", "all")
	b.choose("#filter-platform", "")
	rows("=另一餐厅", "对手餐厅")
	if saved := b.saved("csv"); strings.Count(saved, "\n") != 4 || !strings.Contains(saved, "'=另一餐厅") || strings.Contains(saved, "某某小吃") {
		t.Errorf("the table: %s", saved)
	}
	if saved := b.saved("xlsx"); !strings.HasPrefix(saved, "PK") {
		t.Errorf("the workbook: %.20q", saved)
	}

	b.choose("#filter-severity", "")
	rows("=另一餐厅", "对手餐厅", "某某小吃", "示例餐厅")
	w.accept(w.sign(shanghai, traceability.TypeLicenceChange, traceability.LicenceChange{ID: "JY23101040000019", Change: traceability.LicenceRevoked, From: traceability.DateOf(time.Now()), Reason: "测试"}))
	b.click(`.case[href$="N"]`)
	b.until(`document.querySelector('.findings [data-code="REVOKED"]') && document.querySelector('.findings [data-code="NAME_MISMATCH"]')`)
	b.shows("已吊销")
	b.shows("停止服务并下架店铺。")
	b.shot("shop")
	b.quiet()

	b.signIn(waimai, "zh")
	b.visit("#/shops", ".cases")
	rows("=另一餐厅", "某某小吃", "示例餐厅")
	b.shows("现况：注销/吊销、未更新")
	b.shows("停止服务并下架店铺。")
	b.shot("my-shops")
	b.click(`.tabs a[href$="due"]`)
	b.shows("从未核验")
	rows("示例餐厅", "=另一餐厅", "某某小吃")
	if saved := b.saved("csv"); strings.Count(saved, "\n") != 5 || !strings.Contains(saved, "'=另一餐厅") || strings.Contains(saved, "对手") {
		t.Errorf("what falls due: %s", saved)
	}
	b.shot("shops-due")
	b.click(`.case[href$="A"]`)
	b.shows("尚无核验记录")
	w.accept(w.sign(waimai, traceability.TypeVerificationRecord, traceability.Verification{Ref: "2", At: traceability.Instant(time.Now()), Height: 2,
		Shops: []traceability.VerifiedShop{{ID: "G", Licence: "JY23101040000019", Verdict: traceability.LicenceFails, Codes: []traceability.ViolationCode{traceability.ViolationRevoked}}}}))
	b.visit("#/shops/"+string(waimai)+"/G", ".findings")
	b.shows("最近核验")
	b.click(".fold summary")
	b.shows("此前的核验（1）")
	b.shot("shop-verified")
	b.visit("#/shops/"+string(waimai)+"/A", ".findings")
	b.shows("尚无核验记录")
	b.click("#switch")
	b.shows("No verification is on record.")
	b.shot("shop-en")
	b.visit("#/shops", ".cases")
	b.shows("To put right")
	b.many(day)
	b.visit("#/shops/"+string(rival)+"/R", "[role=alert]")
	b.shows("not")
	b.quiet("/v1/listings/R/check")
	b.keptNothing(shanghai, waimai)
}

// rateSeries keeps rates of nine days before the one that was counted.
func (w *world) rateSeries(day traceability.Date) {
	w.Helper()
	archive, err := disclosure.OpenArchive(filepath.Join(w.dir, "data", "disclosure"))
	for before := 10; before > 1 && err == nil; before-- {
		rate := disclosure.Rate{Base: 1000, Nominal: 998 - 7*before, Strict: 990 - 13*before}
		err = archive.Save(&disclosure.Day{Day: day.AddDays(-before), Rates: []disclosure.CellRate{{Cell: disclosure.Cell{Division: "310000"}, Rate: rate}}})
	}
	if err != nil {
		w.Fatal(err)
	}
}

// many declares more shops than a page has, and shows them all.
func (b *tab) many(day traceability.Date) {
	b.Helper()
	var shops []traceability.Shop
	for i := range 60 {
		shops = append(shops, traceability.Shop{ID: traceability.ShopID(fmt.Sprintf("M%02d", i)), Name: "示例", Address: "上海市徐汇区示例路3号", Division: "310104"})
	}
	b.accept(b.sign(waimai, traceability.TypeListingDeclare, traceability.Listing{Ref: "many", At: day.End().Add(-time.Minute), Shops: shops}))
	b.countDay(day)
	b.visit("#/shops?severity=refuse", ".cases")
	b.until(`document.querySelectorAll(".case").length === 50`)
	b.click(`main .view > button`)
	b.until(`document.querySelectorAll(".case").length === 61 && document.querySelector("main .view > button").hidden`)
}

// click clicks what a selector finds.
func (b *tab) click(selector string) {
	b.Helper()
	b.until(`document.querySelector(` + strconv.Quote(selector) + `)`)
	b.do(chromedp.Click(chromedp.CSS(selector)))
}

// choose sets a select as a person does.
func (b *tab) choose(selector, value string) {
	b.Helper()
	b.until(`document.querySelector(` + strconv.Quote(selector) + `)`)
	js[bool](b, `(() => { const e = document.querySelector(`+strconv.Quote(selector)+`); e.value = `+strconv.Quote(value)+`; e.dispatchEvent(new Event("change", {bubbles: true})); return e.value === `+strconv.Quote(value)+`; })()`)
	b.until(`document.querySelector(` + strconv.Quote(selector) + `)?.value === ` + strconv.Quote(value) + ` && document.querySelector("main .view")`)
}

// saved presses the button that saves a table, and returns what the page gave out.
func (b *tab) saved(format string) string {
	b.Helper()
	js[bool](b, `(() => { window.saved = undefined; const make = URL.createObjectURL;
		URL.createObjectURL = blob => { blob.text().then(text => { window.saved = text; }); URL.createObjectURL = make; return make.call(URL, blob); }; return true; })()`)
	b.click(`button[data-format="` + format + `"]`)
	b.until(`window.saved !== undefined`)
	return js[string](b, `window.saved`)
}
