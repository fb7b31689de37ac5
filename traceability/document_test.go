package traceability

import (
	"strings"
	"testing"
	"time"
)

func TestDocumentRoundTrip(t *testing.T) {
	key, err := NewSigningKey("lab:230912340001")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	report := &Report{No: "SP202690001", Revision: 1, Verdict: VerdictPass, Task: TaskSupervision,
		Items: []Item{{Seq: 1, Parameter: "铅(以Pb计)", Result: "0.05", Verdict: VerdictPass}}}
	signed, err := Sign(key, TypeReportSubmit, report, now)
	if err != nil {
		t.Fatal(err)
	}
	d, err := ParseDocument(signed)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Verify(key.Public()); err != nil {
		t.Error(err)
	}
	var back Report
	if err := d.Decode(&back); err != nil {
		t.Error(err)
	}
	if d.Party() != "lab:230912340001" || !d.IssuedAt.Equal(now) || back.Items[0].Parameter != "铅(以Pb计)" {
		t.Errorf("got %+v, %+v", d, back)
	}
	if strings.Contains(string(d.Payload), "sample") {
		t.Errorf("payload has an empty sample: %s", d.Payload)
	}
	t.Log(string(d.Payload))
	other, _ := NewSigningKey("lab:230912340001")
	if err := d.Verify(other.Public()); CodeOf(err) != CodeBadSignature {
		t.Errorf("another key: got %v", err)
	}
}

func BenchmarkParseVerify(b *testing.B) {
	key, _ := NewSigningKey("lab:230912340001")
	report := &Report{No: "SP202690001", Revision: 1, Verdict: VerdictPass}
	for i := range 14 {
		report.Items = append(report.Items, Item{Seq: i + 1, Parameter: "阿维菌素", Unit: "mg/kg", Limit: "≤0.02", Result: "未检出(定量限：0.01)", Verdict: VerdictPass, VerdictText: "符合规定", Method: "GB 23200.121-2021"})
	}
	signed, _ := Sign(key, TypeReportSubmit, report, time.Now())
	b.Logf("%d bytes", len(signed))
	b.Run("parse", func(b *testing.B) {
		for b.Loop() {
			if _, err := ParseDocument(signed); err != nil {
				b.Fatal(err)
			}
		}
	})
	d, _ := ParseDocument(signed)
	b.Run("verify", func(b *testing.B) {
		for b.Loop() {
			if err := d.Verify(key.Public()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("decode", func(b *testing.B) {
		for b.Loop() {
			var r Report
			if err := d.Decode(&r); err != nil {
				b.Fatal(err)
			}
		}
	})
}
