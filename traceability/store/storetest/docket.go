package storetest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"iter"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"time"

	"deltatrace/traceability"
)

// Docket is an invented register of notices as large as one likes. Its cases were
// judged by the rules, document by document; the docket repeats them under other
// numbers, of other businesses and lots, at other minutes, and writes for each what
// the rules wrote, to the letter. Only signatures are not made anew: the ledger has
// verified what a read model reads. The same Docket makes the same blocks, one
// after the other: nothing grows with its size.
type Docket struct {
	Seed  uint64
	Count int    // of notices
	Cases []Case // repeated by their shares
}

// Case is how one notice went, transaction by transaction.
type Case struct {
	Share        int // how often it comes beside the others
	Numbers      Numbers
	Transactions []traceability.Transaction
}

// Numbers are what one case has of its own. The last nine characters of Sampling,
// Report and Lot are digits; the 12th to 16th of Unit and Producer are, too; Minute
// is the part of a time that all times of the case share, and no other has.
// Examples: DBJ26330100000000000, SP000000000, cn/91330106MA1000001X/SC/000000000,
// 91330106MA1100001X, :17:23Z.
type Numbers struct {
	Sampling       traceability.SamplingNo
	Report         string
	Lot            traceability.LotID
	Unit, Producer traceability.USCC
	Minute         string
}

// serial is how many digits end a sampling number, a report's number and a lot.
const serial = 9

// businesses is how many sampled establishments, and producers, a docket has for
// each of its cases' own.
const businesses = 50_000

// noticesOfLot is how many notices share a lot.
const noticesOfLot = 2

// CaseOf returns which of the cases the n-th notice repeats.
func (d Docket) CaseOf(n int) int {
	total := 0
	for _, c := range d.Cases {
		total += c.Share
	}
	at := d.random(n, 1).IntN(total)
	return slices.IndexFunc(d.Cases, func(c Case) bool {
		at -= c.Share
		return at < 0
	})
}

// Numbers returns those of the n-th notice, from 0.
func (d Docket) Numbers(n int) Numbers {
	of, random := d.Cases[d.CaseOf(n)].Numbers, d.random(n, 2)
	end := func(s string, n int) string { return fmt.Sprintf("%s%0*d", s[:len(s)-serial], serial, n) }
	business := func(c traceability.USCC) traceability.USCC {
		return c[:11] + traceability.USCC(fmt.Sprintf("%05d", random.IntN(businesses))) + c[16:]
	}
	return Numbers{
		Sampling: traceability.SamplingNo(end(string(of.Sampling), n)),
		Report:   end(of.Report, n),
		Lot:      traceability.LotID(end(string(of.Lot), n/noticesOfLot)),
		Unit:     business(of.Unit), Producer: business(of.Producer),
		Minute: fmt.Sprintf(":%02d:%02dZ", random.IntN(60), random.IntN(60)),
	}
}

// Lab returns the laboratory whose report the n-th notice is about.
func (d Docket) Lab(n int) traceability.PartyID {
	first := d.Cases[d.CaseOf(n)].Transactions[0]
	for _, w := range first.Writes {
		if id, found := strings.CutPrefix(w.Key, "report/"); found {
			return traceability.ReportID(id).Lab()
		}
	}
	return ""
}

// Report returns the report that the n-th notice is about.
func (d Docket) Report(n int) traceability.ReportID {
	return traceability.NewReportID(d.Lab(n), d.Numbers(n).Report, 1)
}

func (d Docket) random(n, purpose int) *rand.Rand {
	return rand.New(rand.NewPCG(d.Seed, uint64(n)<<8|uint64(purpose)))
}

// Blocks makes the docket's blocks after those that went before, of 500
// transactions each. A notice's transactions lie far apart, as in life: a
// twenty-fifth of the docket comes between one and the next.
func (d Docket) Blocks(before ...traceability.Block) iter.Seq[traceability.Block] {
	return func(yield func(traceability.Block) bool) {
		const inBlock = 500
		var next traceability.Block
		for _, b := range before {
			if !yield(b) {
				return
			}
			next.Number, next.Previous, next.Time = b.Number+1, b.Hash, b.Time
		}
		longest := 0
		forms := make([]*form, len(d.Cases))
		for i := range d.Cases {
			longest = max(longest, len(d.Cases[i].Transactions))
			forms[i] = newForm(&d.Cases[i])
		}
		apart := d.Count/25 + 1
		for i := range d.Count + apart*longest {
			for step := range longest {
				n := i - step*apart
				if n < 0 || n >= d.Count {
					continue
				}
				if f := forms[d.CaseOf(n)]; step < len(f.steps) {
					next.Transactions = append(next.Transactions, f.fill(d, n, step))
				}
			}
			if last := i == d.Count+apart*longest-1; len(next.Transactions) >= inBlock || last {
				next.Time = next.Time.Add(time.Second)
				next.Hash = sha256.Sum256(fmt.Append(nil, next.Number, next.Previous, len(next.Transactions)))
				if !yield(next) {
					return
				}
				next = traceability.Block{Number: next.Number + 1, Previous: next.Hash, Time: next.Time}
			}
		}
	}
}

