package demo

import (
	"bytes"
	"encoding/csv"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"deltatrace/network/node"
	"deltatrace/traceability"
	"deltatrace/traceability/client"
)

// system is the whole of deltatrace as processes: an API on a new ledger, with
// the demonstration's parties admitted.
type system struct{ loader *loader }

func startSystem(t *testing.T) *system {
	t.Helper()
	dir, bin := t.TempDir(), buildPrograms(t)
	n, err := node.Start(t.Context(), node.Config{Listen: freeAddress(t), Data: dir, Bin: bin})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Stop(); err != nil {
			t.Error(err)
		}
	})
	door, err := client.New(n.URL)
	if err != nil {
		t.Fatal(err)
	}
	s := &system{&loader{story: story{time.Now()}, keys: n.Keys, api: n.URL, client: door, adapter: filepath.Join(bin, "labs-adapter"), inbox: filepath.Join(dir, "inbox")}}
	if err := s.loader.submit(t.Context(), "parties", s.loader.parties()); err != nil {
		t.Fatal(err)
	}
	return s
}

// report reads a report as its laboratory sees it.
func (s *system) report(t *testing.T, lab traceability.PartyID, number string) traceability.ReportRecord {
	t.Helper()
	key, err := s.loader.keys.Key(lab)
	if err != nil {
		t.Fatal(err)
	}
	reader, err := client.New(s.loader.api)
	if err != nil {
		t.Fatal(err)
	}
	reader.Key = &key
	var record traceability.ReportRecord
	if err := reader.Get(t.Context(), "/v1/reports/"+url.PathEscape(string(traceability.NewReportID(lab, number, 1))), &record); err != nil {
		t.Fatal(err)
	}
	return record
}

// TestRealReports sends the two real reports, as the laboratory's flat export and
// as JSON, through labs-adapter and the API onto the ledger, and reads them back:
// all 70 items are equal to what was printed.
func TestRealReports(t *testing.T) {
	corpus := corpusFolder(t, "cn-lims-reports")
	s := startSystem(t)
	for _, c := range []struct {
		lab  traceability.PartyID
		file string
		task []string
	}{
		{labZhejiang, "items.csv", []string{"--task", "supervision"}},
		{labAnhui, "reports.json", nil},
	} {
		t.Run(c.file, func(t *testing.T) {
			for _, attempt := range []string{"first", "again"} { // the second time all are duplicates
				args := append([]string{"submit", filepath.Join(corpus, c.file), "--api", s.loader.api, "--key", s.loader.keys.Path(c.lab)}, c.task...)
				if output, err := exec.Command(s.loader.adapter, args...).CombinedOutput(); err != nil {
					t.Fatalf("%s: %v\n%s", attempt, err, output)
				}
			}
			total := 0
			for number, printed := range printedItems(t, filepath.Join(corpus, "items.csv")) {
				var kept [][]string
				for _, item := range s.report(t, c.lab, number).Items {
					kept = append(kept, []string{strconv.Itoa(item.Seq), item.Parameter, item.Unit, item.Limit, item.Result, item.VerdictText, item.Method, item.Remark})
					if item.Verdict != traceability.VerdictPass {
						t.Errorf("%s, item %d: verdict %s", number, item.Seq, item.Verdict)
					}
				}
				if diff := cmp.Diff(printed, kept); diff != "" {
					t.Errorf("%s (-printed +kept):\n%s", number, diff)
				}
				total += len(kept)
			}
			if total != 70 {
				t.Errorf("%d items came through, want 70", total)
			}
		})
	}
	for _, printed := range printedHeads(t, filepath.Join(corpus, "reports.json")) {
		kept := s.report(t, labAnhui, printed.No)
		got := head{kept.No, kept.IntakeNo, string(kept.Sample.No), kept.Sample.FoodName, string(kept.Sample.Date), kept.Sample.Quantity, kept.Sample.BackupQuantity, kept.TaskName, kept.Client, kept.Conclusion}
		if diff := cmp.Diff(printed, got); diff != "" || kept.Task != traceability.TaskSupervision {
			t.Errorf("head of %s, task %s (-printed +kept):\n%s", printed.No, kept.Task, diff)
		}
	}
}

// head is what a report says above its items.
type head struct {
	No         string `json:"report_no"`
	IntakeNo   string `json:"acceptance_no"`
	SamplingNo string `json:"sampling_no"`
	FoodName   string `json:"food_name"`
	Date       string `json:"production_date"`
	Quantity   string `json:"sample_qty"`
	Backup     string `json:"reserve_qty"`
	Task       string `json:"inspection_type"`
	Client     string `json:"client"`
	Conclusion string `json:"conclusion"`
}

