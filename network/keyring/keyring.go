// Package keyring keeps private keys of parties in a folder, for networks that
// one person runs in order to look at them.
//
//	ring := keyring.Keyring{Dir: "data/keys"}
//	key, err := ring.Key(traceability.Regulator(traceability.Shanghai))
package keyring

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

// Keyring keeps private keys in a folder, one file a party. It is for
// demonstrations and measurements: who holds the keys of others is no consortium.
type Keyring struct{ Dir string }

// Key returns a party's key, making it when it is asked for first.
func (k Keyring) Key(party traceability.PartyID) (traceability.SigningKey, error) {
	var key traceability.SigningKey
	content, err := os.ReadFile(k.Path(party))
	switch {
	case err == nil:
		if err := json.Unmarshal(content, &key); err != nil {
			return key, fmt.Errorf("read key %s: %w", k.Path(party), err)
		}
		return key, nil
	case !errors.Is(err, fs.ErrNotExist):
		return key, fmt.Errorf("read key: %w", err)
	}
	if key, err = traceability.NewSigningKey(party); err != nil {
		return key, err
	}
	if err := os.MkdirAll(k.Dir, 0o700); err != nil {
		return key, fmt.Errorf("make key: %w", err)
	}
	return key, WriteJSON(k.Path(party), key)
}

// Path returns the file of a party's key, as labs-adapter takes it.
func (k Keyring) Path(party traceability.PartyID) string {
	return filepath.Join(k.Dir, strings.ReplaceAll(string(party), ":", "-")+".key.json")
}

// WriteJSON writes a file whole or not at all, for the owner's eyes only.
func WriteJSON(path string, value any) error {
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

// Genesis names the four provinces' regulators with their public keys, as a
// ledger starts from them.
func (k Keyring) Genesis() (traceability.Genesis, error) {
	var genesis traceability.Genesis
	for _, province := range traceability.Provinces() {
		key, err := k.Key(traceability.Regulator(province))
		if err != nil {
			return genesis, err
		}
		genesis.Provinces = append(genesis.Provinces, traceability.Province{Code: province, Key: key.Public()})
	}
	return genesis, nil
}
