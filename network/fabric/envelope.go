package fabric

import (
	"fmt"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset/kvrwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"

	"deltatrace/chaincode/packed"
	"deltatrace/traceability"
)

// envelope is what a block holds of a transaction, or of anything else that was
// ordered.
type envelope struct {
	id       traceability.TxID
	at       time.Time // the submitter's clock: UTC, whole seconds
	endorsed bool      // it is a chaincode's transaction, not a change of configuration
	data     []byte
}

// decodeEnvelope reads the outer layers.
func decodeEnvelope(b []byte) (envelope, error) {
	var outer common.Envelope
	var payload common.Payload
	var header common.ChannelHeader
	if err := unmarshal("envelope", b, &outer); err != nil {
		return envelope{}, err
	}
	if err := unmarshal("payload", outer.GetPayload(), &payload); err != nil {
		return envelope{}, err
	}
	if err := unmarshal("channel header", payload.GetHeader().GetChannelHeader(), &header); err != nil {
		return envelope{}, err
	}
	if err := header.GetTimestamp().CheckValid(); err != nil {
		return envelope{}, fmt.Errorf("time: %w", err)
	}
	return envelope{
		id:       traceability.TxID(header.GetTxId()),
		at:       traceability.Instant(header.GetTimestamp().AsTime()),
		endorsed: header.GetType() == int32(common.HeaderType_ENDORSER_TRANSACTION),
		data:     payload.GetData(),
	}, nil
}

// readWriteSet is what a transaction read and wrote of one namespace.
type readWriteSet struct {
	writes []traceability.Write
	// newest is the latest block that wrote anything that was read.
	newest uint64
}

// readWriteSet reads the inner layers: what the endorsers signed.
func (e envelope) readWriteSet(namespace string) (readWriteSet, error) {
	var tx peer.Transaction
	if err := unmarshal("transaction", e.data, &tx); err != nil {
		return readWriteSet{}, err
	}
	var set readWriteSet
	for _, action := range tx.GetActions() {
		var payload peer.ChaincodeActionPayload
		var response peer.ProposalResponsePayload
		var result peer.ChaincodeAction
		var all rwset.TxReadWriteSet
		if err := unmarshal("action", action.GetPayload(), &payload); err != nil {
			return set, err
		}
		if err := unmarshal("response", payload.GetAction().GetProposalResponsePayload(), &response); err != nil {
			return set, err
		}
		if err := unmarshal("result", response.GetExtension(), &result); err != nil {
			return set, err
		}
		if err := unmarshal("write set", result.GetResults(), &all); err != nil {
			return set, err
		}
		for _, part := range all.GetNsRwset() {
			if part.GetNamespace() == namespace {
				if err := set.add(part.GetRwset()); err != nil {
					return set, err
				}
			}
		}
	}
	return set, nil
}

func (s *readWriteSet) add(b []byte) error {
	var part kvrwset.KVRWSet
	if err := unmarshal("keys", b, &part); err != nil {
		return err
	}
	for _, read := range part.GetReads() {
		s.newest = max(s.newest, read.GetVersion().GetBlockNum())
	}
	for _, write := range part.GetWrites() {
		if write.GetIsDelete() {
			return fmt.Errorf("%s is deleted, and nothing ever is", write.GetKey())
		}
		if n := len(s.writes); n > 0 && s.writes[n-1].Key >= write.GetKey() {
			return fmt.Errorf("%s is written after %s, expected ascending keys", write.GetKey(), s.writes[n-1].Key)
		}
		record, err := packed.Unpack(write.GetValue())
		if err != nil {
			return fmt.Errorf("%s: %w", write.GetKey(), err)
		}
		s.writes = append(s.writes, traceability.Write{Key: write.GetKey(), Value: record})
	}
	return nil
}

func unmarshal(what string, b []byte, m proto.Message) error {
	if err := proto.Unmarshal(b, m); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
