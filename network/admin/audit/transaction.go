package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"

	"github.com/golang/protobuf/proto"
	"github.com/hyperledger/fabric-protos-go/common"
	"github.com/hyperledger/fabric-protos-go/ledger/rwset"
	"github.com/hyperledger/fabric-protos-go/ledger/rwset/kvrwset"
	"github.com/hyperledger/fabric-protos-go/peer"

	"deltatrace/chaincode/packed"
	"deltatrace/traceability"
)

// openEnvelope reads the outer layers of anything that is ordered.
func openEnvelope(content []byte) (*common.Payload, *common.ChannelHeader, error) {
	envelope, payload, header := new(common.Envelope), new(common.Payload), new(common.ChannelHeader)
	if err := proto.Unmarshal(content, envelope); err != nil {
		return nil, nil, fmt.Errorf("the envelope: %w", err)
	}
	if err := proto.Unmarshal(envelope.Payload, payload); err != nil {
		return nil, nil, fmt.Errorf("the payload: %w", err)
	}
	if err := proto.Unmarshal(payload.GetHeader().GetChannelHeader(), header); err != nil {
		return nil, nil, fmt.Errorf("the header: %w", err)
	}
	return payload, header, nil
}

// transaction is what one wrote and read of the ledger's state.
type transaction struct {
	traceability.Transaction
	reads     []*kvrwset.KVRead
	endorsers int // distinct organisations
}

// readTransaction reads a transaction and checks who signed it, unless who is
// nil. An error says what is wrong with it. A transaction of another chaincode
// has no writes.
func readTransaction(content []byte, channel, chaincode string, who *identities) (*transaction, error) {
	payload, header, err := openEnvelope(content)
	if err != nil {
		return nil, err
	}
	if header.ChannelId != channel {
		return nil, fmt.Errorf("it is of channel %q", header.ChannelId)
	}
	tx := &transaction{Transaction: traceability.Transaction{ID: traceability.TxID(header.TxId)}}
	if err := header.Timestamp.CheckValid(); err != nil {
		return tx, fmt.Errorf("its time: %w", err)
	}
	tx.Time = traceability.Instant(header.Timestamp.AsTime())
	if header.Type != int32(common.HeaderType_ENDORSER_TRANSACTION) {
		return tx, nil // a configuration: the orderers' quorum answers for it
	}
	if who != nil {
		if err := checkSubmitter(content, payload, header, who); err != nil {
			return tx, err
		}
	}
	body := new(peer.Transaction)
	if err := proto.Unmarshal(payload.Data, body); err != nil {
		return tx, fmt.Errorf("its actions: %w", err)
	}
	if len(body.Actions) != 1 {
		return tx, fmt.Errorf("it has %d actions, expected 1", len(body.Actions))
	}
	action := new(peer.ChaincodeActionPayload)
	if err := proto.Unmarshal(body.Actions[0].Payload, action); err != nil {
		return tx, fmt.Errorf("its action: %w", err)
	}
	if who != nil {
		if tx.endorsers, err = checkEndorsements(action.Action, who); err != nil {
			return tx, err
		}
	}
	return tx, tx.readResult(payload.Header, action, chaincode)
}

// checkSubmitter checks the submitter's signature, and that the transaction's
// id is the one that follows from submitter and nonce.
func checkSubmitter(content []byte, payload *common.Payload, header *common.ChannelHeader, who *identities) error {
	envelope, signature := new(common.Envelope), new(common.SignatureHeader)
	if err := proto.Unmarshal(content, envelope); err != nil {
		return fmt.Errorf("the envelope: %w", err)
	}
	if err := proto.Unmarshal(payload.GetHeader().GetSignatureHeader(), signature); err != nil {
		return fmt.Errorf("its submitter: %w", err)
	}
	submitter, err := who.find(signature.Creator)
	if err != nil {
		return fmt.Errorf("its submitter: %w", err)
	}
	if err := submitter.verify(envelope.Signature, envelope.Payload); err != nil {
		return fmt.Errorf("its submitter, of %s: %w", submitter.organisation, err)
	}
	id := sha256.Sum256(append(bytes.Clone(signature.Nonce), signature.Creator...))
	if expected := hex.EncodeToString(id[:]); header.TxId != expected {
		return fmt.Errorf("it has another id than follows from its submitter, %s", expected)
	}
	return nil
}

// checkEndorsements checks each endorser's signature and returns how many
// organisations endorsed.
func checkEndorsements(action *peer.ChaincodeEndorsedAction, who *identities) (int, error) {
	organisations := make(map[string]bool)
	for _, e := range action.GetEndorsements() {
		endorser, err := who.find(e.Endorser)
		if err != nil {
			return 0, fmt.Errorf("an endorser: %w", err)
		}
		if err := endorser.verify(e.Signature, action.ProposalResponsePayload, e.Endorser); err != nil {
			return 0, fmt.Errorf("the endorser of %s: %w", endorser.organisation, err)
		}
		organisations[endorser.organisation] = true
	}
	return len(organisations), nil
}

// readResult reads what the endorsers signed, and checks that it is of this
// very proposal: of its id, its time and its arguments.
func (tx *transaction) readResult(header *common.Header, action *peer.ChaincodeActionPayload, chaincode string) error {
	response, result, sets := new(peer.ProposalResponsePayload), new(peer.ChaincodeAction), new(rwset.TxReadWriteSet)
	if err := proto.Unmarshal(action.GetAction().GetProposalResponsePayload(), response); err != nil {
		return fmt.Errorf("its result: %w", err)
	}
	proposal := sha256.New()
	for _, part := range [][]byte{header.ChannelHeader, header.SignatureHeader, action.ChaincodeProposalPayload} {
		proposal.Write(part)
	}
	if !bytes.Equal(proposal.Sum(nil), response.ProposalHash) {
		return errors.New("its endorsements are of another proposal")
	}
	if err := proto.Unmarshal(response.Extension, result); err != nil {
		return fmt.Errorf("its result: %w", err)
	}
	if status := result.GetResponse().GetStatus(); status >= http.StatusBadRequest {
		return fmt.Errorf("the chaincode answered with status %d", status)
	}
	if err := proto.Unmarshal(result.Results, sets); err != nil {
		return fmt.Errorf("its reads and writes: %w", err)
	}
	for _, namespace := range sets.NsRwset {
		if namespace.Namespace != chaincode {
			continue
		}
		set := new(kvrwset.KVRWSet)
		if err := proto.Unmarshal(namespace.Rwset, set); err != nil {
			return fmt.Errorf("its reads and writes: %w", err)
		}
		tx.reads = append(tx.reads, set.Reads...)
		for _, w := range set.Writes {
			if w.IsDelete {
				return fmt.Errorf("it deletes %s; nothing may be deleted", w.Key)
			}
			record, err := packed.Unpack(w.Value)
			if err != nil {
				return fmt.Errorf("%s: %w", w.Key, err)
			}
			tx.Writes = append(tx.Writes, traceability.Write{Key: w.Key, Value: record})
		}
	}
	return nil
}
