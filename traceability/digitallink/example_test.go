package digitallink_test

import (
	"fmt"

	"deltatrace/traceability/digitallink"
)

func ExampleParse() {
	link, err := digitallink.Parse("https://id.example/01/16901234567899/10/A01?17=270105")
	if err != nil {
		fmt.Println(err)
		return
	}
	lot, _ := link.LotID()
	expiry, _ := link.Value("17")
	fmt.Println(lot)
	fmt.Println("expires", expiry)
	fmt.Println(link.ElementString())
	// Output:
	// 01/16901234567899/10/A01
	// expires 270105
	// ^011690123456789910A01^17270105
}

func ExampleBuild() {
	uri, err := digitallink.Build("https://id.example", []digitallink.AI{
		{Code: "17", Value: "270105"},
		{Code: "10", Value: "A/01"},
		{Code: "01", Value: "06901234567892"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(uri)
	// Output: https://id.example/01/06901234567892/10/A%2F01?17=270105
}
