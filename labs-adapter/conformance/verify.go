package conformance

import (
	"context"
	"slices"

	"deltatrace/traceability"
	"deltatrace/traceability/client"
)

// verify asks for the test shops as an array.
func (t *trial) verify(ctx context.Context) error {
	verified, err := t.API.Verify(ctx, "", t.asSent())
	if err != nil {
		return err
	}
	for i := range t.shops {
		if err := judged(&verified.Results[i], &t.shops[i]); err != nil {
			return err
		}
	}
	if verified.AsOf.Block < t.receipt.Block {
		return fail("答复依据的高度 %d 早于申报的高度 %d", "the answer is as of block %d, before the declaration's %d", verified.AsOf.Block, t.receipt.Block)
	}
	t.verified = verified
	return nil
}

// judged reports whether a test shop is answered as it must be.
func judged(a *client.ShopAnswer, shop *testShop) error {
	if a.Shop != shop.ID {
		return fail("店铺 %s 的位置上答复了 %s", "where %s stood, %s is answered", shop.ID, a.Shop)
	}
	if a.Verdict != shop.verdict || !slices.Contains(a.Codes(), shop.code) {
		return fail("店铺 %s：%s %v，应为 %s %s", "shop %s: %s %v, expected %s %s", shop.ID, a.Verdict, a.Codes(), shop.verdict, shop.code)
	}
	return nil
}

// malformed puts a shop without a name and with an impossible number between two that
// are sound.
func (t *trial) malformed(ctx context.Context) error {
	shops := []traceability.Shop{t.shops[0].Shop, {ID: "接口 自测"}, t.shops[1].Shop}
	verified, err := t.API.Verify(ctx, "", shops)
	if err != nil {
		return err
	}
	answers := verified.Results
	if len(answers[1].Problems) == 0 || answers[1].Verdict != "" {
		return fail("格式有误的店铺得到结论 %q，没有 problems", "the malformed shop is answered %q, without problems", answers[1].Verdict)
	}
	for i, shop := range []*testShop{0: &t.shops[0], 2: &t.shops[1]} {
		if shop == nil {
			continue
		}
		if err := judged(&answers[i], shop); err != nil {
			return err
		}
	}
	return nil
}

// own verifies the platform's own shops, and holds them to what it expects.
func (t *trial) own(ctx context.Context) error {
	if len(t.Shops) == 0 {
		return skip("未提供店铺文件（--shops）", "no file of shops (--shops)")
	}
	shops := make([]traceability.Shop, len(t.Shops))
	for i := range t.Shops {
		shops[i] = t.Shops[i].Shop
	}
	verified, err := t.API.Verify(ctx, "", shops)
	if err != nil {
		return err
	}
	count := make(map[traceability.LicenceVerdict]int)
	for i, answer := range verified.Results {
		if len(answer.Problems) > 0 {
			return fail("第 %d 家店铺格式有误：%v", "shop %d is malformed: %v", i+1, answer.Problems[0])
		}
		if want := t.Shops[i].Expect; want != nil && !sameCodes(*want, answer.Codes()) {
			return fail("店铺 %s：%v，应为 %v", "shop %s: %v, expected %v", answer.Shop, answer.Codes(), *want)
		}
		count[answer.Verdict]++
	}
	valid, invalid, unverified := count[traceability.LicenceHolds], count[traceability.LicenceFails], count[traceability.LicenceUnverified]
	return seen("有效 %d，应拒绝 %d，未核验 %d", "%d valid, %d to be refused, %d unverified", valid, invalid, unverified)
}

// stream sends the test shops as lines, one malformed among them, and compares with
// what the array came to.
func (t *trial) stream(ctx context.Context) error {
	lines := slices.Insert(t.asSent(), 1, traceability.Shop{ID: "接口 自测"})
	var answers []client.ShopAnswer
	_, err := t.API.VerifyLines(ctx, "", slices.Values(lines), func(a client.ShopAnswer) error {
		answers = append(answers, a)
		return nil
	})
	if err != nil {
		return err
	}
	if len(answers[1].Problems) == 0 {
		return fail("格式有误的一行没有 problems", "the malformed line is answered without problems")
	}
	for i, answer := range slices.Delete(answers, 1, 2) {
		array := t.verified.Results[i]
		if answer.Shop != array.Shop || answer.Verdict != array.Verdict || !slices.Equal(answer.Codes(), array.Codes()) {
			return fail("第 %d 家：%s %s %v，数组方式为 %s %s %v", "shop %d: %s %s %v, the array said %s %s %v", i+1,
				answer.Shop, answer.Verdict, answer.Codes(), array.Shop, array.Verdict, array.Codes())
		}
	}
	return nil
}
