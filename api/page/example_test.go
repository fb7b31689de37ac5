package page_test

import (
	"bytes"
	"fmt"

	"deltatrace/api/page"
	"deltatrace/traceability"
)

// A code that cannot be read gets a page that says which slip is likely.
func Example() {
	site, err := page.New(page.Options{PublicURL: "https://trace.example"})
	if err != nil {
		fmt.Println(err)
		return
	}
	code := "01/06901234567893/10/A01"
	_, err = traceability.ParseLotID(code)
	lang := page.Negotiate("", "en-GB,en;q=0.9,zh;q=0.5")
	result := site.Malformed(lang, code, err)
	fmt.Println(result.Status, bytes.Contains(result.Body, []byte("it should be 2, but it is 3")))
	// Output: 400 true
}
