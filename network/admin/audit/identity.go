package audit

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/golang/protobuf/proto"
	"github.com/hyperledger/fabric-protos-go/msp"
)

// identity is who signs: a certificate of an organisation.
type identity struct {
	organisation string // MSP id
	key          *ecdsa.PublicKey
}

// identify checks that a certificate is one of an organisation. As in Fabric,
// the chain must be good for the time when the certificate was issued: that it
// has expired since does not undo what it signed.
func (t *trust) identify(organisation string, content []byte) (*identity, error) {
	o, ok := t.organisations[organisation]
	if !ok {
		return nil, fmt.Errorf("organisation %q is not in the channel's configuration", organisation)
	}
	certificate, err := parseCertificate(content)
	if err != nil {
		return nil, fmt.Errorf("a certificate of %s: %w", organisation, err)
	}
	_, err = certificate.Verify(x509.VerifyOptions{
		Roots: o.roots, Intermediates: o.intermediates,
		CurrentTime: certificate.NotBefore.Add(time.Second),
		KeyUsages:   []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	if err != nil {
		return nil, fmt.Errorf("the certificate %q is none of %s: %w", certificate.Subject.CommonName, organisation, err)
	}
	key, ok := certificate.PublicKey.(*ecdsa.PublicKey)
	if !ok {
		return nil, fmt.Errorf("the certificate %q has a key of an unknown kind", certificate.Subject.CommonName)
	}
	return &identity{organisation: organisation, key: key}, nil
}

// maxIdentities is how many identities are remembered; then it starts afresh.
const maxIdentities = 1000

// identities remembers whom it has checked, under one configuration.
type identities struct {
	trust *trust
	mu    sync.Mutex
	known map[string]*identity
}

// find returns the identity in a serialised one.
func (i *identities) find(serialised []byte) (*identity, error) {
	i.mu.Lock()
	known, ok := i.known[string(serialised)]
	i.mu.Unlock()
	if ok {
		return known, nil
	}
	message := new(msp.SerializedIdentity)
	if err := proto.Unmarshal(serialised, message); err != nil {
		return nil, fmt.Errorf("an identity cannot be read: %w", err)
	}
	found, err := i.trust.identify(message.Mspid, message.IdBytes)
	if err != nil {
		return nil, err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.known == nil || len(i.known) >= maxIdentities {
		i.known = make(map[string]*identity)
	}
	i.known[string(serialised)] = found
	return found, nil
}

var errSignature = errors.New("the signature is not good")

// verify checks a signature over the parts, one after the other.
func (i *identity) verify(signature []byte, parts ...[]byte) error {
	hash := sha256.New()
	for _, part := range parts {
		hash.Write(part)
	}
	if !ecdsa.VerifyASN1(i.key, hash.Sum(nil), signature) {
		return errSignature
	}
	return nil
}
