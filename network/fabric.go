package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"text/tabwriter"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"deltatrace/network/cluster"
	"deltatrace/network/fabricbench"
	"deltatrace/network/faults"
	"deltatrace/network/topology"
	"deltatrace/network/watch"
)

// fabricFlags say which network a command is about.
type fabricFlags struct {
	Topology string   `help:"Topology file; the four provinces on loopback by default." type:"existingfile"`
	Root     string   `help:"Folder of the network's keys, channel and data." default:"data/network" env:"NETWORK" type:"path"`
	Bin      string   `help:"Folder of the programs." default:"bin" type:"path"`
	Fabric   string   `help:"Folder of the Fabric engine's commands; fabric in that of the programs by default." type:"path"`
	Only     []string `help:"Provinces whose processes run on this machine, by name or code; all by default." placeholder:"PROVINCE"`
}

func (f *fabricFlags) cluster() (*cluster.Cluster, error) {
	t, err := topology.Load(f.Topology)
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return cluster.New(cluster.Config{Topology: t, TopologyFile: f.Topology, Root: f.Root, Bin: f.Bin, Fabric: f.Fabric, Only: f.Only, Watcher: self, Out: os.Stderr})
}

type upCommand struct {
	fabricFlags
	valid
}

func (u *upCommand) Run(ctx context.Context) error {
	c, err := u.cluster()
	if err != nil {
		return err
	}
	c.Valid = u.Valid
	if err := c.Build(ctx); err != nil {
		return err
	}
	return c.Up(ctx)
}

type downCommand struct{ fabricFlags }

func (d *downCommand) Run() error {
	c, err := d.cluster()
	if err != nil {
		return err
	}
	return c.Down()
}

type upgradeCommand struct{ fabricFlags }

func (u *upgradeCommand) Run(ctx context.Context) error {
	c, err := u.cluster()
	if err != nil {
		return err
	}
	if err := c.Build(ctx); err != nil {
		return err
	}
	return c.Upgrade(ctx)
}

type statusCommand struct {
	fabricFlags
	Format string `help:"text or json." enum:"text,json" default:"text"`
	API    string `name:"api" placeholder:"URL" help:"Also ask this API which reference data are missing on the ledger, as text."`
}

