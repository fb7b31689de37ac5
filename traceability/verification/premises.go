package verification

import (
	"slices"

	"deltatrace/traceability"
	"deltatrace/traceability/address"
)

// address compares the page's address with the licensed premises.
func (v *verifier) address() {
	licence := v.Licence
	if v.Shop.Address == licence.Premises {
		v.answer.Address = &address.Comparison{Result: address.Same}
		return
	}
	if v.Shop.Address == "" {
		v.find(traceability.ViolationAddressIncomplete, "", v.shown.Premises, "页面未写地址", "the page shows no address")
		return
	}
	page, premises := address.Parse(v.Shop.Address, v.Shop.Division), address.Parse(licence.Premises, licence.Division)
	c := page.Compare(premises)
	zh, en := c.Explain(address.Name{ZH: "页面", EN: "the page"}, address.Name{ZH: "许可证", EN: "the licence"})
	switch {
	case c.Result == address.Different:
		v.find(traceability.ViolationAddressMismatch, v.Shop.Address, v.shown.Premises, zh, en)
	case incomplete(c):
		v.find(traceability.ViolationAddressIncomplete, v.Shop.Address, v.shown.Premises, zh, en)
	}
	v.answer.Address = &c
}

// incomplete reports whether the page leaves out what finds the premises.
func incomplete(c address.Comparison) bool {
	return slices.ContainsFunc([]address.Component{address.Road, address.Village, address.Lane, address.Number}, c.Lacks)
}
