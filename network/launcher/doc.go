// Package launcher runs native processes in the order in which they need each
// other: start, wait until healthy, notice an early death, stop in reverse. It
// stops only what it started. It knows nothing of what the processes do, and it
// imports nothing of deltatrace.
package launcher
