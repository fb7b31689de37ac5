package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"deltatrace/traceability"
	"deltatrace/traceability/client"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

type keygenCommand struct {
	Party string `required:"" placeholder:"lab:CMA" help:"Whose key it is: lab:<CMA number>, op:<USCC>, plat:<USCC> or reg:<province>."`
	Out   string `required:"" placeholder:"FILE" help:"The key file to write, readable for its owner only (0600)."`
	Force bool   `help:"Overwrite a key file. The old key is lost."`
}

// Help tells what to do with the output.
func (keygenCommand) Help() string {
	return "Prints the key's id (kid) and its public JWK as JSON: send these to the province's regulator, who admits the party with them. The key file never leaves this machine."
}

// published is what the regulator needs.
type published struct {
	Party traceability.PartyID   `json:"party"`
	KID   traceability.KeyID     `json:"kid"`
	Key   traceability.PublicKey `json:"key"`
}

// Run makes the key and writes it before it prints anything.
func (c *keygenCommand) Run(p *program) error {
	party, err := traceability.ParsePartyID(c.Party)
	if err != nil {
		return usage(fmt.Errorf("--party: %w", err))
	}
	key, err := traceability.NewSigningKey(party)
	if err != nil {
		return usage(err)
	}
	if err := writeKey(c.Out, key, c.Force); err != nil {
		return usage(err)
	}
	out, err := json.Marshal(published{party, key.ID(), key.Public()}, jsontext.WithIndent("  "))
	if err != nil {
		return usage(err)
	}
	_, err = fmt.Fprintf(p.stdout, "%s\n", out)
	return err
}

// writeKey writes the file whole or not at all: beside it, then under its name.
func writeKey(path string, key traceability.SigningKey, force bool) error {
	text, err := json.Marshal(key, jsontext.WithIndent("  "))
	if err != nil {
		return err
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), ".key-*") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name())
	_, err = temporary.Write(append(text, '\n'))
	if err = errors.Join(err, temporary.Sync(), temporary.Close()); err != nil {
		return err
	}
	if force {
		return os.Rename(temporary.Name(), path)
	}
	if err := os.Link(temporary.Name(), path); errors.Is(err, os.ErrExist) { // unlike Rename, never overwrites
		return fmt.Errorf("%s 已存在，不覆盖；确要覆盖请加 --force · exists and is not overwritten; use --force", path)
	} else if err != nil {
		return err
	}
	return nil
}

// readKey reads a key file.
func readKey(path string) (traceability.SigningKey, error) {
	key, err := client.ReadKey(path)
	if err != nil {
		return key, usage(fmt.Errorf("--key: %w", err))
	}
	return key, nil
}
