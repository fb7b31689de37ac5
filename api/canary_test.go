package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"deltatrace/traceability"
)

// More words that only those entitled may read, planted beside those of the
// populated world.
const (
	canaryWithdrawn = "CANARYWITHDRAWN" // the item of a row that was taken back
	canaryPhone     = "13912345678"
	canaryRecall    = "CANARYRECALL" // of a recall that is not announced, and the papers and amounts of one that is
	canarySold      = "246.813"
	canaryUnit      = "上官飞燕" // a natural person, in a row that stands published
)

// platform is one that nothing here concerns.
const platform traceability.PartyID = "plat:91310000MA1FPX131H"

// secrets are the words that nobody outside a matter may find.
func secrets() []string {
	return append(slices.Clone(canaries), canaryFailed, canaryCase, canaryWithdrawn, canaryPhone, canaryUnit, canaryShop, canaryRecall, canarySold, canaryOpinion)
}

// plant puts public and hidden matters side by side on the ledger, with a secret
// in every field of the hidden ones that takes a text.
func (w *world) plant() {
	w.Helper()
	w.accept(w.sign(shanghai, traceability.TypePartyAdmit, w.admission(platform)))

	// A failure that is published, with a person's name in it; one that was, and
	// was taken back; both with a case that is nobody's business.
	published, withdrawn := w.failing("OUT-1", "苯甲酸"), w.failing("OUT-2", canaryWithdrawn)
	published.Sample.SampledUnit = traceability.Firm{Name: canaryUnit, Address: "杭州市西湖区文三路18号" + canaryHome}
	published.Remark = canaryPhone
	for _, r := range []traceability.Report{published, withdrawn} {
		w.accept(w.sign(lab, traceability.TypeReportSubmit, r))
		w.accept(w.upheld(r)...)
		w.accept(w.publish(r))
	}
	w.accept(w.act(zhejiang, withdrawn, traceability.NoticeAct{Act: traceability.ActWithdraw, Reason: canaryCase}))

	// What the laboratory says of the published one later, of another batch.
	w.accept(w.sign(lab, traceability.TypeReportSubmit, w.revised(published, func(r *traceability.Report) {
		r.Sample.Lot, r.Items[0].Parameter, r.Conclusion = cucumbers, canaryFailed, canaryFailed
	})))

	w.plantShops()
	w.consulted() // and publishes nothing
	w.recall(pickles, "过敏原未标明", traceability.ActAnnounce, traceability.ActProgress)
	w.recall(slashed, canaryRecall)

	// A failure that is not published, with all that can be said of it.
	r := w.failing("FAILED-1", canaryFailed)
	r.Client, r.Remark, r.Conclusion = canaryClient, canaryPhone, canaryFailed
	r.Sample.ClaimedProducer = traceability.Firm{Name: "杭州演示食品有限公司", USCC: "91330106MA1FPX121E"}
	say := w.issue(r)
	say.ProducedIn, say.Evidence = "310101", []traceability.Evidence{{Name: canaryCase, No: canaryCase}}
	w.accept(w.sign(lab, traceability.TypeReportSubmit, r), w.sign(zhejiang, traceability.TypeNoticeIssue, say))
	act := func(by traceability.PartyID, a traceability.NoticeAct) {
		w.Helper()
		move, _ := traceability.MoveOf(a.Act)
		fields := append(slices.Clone(move.Needs), move.May...)
		if slices.Contains(fields, "reason") {
			a.Reason = canaryCase
		}
		if slices.Contains(fields, "evidence") {
			a.Evidence = []traceability.Evidence{{Name: canaryCase, No: canaryPhone}}
		}
		w.accept(w.act(by, r, a))
	}
	genuine := traceability.NoticeAct{For: traceability.ToProducer, Kind: traceability.ObjectAuthenticity}
	objecting := func(act traceability.Act, d traceability.Decision) traceability.NoticeAct {
		a := genuine
		a.Act, a.Decision = act, d
		return a
	}
	act(zhejiang, traceability.NoticeAct{Act: traceability.ActDispatch})
	act(shanghai, traceability.NoticeAct{Act: traceability.ActAcknowledge})
	act(shanghai, traceability.NoticeAct{Act: traceability.ActAnswer, Answer: traceability.AnswerCounterfeit})
	act(zhejiang, traceability.NoticeAct{Act: traceability.ActServe, For: traceability.ToUnit})
	act(shanghai, traceability.NoticeAct{Act: traceability.ActServe, For: traceability.ToProducer})
	act(factory, objecting(traceability.ActObjectionFile, ""))
	act(zhejiang, objecting(traceability.ActObjectionAccept, ""))
	act(zhejiang, objecting(traceability.ActObjectionDecide, traceability.Rejected))
	act(zhejiang, traceability.NoticeAct{Act: traceability.ActHandlingOpen, Link: traceability.LinkDistribution})
	act(zhejiang, traceability.NoticeAct{Act: traceability.ActHandlingStep, Link: traceability.LinkDistribution, Step: traceability.StepStart})
	act(zhejiang, traceability.NoticeAct{Act: traceability.ActHandlingEscalate, Link: traceability.LinkDistribution})
	act(zhejiang, traceability.NoticeAct{Act: traceability.ActWaive, For: traceability.ToUnit})
	act(factory, traceability.NoticeAct{Act: traceability.ActWaive, For: traceability.ToProducer})
	act(zhejiang, traceability.NoticeAct{Act: traceability.ActDetermine, Decision: traceability.Upheld})
}

