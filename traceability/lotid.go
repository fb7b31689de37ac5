package traceability

import (
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// LotID is the canonical key of a lot 批次, in one of two forms:
//
//	01/<GTIN-14>/10/<lot>              the path of a GS1 Digital Link
//	cn/<USCC>/<product code>/<lot>     produce and dishes without a GTIN
//
// The lot number is 1 to 20 characters of GS1 character set 82, percent-encoded as
// a path component (all but letters, digits and -._~ are encoded, in upper-case
// hex). The product code is the producer's own, [0-9A-Za-z._-]{1,30}. Letter case
// matters in both.
//
// Examples: "01/06901234567892/10/A01", "01/06901234567892/10/A%2F01",
// "cn/91330106MA1FPX121E/QC-100/20260104".
type LotID string

const (
	gtinLotForm    = "01/<GTIN>/10/<lot>"
	produceLotForm = "cn/<USCC>/<product code>/<lot>"
	lotNumberForm  = "1–20 × GS1 CSET 82 ([0-9A-Za-z] and !\"%&'()*+,-./:;<=>?_), not . or .."
	maxLotNumber   = 20
)

var productCodeSyntax = regexp.MustCompile(`^[0-9A-Za-z._-]{1,30}$`)

// ParseLotID accepts a lot id, and brings tolerable forms into the canonical one:
// a GTIN-8, -12 or -13; a lot number with too little or too much percent-encoding.
// A % must be written %25, and a / in a lot number %2F, since what follows a raw
// one could be another key. It reports a wrong check digit of the GTIN, but not of
// the USCC: see USCC.CheckDigitOK.
func ParseLotID(s string) (LotID, error) {
	if len(s) > maxIdentifierBytes {
		return "", Invalid("", s, gtinLotForm+" | "+produceLotForm)
	}
	p := strings.Split(s, "/")
	switch {
	case len(p) == 4 && p[0] == "01" && p[2] == "10":
		batch, err := unescapeLot(p[3])
		if err != nil {
			return "", err
		}
		gtin, err := ParseGTIN(p[1])
		if err != nil {
			return "", err
		}
		return GTINLot(gtin, batch)
	case len(p) == 4 && p[0] == "cn":
		batch, err := unescapeLot(p[3])
		if err != nil {
			return "", err
		}
		uscc, err := ParseUSCC(p[1])
		if err != nil {
			return "", err
		}
		return ProduceLot(uscc, p[2], batch)
	}
	return "", Invalid("", s, gtinLotForm+" | "+produceLotForm)
}

// GTINLot makes the id of the lot of a trade item. batch is the lot number as
// printed; full-width forms are folded, a space within is an error (it may
// separate two things, and GS1 allows none).
func GTINLot(gtin GTIN, batch string) (LotID, error) {
	gtin, err := ParseGTIN(string(gtin))
	if err != nil {
		return "", err
	}
	lot, err := escapeLot(batch)
	if err != nil {
		return "", err
	}
	return LotID("01/" + string(gtin) + "/10/" + lot), nil
}

// ProduceLot makes the id of the lot of a product that has no GTIN, from the
// producer's USCC and its own code for the product; batch as in GTINLot.
func ProduceLot(uscc USCC, product, batch string) (LotID, error) {
	uscc, err := ParseUSCC(string(uscc))
	if err != nil {
		return "", err
	}
	if !productCodeSyntax.MatchString(product) || isDots(product) {
		return "", Invalid("", product, "[0-9A-Za-z._-]{1,30}, not . or ..")
	}
	lot, err := escapeLot(batch)
	if err != nil {
		return "", err
	}
	return LotID("cn/" + string(uscc) + "/" + product + "/" + lot), nil
}

// String returns the canonical key.
func (id LotID) String() string { return string(id) }

// Path returns the key as the path of a URL: "/01/06901234567892/10/A01".
func (id LotID) Path() string { return "/" + string(id) }

// GTIN returns the trade item of a GTIN lot, and false for produce.
func (id LotID) GTIN() (GTIN, bool) {
	p := id.parts()
	if p[0] != "01" {
		return "", false
	}
	return GTIN(p[1]), true
}

// USCC returns the producer of a produce lot, and false for a GTIN lot.
func (id LotID) USCC() (USCC, bool) {
	p := id.parts()
	if p[0] != "cn" {
		return "", false
	}
	return USCC(p[1]), true
}

// Product returns the producer's product code of a produce lot, and "" for a GTIN lot.
func (id LotID) Product() string {
	p := id.parts()
	if p[0] != "cn" {
		return ""
	}
	return p[2]
}

// Batch returns the lot number as printed: decoded.
func (id LotID) Batch() string {
	batch, _ := url.PathUnescape(id.parts()[3]) // escapeLot wrote it
	return batch
}

// parts returns the four components, all empty for an id that was not parsed.
func (id LotID) parts() [4]string {
	p := strings.Split(string(id), "/")
	if len(p) != 4 {
		return [4]string{}
	}
	return [4]string(p)
}

func unescapeLot(component string) (string, error) {
	batch, err := url.PathUnescape(component)
	if err != nil {
		return "", Invalid("", component, "% → %25")
	}
	return batch, nil
}

func escapeLot(batch string) (string, error) {
	lot := ""
	if len(batch) <= maxIdentifierBytes {
		lot = norm.NFKC.String(strings.TrimSpace(batch))
	}
	if len(lot) > maxLotNumber || !IsCSET82(lot) || isDots(lot) {
		return "", Invalid("", batch, lotNumberForm)
	}
	// QueryEscape escapes all but the unreserved characters, as a Digital Link
	// wants it; it writes a space as +, but there is none.
	return url.QueryEscape(lot), nil
}

// isDots tells the two names that a URL cannot have as a path component:
// clients resolve them as "here" and "up" even when they are escaped.
func isDots(s string) bool { return s == "." || s == ".." }
