// Package watch sees to it that a province's processes run. One that died is
// started again; one that hangs, or an orderer that has lost touch with the others,
// is replaced. What was stopped on purpose stays stopped, and what is held (see
// launcher.Detached) is left alone.
//
// It is the remedy for what the ordering engine cannot do by itself
// (traceability/docs/adr/0014): an orderer may come to a standstill, or end, when it
// falls behind at the wrong moment, and three of four must be well for the
// consortium to go on.
//
//	w, err := watch.New(cluster, slog.Default())
//	err = w.Run(ctx)
package watch
