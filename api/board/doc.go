// Package board is the regulator's board: the page under /board on which those
// who work a case see what is due, who signed what, and act. A regulator, a
// laboratory, a business or a platform signs in with its own key. The key stays
// in the browser: WebCrypto holds it, not extractable, in memory only; the page
// itself signs the tokens that it reads with and the documents that it sends to
// POST /v1/documents, the one door. The server keeps no session and sets no
// cookie. What the key's file looked like in the browser's memory before it was
// imported, and what a manipulated computer does, is beyond any page.
//
// Beside the cases that have moves there are pages that only show: the four provinces
// side by side, and the shops of delivery platforms, by which a regulator finds those
// that fail, the worst first, and a platform what it has to put right and to verify.
// Such a subject is a module of assets alone; kinds says whose it is.
//
// The package has the page's shell, its script modules and style sheet, and the
// words and forms that the script needs, made from the domain's own tables. What
// a party may see is decided by the API that the script asks, as for any client.
//
// # To add a subject (recalls, consultations)
//
//  1. In Go, a Subject in subjects.go: the type of the document, the table of
//     moves, and a Field for each member that a move may have. The forms come
//     from it; a test holds it against the payload's Check. A new row in the
//     table then needs nothing here.
//  2. In the API, a list, and a record with `acts`: the moves that the party may
//     make now, with what they are about (see traceability.Notice.Choices).
//  3. In assets, one module for the subject that exports `subject`: its place in
//     the address and in the navigation, `list(main)` and `detail(main, id)`. The
//     two of notices.js and notice.js are the pattern; acts.js makes the forms,
//     pictures.js the bars and the time line. Add it to the list in subjects.js,
//     and its words to texts.js.
//
// Floor: it imports the domain (package traceability). It must not import a
// store, a ledger or a web framework.
package board
