// Package topology says where the consortium's processes run: which provinces
// there are, on which hosts and ports, and where each keeps its files. It is data,
// in one file (topology.yaml is the default one); the rest of the network is
// derived from it. It starts nothing and knows no protocol.
//
//	t, err := topology.Load("topology.yaml")
//	for _, p := range t.Provinces {
//		fmt.Println(p.Name, t.Files(data).Peer(p))
//	}
package topology
