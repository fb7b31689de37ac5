// Package recognition decides which results of one province's laboratories count
// in another (检验结果互认): the twelve conditions P1 to P12, one rule's verdict on one
// parameter of a report, and the answer to "is there a result for this lot that
// counts here, and if not, why not".
//
// It is deterministic and does no I/O of its own: Evaluate works on what it is
// given, so the rules on every peer and a reader of the read model come to the
// same, today and for any day past. What the ledger does not know is unknown, and
// an unknown condition asks for a person: it is never taken for met.
//
//	case := &recognition.Case{…}           // what the ledger knows of a report
//	e := recognition.Evaluate(case, rule, item, day, nil)
//	e.Outcome                              // recognised, not_recognised or needs_review
//
// A pass is recognised for each parameter by itself; a fail needs no recognition
// to warn the neighbours. The package imports traceability and nothing else of
// deltatrace.
package recognition
