package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/go-json-experiment/json"

	"deltatrace/network/keyring"
	"deltatrace/network/node"
	"deltatrace/traceability"
	"deltatrace/traceability/client"
)

// Config says where the demonstration runs.
type Config struct {
	Listen    string         // host:port of the API
	PublicURL string         // what QR codes point to; http://<Listen> when empty
	Data      string         // folder of ledger, read model, keys and logs
	Bin       string         // folder of the programs api and labs-adapter
	Out       io.Writer      // where the story is told
	Story     bool           // play the story of the lettuce and of a shop, step by step
	Pace      *time.Duration // between two steps; nil waits for the Enter key, or 3 seconds where there is no terminal
}

// record is what a second start must know of the first.
type record struct {
	Started time.Time `json:"started"` // the day from which the story counts back
	Loaded  bool      `json:"loaded"`
}

// Run starts the API, loads the data set at the first start, tells where to
// look, and serves until ctx is done.
func Run(ctx context.Context, c Config) (err error) {
	if c.PublicURL == "" {
		c.PublicURL = "http://" + c.Listen
	}
	for _, dir := range []*string{&c.Data, &c.Bin} {
		if *dir, err = filepath.Abs(*dir); err != nil {
			return err
		}
	}
	fmt.Fprintf(c.Out, "deltatrace: starting on http://%s, data in %s\n", c.Listen, c.Data)
	n, err := node.Start(ctx, node.Config{Listen: c.Listen, PublicURL: c.PublicURL, Data: c.Data, Bin: c.Bin})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.Stop()) }()

	l, err := populate(ctx, c, n)
	if err != nil {
		return err
	}
	tell(c, l.story, n.Keys)
	if c.Story {
		if err := playStory(ctx, l, c); ctx.Err() == nil && err != nil {
			return err
		}
	}
	select {
	case <-ctx.Done():
		fmt.Fprintln(c.Out, "\ndeltatrace: stopping")
		return nil
	case err := <-n.Died():
		return err
	}
}

// populate loads the data set unless an earlier start did, and returns what loaded
// it, as of the first start.
func populate(ctx context.Context, c Config, n *node.Node) (*loader, error) {
	path := filepath.Join(c.Data, "demo.json")
	var r record
	content, err := os.ReadFile(path)
	switch {
	case err == nil:
		if err := json.Unmarshal(content, &r); err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
	case errors.Is(err, fs.ErrNotExist):
		r.Started = traceability.Instant(time.Now())
		if err := keyring.WriteJSON(path, r); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	door, err := client.New(n.URL)
	if err != nil {
		return nil, err
	}
	l := &loader{story: story{r.Started}, keys: n.Keys, api: n.URL, audience: c.PublicURL, adapter: filepath.Join(c.Bin, "labs-adapter"),
		inbox: filepath.Join(c.Data, "lab-files"), client: door}
	if r.Loaded {
		return l, nil
	}
	fmt.Fprintln(c.Out, "deltatrace: first start, loading the demonstration data through labs-adapter and POST /v1/documents")
	if err := l.load(ctx); err != nil {
		return nil, err
	}
	r.Loaded = true
	return l, keyring.WriteJSON(path, r)
}

// tell prints where to look, with a code to scan.
func tell(c Config, s story, keys keyring.Keyring) {
	link := func(id traceability.LotID) string { return c.PublicURL + id.Path() }
	shop := func(id traceability.LicenceID) string { return c.PublicURL + "/licences/" + string(id) }
	fmt.Fprintf(c.Out, `
deltatrace is up: %s

  合格      %-12s %s
            %-12s %s
            %-12s %s
  不合格    %-12s %s
  无记录    %-12s %s
            %-12s %s
  已暂停    %-12s %s

  扫门口的码 a shop’s door
  已核验    %-12s %s
  停业      %-12s %s
  网店不符  %-12s %s
  未核验    %-12s %s
            徽章 badge   %s/badge.svg
            二维码 QR    %s/qr.svg

  API       %s/docs      OpenAPI 3.1: %s/openapi.yaml
  board     %s/board      sign in with a key of
  keys      %s  (demonstration only)

  Submit a report of your own:
    bin/labs-adapter check  labs-adapter/examples/export.csv
    bin/labs-adapter submit labs-adapter/examples/export.csv --api %s --key %s

Scan for the pickled cucumbers (a phone must be able to reach %s):
`, c.PublicURL,
		"黄瓜", link(s.cucumbers()), "酱黄瓜", link(s.pickles()), "风味发酵乳", link(s.yogurt()),
		"草莓", link(s.strawberries()), "鲜鸡蛋", link(s.eggs()), "凉拌黄瓜", link(s.salad()), "桂花糕", link(s.cake()),
		"示例小馆", shop(bistro), "西湖示例面馆", shop(noodles), "鼓楼示例快餐", shop(fastFood), "示例小吃", shop(streetFood),
		c.PublicURL+"/v1/licences/"+string(bistro), c.PublicURL+"/v1/licences/"+string(bistro),
		c.PublicURL, c.PublicURL, c.PublicURL, keys.Dir,
		"http://"+c.Listen, keys.Path(labZhejiang), c.PublicURL)
	fmt.Fprint(c.Out, terminalCode(link(s.pickles()), isTerminal(c.Out)))
	fmt.Fprintln(c.Out, "Ctrl-C stops it; the next start continues from the same ledger.")
}
