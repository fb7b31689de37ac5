package traceability

import "regexp"

// OperationLicenceNo is the number of a food operation licence 食品经营许可证
// (SAMR Order 78): JY, business type 1, division 6, serial 6, check digit 1.
// Example: "JY23101040000019", a caterer in 上海市徐汇区.
type OperationLicenceNo string

// PrepackagedFilingNo is the number of a filing for the sale of prepackaged
// food only 仅销售预包装食品备案: YB and the fields of an operation licence.
// Example: "YB13101150123453".
type PrepackagedFilingNo string

// ProductionLicenceNo is the number of a food production licence
// 食品生产许可证: SC, food class 3, division 6, serial 4, check digit 1.
// Example: "SC10632058300128", a beverage maker in 江苏省苏州市昆山市.
type ProductionLicenceNo string

var (
	operationLicenceSyntax  = regexp.MustCompile(`^JY\d{14}$`)
	prepackagedFilingSyntax = regexp.MustCompile(`^YB\d{14}$`)
	productionLicenceSyntax = regexp.MustCompile(`^SC\d{14}$`)
)

// ParseOperationLicenceNo folds s (full-width forms, spaces, lower case) and
// accepts JY with 14 digits. A wrong check digit, an unknown division or
// business type is no error: licences in force with each of them exist.
func ParseOperationLicenceNo(s string) (OperationLicenceNo, error) {
	return parseIdentifier[OperationLicenceNo](s, operationLicenceSyntax, "JY[0-9]{14}, e.g. JY23101040000019")
}

// ParsePrepackagedFilingNo folds s and accepts YB with 14 digits, as
// ParseOperationLicenceNo does.
func ParsePrepackagedFilingNo(s string) (PrepackagedFilingNo, error) {
	return parseIdentifier[PrepackagedFilingNo](s, prepackagedFilingSyntax, "YB[0-9]{14}, e.g. YB13101150123453")
}

// ParseProductionLicenceNo folds s and accepts SC with 14 digits, as
// ParseOperationLicenceNo does.
func ParseProductionLicenceNo(s string) (ProductionLicenceNo, error) {
	return parseIdentifier[ProductionLicenceNo](s, productionLicenceSyntax, "SC[0-9]{14}, e.g. SC10632058300128")
}

// BusinessType is the kind of business 主体业态 an operation licence is for.
type BusinessType string

// The business types of SAMR Order 78.
const (
	BusinessTypeSale     BusinessType = "1" // 食品销售经营者 food seller
	BusinessTypeCatering BusinessType = "2" // 餐饮服务经营者 caterer
	BusinessTypeCanteen  BusinessType = "3" // 集中用餐单位食堂 canteen of a collective unit
)

// String returns the number with its letters.
func (n OperationLicenceNo) String() string { return string(n) }

// String returns the number with its letters.
func (n PrepackagedFilingNo) String() string { return string(n) }

// String returns the number with its letters.
func (n ProductionLicenceNo) String() string { return string(n) }

// BusinessType returns the third character. It may be none of the constants.
func (n OperationLicenceNo) BusinessType() BusinessType {
	return BusinessType(licenceField(string(n), 2, 3))
}

// FoodClass returns the three digits of the food class, 101 粮食加工品 to 131,
// 201 to 203 for additives. It is the class of the producer's main product: never
// infer from it the category of a sample.
func (n ProductionLicenceNo) FoodClass() string { return licenceField(string(n), 2, 5) }

// Division returns the division of the issuing authority on the day of issue,
// perhaps abolished since.
func (n OperationLicenceNo) Division() DivisionCode {
	return DivisionCode(licenceField(string(n), 3, 9))
}

// Division returns the division of the filing authority on the day of filing,
// perhaps abolished since.
func (n PrepackagedFilingNo) Division() DivisionCode {
	return DivisionCode(licenceField(string(n), 3, 9))
}

// Division returns the division of the issuing authority on the day of issue,
// perhaps abolished since.
func (n ProductionLicenceNo) Division() DivisionCode {
	return DivisionCode(licenceField(string(n), 5, 11))
}

// CheckDigitOK reports whether the last digit agrees with those before it (GB/T
// 17710, MOD 11,10).
func (n OperationLicenceNo) CheckDigitOK() bool { return mod1110OK(licenceField(string(n), 2, 16)) }

// CheckDigitOK reports whether the last digit agrees with those before it (GB/T
// 17710, MOD 11,10).
func (n PrepackagedFilingNo) CheckDigitOK() bool { return mod1110OK(licenceField(string(n), 2, 16)) }

// CheckDigitOK reports whether the last digit agrees with those before it (GB/T
// 17710, MOD 11,10).
func (n ProductionLicenceNo) CheckDigitOK() bool { return mod1110OK(licenceField(string(n), 2, 16)) }

// licenceField returns bytes from to to of a licence number, or "" when it was not
// parsed and is of another length.
func licenceField(number string, from, to int) string {
	if len(number) != 16 {
		return ""
	}
	return number[from:to]
}

// mod1110OK checks a string of digits of which the last is the check digit of
// GB/T 17710 (ISO/IEC 7064, MOD 11,10).
func mod1110OK(digits string) bool {
	if digits == "" {
		return false
	}
	last := len(digits) - 1
	p := 10
	for _, d := range digits[:last] {
		p = (p + int(d-'0')) % 10
		if p == 0 {
			p = 10
		}
		p = p * 2 % 11
	}
	return (p+int(digits[last]-'0'))%10 == 1
}
