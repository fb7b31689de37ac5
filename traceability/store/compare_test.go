package store

import (
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"deltatrace/traceability"
	"deltatrace/traceability/store/postgrestest"
	"deltatrace/traceability/store/storetest"
)

// TestCompare alters a read model as who administers the database could, and holds
// that each is found and named, and nothing else, on every engine.
func TestCompare(t *testing.T) {
	t.Parallel()
	chain, _, _ := storetest.RecallChain(t, 3, 4)
	register := slices.Collect(storetest.Register{Seed: 1, Licences: 50, Shops: 50}.Blocks())
	region := slices.Collect(storetest.Region{Seed: 1, Lots: 20, Chain: 5, Block: 10}.Blocks())
	server := sync.OnceValue(func() *postgrestest.Server { return postgrestest.Start(t) })
	for engine, newURL := range map[string]func(testing.TB) string{
		"sqlite":   func(tb testing.TB) string { return filepath.Join(tb.TempDir(), "model.db") },
		"postgres": func(tb testing.TB) string { return server().Database(tb) },
	} {
		for name, test := range map[string]struct {
			blocks []traceability.Block
			change string
			want   []string // table, key's beginning, column, or how the row differs
		}{
			"as it is":     {blocks: chain.Blocks},
			"a document":   {chain.Blocks, "UPDATE documents SET jws = REPLACE(jws, '.', '-') WHERE position = (SELECT MAX(document) FROM lots)", []string{"documents jws"}},
			"a recall":     {chain.Blocks, "UPDATE recalls SET public = 0", []string{"recalls public"}},
			"a lot's name": {chain.Blocks, "UPDATE lots SET product = 'x' WHERE document = (SELECT MIN(document) FROM lots)", []string{"lots product"}},
			"two columns":  {chain.Blocks, "UPDATE parties SET name = 'x', status = 'suspended' WHERE kind = 'op' AND name <> '示例小吃店'", []string{"parties name", "parties status"}},
			"a row less":   {chain.Blocks, "DELETE FROM recall_lots WHERE lot = (SELECT MAX(lot) FROM recall_lots)", []string{"recall_lots missing"}},
			"a row more":   {chain.Blocks, "INSERT INTO recall_lots (lot, recall, since, distance, spreads) VALUES ('x', 'y', 1, 1, 1)", []string{"recall_lots added"}},
			"another key":  {chain.Blocks, "UPDATE recall_parties SET party = 'reg:zzz' WHERE party LIKE 'op:%'", []string{"recall_parties added", "recall_parties missing"}},
			"a region":     {blocks: region},
			"a verdict":    {region, "UPDATE documents SET jws = REPLACE(jws, '.', '-') WHERE record LIKE 'report/%'", []string{"documents jws"}},
			"a correction": {region, "UPDATE reports SET superseded_by = 'x'", []string{"reports superseded_by"}},
			"the register": {blocks: register},
			"a licence":    {register, "UPDATE licences SET halt = 'x' WHERE id = (SELECT MIN(id) FROM licences)", []string{"licences halt"}},
			"no listings":  {register, "DELETE FROM listings WHERE shop IN (SELECT shop FROM listings ORDER BY shop LIMIT 1)", []string{"listings missing"}},
		} {
			t.Run(engine+"/"+name, func(t *testing.T) {
				t.Parallel()
				model, anew := openTest(t, newURL(t)), openTest(t, filepath.Join(t.TempDir(), "anew.db"))
				if err := model.Apply(t.Context(), test.blocks...); err != nil {
					t.Fatal(err)
				}
				if test.change != "" {
					if err := model.db.write(t.Context(), func(tx transaction) error { return tx.exec(t.Context(), test.change) }); err != nil {
						t.Fatal(err)
					}
				}
				half := len(test.blocks) / 2
				err := anew.Load(t.Context(), func() error { return anew.Apply(t.Context(), test.blocks[:half]...) })
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				head, err := model.Compare(t.Context(), anew,
					func(at traceability.Head) error { return anew.Apply(t.Context(), test.blocks[half:at.Number+1]...) },
					func(d Difference) bool {
						what := d.Column
						switch {
						case what == "" && d.Added:
							what = "added"
						case what == "":
							what = "missing"
						}
						if what = d.Table + " " + what; !slices.Contains(got, what) {
							got = append(got, what)
						}
						if d.Key == "" || d.String() == "" {
							t.Errorf("%+v names no row", d)
						}
						return true
					})
				if err != nil || head.Number != uint64(len(test.blocks)-1) {
					t.Fatal(head.Number, err)
				}
				slices.Sort(got)
				if !slices.Equal(got, test.want) {
					t.Errorf("found %q, want %q", got, test.want)
				}
			})
		}
	}
}

// TestCompareStops holds that who has seen enough differences gets no more, and that
// read models of different blocks are not compared.
func TestCompareStops(t *testing.T) {
	t.Parallel()
	chain, _, _ := storetest.RecallChain(t, 2, 2)
	model, anew := openTest(t, ":memory:"), openTest(t, ":memory:")
	for _, s := range []*Store{model, anew} {
		if err := s.Apply(t.Context(), chain.Blocks...); err != nil {
			t.Fatal(err)
		}
	}
	err := model.db.write(t.Context(), func(tx transaction) error { return tx.exec(t.Context(), "UPDATE lots SET product = 'x'") })
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	same := func(traceability.Head) error { return nil }
	if _, err := model.Compare(t.Context(), anew, same, func(Difference) bool { n++; return n < 3 }); err != nil || n != 3 {
		t.Errorf("%d differences, %v", n, err)
	}
	behind := openTest(t, ":memory:")
	if err := behind.Apply(t.Context(), chain.Blocks[0]); err != nil {
		t.Fatal(err)
	}
	if _, err := model.Compare(t.Context(), behind, same, func(Difference) bool { return true }); err == nil {
		t.Error("read models of different blocks were compared")
	}
}

// openTest opens a store until the test's end.
func openTest(tb testing.TB, url string) *Store {
	tb.Helper()
	s, err := Open(tb.Context(), url, discard)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}
