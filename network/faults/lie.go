package faults

import (
	"os"
	"path/filepath"

	"deltatrace/network/cluster"
)

// prepareLiar makes a folder in which the program liar has the name of the chaincode,
// and returns it.
func (n *network) prepareLiar() (string, error) {
	program, err := filepath.Abs(filepath.Join(n.bin, "liar"))
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(program); err != nil {
		return "", err // `make build` makes it
	}
	folder := filepath.Join(n.Files().Root, "liar")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	link := filepath.Join(folder, cluster.Chaincode)
	if err := os.Symlink(program, link); err != nil && !os.IsExist(err) {
		return "", err
	}
	return folder, nil
}
