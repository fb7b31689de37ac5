package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// cli is the command line. Every flag can be set in the environment too:
// --tls-cert is DELTATRACE_TLS_CERT.
type cli struct {
	Serve serve `cmd:"" help:"Serve the rules to the province's peer."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "chaincode:", err)
		os.Exit(1)
	}
}

// run is main for tests too.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var c cli
	parser, err := kong.New(&c, kong.Name("chaincode"), kong.DefaultEnvars("DELTATRACE"), kong.Writers(stdout, stderr),
		kong.Description("The rules of deltatrace, as a service of a province's peer."))
	if err != nil {
		return fmt.Errorf("command line: %w", err)
	}
	command, err := parser.Parse(args)
	if err != nil {
		return err
	}
	return command.Run(&streams{ctx: ctx, log: slog.New(slog.NewTextHandler(stderr, nil))})
}

// streams is what a command gets beside its flags.
type streams struct {
	ctx context.Context
	log *slog.Logger
}
