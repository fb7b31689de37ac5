package traceability

import (
	"net/url"
	"strconv"
	"strings"
)

// NoticeID names the notice about a failed sample. There is one for each sample,
// so it is the sample's number (抽样编号); for a sample without one it is the
// laboratory and its report's number, folded and percent-escaped, without the
// revision. Examples: DBJ25330100319130599, lab:230912340001/SP202690001
type NoticeID string

// NewNoticeID names the notice about a laboratory's report.
func NewNoticeID(lab PartyID, r *Report) NoticeID {
	if r.Sample.No != "" {
		return NoticeID(r.Sample.No)
	}
	return NoticeID(NewReportID(lab, r.No, 1).Series())
}

// ParseNoticeID checks the grammar and returns the canonical form.
func ParseNoticeID(s string) (NoticeID, error) {
	if !strings.Contains(s, "/") {
		no, err := ParseSamplingNo(s)
		if err == nil {
			return NoticeID(no), nil
		}
	} else if report, err := ParseReportID(s + "/1"); err == nil {
		return NoticeID(report.Series()), nil
	}
	return "", Invalid("", s, "a sampling number, or <laboratory>/<report number>")
}

// Path returns the id as a path of a URL, below the notices.
func (id NoticeID) Path() string { return url.PathEscape(string(id)) }

// Revision returns which revision of the report it is, from 1.
func (r ReportID) Revision() int {
	n, err := strconv.Atoi(strings.TrimPrefix(string(r), r.Series()+"/"))
	if err != nil {
		return 0
	}
	return n
}

// Next returns the id of the revision after it.
func (r ReportID) Next() ReportID { return ReportID(r.Series() + "/" + strconv.Itoa(r.Revision()+1)) }

// Series returns what all revisions of a report have in common:
// `<laboratory>/<report number>`.
func (r ReportID) Series() string {
	i := strings.LastIndexByte(string(r), '/')
	return string(r[:max(i, 0)])
}
