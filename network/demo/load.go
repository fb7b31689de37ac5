package demo

import (
	"context"
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"text/template"
	"time"

	"deltatrace/network/keyring"
	"deltatrace/traceability"
	"deltatrace/traceability/client"
)

//go:embed reports/*.csv.tmpl
var reportFiles embed.FS

// loader puts the data set onto the ledger through the public door. Doing it
// again is harmless: the content is the same, so the ledger answers duplicate.
type loader struct {
	story
	keys     keyring.Keyring
	api      string
	audience string // the API's public address, for tokens; api when empty
	adapter  string // the labs-adapter program
	inbox    string // where the laboratories' files are written
	client   *client.Client
}

func (l *loader) load(ctx context.Context) error {
	steps := []struct {
		what      string
		documents func() []signed
	}{{"parties", l.parties}, {"lots", l.lots}, {"events", l.events}}
	for _, step := range steps {
		if err := l.submit(ctx, step.what, step.documents()); err != nil {
			return err
		}
	}
	for _, file := range []struct {
		lab  traceability.PartyID
		name string
	}{{labZhejiang, "zhejiang"}, {labShanghai, "shanghai"}, {labJiangsu, "jiangsu"}, {labAnhui, "anhui"}} {
		if err := l.reports(ctx, file.lab, file.name, ""); err != nil {
			return err
		}
	}
	if err := l.amend(ctx); err != nil {
		return err
	}
	agreed, err := agreements()
	if err != nil {
		return err
	}
	if err := l.submit(ctx, "calendars and periods", agreed); err != nil {
		return err
	}
	if err := l.publish(ctx); err != nil {
		return err
	}
	if err := l.submit(ctx, "suspension", l.suspensions()); err != nil {
		return err
	}
	return l.shops(ctx)
}

func (l *loader) parties() []signed {
	var documents []signed
	byProvince := admissions()
	for _, province := range traceability.Provinces() {
		for _, admission := range byProvince[province] {
			documents = append(documents, signed{traceability.Regulator(province), traceability.TypePartyAdmit, &admission})
		}
	}
	return documents
}

// submit signs and sends documents and insists that each is on the ledger.
func (l *loader) submit(ctx context.Context, what string, say []signed) error {
	var documents []string
	for _, s := range say {
		payload := s.payload
		switch say := s.payload.(type) {
		case *traceability.Admission:
			key, err := l.keys.Key(say.Party)
			if err != nil {
				return err
			}
			say.Key = key.Public()
		case *comparison:
			if err := say.make(ctx, l, s.party); err != nil {
				return err
			}
			payload = say.record
		}
		key, err := l.keys.Key(s.party)
		if err != nil {
			return err
		}
		document, err := traceability.Sign(key, s.typ, payload, time.Now())
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		documents = append(documents, document)
	}
	receipt, err := l.client.Submit(ctx, documents)
	if err != nil {
		return fmt.Errorf("submit %s: %w", what, err)
	}
	for i, outcome := range receipt.Outcomes {
		if outcome.Status == traceability.StatusRejected {
			return fmt.Errorf("submit %s: document %d (%s): %w", what, i+1, outcome.Type, outcome.Problems[0])
		}
	}
	return nil
}

// reports writes a laboratory's file and has labs-adapter submit it, as the
// laboratory would.
func (l *loader) reports(ctx context.Context, lab traceability.PartyID, name string, first traceability.DocumentID) error {
	if _, err := l.keys.Key(lab); err != nil {
		return err
	}
	path, err := l.write(name, first)
	if err != nil {
		return err
	}
	command := exec.CommandContext(ctx, l.adapter, "submit", path, "--api", l.api, "--key", l.keys.Path(lab))
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("labs-adapter submit %s: %w\n%s", path, err, output)
	}
	return nil
}

func (l *loader) write(name string, first traceability.DocumentID) (string, error) {
	report, err := template.ParseFS(reportFiles, "reports/"+name+".csv.tmpl")
	if err != nil {
		return "", fmt.Errorf("reports: %w", err)
	}
	if err := os.MkdirAll(l.inbox, 0o755); err != nil {
		return "", fmt.Errorf("reports: %w", err)
	}
	path := filepath.Join(l.inbox, name+".csv")
	file, err := os.Create(path)
	if err != nil {
		return "", fmt.Errorf("reports: %w", err)
	}
	defer file.Close()
	if err := report.Execute(file, reportData{l.story, first}); err != nil {
		return "", fmt.Errorf("reports: %w", err)
	}
	return path, file.Close()
}

// amend submits the corrected second revision of Anhui's report, which must
// name the first.
func (l *loader) amend(ctx context.Context) error {
	first, err := l.reportAs(ctx, labAnhui, traceability.NewReportID(labAnhui, "AH26-1107", 1))
	if err != nil {
		return err
	}
	return l.reports(ctx, labAnhui, "anhui-amended", first.Document.ID)
}

// reportData is what the report files' templates use.
type reportData struct {
	story story
	First traceability.DocumentID // the document that the report supersedes
}

// Day returns the date so many days before the first start.
func (d reportData) Day(before int) traceability.Date { return d.story.day(before) }

// Cucumbers returns the lot, as the other methods return theirs.
func (d reportData) Cucumbers() traceability.LotID    { return d.story.cucumbers() }
func (d reportData) Strawberries() traceability.LotID { return d.story.strawberries() }
func (d reportData) Pickles() traceability.LotID      { return d.story.pickles() }
func (d reportData) Yogurt() traceability.LotID       { return d.story.yogurt() }
func (d reportData) Cake() traceability.LotID         { return d.story.cake() }
