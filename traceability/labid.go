package traceability

import (
	"regexp"
	"strconv"
)

// CMANumber is the number of a laboratory's CMA accreditation certificate
// 检验检测机构资质认定证书编号: year 2, issuing authority 2, field 2, department 2, serial 4,
// and sometimes one or two letters. It has no check digit. Example:
// "211021340001".
type CMANumber string

// CNASNumber is the number of a CNAS-accredited laboratory, "CNAS L" and four or
// five digits, or inspection body, "CNAS IB" and four. It has no check digit.
// Example: "CNAS L0192".
type CNASNumber string

var (
	cmaSyntax  = regexp.MustCompile(`^\d{12}[A-Z]{0,2}$`)
	cnasSyntax = regexp.MustCompile(`^CNAS(L\d{4,5}|IB\d{4})$`)
)

// ParseCMANumber folds s (full-width forms, spaces, lower case) and accepts 12
// digits with an optional suffix.
func ParseCMANumber(s string) (CMANumber, error) {
	return parseIdentifier[CMANumber](s, cmaSyntax, "CMA: [0-9]{12}[A-Z]{0,2}, e.g. 211021340001")
}

// ParseCNASNumber folds s and accepts the number with or without its space. The
// result has the space.
func ParseCNASNumber(s string) (CNASNumber, error) {
	v, err := parseIdentifier[string](s, cnasSyntax, "CNAS L[0-9]{4,5} | CNAS IB[0-9]{4}, e.g. CNAS L0192")
	if err != nil {
		return "", err
	}
	return CNASNumber(v[:4] + " " + v[4:]), nil
}

// String returns the digits and the suffix.
func (n CMANumber) String() string { return string(n) }

// String returns the number with one space after CNAS.
func (n CNASNumber) String() string { return string(n) }

// Year returns the year the certificate was issued in, or 0 for a number that was not parsed.
func (n CMANumber) Year() int {
	if !cmaSyntax.MatchString(string(n)) {
		return 0
	}
	year, _ := strconv.Atoi(string(n[:2])) // two digits by the syntax
	return 2000 + year
}

// Authority returns the two digits of the issuing authority: 00 national, 01
// 北京 and so on by province. They are not GB/T 2260 codes.
func (n CMANumber) Authority() string {
	if !cmaSyntax.MatchString(string(n)) {
		return ""
	}
	return string(n[2:4])
}

// Province returns the member province whose authority issued the certificate,
// or "" for a national certificate and for other provinces.
func (n CMANumber) Province() ProvinceCode {
	switch n.Authority() {
	case "09":
		return Shanghai
	case "10":
		return Jiangsu
	case "11":
		return Zhejiang
	case "12":
		return Anhui
	}
	return ""
}
