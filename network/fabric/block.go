package fabric

import (
	"crypto/sha256"
	"encoding/asn1"
	"fmt"
	"math/big"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"

	"deltatrace/traceability"
)

// decodeBlock reduces a block to what the namespace's chaincode wrote in valid
// transactions, and checks that the block holds what its header says.
func decodeBlock(b *common.Block, namespace string) (traceability.Block, error) {
	number := b.GetHeader().GetNumber()
	block, err := decodeHeader(b.GetHeader())
	if err != nil {
		return block, fmt.Errorf("block %d: %w", number, err)
	}
	if found := dataHash(b.GetData().GetData()); found != traceability.Hash(b.GetHeader().GetDataHash()) {
		return block, fmt.Errorf("block %d: its data has the hash %s, its header says %x", number, found, b.GetHeader().GetDataHash())
	}
	codes := validation(b)
	if len(codes) != len(b.GetData().GetData()) {
		return block, fmt.Errorf("block %d: found %d validation codes, expected %d", number, len(codes), len(b.GetData().GetData()))
	}
	for i, data := range b.GetData().GetData() {
		valid := codes[i] == byte(peer.TxValidationCode_VALID)
		e, err := decodeEnvelope(data)
		if err != nil {
			if valid {
				return block, fmt.Errorf("block %d, transaction %d: %w", number, i, err)
			}
			continue // the peers could not read it either
		}
		if e.at.After(block.Time) {
			block.Time = e.at
		}
		if !valid || !e.endorsed {
			continue
		}
		set, err := e.readWriteSet(namespace)
		if err != nil {
			return block, fmt.Errorf("block %d, transaction %s: %w", number, e.id, err)
		}
		if len(set.writes) > 0 {
			block.Transactions = append(block.Transactions, traceability.Transaction{ID: e.id, Time: e.at, Writes: set.writes})
		}
	}
	return block, nil
}

// decodeHeader returns the block's place in the chain. Its time is that of the
// latest envelope; none yet.
func decodeHeader(h *common.BlockHeader) (traceability.Block, error) {
	block := traceability.Block{Number: h.GetNumber(), Time: time.Unix(0, 0).UTC()}
	if len(h.GetDataHash()) != len(block.Hash) {
		return block, fmt.Errorf("found a data hash of %d bytes, expected %d", len(h.GetDataHash()), len(block.Hash))
	}
	switch previous := h.GetPreviousHash(); {
	case len(previous) == len(block.Previous):
		block.Previous = traceability.Hash(previous)
	case len(previous) != 0 || h.GetNumber() != 0:
		return block, fmt.Errorf("found a previous hash of %d bytes, expected %d", len(previous), len(block.Previous))
	}
	header, err := asn1.Marshal(struct {
		Number       *big.Int
		PreviousHash []byte
		DataHash     []byte
	}{new(big.Int).SetUint64(h.GetNumber()), h.GetPreviousHash(), h.GetDataHash()})
	if err != nil {
		return block, err
	}
	block.Hash = sha256.Sum256(header)
	return block, nil
}

// dataHash is what a block's header says of its envelopes.
func dataHash(data [][]byte) traceability.Hash {
	h := sha256.New()
	for _, d := range data {
		h.Write(d)
	}
	return traceability.Hash(h.Sum(nil))
}

// validation returns what the peer found of each of the block's transactions,
// one byte each.
func validation(b *common.Block) []byte {
	metadata := b.GetMetadata().GetMetadata()
	if len(metadata) <= int(common.BlockMetadataIndex_TRANSACTIONS_FILTER) {
		return nil
	}
	return metadata[common.BlockMetadataIndex_TRANSACTIONS_FILTER]
}
