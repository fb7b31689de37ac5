package cluster

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"io"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"time"
)

// Endless is the end of a certificate that has no well-defined one (RFC 5280,
// 4.1.2.5). Authorities have it, for what they issue ends with them; and so has an
// orderer's signing certificate, which is a part of the channel's configuration:
// configuration updates withdraw it, not a date, at which the ordering service would
// stop for good.
var Endless = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)

// How long other certificates are valid, unless Config.Valid says, and how long
// before they are made that begins, for clocks that are behind.
const (
	validFor  = 10 * 365 * 24 * time.Hour
	backdated = 5 * time.Minute
)

// authority issues certificates of one organisation, for signing or for TLS.
type authority struct {
	certificate *x509.Certificate
	key         crypto.Signer
}

// authorities reads an organisation's two from the folder that cryptogen made.
func authorities(organisation string) ([]*authority, error) {
	var all []*authority
	for _, kind := range []string{"ca", "tlsca"} {
		folder := filepath.Join(organisation, kind)
		paths, err := filepath.Glob(filepath.Join(folder, "*-cert.pem"))
		if err != nil {
			return nil, err
		}
		if len(paths) != 1 {
			return nil, fmt.Errorf("%s: found %d certificates of an authority, expected one", folder, len(paths))
		}
		certificate, err := readCertificate(paths[0])
		if err != nil {
			return nil, err
		}
		content, err := os.ReadFile(filepath.Join(folder, "priv_sk"))
		if err != nil {
			return nil, fmt.Errorf("the authority's key: %w", err)
		}
		block, _ := pem.Decode(content)
		if block == nil {
			return nil, fmt.Errorf("%s: no PEM file", filepath.Join(folder, "priv_sk"))
		}
		parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Join(folder, "priv_sk"), err)
		}
		key, ok := parsed.(*ecdsa.PrivateKey)
		if !ok || key.Curve != elliptic.P256() {
			return nil, fmt.Errorf("%s: expected an ECDSA key on P-256", filepath.Join(folder, "priv_sk"))
		}
		all = append(all, &authority{certificate, lowS{key}})
	}
	return all, nil
}

// issue makes a certificate anew, with the same subject, names, uses and key, and
// another period, which ends with the authority's at the latest.
func (a *authority) issue(old *x509.Certificate, from, to time.Time) ([]byte, error) {
	// Fabric takes a certificate for good if its chain was when it was issued.
	if from.Before(a.certificate.NotBefore) {
		from = a.certificate.NotBefore
	}
	if to.After(a.certificate.NotAfter) {
		to = a.certificate.NotAfter
	}
	return a.sign(old, a.certificate, from, to)
}

func (a *authority) sign(old, parent *x509.Certificate, from, to time.Time) ([]byte, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	template := *old
	template.SerialNumber, template.NotBefore, template.NotAfter = serial, from, to
	der, err := x509.CreateCertificate(rand.Reader, &template, parent, old.PublicKey, a.key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), nil
}

// lowS signs as Fabric wants it: of the two values that ECDSA allows, the smaller.
type lowS struct{ *ecdsa.PrivateKey }

// Sign implements crypto.Signer.
func (k lowS) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	signature, err := k.PrivateKey.Sign(random, digest, opts)
	if err != nil {
		return nil, err
	}
	var parts struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(signature, &parts); err != nil {
		return nil, err
	}
	if order := k.Params().N; parts.S.Cmp(new(big.Int).Rsh(order, 1)) > 0 {
		parts.S.Sub(order, parts.S)
	}
	return asn1.Marshal(parts)
}

// period is that of a certificate that is made now.
func (c *Cluster) period() (from, to time.Time) {
	now := time.Now()
	if c.Valid > 0 {
		return now.Add(-backdated), now.Add(c.Valid)
	}
	return now.Add(-backdated), now.Add(validFor)
}

// lengthen takes the end, ten years hence, from the certificates of an organisation
// that cryptogen has just made and that must have none: the authorities' and that
// of the signer, if it has one.
func lengthen(organisation, signer string) error {
	all, err := authorities(organisation)
	if err != nil {
		return err
	}
	for _, a := range all {
		a.certificate.NotAfter = Endless
	}
	return eachCertificate(organisation, func(path string, old *x509.Certificate) ([]byte, error) {
		for _, a := range all {
			switch {
			case bytes.Equal(a.certificate.Raw, old.Raw):
				return a.sign(a.certificate, a.certificate, old.NotBefore, Endless)
			case path == signer && bytes.Equal(a.certificate.SubjectKeyId, old.AuthorityKeyId):
				return a.issue(old, old.NotBefore, Endless)
			}
		}
		return nil, nil
	})
}

// reissue issues every certificate of an organisation anew but its authorities' and
// that of the signer, which is in the channel's configuration as it is.
func reissue(organisation, signer string, from, to time.Time) error {
	all, err := authorities(organisation)
	if err != nil {
		return err
	}
	return eachCertificate(organisation, func(path string, old *x509.Certificate) ([]byte, error) {
		if old.IsCA || path == signer {
			return nil, nil
		}
		for _, a := range all {
			if bytes.Equal(a.certificate.SubjectKeyId, old.AuthorityKeyId) {
				return a.issue(old, from, to)
			}
		}
		return nil, fmt.Errorf("%s: no authority of %s has issued it", path, organisation)
	})
}

// eachCertificate visits the certificates below a folder and replaces those for
// which change returns another. Copies of one stay equal.
func eachCertificate(folder string, change func(path string, old *x509.Certificate) ([]byte, error)) error {
	changed := make(map[string][]byte)
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !isCertificate(path) {
			return err
		}
		old, err := readCertificate(path)
		if err != nil {
			return err
		}
		content, known := changed[string(old.Raw)]
		if !known {
			if content, err = change(path, old); err != nil {
				return err
			}
			changed[string(old.Raw)] = content
		}
		if content == nil {
			return nil
		}
		return replace(path, content, 0o644)
	})
}

func isCertificate(path string) bool {
	ext := filepath.Ext(path)
	return ext == ".pem" || ext == ".crt"
}

// replace puts a file in the place of another in one step: a crash leaves the one
// or the other.
func replace(path string, content []byte, mode fs.FileMode) error {
	temporary := path + ".new"
	if err := os.WriteFile(temporary, content, mode); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}

func readCertificate(path string) (*x509.Certificate, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(content)
	if block == nil || block.Type != "CERTIFICATE" {
		return nil, fmt.Errorf("%s: found no certificate", path)
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return certificate, nil
}
