// Command api is the door of deltatrace: the one way in for signed documents,
// and the ways out for programs (JSON), people (pages) and labels (QR).
//
//	api serve      serves; the default
//	api verify     recomputes the ledger's hash chain and says where it breaks
//	api rebuild    drops the read model and replays the ledger into it
//	api dump       writes the read model as text, to compare two of them
//
// The server is a courier: it cannot forge, keeps no passwords, and decides
// nothing. Writes go down only through Ledger, reads come up only through
// traceability.Reader, and everything that leaves passes traceability.Viewer.
//
// Only main.go and commands.go know which ledger and which store there are; the
// handlers see small interfaces. Reading order: server.go (the table of all
// routes), documents.go (the write), lots.go (a read), scan.go (the QR code's
// address), problem.go (every error).
package main
