package formats

import (
	"regexp"
	"strings"

	"deltatrace/traceability"
)

// registerColumn is a column of a register's file. Its first name is the one in
// the documentation.
type registerColumn struct {
	field    string // of the licence that it fills, and names in errors
	names    []string
	required bool
	set      func(r *LicenceRow, field, cell string) *traceability.Error
}

// yesOrNo reports whether 无 in the column says no, rather than nothing.
func (c registerColumn) yesOrNo() bool { return c.field == "kitchen_camera" || c.field == "dine_in" }

// registerColumns lists the columns. What a licence is of and where it is valid
// comes before its number, which may need them.
func registerColumns() []registerColumn {
	text := func(into func(*LicenceRow) *string) func(*LicenceRow, string, string) *traceability.Error {
		return func(r *LicenceRow, _, cell string) *traceability.Error {
			*into(r) = cell
			return nil
		}
	}
	day := func(into func(*LicenceRow) *traceability.Date) func(*LicenceRow, string, string) *traceability.Error {
		return func(r *LicenceRow, field, cell string) *traceability.Error {
			d, err := parseDate(field, cell)
			*into(r) = d
			return err
		}
	}
	yesNo := func(into func(*LicenceRow) **bool) func(*LicenceRow, string, string) *traceability.Error {
		return func(r *LicenceRow, field, cell string) *traceability.Error {
			yes, ok := parseYesNo(cell)
			if !ok {
				return fault(traceability.CodeInvalid, field, cell, "有、无、是、否", "有 or 是 (yes), 无 or 否 (no)")
			}
			*into(r) = &yes
			return nil
		}
	}
	return []registerColumn{
		{"scheme", []string{"许可证类型", "许可类别", "证照类型", "登记类别", "scheme"}, false, setScheme},
		{"division", []string{"行政区划代码", "区划代码", "所属区划", "行政区划", "division"}, false, setDivision},
		{"licence", []string{"许可证编号", "许可证号", "食品经营许可证编号", "经营许可证编号", "食品生产许可证编号", "备案编号", "登记证编号", "登记编号", "证书编号", "证号", "licence"}, true, setLicence},
		{"holder.name", []string{"经营者名称", "企业名称", "单位名称", "主体名称", "持证人", "生产者名称", "holder"}, true, text(func(r *LicenceRow) *string { return &r.Row.Holder.Name })},
		{"holder.uscc", []string{"统一社会信用代码", "社会信用代码", "社会信用代码(身份证号码)", "uscc"}, false, setHolderUSCC},
		{"holder.address", []string{"住所", "注册地址", "住所地址"}, false, text(func(r *LicenceRow) *string { return &r.Row.Holder.Address })},
		{"premises", []string{"经营场所", "经营地址", "生产地址", "经营场所地址", "premises"}, true, text(func(r *LicenceRow) *string { return &r.Row.Premises })},
		{"storefront", []string{"门头名称", "店招名称", "招牌名称", "店铺名称", "storefront"}, false, text(func(r *LicenceRow) *string { return &r.Row.Storefront })},
		{"business_type", []string{"主体业态", "业态", "business_type"}, false, setBusinessType},
		{"items", []string{"经营项目", "许可项目", "经营范围", "食品类别", "许可明细", "items"}, true, setItems},
		{"valid_from", []string{"有效期自", "有效期起", "有效期开始日期", "发证日期", "签发日期", "备案日期", "登记日期", "valid_from"}, true, day(func(r *LicenceRow) *traceability.Date { return &r.Row.ValidFrom })},
		{"valid_to", []string{"有效期至", "有效期止", "有效期截止日期", "有效期限", "valid_to"}, false, setValidTo},
		{"issuer", []string{"发证机关", "许可机关", "备案机关", "登记机关", "issuer"}, false, text(func(r *LicenceRow) *string { return &r.Row.Issuer })},
		{"grades", []string{"量化分级", "量化等级", "食品安全等级", "风险等级", "grade"}, false, setGrade},
		{"grades.date", []string{"评定日期", "等级评定日期", "评级日期", "grade_date"}, false, setGradeDate},
		{"kitchen_camera", []string{"明厨亮灶", "阳光厨房", "互联网+明厨亮灶", "kitchen_camera"}, false, yesNo(func(r *LicenceRow) **bool { return &r.Row.Camera })},
		{"dine_in", []string{"堂食", "是否提供堂食", "有无堂食", "dine_in"}, false, yesNo(func(r *LicenceRow) **bool { return &r.Row.DineIn })},
		{"halt", []string{"许可证状态", "证照状态", "状态", "status"}, false, setHalt},
		{"from", []string{"变更日期", "状态日期", "生效日期", "核准日期", "from"}, false, day(func(r *LicenceRow) *traceability.Date { return &r.From })},
		{"basis", []string{"处理文号", "决定书文号", "依据", "basis"}, false, text(func(r *LicenceRow) *string { return &r.Basis })},
		{"reason", []string{"变更原因", "原因", "备注", "reason"}, false, text(func(r *LicenceRow) *string { return &r.Reason })},
	}
}