func printedHeads(t *testing.T, path string) (heads []head) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(content, &heads)
	}
	if err != nil || len(heads) != 2 {
		t.Fatalf("%d reports, %v", len(heads), err)
	}
	return heads
}

// printedItems reads the oracle: the items of each report, column by column.
func printedItems(t *testing.T, path string) map[string][][]string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(content, []byte("\ufeff")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	items := map[string][][]string{}
	for _, row := range rows[1:] {
		items[row[0]] = append(items[row[0]], row[1:])
	}
	return items
}

// TestDemoData loads the demonstration and checks what its pages will say.
func TestDemoData(t *testing.T) {
	s := startSystem(t)
	for range 2 { // an interrupted first start loads again
		if err := s.loader.load(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	amended := s.report(t, labAnhui, "AH26-1107")
	if want := traceability.NewReportID(labAnhui, "AH26-1107", 2); amended.SupersededBy != want {
		t.Errorf("the amended report: got %q, want %q", amended.SupersededBy, want)
	}
	if yogurt := s.report(t, labJiangsu, "JS2026-RP-0308"); !cmp.Equal(yogurt.OutOfScope, []int{8}) {
		t.Errorf("out of scope: got %v, want the moulds", yogurt.OutOfScope)
	}
	for lot, verdict := range map[traceability.LotID]string{
		s.loader.cucumbers(): "pass", s.loader.pickles(): "pass", s.loader.yogurt(): "pass",
		s.loader.strawberries(): "fail", s.loader.cake(): "fail", s.loader.eggs(): "none",
	} {
		var batch struct {
			Sampling struct {
				Verdict string `json:"verdict"`
			} `json:"sampling"`
		}
		if err := s.loader.client.Get(t.Context(), lot.Path(), &batch); err != nil || batch.Sampling.Verdict != verdict {
			t.Errorf("%s: got %q %v, want %s", lot, batch.Sampling.Verdict, err, verdict)
		}
	}
	for licence, want := range map[traceability.LicenceID]struct {
		state traceability.BadgeState
		says  string
	}{
		bistro: {traceability.BadgeVerified, "杭州示例到家科技有限公司"}, noodles: {traceability.BadgeInvalid, "已被责令停业"},
		fastFood: {traceability.BadgeUnverified, "网页上的地址与许可证的经营场所不同"}, streetFood: {traceability.BadgeUnverified, "李＊例"},
	} {
		var badge struct {
			traceability.Badge
			JWS string `json:"jws"`
		}
		if err := s.loader.client.Get(t.Context(), "/v1/licences/"+string(licence)+"/badge.json", &badge); err != nil || badge.State() != want.state {
			t.Errorf("%s: got %s %v, want %s", licence, badge.State(), err, want.state)
		}
		page, err := (&storyline{loader: s.loader}).readPage(t.Context(), "/licences/"+string(licence))
		if err != nil || !strings.Contains(page, want.says) {
			t.Errorf("the page of %s does not say %s: %v", licence, want.says, err)
		}
	}
	var bakeryNow traceability.PartyRecord
	if err := s.loader.client.Get(t.Context(), "/v1/parties/"+url.PathEscape(string(bakery)), &bakeryNow); err != nil || bakeryNow.Status != traceability.PartySuspended {
		t.Errorf("bakery: got %s, %v", bakeryNow.Status, err)
	}
}

// buildPrograms builds api and labs-adapter once for the test.
func buildPrograms(t *testing.T) string {
	t.Helper()
	bin := t.TempDir()
	build := exec.Command("go", "build", "-o", bin+"/", "./api", "./labs-adapter")
	build.Dir = filepath.Join("..", "..")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, output)
	}
	return bin
}

// corpusFolder finds third-party test data, which is never part of the project.
func corpusFolder(t *testing.T, name string) string {
	t.Helper()
	root := os.Getenv("DELTATRACE_CORPORA")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "corpora")
	}
	folder := filepath.Join(root, name)
	if _, err := os.Stat(folder); err != nil {
		t.Skipf("the corpus %s is not here: %v", name, err)
	}
	return folder
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// TestStory plays the story on a whole system, twice: everything that it looks at
// after each step must be as it says.
func TestStory(t *testing.T) {
	s := startSystem(t)
	if err := s.loader.load(t.Context()); err != nil {
		t.Fatal(err)
	}
	pace := time.Duration(0)
	var told bytes.Buffer
	for run := range 2 {
		line, err := newStoryline(t.Context(), s.loader, Config{PublicURL: s.loader.api, Out: &told, Pace: &pace})
		if err != nil {
			t.Fatal(err)
		}
		line.run = line.run[:7] + strconv.Itoa(run) // both begin in the same minute
		if err := line.play(t.Context()); err != nil {
			t.Fatalf("%v\n%s", err, told.String())
		}
	}
	t.Log(told.String())
}