// form is a case cut at what it has of its own, so that it can be filled in for
// another notice by copying.
type form struct {
	minute    time.Duration // of the case within its hour
	documents []formDocument
	steps     []formStep
}

type formDocument struct {
	typ       traceability.DocumentType
	key       traceability.KeyID
	issued    time.Time
	payload   cutText
	signature string
}

type formStep struct {
	time      time.Time
	documents int // of the case, so far
	writes    []formWrite
}

type formWrite struct{ key, value cutText }

// marks are what a form's blanks stand for: the case's numbers, the ids of its
// transactions, and for each document its id and its JWS.
func (n Numbers) marks() []string {
	return []string{string(n.Sampling), n.Report, string(n.Lot), string(n.Unit), string(n.Producer), n.Minute}
}

var jwsInRecord = regexp.MustCompile(`"jws":"([^"]+)"`)

// newForm cuts a case. Its documents stand in the records.
func newForm(c *Case) *form {
	f := &form{minute: withinHour(c.Numbers.Minute)}
	marks := c.Numbers.marks()
	for _, tx := range c.Transactions {
		marks = append(marks, string(tx.ID))
	}
	own := c.Numbers.marks()
	for _, tx := range c.Transactions {
		for _, w := range tx.Writes {
			for _, found := range jwsInRecord.FindAllSubmatch(w.Value, -1) {
				jws := string(found[1])
				if slices.Contains(marks, jws) {
					continue
				}
				d, err := traceability.ParseDocument(jws)
				if err != nil {
					panic(err) // the rules have accepted it
				}
				marks = append(marks, string(d.ID), jws)
				f.documents = append(f.documents, formDocument{d.Type, d.Key, d.IssuedAt, cutAt(string(d.Payload), own), jws[strings.LastIndexByte(jws, '.')+1:]})
			}
		}
		step := formStep{time: tx.Time, documents: len(f.documents)}
		for _, w := range tx.Writes {
			step.writes = append(step.writes, formWrite{cutAt(w.Key, marks), cutAt(string(w.Value), marks)})
		}
		f.steps = append(f.steps, step)
	}
	return f
}

func withinHour(minute string) time.Duration {
	at, err := time.Parse(":04:05Z", minute)
	if err != nil {
		panic(err)
	}
	return time.Duration(at.Minute())*time.Minute + time.Duration(at.Second())*time.Second
}

// TxID returns the id of a notice's transaction, from 0.
func (d Docket) TxID(n, step int) traceability.TxID {
	id := sha256.Sum256(fmt.Append(nil, d.Seed, n, step))
	return traceability.TxID(hex.EncodeToString(id[:16]))
}

// fill makes the transaction of a step of the n-th notice.
func (f *form) fill(d Docket, n, step int) traceability.Transaction {
	numbers := d.Numbers(n)
	values := numbers.marks()
	for s := range f.steps {
		values = append(values, string(d.TxID(n, s)))
	}
	tx := traceability.Transaction{ID: d.TxID(n, step)}
	shift := withinHour(numbers.Minute) - f.minute
	for _, form := range f.documents[:f.steps[step].documents] {
		payload := form.payload.fill(values)
		id := sha256.Sum256([]byte(string(form.typ) + "\n" + string(form.key.Party()) + "\n" + payload))
		header := fmt.Sprintf(`{"alg":"EdDSA","iat":%d,"kid":"%s","typ":"%s"}`, form.issued.Add(shift).Unix(), form.key, form.typ)
		encode := base64.RawURLEncoding.EncodeToString
		values = append(values, hex.EncodeToString(id[:]), encode([]byte(header))+"."+encode([]byte(payload))+"."+form.signature)
	}
	tx.Time = f.steps[step].time.Add(shift)
	for _, w := range f.steps[step].writes {
		tx.Writes = append(tx.Writes, traceability.Write{Key: w.key.fill(values), Value: []byte(w.value.fill(values))})
	}
	return tx
}

// cutText is a text with blanks: a piece of text, then what fills a blank, and so
// on; the last piece has no blank after it.
type cutText []piece

type piece struct {
	text  string
	blank int // -1 for none
}

func (c cutText) fill(values []string) string {
	var b strings.Builder
	for _, p := range c {
		b.WriteString(p.text)
		if p.blank >= 0 {
			b.WriteString(values[p.blank])
		}
	}
	return b.String()
}

// cutAt cuts a text wherever a mark stands.
func cutAt(text string, marks []string) cutText {
	cut := cutText{{text, -1}}
	for blank, mark := range marks {
		var finer cutText
		for _, p := range cut {
			for {
				before, after, found := strings.Cut(p.text, mark)
				if !found {
					break
				}
				finer, p.text = append(finer, piece{before, blank}), after
			}
			finer = append(finer, p)
		}
		cut = finer
	}
	return cut
}