// recall has the factory plan a recall of a lot for a hazard, and go on with it.
func (w *world) recall(lot traceability.LotID, hazard string, acts ...traceability.Act) {
	w.Helper()
	papers := []traceability.Evidence{{Name: canaryRecall, No: canaryPhone}}
	reason := "清洁不彻底"
	if hazard == canaryRecall {
		reason = canaryRecall
	}
	w.accept(w.sign(factory, traceability.TypeRecallOpen, traceability.RecallOpen{Lots: []traceability.LotID{lot}, Downstream: true, At: w.at(1), Hazard: hazard, Reason: reason, Evidence: papers}))
	for _, act := range append([]traceability.Act{traceability.ActPlan}, acts...) {
		a := traceability.RecallAct{Recall: traceability.RecallID(lot), Act: act, At: w.at(1), Evidence: papers}
		switch act {
		case traceability.ActPlan:
			a.Level, a.Measures = traceability.RecallII, reason
		case traceability.ActProgress:
			a.Unit, a.Amounts = "XBO", []traceability.RecallAmount{{Region: "330100", Made: canarySold, Sold: canarySold}}
		}
		w.accept(w.sign(factory, traceability.TypeRecallAct, a))
	}
}

// instances are the identifiers to put into the addresses, by the name of the
// parameter: of everything, hidden or not.
func (w *world) instances() map[string][]string {
	w.Helper()
	all := map[string][]string{"name": {"style.css"}, "gtin": nil}
	for _, o := range w.said {
		all["document"] = append(all["document"], string(o.ID))
		kind, id, _ := strings.Cut(o.Record, "/")
		all[kind] = append(all[kind], id)
	}
	for _, r := range mustDecode[traceability.List[traceability.ReportRecord]](w, w.getAs(zhejiang, "/v1/reports").body).Items {
		all["report"] = append(all["report"], string(r.ID))
	}
	for _, p := range []traceability.PartyID{lab, farm, factory, shop, stall, platform, zhejiang} {
		all["party"] = append(all["party"], string(p))
		if code, ok := p.USCC(); ok {
			all["company"] = append(all["company"], string(code))
		}
	}
	w.shopInstances(all)
	all["lot"] = []string{string(cucumbers), string(pickles), string(slashed)}
	all["event"] = []string{string(farm) + "/C-1", string(farm) + "/S-1", string(factory) + "/R-1", string(factory) + "/T-1"}
	for kind := range all {
		slices.Sort(all[kind])
		all[kind] = slices.Compact(all[kind])
	}
	return all
}

var pathParameter = regexp.MustCompile(`\{([a-z]+)\}`)

// addresses makes, of every GET of the server, every address that the instances
// give, and each once more with every query parameter that the description has. A
// route or a parameter that it cannot fill in is an error: it has to be added.
func (w *world) addresses(instances map[string][]string) []string {
	w.Helper()
	var list []string
	for _, r := range new(Server).routes() {
		if r.method != http.MethodGet {
			continue
		}
		name := template(r.path)
		item := specification().doc.Paths.Value(name)
		if item == nil || item.Get == nil {
			w.Errorf("%s is not described", name)
			continue
		}
		for _, base := range w.bases(name, instances) {
			list = append(list, w.variants(base, append(slices.Clone(item.Parameters), item.Get.Parameters...), instances)...)
		}
	}
	return list
}