// setScheme keeps a province's own scheme for the number. The others stand in it.
func setScheme(r *LicenceRow, field, cell string) *traceability.Error {
	scheme, ok := parseScheme(cell)
	if !ok {
		return fault(traceability.CodeInvalid, field, cell, "食品经营许可、食品生产许可、仅销售预包装食品备案、小餐饮、小食品店 或 小作坊", "a kind of licence, such as 食品经营许可 or 小餐饮")
	}
	switch scheme {
	case traceability.SchemeSmallCaterer, traceability.SchemeSmallShop, traceability.SchemeWorkshop:
		r.scheme = scheme
	}
	return nil
}

func setDivision(r *LicenceRow, field, cell string) *traceability.Error {
	code, err := traceability.ParseDivisionCode(cell)
	if err != nil {
		return fault(traceability.CodeInvalid, field, cell, "六位行政区划代码，如 330106", "a division code of six digits, such as 330106")
	}
	r.Row.Division = code
	return nil
}

// setLicence reads the number; one of a province's own scheme is completed by the
// scheme and the province of the division.
func setLicence(r *LicenceRow, field, cell string) *traceability.Error {
	written := cell
	if r.scheme != "" && !strings.Contains(cell, ":") {
		written = string(r.scheme) + ":" + string(r.Row.Division.Province()) + ":" + cell
	}
	id, err := traceability.ParseLicenceID(written)
	if err != nil {
		return fault(traceability.CodeInvalid, field, cell, "JY、YB、SC 加 14 位数字；省级登记的另须有许可证类型和行政区划代码两列",
			"JY, YB or SC and 14 digits; a province's own number also needs the columns 许可证类型 and 行政区划代码")
	}
	r.Row.ID = id
	return nil
}

// personalNumber is the number of a person 公民身份号码 (GB 11643), which has the
// characters of a USCC: division, day of birth, three digits and a check character.
var personalNumber = regexp.MustCompile(`^\d{6}(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}[\dXx]$`)

func setHolderUSCC(r *LicenceRow, field, cell string) *traceability.Error {
	if personalNumber.MatchString(traceability.Fold(cell)) {
		cell = "公民身份号码" // and not the number itself, which would be told on
	}
	code, err := traceability.ParseUSCC(cell)
	if err != nil {
		return fault(traceability.CodeInvalid, field, cell, "18 位统一社会信用代码；个人身份证号不得提交，留空", "a unified social credit code; leave it empty for a person, whose number must not be sent")
	}
	r.Row.Holder.USCC = code
	return nil
}

func setBusinessType(r *LicenceRow, field, cell string) *traceability.Error {
	kind, ok := parseBusinessType(cell)
	if !ok {
		return fault(traceability.CodeInvalid, field, cell, "食品销售经营者、餐饮服务经营者 或 单位食堂", "食品销售经营者, 餐饮服务经营者 or 单位食堂")
	}
	r.Row.BusinessType = kind
	return nil
}

func setItems(r *LicenceRow, field, cell string) *traceability.Error {
	if r.Row.Items = parseItems(cell); len(r.Row.Items) == 0 {
		return fault(traceability.CodeInvalid, field, cell, "经营项目，以分号或顿号分隔", "items of business, with ； or 、 between")
	}
	return nil
}

func setValidTo(r *LicenceRow, field, cell string) *traceability.Error {
	switch traceability.Fold(cell) {
	case "长期", "长期有效", "永久":
		return nil
	}
	d, err := parseDate(field, cell)
	r.Row.ValidTo = d
	return err
}

func setGrade(r *LicenceRow, _, cell string) *traceability.Error {
	r.Row.Grades = []traceability.Grade{parseGrade(cell)}
	return nil
}

func setGradeDate(r *LicenceRow, field, cell string) *traceability.Error {
	d, err := parseDate(field, cell)
	if err == nil && len(r.Row.Grades) > 0 {
		r.Row.Grades[0].Date = d
	}
	return err
}

func setHalt(r *LicenceRow, field, cell string) *traceability.Error {
	halt, ok := parseHalt(cell)
	if !ok {
		return fault(traceability.CodeInvalid, field, cell, "有效、停业、吊销、撤销 或 注销", "有效 (in use), 停业 (suspended), 吊销 or 撤销 (revoked), 注销 (cancelled)")
	}
	r.Row.Halt = halt
	return nil
}
