// Package cluster brings the consortium's Fabric network up as native processes:
// from a topology it makes keys, channel and configuration, starts each
// province's orderer, peer and chaincode, joins them, deploys the chaincode and
// waits until every peer can endorse. What it started it finds again, from
// another program as well, and it stops nothing else.
//
// It speaks no Fabric protocol: the engine's own commands and the program admin
// (network/admin) do, as child processes.
//
//	c := cluster.New(cluster.Config{Topology: topology.Default(), Root: "data/network", Bin: "bin"})
//	err := c.Up(ctx)
package cluster
