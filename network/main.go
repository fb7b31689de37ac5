// Program network runs deltatrace's processes. Today it has `demo`, one API on
// an embedded ledger; the four provinces' Fabric network joins it.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"deltatrace/network/demo"
)

type cli struct {
	Demo demoCommand `cmd:"" help:"Run one API on an embedded ledger with invented data, until Ctrl-C."`
}

type demoCommand struct {
	Listen    string `help:"Address of the API." default:"127.0.0.1:8080" env:"LISTEN"`
	PublicURL string `help:"What QR codes point to; http://<listen> by default." env:"DELTATRACE_PUBLIC_URL"`
	Data      string `help:"Folder of ledger, read model, keys and logs." default:"data/demo" env:"DATA" type:"path"`
	Bin       string `help:"Folder of the programs api and labs-adapter." default:"bin" type:"existingdir"`
}

func (c *demoCommand) Run(ctx context.Context) error {
	return demo.Run(ctx, demo.Config{Listen: c.Listen, PublicURL: c.PublicURL, Data: c.Data, Bin: c.Bin, Out: os.Stdout})
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
