package recognition

import (
	"strings"

	"deltatrace/traceability"
)

// batch is P6: what the report says of its sample against what is registered of the
// lot that it names. Another producer or another day is another batch; where the two
// merely write differently, a person has to look.
func batch(q *question) found {
	s, lot := &q.Report.Sample, q.Lot
	switch {
	case s.Lot == "":
		return unknown("报告未关联批次", "the report names no lot").by(q.Document)
	case lot == nil:
		return unknown("报告所关联的批次尚未登记", "the lot that the report names is not registered").but(string(s.Lot), "a registered lot").by(q.Document)
	}
	sampled, registered := s.ClaimedProducer, lot.Producer
	if registered.USCC == "" {
		registered.USCC, _ = lot.ID.USCC()
	}
	var differ, absent []string
	switch {
	case sampled.USCC != "" && registered.USCC != "":
		if sampled.USCC != registered.USCC {
			return failed("标称生产者不同", "another producer").but(string(sampled.USCC), string(registered.USCC)).by(q.Document, q.LotDocument)
		}
	case sampled.Name == "" || registered.Name == "":
		absent = append(absent, "标称生产者 producer")
	case traceability.Fold(sampled.Name) != traceability.Fold(registered.Name):
		differ = append(differ, sampled.Name+" ≠ "+registered.Name)
	}
	switch {
	case s.Date == "" || lot.Date == "":
		absent = append(absent, "生产日期 date")
	case s.Date == lot.Date:
	case s.DateKind != "" && lot.DateKind != "" && s.DateKind != lot.DateKind:
		differ = append(differ, string(s.DateKind)+" "+string(s.Date)+" ≠ "+string(lot.DateKind)+" "+string(lot.Date))
	default:
		return failed("生产日期不同，不是同一批次", "another day, so another batch").but(string(s.Date), string(lot.Date)).by(q.Document, q.LotDocument)
	}
	for _, pair := range [][3]string{
		{"品名 product", s.FoodName, lot.Product},
		{"规格 spec", s.Spec, lot.Spec},
		{"批号 batch", s.Batch, lot.ID.Batch()},
	} {
		switch {
		case pair[1] == "" && pair[0] == "品名 product":
			absent = append(absent, pair[0])
		case pair[1] == "" || pair[2] == "": // one of them has no more to say
		case traceability.Fold(pair[1]) != traceability.Fold(pair[2]):
			differ = append(differ, pair[1]+" ≠ "+pair[2])
		}
	}
	switch {
	case len(differ) > 0:
		return unknown("与登记的批次写法不一致，须人工核对", "it is written otherwise than the lot is registered").but(strings.Join(differ, "; "), "the same").by(q.Document, q.LotDocument)
	case len(absent) > 0:
		return unknown("缺少可核对的信息", "what would show it is not stated").but("", strings.Join(absent, ", ")).by(q.Document, q.LotDocument)
	default:
		return met("与登记的批次一致", "as the lot is registered").but(string(s.Lot), "").by(q.Document, q.LotDocument)
	}
}
