package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/asn1"
	"fmt"
	"math/big"

	"github.com/golang/protobuf/proto"
	"github.com/hyperledger/fabric-protos-go/common"
	"github.com/hyperledger/fabric-protos-go/peer"
	"google.golang.org/protobuf/encoding/protowire"

	"deltatrace/traceability"
)

// headerBytes is what the orderers sign of a block, and whose SHA-256 the next
// block has: Fabric's ASN.1 of number, previous hash and data hash.
func headerBytes(h *common.BlockHeader) []byte {
	encoded, err := asn1.Marshal(struct {
		Number       *big.Int
		PreviousHash []byte
		DataHash     []byte
	}{new(big.Int).SetUint64(h.Number), h.PreviousHash, h.DataHash})
	if err != nil {
		panic("audit: encode a block's header: " + err.Error()) // it has only what can be encoded
	}
	return encoded
}

func headerHash(h *common.BlockHeader) traceability.Hash { return sha256.Sum256(headerBytes(h)) }

// dataHash is the SHA-256 of all envelopes, one after the other.
func dataHash(d *common.BlockData) traceability.Hash {
	hash := sha256.New()
	for _, envelope := range d.Data {
		hash.Write(envelope)
	}
	return traceability.Hash(hash.Sum(nil))
}

// checkHeader checks a block's place in the chain, and that the header is of
// its data.
func checkHeader(block *common.Block, number uint64, previous []byte) error {
	h := block.Header
	if h.Number != number {
		return fmt.Errorf("the block says that its number is %d", h.Number)
	}
	if !bytes.Equal(h.PreviousHash, previous) {
		return fmt.Errorf("the block follows one with the hash %x; the block before it has %x", h.PreviousHash, previous)
	}
	if found := dataHash(block.Data); !bytes.Equal(found[:], h.DataHash) {
		return fmt.Errorf("the data have the hash %s; the block's header says %x", found, h.DataHash)
	}
	return nil
}

// checkSignatures checks that a quorum of the orderers has signed the header.
func (t *trust) checkSignatures(block *common.Block) error {
	metadata := new(common.Metadata)
	if err := proto.Unmarshal(metadataOf(block, common.BlockMetadataIndex_SIGNATURES), metadata); err != nil {
		return fmt.Errorf("the orderers' signatures: %w", err)
	}
	header := headerBytes(block.Header)
	signed := make(map[uint64]bool)
	for _, s := range metadata.Signatures {
		number, identifier, err := signer(s)
		if err != nil {
			return fmt.Errorf("an orderer's signature: %w", err)
		}
		if orderer, ok := t.consenters[number]; ok && orderer.verify(s.Signature, metadata.Value, identifier, header) == nil {
			signed[number] = true
		}
	}
	if len(signed) < t.quorum() {
		return fmt.Errorf("found good signatures of %d orderers under the block, expected %d of %d", len(signed), t.quorum(), len(t.consenters))
	}
	return nil
}

// signer returns the orderer's number and the bytes that say it. Fabric 3 has
// them in field 3 of MetadataSignature, an IdentifierHeader whose field 1 is the
// number; fabric-protos-go knows neither.
func signer(s *common.MetadataSignature) (number uint64, identifier []byte, err error) {
	err = fields(s.XXX_unrecognized, func(field protowire.Number, _ uint64, content []byte) error {
		if field == 3 {
			identifier = content
		}
		return nil
	})
	if err != nil {
		return 0, nil, err
	}
	err = fields(identifier, func(field protowire.Number, value uint64, _ []byte) error {
		if field == 1 {
			number = value
		}
		return nil
	})
	return number, identifier, err
}

// metadataOf returns one of a block's metadata, nil when it has none.
func metadataOf(block *common.Block, index common.BlockMetadataIndex) []byte {
	if all := block.GetMetadata().GetMetadata(); int(index) < len(all) {
		return all[index]
	}
	return nil
}

// marks are what peers note about a block, the same at each: one code for each
// transaction, and the hash of the state changes so far.
func marks(block *common.Block) (codes []peer.TxValidationCode, commit []byte) {
	for _, code := range metadataOf(block, common.BlockMetadataIndex_TRANSACTIONS_FILTER) {
		codes = append(codes, peer.TxValidationCode(code))
	}
	return codes, metadataOf(block, common.BlockMetadataIndex_COMMIT_HASH)
}
