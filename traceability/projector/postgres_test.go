package projector_test

import (
	"slices"
	"testing"
	"time"

	"deltatrace/traceability"
	"deltatrace/traceability/projector"
	"deltatrace/traceability/store/postgrestest"
	"deltatrace/traceability/store/storetest"
)

// TestPostgresKill has two projectors, each with a store of its own, bring the
// same blocks into one database, while its server is killed again and again, and
// single sessions in between. At the end the database is what a rebuild gives.
func TestPostgresKill(t *testing.T) {
	t.Parallel()
	server := postgrestest.Start(t)
	url := server.Database(t)
	blocks := slices.Collect(storetest.Region{Seed: 10, Lots: 1500, Chain: 20, Block: 5}.Blocks())
	ledger := newChain(blocks)
	var followers []*projector.Projector
	for _, most := range []int{2, 3} {
		p, _ := start(t, ledger, open(t, url), projector.Options{MaxBlocks: most, MinRetry: 10 * time.Millisecond, MaxRetry: 100 * time.Millisecond})
		followers = append(followers, p)
	}
	const kills = 4
	for n := range kills {
		wait(t, followers[n%2], n*len(blocks)/(kills+1))
		if n == 1 { // one session only: the server lives on
			server.Exec(t, "postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'deltatrace'")
			continue
		}
		server.Kill(t)
		server.Restart(t)
	}
	if head, _ := followers[0].Head(); head.Number == blocks[len(blocks)-1].Number {
		t.Error("all was projected before the last kill: the test says nothing of it")
	}
	for _, p := range followers {
		wait(t, p, len(blocks)-1)
	}
	rebuilt, killed := openStore(t), open(t, url)
	if err := rebuilt.Apply(t.Context(), blocks...); err != nil {
		t.Fatal(err)
	}
	if storetest.DumpOf(t, rebuilt) != storetest.DumpOf(t, killed) {
		t.Error("the read model differs from one that was rebuilt")
	}
}

// TestPostgresRace has two projectors bring the same blocks into one database.
func TestPostgresRace(t *testing.T) {
	t.Parallel()
	url := postgrestest.Start(t).Database(t)
	blocks := region()
	ledger := newChain(blocks[:1])
	first, second := open(t, url), open(t, url)
	one, _ := start(t, ledger, first, projector.Options{MaxBlocks: 3})
	two, _ := start(t, ledger, second, projector.Options{MaxBlocks: 4})
	for n := range blocks {
		ledger.change(func() { ledger.blocks = blocks[:n+1] }) // so that both find each block new
		wait(t, []*projector.Projector{one, two}[n%2], n)
	}
	wait(t, one, len(blocks)-1)
	wait(t, two, len(blocks)-1)
	alone := openStore(t)
	if err := alone.Apply(t.Context(), blocks...); err != nil {
		t.Fatal(err)
	}
	if storetest.DumpOf(t, alone) != storetest.DumpOf(t, first) {
		t.Error("two projectors leave something else than one")
	}
	for _, s := range []traceability.Reader{first, second} {
		if head, err := s.Head(t.Context()); err != nil || head != blocks[len(blocks)-1].Head() {
			t.Errorf("head %v, %v", head, err)
		}
	}
}
