package embedded

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"deltatrace/traceability"
)

// The mark is a small file beside the database that names the last block before
// anybody is told of it. The database takes damage in the middle of its log for
// the torn end that a crash leaves, and would open without the blocks behind it;
// by the mark their loss is noticed. It is not synced: after a power cut it may
// lag behind, and then it says less, never anything wrong.
const markFile = "acknowledged"

const markLayout = "%020d %s\n"

// ErrLostBlocks says that blocks which were acknowledged are not there any more.
var ErrLostBlocks = errors.New("embedded: the ledger has lost blocks")

// mark writes the head into the mark, whole: it fits a disk sector.
func (l *Ledger) mark(head traceability.Head) error {
	if _, err := l.acknowledged.WriteAt(fmt.Appendf(nil, markLayout, head.Number, head.Hash), 0); err != nil {
		return fmt.Errorf("write %s: %w", markFile, err)
	}
	return nil
}

// openMark opens the mark of a ledger whose last block is head, after checking it.
func (l *Ledger) openMark() error {
	if err := checkMark(l.fs, l.dir, l.db, l.head); err != nil {
		return err
	}
	var err error
	if l.acknowledged, err = l.fs.OpenReadWrite(filepath.Join(l.dir, markFile), vfs.WriteCategoryUnspecified); err != nil {
		return fmt.Errorf("embedded: open the mark: %w", err)
	}
	return l.mark(l.head)
}

// checkMark refuses a ledger that ends before the block that was acknowledged,
// or has another in its place. No mark, or one that a power cut left torn, says
// nothing.
func checkMark(files vfs.FS, dir string, db pebble.Reader, head traceability.Head) error {
	path := filepath.Join(dir, markFile)
	f, err := files.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("embedded: read the mark: %w", err)
	}
	defer f.Close()
	content, err := io.ReadAll(f)
	if err != nil {
		return fmt.Errorf("embedded: read the mark: %w", err)
	}
	var number uint64
	var text string
	if _, err := fmt.Sscanf(string(content), "%d %s\n", &number, &text); err != nil {
		return nil
	}
	var marked traceability.Hash
	if marked.UnmarshalText([]byte(text)) != nil {
		return nil
	}
	if number > head.Number {
		return fmt.Errorf("%w: block %d was acknowledged, and %s ends at block %d; its disk is damaged or an older copy was put in its place: restore a newer copy, or, to go on without the lost blocks, delete %s",
			ErrLostBlocks, number, dir, head.Number, path)
	}
	stored, err := lookup(db, blockKey(number))
	if err != nil {
		return fmt.Errorf("embedded: block %d: %w", number, err)
	}
	if digest(stored) != marked {
		return fmt.Errorf("%w: block %d in %s is not the one that was acknowledged", ErrLostBlocks, number, dir)
	}
	return nil
}
