// Package conformance tries a delivery platform's integration against a running API,
// with nothing but what the API offers to every platform: a token, a declaration read
// back, the same document twice, what verification says of good and bad shops, the
// stream, the record, what falls due, the feed, the quota, and the platform's own
// receiver of deliveries.
//
//	report := conformance.Run(ctx, conformance.Config{API: api, HTTP: http.DefaultClient, Address: "https://trace.example"}, func(r conformance.Result) { … })
//	report // false: something is not as it must be
//
// It declares a handful of shops whose ids begin with Prefix, and takes them off
// again, also when it is interrupted. What it says on the ledger stays there, as
// everything does: two declarations and one record of verifications.
//
// It imports the domain, the client, what verifies and what signs HTTP messages.
package conformance
