package traceability_test

import (
	"fmt"

	"deltatrace/traceability"
)

func ExampleParseUSCC() {
	code, err := traceability.ParseUSCC("９１３３０１０６ＭＡ１ＦＰＸ１２１Ｅ")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(code, code.CheckDigitOK(), traceability.DivisionName(code.Division()))
	// Output: 91330106MA1FPX121E true 浙江省杭州市西湖区
}

func ExampleSuggestUSCC() {
	const typed = "91310101MA1FPXI21X" // the letter I
	_, err := traceability.ParseUSCC(typed)
	fmt.Println(traceability.CodeOf(err))
	if meant, ok := traceability.SuggestUSCC(typed); ok {
		fmt.Println("did you mean", meant)
	}
	// Output:
	// invalid
	// did you mean 91310101MA1FPX121X
}

func ExampleParseLotID() {
	lot, err := traceability.ParseLotID("01/6901234567892/10/A%2f01")
	if err != nil {
		fmt.Println(err)
		return
	}
	gtin, _ := lot.GTIN()
	fmt.Println(lot)
	fmt.Println(gtin, lot.Batch())
	// Output:
	// 01/06901234567892/10/A%2F01
	// 06901234567892 A/01
}
