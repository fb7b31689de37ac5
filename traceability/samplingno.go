package traceability

import (
	"regexp"
	"strconv"
)

// SamplingNo is the number of a sampling form 抽样单编号, the natural key of a
// sample: two to four letters, 10 to 20 digits, up to three letters. It has no
// check digit. Keep the string as it was written beside it.
// Examples: "DBJ25330100319130599", "DC19142400463230158", "GC1600196327".
type SamplingNo string

// SamplingLevel is the level of government that ordered the sampling.
type SamplingLevel string

// The levels, as the first letter of a sampling number says them.
const (
	SamplingNational   SamplingLevel = "G" // 国家
	SamplingProvincial SamplingLevel = "S" // 省
	SamplingPrefecture SamplingLevel = "D" // 地市
	SamplingCounty     SamplingLevel = "X" // 县
)

// SamplingParts are the fields of a sampling number.
type SamplingParts struct {
	Level    SamplingLevel
	Letters  string       // all leading letters; BJ after the level is the level's own task 本级
	Year     int          // four digits
	Division DivisionCode // of the organiser, not of the producer; may be abolished
	Account  string       // five digits, the sampling laboratory's account
	Serial   string       // four digits
	Suffix   string       // "" or letters such as ZX (专项)
}

var (
	samplingNoSyntax = regexp.MustCompile(`^[A-Z]{2,4}\d{10,20}[A-Z]{0,3}$`)
	// 2017 to 2019 two letters; since about 2020 three, and a suffix
	samplingNoLayout = regexp.MustCompile(`^([GSDX])(?:([A-Z])(\d{2})(\d{6})(\d{5})(\d{4})|([A-Z]{2})(\d{2})(\d{6})(\d{5})(\d{4})([A-Z]{0,3}))$`)
)

// ParseSamplingNo folds s (full-width digits, inner spaces, lower case), so
// that two spellings of a number are one sample, and checks the loose grammar
// that covers all forms in use since 2016.
func ParseSamplingNo(s string) (SamplingNo, error) {
	return parseIdentifier[SamplingNo](s, samplingNoSyntax, "[A-Z]{2,4}[0-9]{10,20}[A-Z]{0,3}, e.g. DBJ25330100319130599")
}

// String returns the folded number.
func (n SamplingNo) String() string { return string(n) }

// Parts returns the fields of a number of the 19-character form (2017 to 2019)
// or the 20-character form (since), and false for any other form.
func (n SamplingNo) Parts() (SamplingParts, bool) {
	m := samplingNoLayout.FindStringSubmatch(string(n))
	if m == nil {
		return SamplingParts{}, false
	}
	f := m[2:7]
	if f[0] == "" {
		f = m[7:12]
	}
	year, _ := strconv.Atoi(f[1]) // two digits by the layout
	return SamplingParts{
		Level:    SamplingLevel(m[1]),
		Letters:  m[1] + f[0],
		Year:     2000 + year,
		Division: DivisionCode(f[2]),
		Account:  f[3],
		Serial:   f[4],
		Suffix:   m[12],
	}, true
}
