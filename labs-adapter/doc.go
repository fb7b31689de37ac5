// Command labs-adapter brings a laboratory's test reports onto the ledger: it
// reads what the LIMS exports (package formats), signs one report.submit document
// for each report with the laboratory's key, and submits them in batches over
// HTTP (package traceability/client). Every row of a file is answered for. With
// register it does the same for a province's register of licences. With conformance
// a delivery platform tries its integration (package conformance).
//
// It never talks to a ledger or a store: the API is its one door.
//
//	labs-adapter keygen --party lab:230912340001 --out lab.key.json
//	labs-adapter check export.csv
//	labs-adapter submit export.csv --api https://trace.example --key lab.key.json
//	labs-adapter register submit register.csv --api https://trace.example --key reg.key.json
//	labs-adapter conformance --api https://trace.example --key plat.key.json
//	labs-adapter watch /srv/lims/out --api https://trace.example --key lab.key.json
package main
