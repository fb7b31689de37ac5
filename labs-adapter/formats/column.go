package formats

import (
	"strconv"
	"strings"

	"deltatrace/traceability"
	"deltatrace/traceability/digitallink"
)

// column is a column of the flat item export. Its first name is the one in the
// documentation; the others are found in the field.
type column struct {
	field string // the field of the payload that it fills, and names in errors
	names []string
	// set reads a cell of the report's head into the payload; nil for columns of
	// the items and for the report's number.
	set func(r *traceability.Report, field, cell string) *traceability.Error
}

// The columns of an item, in the order of itemColumns.
const (
	columnNo = iota
	columnRevision
	columnSeq
	columnParameter
	columnUnit
	columnLimit
	columnResult
	columnVerdict
	columnMethod
	columnRemark
	itemColumnCount
)

// itemColumns lists the columns that every row has a value of its own in, and
// the report's number and revision, which tell whose row it is.
func itemColumns() [itemColumnCount]column {
	return [itemColumnCount]column{
		columnNo:        {field: "report_no", names: []string{"报告编号", "检验报告编号", "报告书编号", "报告号", "检验报告号", "report_no"}},
		columnRevision:  {field: "revision", names: []string{"修订号", "修订", "报告版本", "版本", "版本号", "版次", "revision"}},
		columnSeq:       {field: "items.seq", names: []string{"序号", "项目序号", "seq"}},
		columnParameter: {field: "items.parameter", names: []string{"检验项目", "检测项目", "项目名称", "检验项目名称", "检测项目名称", "项目", "parameter", "item"}},
		columnUnit:      {field: "items.unit", names: []string{"计量单位", "单位", "结果单位", "检验结果单位", "unit"}},
		columnLimit:     {field: "items.limit", names: []string{"标准指标", "标准值", "标准要求", "限量值", "标准限量", "技术指标", "技术要求", "标准规定值(产品明示值)", "标准规定值", "最大允许限", "判定值", "limit"}},
		columnResult:    {field: "items.result", names: []string{"实测值", "检验结果", "检测结果", "检验值", "检测值", "检出值", "结果", "result"}},
		columnVerdict:   {field: "items.verdict", names: []string{"单项判定", "单项结论", "单项评价", "结果判定", "判定", "是否合格", "项目判定", "verdict"}},
		columnMethod:    {field: "items.method", names: []string{"检验依据", "检测依据", "检验方法", "检测方法", "检验标准", "方法依据", "method"}},
		columnRemark:    {field: "items.remark", names: []string{"备注", "项目备注", "remark"}},
	}
}

// required reports whether a file must have the column.
func required(i int) bool {
	return i == columnNo || i == columnParameter || i == columnResult || i == columnVerdict
}

