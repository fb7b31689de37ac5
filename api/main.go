package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// cli is the command line. Every flag can be set in the environment too:
// --public-url is DELTATRACE_PUBLIC_URL.
type cli struct {
	Serve      Serve           `cmd:"" default:"withargs" help:"Serve the API (the default)."`
	Verify     verify          `cmd:"" help:"Recompute the ledger's hash chain, state and decisions; exit 1 and say where if it breaks."`
	Rebuild    rebuild         `cmd:"" help:"Make the read model anew from the ledger, beside the old, which is kept until the new one is whole; a running server does it while it serves."`
	Webhooks   webhooksCommand `cmd:"" help:"See and replay what could not be delivered to webhooks."`
	Disclosure disclose        `cmd:"" help:"Compute the disclosure rate of a day anew, from the ledger alone."`
	Backup     save            `cmd:"" help:"Write what cannot be made again into one file, also while a server runs: the embedded ledger, deliveries, keys, disclosed days."`
	Restore    restore         `cmd:"" help:"Take a backup out into a new data folder, and prove it by verify."`
	Dump       dump            `cmd:"" help:"Write the read model as text to standard output, to compare two of them."`
}

// Logging says how to log, to standard error.
type Logging struct {
	LogFormat string `help:"How to write the log: ${enum}." enum:"text,json" default:"text"`
	LogLevel  string `help:"From which level on: ${enum}." enum:"debug,info,warn,error" default:"info"`
}

func (l Logging) logger(w io.Writer) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(l.LogLevel)); err != nil {
		return nil, fmt.Errorf("--log-level: %w", err)
	}
	options := &slog.HandlerOptions{Level: level}
	if l.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options)), nil
	}
	return slog.New(slog.NewTextHandler(w, options)), nil
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "api:", err)
		os.Exit(1)
	}
}

// run is main for tests too.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var c cli
	parser, err := kong.New(&c, kong.Name("api"), kong.DefaultEnvars("DELTATRACE"), kong.Writers(stdout, stderr),
		kong.Description("The door of deltatrace: signed documents in, JSON, pages and QR codes out."))
	if err != nil {
		return fmt.Errorf("command line: %w", err)
	}
	command, err := parser.Parse(args)
	if err != nil {
		return err
	}
	err = command.Run(&streams{ctx: ctx, out: stdout, err: stderr})
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return errors.New("interrupted")
	}
	return err
}

// streams is what a command gets beside its flags.
type streams struct {
	ctx      context.Context
	out, err io.Writer
}
