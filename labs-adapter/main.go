package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// Exit statuses. When several apply, the highest is the one.
const (
	exitOK       = 0 // everything was accepted, or is on the ledger already
	exitRejected = 1 // some rows were rejected
	exitUsage    = 2 // wrong usage, or a file that cannot be read
	exitUnsent   = 3 // some rows were not sent, or it is not known what became of them
)

const description = `把检验机构 LIMS 导出的检验报告签名后提交到长三角食品安全追溯账本。
Signs the test reports that a laboratory's LIMS exports, and submits them to the ledger.

Exit status:
  0  every row was accepted or is on the ledger already (accepted, duplicate)
  1  some rows were rejected; nothing of their reports was sent or written
  2  wrong usage, or a file that cannot be read; nothing of that file was sent
  3  some rows were not sent, or their fate is unknown (API not reached, interrupted): submit again, which is harmless
When several apply, the highest is the one.

Every flag can be given in the environment as DELTATRACE_<FLAG>, for example DELTATRACE_API; a flag goes before the environment.`

// cli is the command line.
type cli struct {
	Keygen   keygenCommand   `cmd:"" help:"Make a party's signing key, and print its public half for the regulator."`
	Check    checkCommand    `cmd:"" help:"Show what would be sent. No key, and no network unless --api is given."`
	Submit   submitCommand   `cmd:"" help:"Sign the reports of files and submit them; tell what became of each row."`
	Watch    watchCommand    `cmd:"" help:"Submit what a LIMS drops into a folder."`
	Register registerCommand `cmd:"" help:"A province's register of licences: check, submit, checksum."`
	Limits   limitsCommand   `cmd:"" help:"Sign a table of limits as a province's regulator, and submit it."`
	Schema   schemaCommand   `cmd:"" help:"Print the JSON Schema of the JSON form."`

	Conformance conformanceCommand `cmd:"" help:"Try a delivery platform's integration against the API."`
}

// program is what a command works with.
type program struct {
	ctx            context.Context
	stdout, stderr io.Writer // what is written there cannot steer a terminal; see printable
	screen         io.Writer // stderr as it is, to go back to the beginning of a line
	terminal       bool      // stderr is one
}

// exitError ends the program with a status; its cause, if any, is to be shown.
type exitError struct {
	status int
	err    error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.status)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// usage is an error of how the program was called.
func usage(err error) error { return &exitError{exitUsage, err} }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	p := &program{ctx: ctx, stdout: &printable{to: os.Stdout}, stderr: &printable{to: os.Stderr}, screen: os.Stderr, terminal: isTerminal(os.Stderr)}
	os.Exit(p.run(os.Args[1:]))
}

// run parses the command line, runs the command and returns the exit status.
func (p *program) run(arguments []string) int {
	helped := false
	parser, err := kong.New(&cli{},
		kong.Name("labs-adapter"),
		kong.Description(description),
		kong.DefaultEnvars("DELTATRACE"),
		kong.Writers(p.stdout, p.stderr),
		kong.Exit(func(int) { helped = true }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
	)
	if err != nil {
		fmt.Fprintln(p.stderr, "labs-adapter:", err)
		return exitUsage
	}
	command, err := parser.Parse(arguments)
	if helped {
		return exitOK
	}
	if err != nil {
		fmt.Fprintf(p.stderr, "labs-adapter: %v\n用法见 labs-adapter --help · for usage, labs-adapter --help\n", err)
		return exitUsage
	}
	err = command.Run(p)
	var exit *exitError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &exit) && exit.err == nil:
		return exit.status
	case errors.As(err, &exit):
		fmt.Fprintln(p.stderr, "labs-adapter:", exit.err)
		return exit.status
	default:
		fmt.Fprintln(p.stderr, "labs-adapter:", err)
		return exitUnsent
	}
}

// isTerminal reports whether a person reads the file as it is written.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