// headColumns lists the columns of a report's head, which are the same in all
// rows of a report or stand in its first row only.
func headColumns() []column {
	return []column{
		{"supersedes", []string{"替代", "替代文档", "被替代文档", "supersedes"}, text(func(r *traceability.Report, s string) { r.Supersedes = traceability.DocumentID(s) }, true)},
		{"intake_no", []string{"受理编号", "受理号", "受理单号", "intake_no", "acceptance_no"}, text(func(r *traceability.Report, s string) { r.IntakeNo = s }, true)},
		{"task_name", []string{"检验类别", "任务类别", "抽检类别", "检验类型", "任务来源/项目名称", "任务来源", "监督抽检/风险监测", "task_name", "inspection_type"}, setTask},
		{"client", []string{"委托单位", "委托单位名称", "委托方", "client"}, text(func(r *traceability.Report, s string) { r.Client = s }, false)},
		{"sample.sampling_no", []string{"抽样单编号", "抽样编号", "抽样单号", "抽样单编码", "sampling_no"}, setSamplingNo},
		{"sample.lot", []string{"追溯码", "批次追溯码", "追溯链接", "追溯二维码", "GS1 Digital Link", "lot"}, setLot},
		{"sample.food_name", []string{"食品名称", "样品名称", "产品名称", "标称样品名称", "商品名称", "受检商品名称", "food_name"}, text(func(r *traceability.Report, s string) { r.Sample.FoodName = s }, false)},
		{"sample.category", []string{"分类", "食品大类", "食品类别", "食品分类", "样品类别", "食品细类(四级)", "食品细类", "category"}, text(func(r *traceability.Report, s string) { r.Sample.Category = s }, false)},
		{"sample.spec", []string{"规格型号", "型号规格", "规格", "规格(包装规格)", "包装规格", "样品规格", "包装/散装", "spec"}, text(func(r *traceability.Report, s string) { r.Sample.Spec = s }, false)},
		{"sample.trademark", []string{"商标", "注册商标", "trademark"}, text(func(r *traceability.Report, s string) { r.Sample.Trademark = s }, false)},
		{"sample.date", []string{"生产日期/批号", "生产(加工/购进)日期/批号", "生产/加工/购进日期/食品批号", "购进日期/批号", "购进/生产日期", "标称生产日期/批号", "生产(购进)日期/批号", "production_date"}, setProductDate},
		{"sample.date", []string{"生产日期", "标称生产日期"}, setDateOf(traceability.DateProduction)},
		{"sample.date", []string{"购进日期", "进货日期"}, setDateOf(traceability.DatePurchase)},
		{"sample.date", []string{"加工日期"}, setDateOf(traceability.DateProcessing)},
		{"sample.date", []string{"检疫日期"}, setDateOf(traceability.DateQuarantine)},
		{"sample.date", []string{"消毒日期"}, setDateOf(traceability.DateDisinfected)},
		{"sample.date", []string{"采收日期", "采摘日期"}, setDateOf(traceability.DateHarvest)},
		{"sample.batch", []string{"批号", "产品批号", "生产批号", "食品批号", "batch"}, text(func(r *traceability.Report, s string) { r.Sample.Batch = s }, true)},
		{"sample.shelf_life", []string{"保质期", "shelf_life"}, text(func(r *traceability.Report, s string) { r.Sample.ShelfLife = s }, false)},
		{"sample.claimed_producer.name", []string{"标称生产企业名称", "标称生产企业", "标称生产者名称", "标称生产单位", "标示生产企业名称", "标示生产者名称", "标识生产企业名称", "标识生产者", "生产企业名称(标称)", "生产企业名称", "生产企业"}, text(func(r *traceability.Report, s string) { r.Sample.ClaimedProducer.Name = s }, true)},
		{"sample.claimed_producer.address", []string{"标称生产企业地址", "标称生产单位地址", "标识生产企业地址", "标称产地", "标示产地", "生产企业地址"}, text(func(r *traceability.Report, s string) { r.Sample.ClaimedProducer.Address = s }, true)},
		{"sample.claimed_producer.uscc", []string{"标称生产企业统一社会信用代码", "生产企业统一社会信用代码", "生产企业社会信用代码"}, setUSCC(func(r *traceability.Report) *traceability.Firm { return &r.Sample.ClaimedProducer })},
		{"sample.sampled_unit.name", []string{"被抽样单位名称", "被抽样单位", "被抽检单位名称", "被抽检单位", "受检单位名称", "受检单位", "被采样单位名称", "经销单位名称"}, text(func(r *traceability.Report, s string) { r.Sample.SampledUnit.Name = s }, true)},
		{"sample.sampled_unit.address", []string{"被抽样单位地址", "受检单位地址", "被抽检单位地址", "被抽检单位所在地"}, text(func(r *traceability.Report, s string) { r.Sample.SampledUnit.Address = s }, true)},
		{"sample.sampled_unit.uscc", []string{"被抽样单位统一社会信用代码", "被抽样单位社会信用代码", "受检单位统一社会信用代码"}, setUSCC(func(r *traceability.Report) *traceability.Firm { return &r.Sample.SampledUnit })},
		{"sample.sampled_on", []string{"抽样日期", "采样日期", "抽/采样日期", "sampled"}, date(func(r *traceability.Report, d traceability.Date) { r.Sample.SampledOn = d })},
		{"sample.arrived_on", []string{"到样日期", "收样日期", "接样日期", "样品到达日期", "arrived"}, date(func(r *traceability.Report, d traceability.Date) { r.Sample.ArrivedOn = d })},
		{"sample.quantity", []string{"抽样数量", "样品数量", "样品量", "sample_qty"}, text(func(r *traceability.Report, s string) { r.Sample.Quantity = s }, false)},
		{"sample.backup_quantity", []string{"备样数量", "备样量", "备份样品数量", "reserve_qty"}, text(func(r *traceability.Report, s string) { r.Sample.BackupQuantity = s }, false)},
		{"tested_from", []string{"检验日期", "检测日期", "检验起止日期", "tested"}, setTested},
		{"tested_from", []string{"检验开始日期", "检测开始日期", "tested_from"}, date(func(r *traceability.Report, d traceability.Date) { r.TestedFrom = d })},
		{"tested_to", []string{"检验结束日期", "检验完成日期", "检测结束日期", "tested_to"}, date(func(r *traceability.Report, d traceability.Date) { r.TestedTo = d })},
		{"issued", []string{"签发日期", "报告签发日期", "批准日期", "报告日期", "issued"}, date(func(r *traceability.Report, d traceability.Date) { r.Issued = d })},
		{"verdict", []string{"综合判定", "报告判定", "总体判定", "样品判定"}, setVerdict},
		{"conclusion", []string{"检验结论", "结论", "conclusion"}, text(func(r *traceability.Report, s string) { r.Conclusion = s }, false)},
		{"remark", []string{"报告备注"}, text(func(r *traceability.Report, s string) { r.Remark = s }, false)},
	}
}

