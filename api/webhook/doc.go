// Package webhook delivers signals to the addresses that parties have named on the
// ledger (webhook.set): at least once, in the order of the feed, each until the
// receiver answers 2xx. Each webhook has a goroutine, a cursor and failures of its
// own, so that a slow or dead receiver harms no other.
//
// What cannot be delivered becomes a dead letter after a bounded time, and what
// comes later of the same subject lies down behind it, so that the order of one
// notice holds. An operator reads and replays dead letters.
//
// State, in a file of its own, survives a crash: the read model is disposable, a
// cursor is not. Guard keeps deliveries from going where only this machine can go.
// It imports the domain and its signatures, and nothing else of deltatrace.
package webhook
