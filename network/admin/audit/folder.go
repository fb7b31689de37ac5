package audit

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/hyperledger/fabric-protos-go/common"
	"google.golang.org/protobuf/encoding/protowire"
)

// DamageError says that a block is there and cannot be read.
type DamageError struct{ Problem string }

func (e *DamageError) Error() string { return e.Problem }

// Folder reads the blocks from a copy of a peer's data. Fabric appends them to
// files blockfile_000000, blockfile_000001, …: each block's length, then its
// header, data and metadata in an encoding of its own (blkstorage).
//
// A peer that is running may be in the midst of a block; copy when it stands
// still.
type Folder struct {
	dir    string
	file   int // number of the one that is open
	reader *bufio.Reader
	closer io.Closer
	next   uint64 // number of the block that is read next
}

var _ Source = (*Folder)(nil)

// maxBlock is more than any block has: orderers cut them at 10 MB or so.
const maxBlock = 256 << 20

// OpenFolder opens the blocks of a channel in a peer's data folder, or in a
// folder that holds the block files themselves.
func OpenFolder(dir, channel string) (*Folder, error) {
	for _, chain := range []string{filepath.Join(dir, "ledgersData", "chains", "chains", channel), dir} {
		if _, err := os.Stat(blockFile(chain, 0)); err == nil {
			return &Folder{dir: chain}, nil
		}
	}
	return nil, fmt.Errorf("%s has no blocks of channel %s: expected a peer's data folder, with %s, or that folder itself",
		dir, channel, filepath.Join("ledgersData", "chains", "chains", channel, "blockfile_000000"))
}

func blockFile(dir string, n int) string { return filepath.Join(dir, fmt.Sprintf("blockfile_%06d", n)) }

// Close implements Source.
func (f *Folder) Close() error {
	if f.closer == nil {
		return nil
	}
	err := f.closer.Close()
	f.closer, f.reader = nil, nil
	return err
}

// Height implements Source. A last block that is not whole counts.
func (f *Folder) Height(ctx context.Context) (uint64, error) {
	if err := f.rewind(); err != nil {
		return 0, err
	}
	for {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		n, err := f.length()
		if err == io.EOF {
			height := f.next
			return height, f.rewind()
		}
		if err == nil {
			_, err = f.reader.Discard(n)
		}
		if err == nil {
			f.next++
			continue
		}
		var damage *DamageError
		if !errors.As(err, &damage) && err != io.EOF {
			return 0, err
		}
		height := f.next + 1
		return height, f.rewind()
	}
}

// Block implements Source.
func (f *Folder) Block(ctx context.Context, number uint64) (*common.Block, error) {
	if f.reader == nil || number < f.next {
		if err := f.rewind(); err != nil {
			return nil, err
		}
	}
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		n, err := f.length()
		if err == io.EOF {
			return nil, &DamageError{fmt.Sprintf("the files in %s end before block %d", f.dir, number)}
		}
		if err != nil {
			return nil, err
		}
		if f.next == number {
			stored := make([]byte, n)
			if _, err := io.ReadFull(f.reader, stored); err != nil {
				return nil, f.cut(err)
			}
			f.next++
			return decodeBlock(stored)
		}
		if _, err := f.reader.Discard(n); err != nil {
			return nil, f.cut(err)
		}
		f.next++
	}
}

// cut says that a block ends too early, unless the disk failed.
func (f *Folder) cut(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &DamageError{fmt.Sprintf("%s ends in the midst of block %d", blockFile(f.dir, f.file), f.next)}
	}
	return err
}

func (f *Folder) rewind() error {
	f.next = 0
	return f.open(0)
}

func (f *Folder) open(n int) error {
	if err := f.Close(); err != nil {
		return err
	}
	file, err := os.Open(blockFile(f.dir, n))
	if err != nil {
		return err
	}
	f.file, f.closer, f.reader = n, file, bufio.NewReaderSize(file, 1<<20)
	return nil
}

// length reads the next block's length, from the next file if there is one.
// io.EOF says that there are no more blocks.
func (f *Folder) length() (int, error) {
	for {
		if _, err := f.reader.Peek(1); err == nil {
			break
		} else if err != io.EOF {
			return 0, err
		}
		if _, err := os.Stat(blockFile(f.dir, f.file+1)); errors.Is(err, os.ErrNotExist) {
			return 0, io.EOF
		}
		if err := f.open(f.file + 1); err != nil {
			return 0, err
		}
	}
	n, err := binary.ReadUvarint(f.reader)
	if err != nil || n == 0 || n > maxBlock {
		return 0, &DamageError{fmt.Sprintf("%s has no length of a block where block %d should begin", blockFile(f.dir, f.file), f.next)}
	}
	return int(n), nil
}

// decodeBlock reads a block as blkstorage writes it: number, data hash, previous
// hash; how many envelopes, and each; how many metadata, and each.
func decodeBlock(stored []byte) (*common.Block, error) {
	d := decoder{rest: stored}
	block := &common.Block{Header: new(common.BlockHeader), Data: new(common.BlockData), Metadata: new(common.BlockMetadata)}
	block.Header.Number = d.number()
	block.Header.DataHash = d.bytes()
	block.Header.PreviousHash = d.bytes()
	block.Data.Data = d.list()
	block.Metadata.Metadata = d.list()
	if d.bad || len(d.rest) > 0 {
		return nil, &DamageError{"the block cannot be read: it has lengths that do not fit"}
	}
	return block, nil
}

// decoder reads from the front; its first failure sticks.
type decoder struct {
	rest []byte
	bad  bool
}

func (d *decoder) take(n int) {
	if n < 0 {
		d.bad, d.rest = true, nil
		return
	}
	d.rest = d.rest[n:]
}

func (d *decoder) number() uint64 {
	value, n := protowire.ConsumeVarint(d.rest)
	d.take(n)
	return value
}

func (d *decoder) bytes() []byte {
	value, n := protowire.ConsumeBytes(d.rest)
	d.take(n)
	return value
}

func (d *decoder) list() [][]byte {
	var list [][]byte
	for n := d.number(); n > 0 && !d.bad; n-- {
		list = append(list, d.bytes())
	}
	return list
}