// heading brings a column heading into the form in which headings compare: NFKC,
// no white space, lower case, without the marks that tools append.
func heading(cell string) string {
	s := strings.ToLower(traceability.Fold(cell))
	for {
		trimmed := strings.TrimRight(s, "*")
		trimmed = strings.TrimSuffix(strings.TrimSuffix(trimmed, "(隐藏栏)"), "(必填)")
		if n := len(trimmed); n > 2 && trimmed[n-2] == '.' && trimmed[n-1] >= '1' && trimmed[n-1] <= '9' {
			trimmed = trimmed[:n-2]
		}
		if trimmed == s {
			return s
		}
		s = trimmed
	}
}

// text sets a free text as printed. In names and numbers a placeholder such as /
// means that there is none.
func text(set func(*traceability.Report, string), placeholders bool) func(*traceability.Report, string, string) *traceability.Error {
	return func(r *traceability.Report, field, cell string) *traceability.Error {
		switch {
		case placeholders && absent(cell):
			return nil
		case placeholders && lostDigits(cell):
			return rounded(field, cell)
		}
		set(r, cell)
		return nil
	}
}

func date(set func(*traceability.Report, traceability.Date)) func(*traceability.Report, string, string) *traceability.Error {
	return func(r *traceability.Report, field, cell string) *traceability.Error {
		d, err := parseDate(field, cell)
		set(r, d)
		return err
	}
}

func setTask(r *traceability.Report, _, cell string) *traceability.Error {
	if !absent(cell) {
		r.TaskName, r.Task = cell, taskOf(cell)
	}
	return nil
}

func setSamplingNo(r *traceability.Report, field, cell string) *traceability.Error {
	if absent(cell) {
		return nil
	}
	no, err := traceability.ParseSamplingNo(cell)
	if err != nil {
		return fault(traceability.CodeInvalid, field, cell, "抽样单编号，如 DBJ25330100319130599", "a sampling number such as DBJ25330100319130599")
	}
	r.Sample.No = no
	return nil
}

