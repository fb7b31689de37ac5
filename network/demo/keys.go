package demo

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-json-experiment/json"

	"deltatrace/traceability"
)

// keyring keeps the demonstration's private keys, one file a party.
type keyring struct{ dir string }

// key returns a party's key, making it at the first start.
func (k keyring) key(party traceability.PartyID) (traceability.SigningKey, error) {
	var key traceability.SigningKey
	content, err := os.ReadFile(k.path(party))
	switch {
	case err == nil:
		if err := json.Unmarshal(content, &key); err != nil {
			return key, fmt.Errorf("read key %s: %w", k.path(party), err)
		}
		return key, nil
	case !errors.Is(err, fs.ErrNotExist):
		return key, fmt.Errorf("read key: %w", err)
	}
	if key, err = traceability.NewSigningKey(party); err != nil {
		return key, err
	}
	if err := os.MkdirAll(k.dir, 0o700); err != nil {
		return key, fmt.Errorf("make key: %w", err)
	}
	return key, writeJSON(k.path(party), key)
}

func (k keyring) path(party traceability.PartyID) string {
	return filepath.Join(k.dir, strings.ReplaceAll(string(party), ":", "-")+".key.json")
}

// writeJSON writes a file whole or not at all, for the owner's eyes only.
func writeJSON(path string, value any) error {
	content, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	temporary := path + ".tmp"
	if err := os.WriteFile(temporary, content, 0o600); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.Rename(temporary, path); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
