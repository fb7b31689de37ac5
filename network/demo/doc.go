// Package demo runs deltatrace on one machine for somebody who wants to see it:
// one API on an embedded ledger, four provinces, some laboratories and firms,
// and an invented but lifelike data set. Everything goes in through the public
// door: the laboratories' files by labs-adapter, all else by POST /v1/documents.
// Names, codes and numbers are made up; check digits are right, as they would be.
package demo
