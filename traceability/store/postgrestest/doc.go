// Package postgrestest starts a real PostgreSQL for a test: a cluster of its own
// in a temporary folder, reached through a socket there, set up as a server in
// production would be (durable, with passwords). It goes away with the test.
//
// A test on a machine without PostgreSQL is skipped and says so; where
// DELTATRACE_LONG is set, as in make test, it fails.
//
//	server := postgrestest.Start(t)
//	s, err := store.Open(ctx, server.Database(t), log)
//
// It imports nothing of deltatrace.
package postgrestest
