package audit

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/golang/protobuf/proto"
	"github.com/hyperledger/fabric-protos-go/common"
	"github.com/hyperledger/fabric-protos-go/msp"
	"google.golang.org/protobuf/encoding/protowire"
)

// trust is what a configuration block says: whose certificates count, and who
// orders.
type trust struct {
	organisations map[string]*organisation // by MSP id
	consenters    map[uint64]*identity     // by number
}

// organisation is whose certificates an MSP accepts.
type organisation struct{ roots, intermediates *x509.CertPool }

// quorum is how many orderers must sign a block: more than can be outvoted by
// the third that may be Byzantine (SmartBFT, ⌈(n+f+1)/2⌉ with f = ⌊(n−1)/3⌋).
func (t *trust) quorum() int {
	n := len(t.consenters)
	return (n + (n-1)/3 + 2) / 2
}

// configuration returns the trust that a configuration block establishes, nil
// for any other block.
func configuration(block *common.Block) (*trust, error) {
	if len(block.Data.Data) != 1 {
		return nil, nil
	}
	payload, header, err := openEnvelope(block.Data.Data[0])
	if err != nil || header.Type != int32(common.HeaderType_CONFIG) {
		return nil, nil // a transaction; whether it can be read is judged there
	}
	envelope := new(common.ConfigEnvelope)
	if err := proto.Unmarshal(payload.Data, envelope); err != nil {
		return nil, fmt.Errorf("the configuration: %w", err)
	}
	groups := envelope.GetConfig().GetChannelGroup().GetGroups()
	t := &trust{organisations: make(map[string]*organisation), consenters: make(map[uint64]*identity)}
	for _, kind := range []string{"Application", "Orderer"} {
		for name, group := range groups[kind].GetGroups() {
			if err := t.addOrganisation(group); err != nil {
				return nil, fmt.Errorf("the configuration of organisation %s: %w", name, err)
			}
		}
	}
	if err := t.addConsenters(groups["Orderer"].GetValues()["Orderers"].GetValue()); err != nil {
		return nil, fmt.Errorf("the configuration of the orderers: %w", err)
	}
	return t, nil
}

func (t *trust) addOrganisation(group *common.ConfigGroup) error {
	outer, inner := new(msp.MSPConfig), new(msp.FabricMSPConfig)
	if err := proto.Unmarshal(group.GetValues()["MSP"].GetValue(), outer); err != nil {
		return err
	}
	if err := proto.Unmarshal(outer.Config, inner); err != nil {
		return err
	}
	o := &organisation{roots: x509.NewCertPool(), intermediates: x509.NewCertPool()}
	for _, pem := range inner.RootCerts {
		o.roots.AppendCertsFromPEM(pem)
	}
	for _, pem := range inner.IntermediateCerts {
		o.intermediates.AppendCertsFromPEM(pem)
	}
	t.organisations[inner.Name] = o
	return nil
}

// addConsenters reads the message common.Orderers of Fabric 3, which
// fabric-protos-go does not know: field 1 repeats Consenter, of which field 1 is
// the number, 4 the MSP id and 5 the certificate.
func (t *trust) addConsenters(message []byte) error {
	err := fields(message, func(field protowire.Number, _ uint64, consenter []byte) error {
		if field != 1 {
			return nil
		}
		var number uint64
		var organisation string
		var certificate []byte
		err := fields(consenter, func(field protowire.Number, value uint64, content []byte) error {
			switch field {
			case 1:
				number = value
			case 4:
				organisation = string(content)
			case 5:
				certificate = content
			}
			return nil
		})
		if err != nil {
			return err
		}
		t.consenters[number], err = t.identify(organisation, certificate)
		return err
	})
	if err == nil && len(t.consenters) == 0 {
		return errors.New("it names none: only BFT channels can be audited")
	}
	return err
}

// fields calls do for each field of a protobuf message, with its number, or its
// bytes.
func fields(message []byte, do func(field protowire.Number, value uint64, content []byte) error) error {
	for len(message) > 0 {
		field, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return protowire.ParseError(n)
		}
		message = message[n:]
		var value uint64
		var content []byte
		switch kind {
		case protowire.VarintType:
			value, n = protowire.ConsumeVarint(message)
		case protowire.BytesType:
			content, n = protowire.ConsumeBytes(message)
		default:
			n = protowire.ConsumeFieldValue(field, kind, message)
		}
		if n < 0 {
			return protowire.ParseError(n)
		}
		message = message[n:]
		if err := do(field, value, content); err != nil {
			return err
		}
	}
	return nil
}

// parseCertificate reads one PEM certificate.
func parseCertificate(content []byte) (*x509.Certificate, error) {
	block, _ := pem.Decode(content)
	if block == nil {
		return nil, errors.New("the certificate is not PEM")
	}
	return x509.ParseCertificate(block.Bytes)
}