// setLot reads a lot id, or a Digital Link or another address whose path is one.
func setLot(r *traceability.Report, field, cell string) *traceability.Error {
	if absent(cell) {
		return nil
	}
	lot, ok := parseLot(cell)
	if !ok {
		return fault(traceability.CodeInvalid, field, cell,
			"批次编号或追溯码链接，如 01/06901234567892/10/A01、https://id.example/01/06901234567892/10/A01",
			"a lot id or its link, such as 01/06901234567892/10/A01 or https://id.example/01/06901234567892/10/A01")
	}
	r.Sample.Lot = lot
	return nil
}

func parseLot(s string) (traceability.LotID, bool) {
	if lot, err := traceability.ParseLotID(strings.TrimPrefix(s, "/")); err == nil {
		return lot, true
	}
	if link, err := (digitallink.Dialect{ZeroSuppressedGTIN: true, UnknownAttributes: true}).Parse(s); err == nil {
		return link.LotID()
	}
	if _, path, ok := strings.Cut(s, "/cn/"); ok && strings.Contains(s, "://") {
		path, _, _ = strings.Cut(path, "?")
		path, _, _ = strings.Cut(path, "#")
		lot, err := traceability.ParseLotID("cn/" + path)
		return lot, err == nil
	}
	return "", false
}

func setProductDate(r *traceability.Report, field, cell string) *traceability.Error {
	d, kind, batch, err := parseProductDate(field, cell)
	if err != nil {
		return err
	}
	if d != "" {
		r.Sample.Date, r.Sample.DateKind = d, kind
	}
	if batch != "" {
		r.Sample.Batch = batch
	}
	return nil
}

// setDateOf sets the product's date from a column for one kind of date. Where a
// file has several such columns, the first that has a date counts.
func setDateOf(kind traceability.DateKind) func(*traceability.Report, string, string) *traceability.Error {
	return func(r *traceability.Report, field, cell string) *traceability.Error {
		d, err := parseDate(field, cell)
		if err == nil && d != "" && r.Sample.Date == "" {
			r.Sample.Date, r.Sample.DateKind = d, kind
		}
		return err
	}
}

func setUSCC(firm func(*traceability.Report) *traceability.Firm) func(*traceability.Report, string, string) *traceability.Error {
	return func(r *traceability.Report, field, cell string) *traceability.Error {
		if absent(cell) {
			return nil
		}
		code, err := traceability.ParseUSCC(cell)
		if err != nil {
			return fault(traceability.CodeInvalid, field, cell, "18 位统一社会信用代码（不含 I、O、S、V、Z）", "a unified social credit code: 18 digits and capitals without I, O, S, V, Z")
		}
		firm(r).USCC = code
		return nil
	}
}

func setTested(r *traceability.Report, field, cell string) *traceability.Error {
	from, to, err := parsePeriod(field, cell)
	r.TestedFrom, r.TestedTo = from, to
	return err
}

func setVerdict(r *traceability.Report, field, cell string) *traceability.Error {
	verdict, ok := itemVerdict(cell)
	if !ok {
		return verdictFault(field, cell)
	}
	r.Verdict = verdict
	return nil
}

// parseRevision reads 2, V2, 第2版 and the like; 1 when nothing is said.
func parseRevision(cell string) (int, *traceability.Error) {
	if absent(cell) {
		return 1, nil
	}
	s := strings.ToLower(traceability.Fold(cell))
	s = strings.TrimPrefix(strings.TrimPrefix(s, "第"), "v")
	s = strings.TrimSuffix(strings.TrimSuffix(s, "版"), "次")
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return 0, fault(traceability.CodeInvalid, "revision", cell, "修订号：1 为首次签发，之后 2、3……", "the revision: 1 for the first issue, then 2, 3 …")
	}
	return n, nil
}
