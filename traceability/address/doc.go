// Package address compares Chinese addresses: whether what a shop's page says can
// be the premises on its licence, and if not, which part differs.
//
// An address is read into its components, from the province down to the room, in
// whatever order and spelling they come: 三楼, 3F and 3层 are one floor, 号 may be
// left out, upper levels may be missing, and a county may have its former name. Two
// addresses are Same when they say the same, Compatible when one says less or a
// part cannot decide (a building's name, a development zone), and Different when a
// part that both state is not the same.
//
//	c := address.Compare("上海市徐汇区漕溪北路1号3楼", "徐汇区漕溪北路一号3F")
//	c.Result // same
//
// Comparing is deterministic, symmetric and reflexive, and saying less never makes an
// address Different; the rules on every peer use it. The package imports
// traceability and nothing else of deltatrace.
package address
