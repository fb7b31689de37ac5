package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

type cli struct {
	session

	Join    joinCommand    `cmd:"" help:"Let each province's peer join the channel."`
	Deploy  deployCommand  `cmd:"" help:"Install a chaincode on each peer, approve it for each province, commit its definition."`
	Init    initCommand    `cmd:"" help:"Start the ledger: submit the chaincode's first transaction, which names the regulators."`
	Ready   readyCommand   `cmd:"" help:"Wait until each peer knows all provinces as endorsers."`
	Heights heightsCommand `cmd:"" help:"Show each peer's height and last block."`
	Compare compareCommand `cmd:"" help:"Compare the blocks of each province's own peer with those of the other provinces' peers."`
	Audit   auditCommand   `cmd:"" help:"Check all blocks of all peers: hashes, signatures, endorsements, documents. Exit status 1: a divergence was found; 2: could not audit."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	c := &cli{session: session{out: os.Stdout, err: os.Stderr}}
	os.Stdout = os.Stderr // what a library prints is no result
	k := kong.Parse(c, kong.Name("admin"), kong.UsageOnError(),
		kong.Description("Administers the provinces' Fabric network: channel, chaincode, audit."),
		kong.Vars{"root": "data/network"}, kong.BindTo(ctx, (*context.Context)(nil)))
	os.Exit(status(k.Run(&c.session)))
}

// exit is an error with an exit status of its own.
type exit struct {
	status int
	err    error
}

func (e *exit) Error() string { return e.err.Error() }
func (e *exit) Unwrap() error { return e.err }

// status prints an error and returns the exit status.
func status(err error) int {
	if err == nil {
		return 0
	}
	fmt.Fprintln(os.Stderr, "admin:", err)
	var e *exit
	if errors.As(err, &e) {
		return e.status
	}
	return 1
}
