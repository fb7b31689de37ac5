package main

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"deltatrace/traceability"
)

// BenchmarkVerifySingle has single shops compared over real HTTP on loopback, 500 a
// second for ten seconds, each when it is due whether or not those before are
// answered, and each with a token of its own. The waiting that lateness causes is
// part of the figures.
func BenchmarkVerifySingle(b *testing.B) {
	const rate, requests = 500, 5000
	w := newWorld(b, "--checks=0/0")
	w.accept(w.sign(shanghai, traceability.TypePartyAdmit, w.admission(delivery)))
	w.accept(w.sign(shanghai, traceability.TypeLicenceGrant, &traceability.Licence{ID: streetLicence, Holder: traceability.Firm{Name: "上海老张餐饮有限公司", USCC: "91310101MA1FPX121X"},
		Premises: "上海市徐汇区漕溪北路1号", Division: "310104", Storefront: "老张面馆", Items: []traceability.LicenceItem{{Name: "热食类食品制售"}}, ValidFrom: "2024-01-01"}))
	body := mustEncode(b, []traceability.Shop{noodles("A")})
	tokens := make([]string, requests)
	for i := range tokens {
		tokens[i] = w.token(delivery)
	}
	took := make([]time.Duration, requests)
	var clients sync.WaitGroup
	began := time.Now()
	for i := range requests {
		due := began.Add(time.Duration(i) * time.Second / rate)
		time.Sleep(time.Until(due))
		clients.Go(func() {
			r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, w.main.URL()+"/v1/licences/verify", bytes.NewReader(body))
			if err != nil {
				b.Error(err)
				return
			}
			r.Header.Set("Content-Type", mediaJSON)
			r.Header.Set("Authorization", "Bearer "+tokens[i])
			response, err := client.Do(r)
			if err != nil {
				b.Error(err)
				return
			}
			defer response.Body.Close()
			if _, err := io.Copy(io.Discard, response.Body); err != nil || response.StatusCode != http.StatusOK {
				b.Errorf("%d: %v", response.StatusCode, err)
			}
			took[i] = time.Since(due)
		})
	}
	clients.Wait()
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(requests/time.Since(began).Seconds(), "req/s")
	slices.Sort(took)
	b.ReportMetric(took[requests/2].Seconds()*1000, "p50-ms")
	b.ReportMetric(took[requests*99/100].Seconds()*1000, "p99-ms")
}
