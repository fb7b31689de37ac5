// Package packed is the form in which a peer's state and the blocks hold records:
// compressed. A record is signed JSON in base64url, which shrinks to a third; it
// is sent between machines some twenty times on its way to four ledgers. The rules
// and all readers see canonical JSON.
//
//	stub.PutState(key, packed.Pack(record))
//
// Every endorser must come to the same bytes, so the compressor is a pinned
// library with one setting, and another version of it is a change of the
// chaincode. It imports nothing of deltatrace.
package packed

import (
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// MaxRecord bounds a record, in bytes of JSON: more is refused when it is
// unpacked, so that a few bytes cannot fill the memory.
const MaxRecord = 32 << 20

// encoder and decoder are made once; both may be used by several goroutines.
var (
	encoder = sync.OnceValue(func() *zstd.Encoder {
		e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderCRC(false))
		if err != nil {
			panic("packed: " + err.Error()) // the options are constants
		}
		return e
	})
	decoder = sync.OnceValue(func() *zstd.Decoder {
		d, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(MaxRecord), zstd.WithDecodeAllCapLimit(false))
		if err != nil {
			panic("packed: " + err.Error())
		}
		return d
	})
)

// Pack compresses a record, which is JSON. What compression does not make
// smaller stays as it is.
func Pack(record []byte) []byte {
	frame := encoder().EncodeAll(record, nil)
	if len(frame) >= len(record) {
		return record
	}
	return frame
}

// magic begins every zstd frame (RFC 8878, 3.1.1); no JSON does.
const magic = "\x28\xb5\x2f\xfd"

// Unpack returns the record that Pack packed. Errors: a damaged frame, a record
// larger than MaxRecord.
func Unpack(value []byte) ([]byte, error) {
	if len(value) < len(magic) || string(value[:len(magic)]) != magic {
		return value, nil
	}
	record, err := decoder().DecodeAll(value, nil)
	if err != nil {
		return nil, fmt.Errorf("unpack a record of %d bytes: %w", len(value), err)
	}
	return record, nil
}
