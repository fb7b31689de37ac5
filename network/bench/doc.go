// Package bench measures the whole system from outside: it starts an API as a
// process, loads lots through the public door, and tells how fast they went in,
// how long answers take, and how much memory the process has. Traffic stays on
// loopback and is bounded in count.
package bench
