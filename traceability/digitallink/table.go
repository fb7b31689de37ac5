package digitallink

import (
	"slices"
	"strconv"
	"strings"
	"sync"
)

// keys are the application identifiers that can begin a Digital Link, each with
// the sequences of qualifiers that may follow it in this order, all optional.
var keys = map[string][][]string{
	"00":   nil,                           // SSCC, a pallet or carton
	"01":   {{"22", "10", "21"}, {"235"}}, // GTIN: variant, lot, serial; or third-party serial
	"253":  nil,                           // document type
	"255":  nil,                           // coupon
	"401":  nil,                           // consignment
	"402":  nil,                           // shipment
	"414":  {{"254"}, {"7040"}},           // GLN of a place: extension; or importer index
	"415":  {{"8020"}},                    // GLN of a payee: slip
	"417":  {{"7040"}},                    // GLN of a party
	"8003": nil,                           // returnable asset
	"8004": {{"7040"}},                    // individual asset
	"8006": {{"22", "10", "21"}},          // piece of a trade item
	"8010": {{"8011"}},                    // component: serial
	"8013": nil,                           // model
	"8017": {{"8019"}},                    // service provider: instance
	"8018": {{"8019"}},                    // service recipient: instance
}

// alphas are the short names that early versions of the standard allowed in
// place of the codes of keys and qualifiers.
var alphas = map[string]string{
	"sscc": "00", "gtin": "01", "gdti": "253", "gcn": "255", "ginc": "401", "gsin": "402",
	"gln": "414", "payTo": "415", "party": "417", "grai": "8003", "giai": "8004", "itip": "8006",
	"cpid": "8010", "gmn": "8013", "gsrnp": "8017", "gsrn": "8018",
	"lot": "10", "ser": "21", "cpv": "22", "glnx": "254", "cpsn": "8011", "srin": "8019", "refno": "8020",
}

// spec is what is known of an application identifier.
type spec struct {
	format    string
	attribute bool // may stand in the query
}

// formats lists the application identifiers by the form of their value (GS1
// General Specifications §3.2). A form is a row of parts, each a character set (N
// digits, X set 82, Y set 39, Z base64url) and a length, exact or as "..most"; a
// "?" before a part makes it and what follows optional. Suffixes: c ends with a
// check digit over the part, d is a date YYMMDD, e a date whose day may be 00 (the
// month's last).
var formats = []struct{ format, attributes, others string }{
	{"N18c", "00 8017 8018", ""},
	{"N17c", "402", ""},
	{"N14c", "01 02", "03"},
	{"N14c N4", "8006 8026", ""},
	{"N13c", "410-417", ""},
	{"N13c ?X..17", "253", ""},
	{"N13c ?N..12", "255", ""},
	{"N1 N13c ?X..16", "8003", ""},
	{"N6e", "11-13 15-17", ""},
	{"N6d", "4326 7006", ""},
	{"N6d ?N6d", "7007", ""},
	{"N6d ?N4", "7011", ""},
	{"N6d N4", "7003", ""},
	{"N6e N4", "4324 4325", ""},
	{"N6d N2 ?N2 ?N2", "8008", ""},
	{"N6", "3100-3105 3110-3115 3120-3125 3130-3135 3140-3145 3150-3155 3160-3165 " +
		"3200-3205 3210-3215 3220-3225 3230-3235 3240-3245 3250-3255 3260-3265 3270-3275 3280-3285 3290-3295 " +
		"3300-3305 3310-3315 3320-3325 3330-3335 3340-3345 3350-3355 3360-3365 3370-3375 " +
		"3400-3405 3410-3415 3420-3425 3430-3435 3440-3445 3450-3455 3460-3465 3470-3475 3480-3485 3490-3495 " +
		"3500-3505 3510-3515 3520-3525 3530-3535 3540-3545 3550-3555 3560-3565 3570-3575 " +
		"3600-3605 3610-3615 3620-3625 3630-3635 3640-3645 3650-3655 3660-3665 3670-3675 3680-3685 3690-3695 " +
		"3950-3955 8005", ""},
	{"N6 ?X1", "4330-4333", ""},
	{"N1", "4321-4323 7252", ""},
	{"N2", "20 7241", ""},
	{"N3", "422 424 426", ""},
	{"N3 ?N3 ?N3 ?N3 ?N3", "423 425", ""},
	{"N3 N..15", "3910-3919 3930-3939", ""},
	{"N3 X..9", "421", ""},
	{"N3 X..27", "7030-7039", ""},
	{"N4", "3940-3943 8111", ""},
	{"N8", "7250", ""},
	{"N12", "7251", ""},
	{"N13", "7001", ""},
	{"N14", "8001", ""},
	{"N15", "", "8040 8041"},
	{"N18 ?N..2", "", "8043"},
	{"N20", "4309", ""},
	{"N32", "", "8042"},
	{"N..4", "7004", ""},
	{"N..6", "242", ""},
	{"N..8", "30 37", ""},
	{"N..10", "", "8019"},
	{"N..12", "", "8011"},
	{"N..15", "3900-3909 3920-3929", ""},
	{"N1 X3", "", "7040"},
	{"X2", "4307 4317", ""},
	{"X2 X..28", "7230-7239", ""},
	{"X3", "7258", ""},
	{"X..2", "7010", ""},
	{"X..3", "427 7008", ""},
	{"X..4", "", "7041"},
	{"X..10", "7009 7255", ""},
	{"X..12", "7005", ""},
	{"X..20", "10 243 420 710-717 4318 7020-7022 7240 8002 8012", "21 22 254"},
	{"X..25", "7242 8013", "8014 8020"},
	{"X..28", "", "235"},
	{"X..30", "90 240 241 250 251 400 401 403 4308 4319 7002 7023 8004", ""},
	{"X..34", "8007", ""},
	{"X..35", "4300 4301 4310 4311 4320", ""},
	{"X..40", "7253 7254 7259", ""},
	{"X..50", "8009", ""},
	{"X..70", "4302-4306 4312-4316 7257 8110 8112", "8200"},
	{"X..90", "91-99 7256", ""},
	{"Y..30", "8010", ""},
	{"Z..90", "8030", ""},
}

// dictionary is the table by code, expanded once and never changed.
var dictionary = sync.OnceValue(func() map[string]spec {
	d := make(map[string]spec)
	add := func(codes string, s spec) {
		for _, r := range strings.Fields(codes) {
			from, to, isRange := strings.Cut(r, "-")
			d[from] = s
			if isRange {
				for n, last := number(from)+1, number(to); n <= last; n++ {
					d[strconv.Itoa(n)] = s // no range begins with 0
				}
			}
		}
	}
	for _, f := range formats {
		add(f.attributes, spec{f.format, true})
		add(f.others, spec{f.format, false})
	}
	return d
})

// isQualifier reports whether the code may follow some key in a path.
func isQualifier(code string) bool {
	for _, sequences := range keys {
		for _, s := range sequences {
			if slices.Contains(s, code) {
				return true
			}
		}
	}
	return false
}
