package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/go-json-experiment/json"

	"deltatrace/api/webhook"
	"deltatrace/network/topology"
	"deltatrace/traceability"
)

// Webhooks are the flags of `api serve` about deliveries.
type Webhooks struct {
	Webhooks        string         `help:"Whose webhooks to serve: ${enum}. own: those of the parties of --province, so that the provinces' servers deliver nothing twice; all on a ledger in this process." enum:"own,all,none" default:"own"`
	WebhookAllow    []netip.Prefix `help:"Networks (CIDR) that deliveries may go to besides the public net, at any port: an intranet, or 127.0.0.0/8 for a trial." placeholder:"CIDR"`
	WebhookPorts    []uint16       `help:"Ports of the public net that deliveries may go to." default:"443"`
	WebhookTimeout  time.Duration  `help:"How long a receiver may take." default:"10s"`
	WebhookMinPause time.Duration  `help:"How long to wait after a first failure; it doubles with each." default:"1s"`
	WebhookMaxPause time.Duration  `help:"How long to wait between two attempts at most." default:"10m"`
	WebhookAttempts int            `help:"How often to try before a signal becomes a dead letter." default:"20"`
	WebhookGiveUp   time.Duration  `help:"How long to try before a signal becomes a dead letter." default:"24h"`
}

func (s Storage) deliveryState() string { return filepath.Join(s.data(), "webhooks.db") }
func (s Storage) deliveryKey() string   { return filepath.Join(s.data(), "webhook-key.pem") }

// province is whose parties this server is for; empty for all.
func (s Storage) province() (traceability.ProvinceCode, error) {
	if s.Ledger != onFabric {
		return "", nil
	}
	profile, err := topology.Files{Root: s.Network}.FindProfile(s.Province)
	if err != nil {
		return "", fmt.Errorf("--province %s: %w", s.Province, err)
	}
	return traceability.ProvinceCode(profile.Province), nil
}

// openDeliveries opens the key that the server signs with, and what deliveries need
// unless it makes none.
func (m *Main) openDeliveries(ctx context.Context, waiter webhook.Waiter) error {
	flags := m.config.Webhooks
	key, err := webhook.OpenKey(m.config.deliveryKey())
	if err != nil {
		return err
	}
	m.sign = key.Sign
	if m.deliveryKeys, err = json.Marshal(key.Public(), json.Deterministic(true)); err != nil {
		return fmt.Errorf("delivery key: %w", err)
	}
	if flags.Webhooks == "none" {
		return nil
	}
	if m.deliveries, err = webhook.OpenState(ctx, m.config.deliveryState()); err != nil {
		return err
	}
	var province traceability.ProvinceCode
	if flags.Webhooks == "own" {
		if province, err = m.config.province(); err != nil {
			return err
		}
	}
	m.deliverer = webhook.New(webhook.Options{
		Reader: m.store, Waiter: waiter, State: m.deliveries, Key: key, Log: m.log, Now: time.Now, Province: province,
		Guard:   webhook.Guard{Ports: flags.WebhookPorts, Allow: flags.WebhookAllow},
		Timeout: flags.WebhookTimeout, MinPause: flags.WebhookMinPause, MaxPause: flags.WebhookMaxPause,
		MaxAttempts: flags.WebhookAttempts, GiveUp: flags.WebhookGiveUp,
	})
	return nil
}

// webhooksCommand is `api webhooks`, for an operator; a server may be running.
type webhooksCommand struct {
	List   webhooksList   `cmd:"" help:"Show how far the deliveries to each webhook are."`
	Dead   webhooksDead   `cmd:"" help:"Write the dead letters as JSON lines."`
	Replay webhooksReplay `cmd:"" help:"Have a webhook's dead letters delivered again, in their order."`
}

type webhooksList struct{ Storage }

// Run implements the command.
func (l *webhooksList) Run(to *streams) (err error) {
	state, err := l.openDeliveryState(to.ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, state.Close()) }()
	list, err := state.Statuses(to.ctx)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(to.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "party\twebhook\tdelivered\tdead\tfailed attempts\tsince\treason")
	for _, s := range list {
		since := ""
		if !s.Since.IsZero() {
			since = s.Since.Format(time.RFC3339)
		}
		fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%d\t%s\t%s\n", s.Party, s.Ref, s.Delivered, s.Dead, s.Attempts, since, s.Reason)
	}
	return table.Flush()
}

type webhooksDead struct {
	Storage
	Party traceability.PartyID `help:"Only this party's." placeholder:"PARTY"`
}

// Run implements the command.
func (d *webhooksDead) Run(to *streams) (err error) {
	state, err := d.openDeliveryState(to.ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, state.Close()) }()
	for after := int64(0); ; {
		letters, err := state.Letters(to.ctx, d.Party, after, 1000)
		if err != nil || len(letters) == 0 {
			return err
		}
		for _, letter := range letters {
			line, err := encode(letter)
			if err != nil {
				return err
			}
			fmt.Fprintf(to.out, "%s\n", line)
			after = letter.N
		}
	}
}

type webhooksReplay struct {
	Storage
	Party   traceability.PartyID    `arg:"" help:"The party."`
	Webhook traceability.WebhookRef `arg:"" help:"Which of its webhooks."`
	Subject string                  `arg:"" optional:"" help:"Only those about this subject, such as notice/DBJ25330100319130599."`
}

// Run implements the command.
func (r *webhooksReplay) Run(to *streams) (err error) {
	state, err := r.openDeliveryState(to.ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, state.Close()) }()
	count, err := state.Replay(to.ctx, r.Party, r.Webhook, r.Subject)
	if err != nil {
		return err
	}
	fmt.Fprintf(to.out, "%d letters will be delivered again\n", count)
	return nil
}

// openDeliveryState opens the file of a server that is, or was, running.
func (s Storage) openDeliveryState(ctx context.Context) (*webhook.State, error) {
	// Opening would make an empty one, which is no answer.
	if _, err := os.Stat(s.deliveryState()); err != nil {
		return nil, fmt.Errorf("delivery state: %w", err)
	}
	return webhook.OpenState(ctx, s.deliveryState())
}