// bases fills in the path of a route.
func (w *world) bases(name string, instances map[string][]string) []string {
	w.Helper()
	parameters := pathParameter.FindAllStringSubmatch(name, -1)
	switch {
	case name == "/assets/{name}":
		return []string{w.asset()}
	case name == "/board/{file}":
		return nil // the board's own files, which its page links to: they are in the program, not on the ledger
	case strings.HasPrefix(name, "/01/"), strings.HasPrefix(name, "/cn/"):
		var list []string
		for _, lot := range instances["lot"] {
			if strings.HasPrefix("/"+lot, name[:4]) {
				list = append(list, "/"+lot)
			}
		}
		return list
	case len(parameters) == 0:
		return []string{name}
	case len(parameters) > 1 || len(instances[parameters[0][1]]) == 0:
		w.Errorf("%s is not walked: the world has no such thing, or the test does not know it", name)
		return nil
	}
	var list []string
	for _, id := range instances[parameters[0][1]] {
		list = append(list, strings.ReplaceAll(name, parameters[0][0], url.PathEscape(id)))
	}
	return list
}

// variants is an address with what it needs, and with each value of each parameter
// besides.
func (w *world) variants(base string, parameters openapi3.Parameters, instances map[string][]string) []string {
	w.Helper()
	needed := make(url.Values)
	for _, p := range parameters {
		if p.Value.In == openapi3.ParameterInQuery && p.Value.Required {
			needed.Set(p.Value.Name, w.values(p.Value, instances)[0])
		}
	}
	list := []string{base}
	if len(needed) > 0 {
		list = []string{base + "?" + needed.Encode()}
	}
	for _, p := range parameters {
		if p.Value.In != openapi3.ParameterInQuery {
			continue
		}
		for _, value := range w.values(p.Value, instances) {
			query := url.Values{p.Value.Name: {value}}
			for name, values := range needed {
				if name != p.Value.Name {
					query[name] = values
				}
			}
			list = append(list, base+"?"+query.Encode())
		}
	}
	return list
}

// values are what a query parameter may be: all instances of what it names, all
// its words, or what somebody might look for.
func (w *world) values(p *openapi3.Parameter, instances map[string][]string) []string {
	w.Helper()
	schema := p.Schema.Value
	words := map[string][]string{
		"text": {"黄瓜", canaryPerson, canaryUnit, canaryFailed, "演示"}, "code": instances["lot"], "from": {"2020-01-01"}, "to": {"2099-01-01"}, "on": {"2026-11-20"}, "as_of": {"2026-11-20T00:00:00Z"},
		"lab": {string(lab)}, "registrant": instances["party"], "province": {"310000", "330000"}, "accepting": {"330000"}, "issuing": {"330000"}, "sampling_no": {"DBJ25330100319130599"},
		"limit": {"1"}, "size": {"64"}, "depth": {"3"}, "wait": {"0"}, "height": {"1"}, "after": {"x"}, "linkType": {"all", "linkset"}, "kinds": {"notice"}, "rule": {"x"},
	}[p.Name]
	switch {
	case words != nil:
		return words
	case shopWords(p.Name) != nil:
		return shopWords(p.Name)
	case len(instances[p.Name]) > 0:
		return instances[p.Name]
	}
	for _, word := range schema.Enum {
		words = append(words, fmt.Sprint(word))
	}
	if p.Name == "state" {
		for _, phase := range traceability.Phases() {
			words = append(words, string(phase))
		}
	}
	if len(words) == 0 {
		w.Errorf("the parameter %s is not walked: the test does not know what to ask for", p.Name)
		return []string{"x"}
	}
	return words
}

// formsOf are the forms in which an address answers, by the description; that it
// answers in no other is held by conforms.
func formsOf(path string) []string {
	_, item := operationOf(path)
	if item == nil || item.Get == nil || item.Get.Responses.Value("200") == nil {
		return []string{"*/*"}
	}
	var forms []string
	for form := range item.Get.Responses.Value("200").Value.Content {
		if form != mediaEvents { // has no end; see signals
			forms = append(forms, form)
		}
	}
	slices.Sort(forms)
	return forms
}

// linkIn finds what a page links to.
var linkIn = regexp.MustCompile(`(?:href|src|action)="(/[^"]*)"`)

