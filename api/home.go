package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"deltatrace/chaincode/embedded"
	"deltatrace/network/fabric"
	"deltatrace/network/topology"
	"deltatrace/traceability"
	"deltatrace/traceability/store"
)

// Storage says where things are kept.
type Storage struct {
	Data string `help:"Folder of the embedded ledger and of the default read model. Default: data, or data/<province> with --ledger fabric." type:"path" placeholder:"DIR" default:""`
	DB   string `name:"db" help:"Read model: a path, sqlite:///path/to/file, or postgresql://user@host/database (PostgreSQL, CockroachDB; the password in PGPASSWORD or ~/.pgpass)." placeholder:"URL" default:""`

	DiskFloor int64 `help:"How many MiB the disks of ledger and read model must have free: with less nothing is opened and no document is taken. 0 does not look." default:"64"`

	Ledger   string `help:"Where the ledger is: embedded in this process, or the provinces' fabric network." enum:"embedded,fabric" default:"embedded"`
	Province string `help:"With --ledger fabric: the province whose peer to use, by its code (GB/T 2260) or its name in the topology." placeholder:"310000" default:""`
	Network  string `help:"With --ledger fabric: the network's folder, which has the province's profile.json." type:"path" placeholder:"DIR" default:"data/network"`
}

// onFabric is the value of --ledger for the network.
const onFabric = "fabric"

// data is the folder of what this program keeps itself.
func (s Storage) data() string {
	switch {
	case s.Data != "":
		return s.Data
	case s.Ledger == onFabric:
		return filepath.Join("data", s.Province)
	default:
		return "data"
	}
}

func (s Storage) ledger() string { return filepath.Join(s.data(), "ledger") }

func (s Storage) readModel() string {
	if s.DB != "" {
		return s.DB
	}
	return filepath.Join(s.data(), "readmodel.db")
}

// catchUp is how long the ledger may lack blocks that the read model has.
func (s Storage) catchUp() time.Duration {
	if s.Ledger == onFabric {
		return 15 * time.Second
	}
	return 0
}

// floor is --disk-floor in bytes, as the ledger takes it.
func (s Storage) floor() int64 {
	if s.DiskFloor <= 0 {
		return -1
	}
	return s.DiskFloor << 20
}

// folders are those of this machine that are written in, as far as they are there.
func (s Storage) folders() []string {
	list := []string{s.data()}
	if path, ok := store.Path(s.readModel()); ok {
		list = append(list, filepath.Dir(path))
	}
	return list
}

// freeSpace returns the folder whose disk has the least room, with its bytes;
// false when that cannot be known.
func (s Storage) freeSpace() (folder string, free uint64, known bool) {
	for _, dir := range s.folders() {
		usage, err := vfs.Default.GetDiskUsage(dir)
		if err == nil && (!known || usage.AvailBytes < free) {
			folder, free, known = dir, usage.AvailBytes, true
		}
	}
	return folder, free, known
}

// checkSpace returns a traceability.ErrNoSpace when a disk has less than
// --disk-floor. What the read model cannot take in is better not taken at all.
func (s Storage) checkSpace() error {
	if folder, free, known := s.freeSpace(); known && int64(free) < s.floor() {
		return fmt.Errorf("%w: the disk of %s has %d MiB free, --disk-floor is %d MiB: make room, or set another floor",
			traceability.ErrNoSpace, folder, free>>20, s.DiskFloor)
	}
	return nil
}

// openLedger is a ledger that this program has opened.
type openLedger interface {
	traceability.Ledger
	Close() error
}

// open opens the ledger; a new one in this process starts from the genesis.
func (s Storage) open(ctx context.Context, o embedded.Options, log *slog.Logger) (openLedger, error) {
	if s.Ledger != onFabric {
		o.Logger, o.Floor = log, s.floor()
		l, err := embedded.OpenContext(ctx, s.ledger(), o)
		if err != nil {
			return nil, err // and no interface around a nil
		}
		return l, nil
	}
	if s.Province == "" {
		return nil, errors.New("--ledger fabric needs --province, such as --province 310000")
	}
	if o.Genesis != nil {
		return nil, errors.New("--genesis starts an embedded ledger; a network has had its genesis since `network up`")
	}
	profile, err := topology.Files{Root: s.Network}.FindProfile(s.Province)
	if err != nil {
		return nil, fmt.Errorf("--province %s: %w", s.Province, err)
	}
	l, err := fabric.Open(ctx, profile, fabric.Options{Logger: log})
	if err != nil {
		return nil, err
	}
	return l, nil
}
