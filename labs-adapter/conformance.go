package main

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"deltatrace/labs-adapter/conformance"
	"deltatrace/labs-adapter/formats"
	"deltatrace/traceability"
	"deltatrace/traceability/client"
)

type conformanceCommand struct {
	API       string        `required:"" name:"api" placeholder:"URL" help:"Address of the API, such as https://trace.example."`
	Key       string        `required:"" placeholder:"FILE" help:"The platform's key file, made by keygen."`
	Audience  string        `placeholder:"URL" help:"The API's public address, for tokens, when it is reached under another."`
	Shops     string        `placeholder:"FILE" help:"The platform's own shops as JSON lines, as in listing.declare; expect: the codes that are right, [] for none."`
	Webhook   string        `placeholder:"URL" help:"The platform's own receiver of deliveries."`
	Directory string        `placeholder:"ADDRESS" help:"Where to serve the keys that the receiver is to trust during the run, such as 127.0.0.1:8099."`
	Skip      []string      `placeholder:"CHECK" help:"Checks not to try, such as quota, which uses the platform's quota up for some seconds."`
	JSON      bool          `name:"json" help:"One JSON object for each check, a line each."`
	Patience  time.Duration `default:"30s" help:"How long a request is tried again while the API cannot be reached or is busy."`
}

// Help says what is done and what is left behind.
func (conformanceCommand) Help() string {
	return `Tries a delivery platform's integration with real calls: token, declaration, the same document twice, verification as an array and as a stream, the record, what falls due, the feed, the quota, and, with --webhook, the receiver of deliveries. It declares five shops whose ids begin with ` + conformance.Prefix + ` and takes them off at the end, also after an interrupt; no other shop is touched. Two declarations and a record of verifications stay on the ledger, as everything does.
With --directory the receiver, started for the run with that address in place of the API's, is also sent deliveries that are genuine, repeated, changed, old and meant for another.
Exit status 0: nothing failed; 1: something did; 2: wrong usage.`
}

// Run tries everything and tells of each check.
func (c *conformanceCommand) Run(p *program) error {
	config, err := c.config()
	if err != nil {
		return err
	}
	if r := config.Receiver; r != nil && r.Directory != nil {
		defer r.Directory.Close()
	}
	var broken error
	count := make(map[conformance.Status]int)
	good := conformance.Run(p.ctx, config, func(r conformance.Result) {
		count[r.Status]++
		broken = errors.Join(broken, c.tell(p, r))
	})
	if !c.JSON {
		fmt.Fprintf(p.stdout, "%d 通过 passed，%d 失败 failed，%d 跳过 skipped\n", count[conformance.Passed], count[conformance.Failed], count[conformance.Skipped])
	}
	switch {
	case broken != nil:
		return broken
	case !good:
		return &exitError{status: exitRejected}
	}
	return nil
}

// config reads what the flags name.
func (c *conformanceCommand) config() (conformance.Config, error) {
	config := conformance.Config{HTTP: &http.Client{Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		Address: strings.TrimRight(c.API, "/"), Skip: make(map[string]bool)}
	key, err := readKey(c.Key)
	if err != nil {
		return config, err
	}
	if key.Party.Kind() != traceability.KindPlatform {
		return config, usage(fmt.Errorf("--key 属于 %s，应为平台（plat:…）· is of %s, which is no platform", key.Party, key.Party))
	}
	if config.API, err = client.New(c.API); err != nil {
		return config, usage(fmt.Errorf("--api: %w", err))
	}
	config.API.Key, config.API.Patience = &key, c.Patience
	if c.Audience != "" {
		config.API.Audience = c.Audience
	}
	for _, check := range c.Skip {
		if !conformance.Known(check) {
			return config, usage(fmt.Errorf("--skip %s：没有此检查 · there is no such check", check))
		}
		config.Skip[check] = true
	}
	if c.Shops != "" {
		file, err := formats.OpenRegular(c.Shops)
		if err != nil {
			return config, usage(fmt.Errorf("--shops: %w", err))
		}
		defer file.Close()
		if config.Shops, err = conformance.ReadShops(file); err != nil {
			return config, usage(fmt.Errorf("--shops %s: %w", c.Shops, err))
		}
	}
	if c.Webhook != "" {
		config.Receiver = &conformance.Receiver{URL: c.Webhook}
	}
	if c.Directory == "" {
		return config, nil
	}
	if config.Receiver == nil {
		return config, usage(errors.New("--directory 需要 --webhook · --directory needs --webhook"))
	}
	if config.Receiver.Directory, err = conformance.OpenDirectory(c.Directory); err != nil {
		return config, usage(err)
	}
	return config, nil
}

// tell writes a line for a check, and another with the reason where there is one.
func (c *conformanceCommand) tell(p *program, r conformance.Result) error {
	if c.JSON {
		line, err := json.Marshal(&r)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(p.stdout, "%s\n", line)
		return err
	}
	mark := map[conformance.Status]string{conformance.Passed: "✓ pass", conformance.Failed: "✗ FAIL", conformance.Skipped: "- skip"}[r.Status]
	_, err := fmt.Fprintf(p.stdout, "%s  %-18s %s · %s\n", mark, r.Check, r.TitleZH, r.TitleEN)
	if r.ZH != "" && err == nil {
		_, err = fmt.Fprintf(p.stdout, "        %-18s %s\n        %-18s %s\n", "", r.ZH, "", r.EN)
	}
	return err
}