// TestNothingLeaks plants secrets among public matters, and then reads everything
// that the public, a business and a platform can reach: every route with every
// identifier and parameter, every page and what it links to, in every form. None
// of it may show a secret.
func TestNothingLeaks(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	w.plant()
	addresses := w.addresses(w.instances())
	for _, as := range []traceability.PartyID{"", shop, platform} {
		seen := make(map[string]bool)
		queue := slices.Clone(addresses)
		for len(queue) > 0 {
			path := queue[0]
			queue = queue[1:]
			if path, _, _ = strings.Cut(path, "#"); seen[path] || path == "/metrics" && as != "" {
				continue
			}
			seen[path] = true
			for _, form := range formsOf(path) {
				header := []string{"Accept: " + form}
				if as != "" {
					header = append(header, "Authorization: Bearer "+w.token(as))
				}
				answer := w.get(path, header...)
				if answer.status >= http.StatusInternalServerError {
					t.Errorf("%s: %d", path, answer.status)
				}
				w.clean(as, path, form, answer)
				if strings.HasPrefix(answer.header.Get("Content-Type"), "text/html") {
					for _, link := range linkIn.FindAllStringSubmatch(string(answer.body), -1) {
						queue = append(queue, html.UnescapeString(link[1]))
					}
				}
			}
		}
		if len(seen) < len(addresses)/2 {
			t.Errorf("%d addresses were read of %d", len(seen), len(addresses))
		}
		w.clean(as, "/v1/feed", mediaEvents, w.signals(as))
	}
	w.clean("", "/v1/labels", "PDF", w.do(http.MethodPost, "/v1/labels", mustEncode(t, sheetRequest{Lots: []string{string(cucumbers), string(pickles)}}), "Content-Type: application/json"))
}

// signals reads the beginning of the stream of signals.
func (w *world) signals(as traceability.PartyID) reply {
	w.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, w.main.URL()+"/v1/feed", nil)
	if err != nil {
		w.Fatal(err)
	}
	r.Header.Set("Accept", mediaEvents)
	if as != "" {
		r.Header.Set("Authorization", "Bearer "+w.token(as))
	}
	response, err := client.Do(r)
	if err != nil {
		w.Fatal(err)
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body) // the stream has no end but ours
	return reply{response.StatusCode, response.Header, body}
}

// clean holds that an answer shows no secret, in its body, what is packed in it, or
// its header. What the asker named in the address may be said back.
func (w *world) clean(as traceability.PartyID, path, form string, answer reply) {
	w.Helper()
	var header bytes.Buffer
	if err := answer.header.Write(&header); err != nil {
		w.Fatal(err)
	}
	text := header.String() + string(answer.body)
	if bytes.HasPrefix(answer.body, []byte("PK\x03\x04")) {
		text += unpacked(w, answer.body)
	}
	text += signed(answer.body)
	asked, err := url.QueryUnescape(path)
	if err != nil {
		asked = path
	}
	for _, secret := range secrets() {
		if strings.Contains(asked, strings.TrimSuffix(secret, "/")) {
			continue
		}
		for _, spelling := range []string{secret, url.PathEscape(secret), url.QueryEscape(secret)} {
			if strings.Contains(text, spelling) {
				w.Errorf("%s as %s shows %s to %q", path, form, secret, as)
				break
			}
		}
	}
}

var compact = regexp.MustCompile(`eyJ[\w-]+\.([\w-]+)\.`)

// signed is what the signed documents in a text say.
func signed(b []byte) string {
	var text strings.Builder
	for _, jws := range compact.FindAllSubmatch(b, -1) {
		payload, err := base64.RawURLEncoding.DecodeString(string(jws[1]))
		if err == nil {
			text.Write(payload)
		}
	}
	return text.String()
}

// unpacked is all that is in an archive.
func unpacked(tb testing.TB, b []byte) string {
	tb.Helper()
	archive, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		tb.Fatal(err)
	}
	var text strings.Builder
	for _, part := range archive.File {
		r, err := part.Open()
		if err != nil {
			tb.Fatal(err)
		}
		if _, err := io.Copy(&text, r); err != nil {
			tb.Fatal(err)
		}
	}
	return text.String()
}

// TestSecretsAreThere holds that the walk could find what it looks for: who is
// entitled to a secret is shown it.
func TestSecretsAreThere(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	w.plant()
	var all strings.Builder
	for _, path := range []string{"/v1/reports", "/v1/events", "/v1/lots", "/v1/parties", "/v1/notices/" + string(noticeID(w.failing("FAILED-1", ""))), "/v1/notices/" + string(noticeID(w.failing("OUT-2", ""))), "/v1/notices?format=csv"} {
		all.Write(w.getAs(zhejiang, path).body)
	}
	for _, o := range w.said {
		all.WriteString(signed(w.getAs(zhejiang, "/v1/documents/"+string(o.ID)).body))
	}
	for _, secret := range secrets() {
		if !strings.Contains(all.String(), secret) {
			t.Errorf("the regulator does not find %s either", secret)
		}
	}
}
