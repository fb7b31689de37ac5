// Package fabricbench measures the four-province network: deltatrace's way, in
// which every peer checks every document and many share a transaction, against
// the way of Fabric's samples, one unchecked record a transaction, in one run on
// one network with the same signed bytes.
package fabricbench