func (s *statusCommand) Run(ctx context.Context) error {
	if _, err := os.Stat(s.Root); errors.Is(err, fs.ErrNotExist) && s.API != "" {
		return s.missing(ctx) // of an embedded ledger, or of a network that runs elsewhere
	}
	c, err := s.cluster()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	status, err := c.Status(ctx)
	if err != nil {
		return err
	}
	if status.Orderers, err = watch.Heights(ctx, c); err != nil {
		return err
	}
	if s.Format == "json" {
		return json.MarshalWrite(os.Stdout, status, jsontext.WithIndent("  "))
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "PROCESS\tPID\tHEALTH\tLOG")
	for _, p := range status.Processes {
		name := p.Name
		if name == status.Leader {
			name += " (leads)"
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\n", name, p.PID, p.Health, p.Log)
	}
	fmt.Fprintln(w, "\nORDERER OF\tBLOCKS\t\t")
	for _, h := range status.Orderers {
		fmt.Fprintf(w, "%s\t%d\t%s\t\n", h.Province, h.Height, h.Error)
	}
	fmt.Fprintln(w, "\nPEER OF\tBLOCKS\tLAST BLOCK'S HASH\t")
	for _, h := range status.Heights {
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\n", h.Province, h.Height, h.Hash, h.Error)
	}
	writeCertificates(w, status.Certificates)
	if err := w.Flush(); err != nil || s.API == "" {
		return err
	}
	return s.missing(ctx)
}

// missing tells which reference data the ledger lacks.
func (s *statusCommand) missing(ctx context.Context) error {
	flags := apiFlags{API: s.API}
	api, err := flags.client()
	if err != nil {
		return err
	}
	return tellMissing(ctx, api, os.Stdout)
}

type watchCommand struct{ fabricFlags }

func (w *watchCommand) Run(ctx context.Context) error {
	c, err := w.cluster()
	if err != nil {
		return err
	}
	watching, err := watch.New(c, slog.New(slog.NewTextHandler(os.Stderr, nil)))
	if err != nil {
		return err
	}
	return errors.Join(watching.Run(ctx), watching.Close())
}

type healthCommand struct {
	fabricFlags
	Within time.Duration `help:"How long an orderer that is behind may take to get level." default:"5s"`
}

func (h *healthCommand) Run(ctx context.Context) error {
	c, err := h.cluster()
	if err != nil {
		return err
	}
	return watch.Health(ctx, c, h.Within)
}

// auditCommand hands over to the program admin, which speaks to the peers.
type auditCommand struct {
	fabricFlags
	Args []string `arg:"" optional:"" passthrough:"" help:"Flags of 'admin audit'; --help lists them."`
}

func (a *auditCommand) Run(ctx context.Context) error {
	c, err := a.cluster()
	if err != nil {
		return err
	}
	cmd := c.Admin(ctx, append([]string{"audit"}, a.Args...)...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}

// The commands below are for provinces that run their parts on machines of their
// own (network/README.md has the order).

type keysCommand struct {
	fabricFlags
	valid
}

func (k *keysCommand) Run(ctx context.Context) error {
	c, err := k.cluster()
	if err != nil {
		return err
	}
	c.Valid = k.Valid
	if err := c.Build(ctx); err != nil {
		return err
	}
	return c.Keys(ctx)
}

type shareCommand struct {
	fabricFlags
	File string `arg:"" help:"File to write, .tar.gz." type:"path"`
}

func (s *shareCommand) Run() error {
	c, err := s.cluster()
	if err != nil {
		return err
	}
	file, err := os.Create(s.File)
	if err != nil {
		return err
	}
	return errors.Join(c.Share(file), file.Close())
}

type takeCommand struct {
	fabricFlags
	Files []string `arg:"" help:"Files that other provinces wrote with 'network share'." type:"existingfile"`
}

func (t *takeCommand) Run() error {
	c, err := t.cluster()
	if err != nil {
		return err
	}
	for _, path := range t.Files {
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		if err := errors.Join(c.Take(file), file.Close()); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return nil
}

type channelCommand struct{ fabricFlags }

func (ch *channelCommand) Run(ctx context.Context) error {
	c, err := ch.cluster()
	if err != nil {
		return err
	}
	if err := c.Build(ctx); err != nil {
		return err
	}
	if err := c.Channel(ctx); err != nil {
		return err
	}
	fmt.Println(c.Files().GenesisBlock())
	fmt.Println(c.Files().Genesis())
	return nil
}

type commitCommand struct{ fabricFlags }

func (co *commitCommand) Run(ctx context.Context) error {
	c, err := co.cluster()
	if err != nil {
		return err
	}
	return c.Commit(ctx)
}

type benchLedgerCommand struct {
	fabricFlags
	Duration time.Duration `help:"Of each measurement." default:"10s"`
	Workers  int           `help:"Clients that submit one document each." default:"64"`
	Batches  []int         `help:"Documents in a submission; a measurement each." default:"200,1000"`
	InFlight int           `help:"Transactions under way at the same time; 0 takes the ledger's default." default:"0"`
	Gateway  bool          `help:"Leave the choice of endorsers to the peer's gateway."`
}

func (b *benchLedgerCommand) Run(ctx context.Context) error {
	c, err := b.cluster()
	if err != nil {
		return err
	}
	if err := c.Build(ctx); err != nil {
		return err
	}
	return fabricbench.Run(ctx, fabricbench.Config{Cluster: c, Duration: b.Duration, Workers: b.Workers, Batches: b.Batches,
		InFlight: b.InFlight, Gateway: b.Gateway, Out: os.Stdout})
}

type faultsCommand struct {
	Root    string        `help:"Folder for the network that is broken; a new one." default:"data/faults" type:"path"`
	Bin     string        `help:"Folder of the programs." default:"bin" type:"path"`
	Rounds  int           `help:"How often each fault comes." default:"1"`
	Seed    uint64        `help:"Decides in which order, and whom they hit; 0 takes one by the clock." default:"0"`
	Bound   time.Duration `help:"How long a province that a fault does not hit may stall, at nine of ten times." default:"3s"`
	Utmost  time.Duration `help:"How long at all." default:"15s"`
	Level   time.Duration `help:"How long the orderers may take to have all blocks after a fault." default:"30s"`
	Hurried bool          `help:"Do not wait between two faults until all orderers are level."`
	Freeze  time.Duration `help:"How long the leading orderer is held with SIGSTOP." default:"6s"`
	Every   time.Duration `help:"Pause between two submissions to one province." default:"200ms"`
}

func (f *faultsCommand) Run(ctx context.Context) error {
	c := faults.Config{Topology: topology.Default(), Root: f.Root, Bin: f.Bin, Rounds: f.Rounds, Seed: f.Seed, Bound: f.Bound, Utmost: f.Utmost, Level: f.Level,
		Hurried: f.Hurried, Freeze: f.Freeze, Every: f.Every, Out: os.Stdout}
	if f.Hurried {
		c.Bound = c.Utmost
	}
	if c.Seed == 0 {
		c.Seed = uint64(time.Now().Unix())
	}
	if _, err := os.Stat(f.Root); err == nil {
		return fmt.Errorf("%s exists; give --root a new folder", f.Root)
	}
	if err := faults.CanSeparate(); err != nil {
		fmt.Fprintln(os.Stderr, "no province will be cut off from the others:", err)
	} else {
		islands, err := faults.Separate(c.Topology)
		if err != nil {
			return err
		}
		c.Islands = islands
		defer func() {
			if err := islands.Close(); err != nil {
				fmt.Fprintln(os.Stderr, "network:", err)
			}
		}()
	}
	_, err := faults.Run(ctx, c)
	return err
}
