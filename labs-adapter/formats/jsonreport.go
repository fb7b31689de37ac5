package formats

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"deltatrace/traceability"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// jsonReader reads one report of the JSON form. Its members are those of the
// ledger's payload, or, flat, the names that a LIMS prints: the ASCII names of
// headColumns.
type jsonReader struct {
	report  *Report
	members map[string]member // those not read yet
	names   map[string]string // field to the member that it came from, where they differ
}

func readReport(value jsonValue, options Options) *Report {
	r := &jsonReader{
		report: &Report{Line: value.line},
		names:  make(map[string]string),
	}
	r.report.column = r.column
	r.report.Payload.Revision = 1
	r.members = membersOf(value.text)
	r.head()
	r.items(value)
	for _, name := range slices.Sorted(maps.Keys(r.members)) {
		r.report.found(unknownMember(name))
	}
	r.report.finish(options)
	return r.report
}

// member is a member's value and where it begins in the report's text.
type member struct {
	text jsontext.Value
	at   int64
}

// membersOf returns the members of an object, as parts of its text.
func membersOf(object jsontext.Value) map[string]member {
	members := make(map[string]member)
	decoder := jsontext.NewDecoder(bytes.NewBuffer(object))
	decoder.ReadToken() // the walker has read it whole: it is valid
	for decoder.PeekKind() == jsontext.KindString {
		name, _ := decoder.ReadToken()
		key := name.String()
		text, _ := decoder.ReadValue()
		end := decoder.InputOffset()
		start := end - int64(len(text))
		members[key] = member{object[start:end], start}
	}
	return members
}

// column implements Report.column: the path in the file.
func (r *jsonReader) column(item int, field string) string {
	if item < 0 {
		if name, ok := r.names[field]; ok {
			return name
		}
		return field
	}
	if name, ok := r.names["items."+field]; ok {
		field = name
	}
	return "items[" + strconv.Itoa(item) + "]." + field
}

func unknownMember(name string) *traceability.Error {
	return &traceability.Error{Code: traceability.CodeUnknownField, Field: name, Found: name, Expected: "a member of the schema",
		ZH: "未定义的成员 " + name + "，见 labs-adapter schema", EN: "there is no member " + name + "; see labs-adapter schema"}
}

// take decodes a member, if it is there, and ticks it off.
func (r *jsonReader) take(name string, into any, zh, en string) bool {
	value, ok := r.members[name]
	delete(r.members, name)
	if !ok {
		return false
	}
	text := value.text
	if err := json.Unmarshal(text, into, json.RejectUnknownMembers(true)); err != nil {
		r.report.found(memberFault(name, text, err, zh, en))
		return false
	}
	return true
}

// memberFault says what is wrong with a member's value.
func memberFault(name string, text jsontext.Value, err error, zh, en string) *traceability.Error {
	var domain *traceability.Error
	var semantic *json.SemanticError
	path := name
	if errors.As(err, &semantic) && semantic.JSONPointer != "" {
		path += strings.ReplaceAll(string(semantic.JSONPointer), "/", ".")
	}
	switch {
	case errors.As(err, &domain):
		return domain.At(path)
	case errors.Is(err, json.ErrUnknownName):
		return unknownMember(path)
	default:
		return fault(traceability.CodeInvalid, path, strings.Join(strings.Fields(string(text)), " "), zh, en)
	}
}

var flatName = regexp.MustCompile(`^[a-z_]+$`)

func (r *jsonReader) head() {
	payload := &r.report.Payload
	r.take("report_no", &payload.No, "文本", "text")
	if r.take("revision", &payload.Revision, "整数", "a whole number") && payload.Revision < 1 {
		r.report.found(fault(traceability.CodeInvalid, "revision", strconv.Itoa(payload.Revision), "1 至 999", "1 to 999"))
	}
	_, whole := r.members["sample"]
	r.take("sample", &payload.Sample, "样品对象", "an object of sample members")
	for _, c := range headColumns() {
		r.flat(c, whole)
	}
	var word string
	if r.take("task", &word, "文本", "text") {
		payload.Task = traceability.Task(word)
	}
	if r.take("verdict", &word, "文本", "text") {
		if err := setVerdict(payload, "verdict", word); err != nil {
			r.report.found(err)
		}
	}
	r.take("remark", &payload.Remark, "文本", "text")
	var pages jsontext.Value
	r.take("pages", &pages, "", "") // of the paper, which is not on the ledger
}

// flat reads the member that stands for a column of the flat export. Where the
// report has a sample object, all that is of the sample must stand in it.
func (r *jsonReader) flat(c column, sampleGiven bool) {
	used := ""
	for _, name := range c.names {
		if !flatName.MatchString(name) || (sampleGiven && strings.HasPrefix(c.field, "sample.")) {
			continue
		}
		var cell string
		if !r.take(name, &cell, "文本", "text") {
			continue
		}
		if used != "" {
			r.report.found(fault(traceability.CodeConflict, name, name, used+" 与 "+name+" 只写一个", "one of "+used+" and "+name))
			return
		}
		used, r.names[c.field] = name, name
		if err := c.set(&r.report.Payload, c.field, strings.TrimSpace(cell)); err != nil {
			r.report.found(err)
		}
	}
}

