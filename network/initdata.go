package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"deltatrace/network/initdata"
	"deltatrace/traceability"
	"deltatrace/traceability/client"
)

// initDataCommand puts the reference data on a ledger.
type initDataCommand struct {
	apiFlags
	Key  []string `placeholder:"FILE" help:"A regulator's key file, as network keys writes it; give it once for each province."`
	Keys string   `placeholder:"DIR" help:"Folder of the regulators' key files, where one machine has all of them: data/network/keys." type:"existingdir"`
}

// Help says what it does, and who has to.
func (initDataCommand) Help() string {
	return `Signs what traceability/reference ships: holidays, statutory periods, microbiological parameters, quorum, recurrence, limits, and the province's own rules of recognition. Each province runs it with its own key, against its own API: most of it counts when three provinces have signed, limits when all four have. Read the data first: who signs answers for them, the calendar of the year above all.
After each key it says what is still missing and whose signature would do. Without a key it only says that. Running it again is harmless. It ends with status 1 when a signature was refused.`
}

// apiFlags say which API to ask.
type apiFlags struct {
	API      string `name:"api" required:"" placeholder:"URL" help:"Address of an API of the ledger, embedded or of the network."`
	Audience string `placeholder:"URL" help:"The API's public address for tokens, when it stands behind another than --api."`
}

func (f *apiFlags) client() (*client.Client, error) {
	api, err := client.New(f.API)
	if err != nil {
		return nil, fmt.Errorf("--api: %w", err)
	}
	api.Audience = cmp.Or(f.Audience, api.Audience)
	return api, nil
}

func (c *initDataCommand) Run(ctx context.Context) error { return c.run(ctx, os.Stdout) }

func (c *initDataCommand) run(ctx context.Context, out io.Writer) error {
	keys, err := c.keys()
	if err != nil {
		return err
	}
	api, err := c.client()
	if err != nil {
		return err
	}
	if len(keys) == 0 {
		return tellMissing(ctx, api, out)
	}
	var refused []error
	for _, key := range keys {
		api.Key = &key
		survey, err := initdata.Look(ctx, api, time.Now())
		if err != nil {
			return err
		}
		result, err := initdata.Sign(ctx, api, key, survey)
		if err != nil {
			return fmt.Errorf("%s: %w", key.Party, err)
		}
		fmt.Fprintf(out, "%s：签署 %d 份，此前已有 %d 份，被拒 %d 份 · signed %d, had %d, refused %d\n",
			key.Party, result.Signed, result.Known, len(result.Refused), result.Signed, result.Known, len(result.Refused))
		for _, err := range result.Refused {
			refused = append(refused, fmt.Errorf("%s: %w", key.Party, err))
		}
		if err := tellMissing(ctx, api, out); err != nil {
			return err
		}
	}
	return errors.Join(refused...)
}

// keys reads the key files that are named, and those of a folder.
func (c *initDataCommand) keys() ([]traceability.SigningKey, error) {
	files := c.Key
	if c.Keys != "" {
		found, err := filepath.Glob(filepath.Join(c.Keys, "reg-*.key.json"))
		if err != nil || len(found) == 0 {
			return nil, fmt.Errorf("--keys %s: no key file of a regulator (reg-*.key.json)", c.Keys)
		}
		files = slices.Concat(files, found)
	}
	keys := make([]traceability.SigningKey, len(files))
	for i, file := range files {
		var err error
		if keys[i], err = client.ReadKey(file); err != nil {
			return nil, fmt.Errorf("key file: %w", err)
		}
		if keys[i].Party.Kind() != traceability.KindRegulator {
			return nil, fmt.Errorf("key file %s is of %s, which is no province's regulator", file, keys[i].Party)
		}
	}
	return keys, nil
}

// tellMissing says which reference data are not in force, and what they wait for.
func tellMissing(ctx context.Context, api *client.Client, out io.Writer) error {
	survey, err := initdata.Look(ctx, api, time.Now())
	if err != nil {
		return err
	}
	missing := survey.Missing()
	if len(missing) == 0 {
		_, err := fmt.Fprintf(out, "参考数据齐备：%d 项均已生效 · reference data: all %d in force, nothing is missing\n", len(survey.Items), len(survey.Items))
		return err
	}
	fmt.Fprintf(out, "参考数据：%d 项中缺 %d 项 · reference data: %d of %d are missing\n", len(survey.Items), len(missing), len(missing), len(survey.Items))
	var order []string
	waiting := make(map[string][]string)
	for i := range missing {
		why := lacks(&missing[i], survey.Signatures)
		if len(waiting[why]) == 0 {
			order = append(order, why)
		}
		waiting[why] = append(waiting[why], fmt.Sprintf("%s@%d", readable(missing[i].Record), missing[i].Revision))
	}
	for _, why := range order {
		if _, err := fmt.Fprintf(out, "  %s:\n    %s\n", why, strings.Join(waiting[why], " ")); err != nil {
			return err
		}
	}
	return nil
}

// readable is a state key as people write what it names.
func readable(record string) string {
	if text, err := url.PathUnescape(record); err == nil {
		return text
	}
	return record
}

// lacks says whose signatures an item lacks.
func lacks(i *initdata.Item, signatures bool) string {
	switch {
	case !i.Shipped():
		return "尚未随附，由三省按国务院办公厅通知签署 · not shipped; three provinces sign it from the State Council's notice"
	case i.Owner != "":
		return fmt.Sprintf("待 %s 签署 · waits for %s", i.Owner.NameZH(), i.Owner.NameEN())
	case !signatures:
		return fmt.Sprintf("须 %d 个省份签署 · needs the signatures of %d provinces", i.Needed, i.Needed)
	}
	var zh, en []string
	for _, p := range i.Lacking() {
		zh, en = append(zh, p.NameZH()), append(en, p.NameEN())
	}
	more := i.Needed - len(i.Signed)
	return fmt.Sprintf("还须 %d 个省份签署（%s）· %d more of %s", more, strings.Join(zh, "、"), more, strings.Join(en, ", "))
}
