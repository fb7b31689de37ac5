// Program network runs deltatrace's processes on this machine: the four
// provinces' Fabric network (up, status, upgrade, audit, down), or one API on an
// embedded ledger to look at (demo) or to measure (bench).
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"deltatrace/network/bench"
	"deltatrace/network/demo"
)

type cli struct {
	Up      upCommand      `cmd:"" help:"Start the four provinces' Fabric network, making what is missing; returns when every peer can endorse."`
	Status  statusCommand  `cmd:"" help:"Show heights, hashes, leader and the health of each process."`
	Watch   watchCommand   `cmd:"" help:"Start again what dies, hangs or falls behind, until Ctrl-C; 'up' leaves one running for each province."`
	Health  healthCommand  `cmd:"" help:"Fail unless the provinces' processes here answer and their orderers are level with the others: for systemd and orchestrators."`
	Down    downCommand    `cmd:"" help:"Stop what 'up' started; the data stay."`
	Upgrade upgradeCommand `cmd:"" help:"Replace the chaincode by the program as it is now; the data stay."`
	Backup  backupCommand  `cmd:"" help:"Write what the province of --only needs to run again elsewhere, its private keys included, to a file."`
	Restore restoreCommand `cmd:"" help:"Make the province of --only from its backup, start it, and prove its blocks."`
	Renew   renewCommand   `cmd:"" help:"Issue the certificates of the provinces of --only anew, for the same keys, and restart their processes, a province at a time."`
	Audit   auditCommand   `cmd:"" help:"Compare the ledgers of all peers, and check every hash, signature and endorsement."`

	InitData initDataCommand `cmd:"" help:"Sign the reference data (statutory periods, calendars …) as a province; say what is missing."`

	Keys    keysCommand    `cmd:"" group:"On machines of one's own:" help:"Make the key material of the provinces of --only."`
	Share   shareCommand   `cmd:"" group:"On machines of one's own:" help:"Write their public material, for the others."`
	Take    takeCommand    `cmd:"" group:"On machines of one's own:" help:"Read what others shared."`
	Channel channelCommand `cmd:"" group:"On machines of one's own:" help:"Make the channel's first block from everybody's public material; one province does."`
	Commit  commitCommand  `cmd:"" group:"On machines of one's own:" help:"Put the approved chaincode in force and start the ledger; one province does, when enough have approved."`

	Demo  demoCommand `cmd:"" help:"Run one API on an embedded ledger with invented data, until Ctrl-C."`
	Bench struct {
		Ledger benchLedgerCommand `cmd:"" default:"withargs" help:"Measure submissions to the Fabric network against the plain way of its samples (the default)."`
		API    benchCommand       `cmd:"" name:"api" help:"Load lots into one API on an embedded ledger and measure its answers and memory."`
	} `cmd:"" help:"Measure."`
	Faults faultsCommand `cmd:"" help:"Break a network of its own, piece by piece, under load; report stalls, and check that nothing is lost."`
}

type demoCommand struct {
	Listen    string `help:"Address of the API." default:"127.0.0.1:8080" env:"LISTEN"`
	PublicURL string `help:"What QR codes point to; http://<listen> by default." env:"DELTATRACE_PUBLIC_URL"`
	Data      string `help:"Folder of ledger, read model, keys and logs." default:"data/demo" env:"DATA" type:"path"`
	Bin       string `help:"Folder of the programs api and labs-adapter." default:"bin" type:"existingdir"`

	Story bool           `help:"Play the story of a lot of lettuce, step by step."`
	Pace  *time.Duration `help:"Time between two steps of the story; without it the Enter key goes on, or 3s pass where there is no terminal."`
}

func (c *demoCommand) Run(ctx context.Context) error {
	return demo.Run(ctx, demo.Config{Listen: c.Listen, PublicURL: c.PublicURL, Data: c.Data, Bin: c.Bin, Out: os.Stdout, Story: c.Story, Pace: c.Pace})
}

type benchCommand struct {
	Listen string `help:"Address of the API." default:"127.0.0.1:8089"`
	Data   string `help:"Folder for the ledger; a new one." default:"data/bench" type:"path"`
	Bin    string `help:"Folder of the program api." default:"bin" type:"existingdir"`
	Lots   int    `help:"How many lots to register." default:"100000"`
	Chain  int    `help:"How many of them make one chain." default:"50"`
	Asks   int    `help:"How many answers of each kind to time." default:"1000"`
}

func (c *benchCommand) Run(ctx context.Context) error {
	return bench.Run(ctx, bench.Config{Listen: c.Listen, Data: c.Data, Bin: c.Bin, Lots: c.Lots, Chain: c.Chain, Asks: c.Asks, Out: os.Stdout})
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	k := kong.Parse(new(cli), kong.Name("network"), kong.UsageOnError(),
		kong.Description("Runs deltatrace's processes on this machine."),
		kong.BindTo(ctx, (*context.Context)(nil)))
	if err := k.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "network:", err)
		os.Exit(1)
	}
}