// jsonItem is an item in the file: Item or Parameter, Verdict as code or word.
type jsonItem struct {
	Seq           *int                      `json:"seq"`
	Parameter     string                    `json:"parameter"`
	Item          string                    `json:"item"`
	Unit          string                    `json:"unit"`
	Limit         string                    `json:"limit"`
	Result        string                    `json:"result"`
	Verdict       string                    `json:"verdict"`
	VerdictText   string                    `json:"verdict_text"`
	Method        string                    `json:"method"`
	Remark        string                    `json:"remark"`
	Subcontracted bool                      `json:"subcontracted"`
	Amended       bool                      `json:"amended"`
	Unknown       map[string]jsontext.Value `json:",embed"`
}

func (r *jsonReader) items(value jsonValue) {
	items, ok := r.members["items"]
	text := items.text
	delete(r.members, "items")
	var declared *int
	r.take("declared_item_count", &declared, "整数", "a whole number")
	if !ok {
		return // Check misses them
	}
	if text.Kind() != jsontext.KindBeginArray {
		r.report.found(fault(traceability.CodeInvalid, "items", string(text), "检验项目数组", "an array of items"))
		return
	}
	decoder := jsontext.NewDecoder(bytes.NewBuffer(text))
	decoder.ReadToken()
	line := value.line + lineEnds(value.text[:items.at])
	counted := int64(0)
	n := 0
	for ; decoder.PeekKind() != jsontext.KindEndArray; n++ {
		element, err := decoder.ReadValue()
		if err != nil {
			break // cannot be: the text is valid
		}
		if n > traceability.MaxReportItems {
			continue // Check says that they are too many
		}
		start := decoder.InputOffset() - int64(len(element))
		line += lineEnds(text[counted:start])
		counted = start
		r.report.Rows = append(r.report.Rows, line)
		r.report.Payload.Items = append(r.report.Payload.Items, r.item(n, element))
	}
	if declared != nil && *declared != n {
		r.report.found(fault(traceability.CodeInvalid, "declared_item_count", strconv.Itoa(*declared),
			fmt.Sprintf("与项目数 %d 一致", n), fmt.Sprintf("the number of items, %d", n)))
	}
}

func lineEnds(text []byte) int { return bytes.Count(text, []byte("\n")) }

func (r *jsonReader) item(n int, element jsontext.Value) traceability.Item {
	at := "items[" + strconv.Itoa(n) + "]"
	var in jsonItem
	if json.Unmarshal(element, &in) != nil {
		r.oneByOne(at, element, &in)
	}
	for _, name := range slices.Sorted(maps.Keys(in.Unknown)) {
		r.report.found(unknownMember(name).At(at))
	}
	printed := in.Parameter
	if in.Item != "" {
		r.names["items.parameter"] = "item"
		if printed != "" && printed != in.Item {
			r.report.found(fault(traceability.CodeConflict, at+".item", in.Item, "item 与 parameter 只写一个", "one of item and parameter"))
		}
		printed = in.Item
	}
	item := traceability.Item{Seq: n + 1, Unit: in.Unit, Limit: in.Limit, Result: in.Result, VerdictText: in.VerdictText,
		Method: in.Method, Remark: in.Remark, Amended: in.Amended, Subcontracted: in.Subcontracted}
	if in.Seq != nil {
		item.Seq = *in.Seq
	}
	name, amended, subcontracted := parameter(strings.TrimSpace(printed))
	item.Parameter, item.Amended, item.Subcontracted = name, item.Amended || amended, item.Subcontracted || subcontracted
	verdict, known := itemVerdict(in.Verdict)
	if !known {
		r.report.found(verdictFault(at+".verdict", in.Verdict))
	}
	item.Verdict = verdict
	if item.VerdictText == "" && string(verdict) != in.Verdict {
		item.VerdictText = in.Verdict
	}
	return item
}

// oneByOne reads the members of an item of which some have the wrong type, to
// tell of all of them.
func (r *jsonReader) oneByOne(at string, element jsontext.Value, in *jsonItem) {
	if element.Kind() != jsontext.KindBeginObject {
		r.report.found(fault(traceability.CodeInvalid, at, string(element), "检验项目对象", "an item: an object"))
		return
	}
	*in = jsonItem{}
	members := membersOf(element)
	for _, name := range slices.Sorted(maps.Keys(members)) {
		m := members[name]
		one, err := json.Marshal(map[string]jsontext.Value{name: m.text})
		if err == nil {
			err = json.Unmarshal(one, in)
		}
		if err != nil {
			r.report.found(memberFault(at, m.text, err, "文本（seq 为整数，subcontracted、amended 为 true 或 false）", "text (seq: a whole number; subcontracted, amended: true or false)"))
		}
	}
}

// countItems returns how many items the text of a report has.
func countItems(report jsontext.Value) int {
	text := membersOf(report)["items"].text
	if text.Kind() != jsontext.KindBeginArray {
		return 0
	}
	decoder := jsontext.NewDecoder(bytes.NewBuffer(text))
	decoder.ReadToken()
	n := 0
	for ; decoder.PeekKind() != jsontext.KindEndArray; n++ {
		if decoder.SkipValue() != nil {
			break
		}
	}
	return n
}
