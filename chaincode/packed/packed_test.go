package packed_test

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/klauspost/compress/zstd"

	"deltatrace/chaincode/packed"
)

// record is invented JSON of about n bytes, with repetition as records have it.
func record(random *rand.Rand, n int) []byte {
	var b bytes.Buffer
	b.WriteString(`{"document":"`)
	words := []string{"eyJhbGciOiJFZERTQSIsImtpZCI6", "cGFyYW1ldGVy", "5pyq5qOA5Ye6", "77yI5a6a6YeP6ZmQ77ya", "R0IgMjMyMDAuMTIx"}
	for b.Len() < n {
		if random.IntN(4) == 0 {
			b.WriteByte(byte('A' + random.IntN(26)))
			continue
		}
		b.WriteString(words[random.IntN(len(words))])
	}
	b.WriteString(`"}`)
	return b.Bytes()
}

func TestPackAndUnpack(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 100, 5000, 200_000, 3 << 20} {
		want := record(random, n)
		value := packed.Pack(want)
		got, err := packed.Unpack(value)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes: came back as %d bytes, %v", len(want), len(got), err)
		}
		if len(value) > len(want) {
			t.Errorf("%d bytes became %d", len(want), len(value))
		}
		if n >= 5000 && len(value)*2 > len(want) {
			t.Errorf("%d bytes became %d: that is not packed", len(want), len(value))
		}
	}
}

// TestSameBytes packs the same records by encoders that did other things before,
// one after the other and side by side: endorsers have different pasts.
func TestSameBytes(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	var records, want [][]byte
	for range 300 {
		r := record(random, 1+random.IntN(20_000))
		records = append(records, r)
		fresh, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderCRC(false), zstd.WithEncoderConcurrency(1))
		if err != nil {
			t.Fatal(err)
		}
		if frame := fresh.EncodeAll(r, nil); len(frame) < len(r) {
			want = append(want, frame)
		} else {
			want = append(want, r)
		}
	}
	var workers sync.WaitGroup
	for worker := range 8 {
		workers.Go(func() {
			order := rand.New(rand.NewPCG(uint64(worker), 5)).Perm(len(records))
			for _, i := range order {
				if !bytes.Equal(packed.Pack(records[i]), want[i]) {
					t.Errorf("record %d: other bytes than a fresh encoder's", i)
				}
			}
		})
	}
	workers.Wait()
}

// TestUnpackRefuses hands over what Pack never wrote.
func TestUnpackRefuses(t *testing.T) {
	t.Parallel()
	bomb := packed.Pack([]byte(strings.Repeat("a", packed.MaxRecord+1)))
	whole := packed.Pack(record(rand.New(rand.NewPCG(1, 1)), 5000))
	for name, value := range map[string][]byte{"a record that is too large": bomb, "half a frame": whole[:len(whole)/2], "a frame's beginning": whole[:4]} {
		if _, err := packed.Unpack(value); err == nil {
			t.Errorf("%s was unpacked", name)
		}
	}
}

func FuzzUnpack(f *testing.F) {
	f.Add([]byte(`{"a":1}`))
	f.Add(packed.Pack(record(rand.New(rand.NewPCG(1, 1)), 500)))
	f.Add([]byte("\x28\xb5\x2f\xfd"))
	f.Fuzz(func(t *testing.T, value []byte) {
		record, err := packed.Unpack(value)
		if err == nil && len(record) > packed.MaxRecord {
			t.Errorf("%d bytes were unpacked", len(record))
		}
	})
}
