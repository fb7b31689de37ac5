package rules

import (
	"bytes"
	"fmt"
	"slices"

	"deltatrace/traceability"
)

// agree records one province's signature under a calendar, a limit or whatever else
// the provinces agree on, and brings it into force with the last that its kind needs
// on the same content. Any other content
// needs a revision of its own: so there is never a question which of two was
// signed, and a slip of the pen can be passed over.
func (s *statement) agree(say traceability.Agreed) *traceability.Error {
	if problem := s.role(traceability.KindRegulator); problem != nil {
		return problem
	}
	key := say.Record()
	state := get[traceability.AgreementState](s.view, key)
	if state == nil {
		state = &traceability.AgreementState{}
	}
	last, votes := 0, 1
	for i, entry := range state.Documents {
		document := s.read(entry)
		if document == nil {
			return nil // the view has failed
		}
		signed := s.agreement(document)
		if signed == nil {
			return nil
		}
		if slices.Contains(state.InForce, i) {
			last = max(last, signed.Edition())
		}
		switch {
		case signed.Edition() != say.Edition():
		case !bytes.Equal(document.Payload, s.document.Payload):
			return s.conflict(key, document.ID, "revision",
				fmt.Sprintf("第 %d 版已由 %s 以不同内容签署；请签署相同内容，或以第 %d 版提出", say.Edition(), document.Party(), say.Edition()+1),
				fmt.Sprintf("%s has signed revision %d with other content; sign the same content, or propose yours as revision %d", document.Party(), say.Edition(), say.Edition()+1))
		default:
			votes++
		}
	}
	if say.Edition() < last {
		return refuse(traceability.CodeSupersedes, "revision", fmt.Sprint(say.Edition()), fmt.Sprintf("more than %d, the revision in force", last),
			fmt.Sprintf("第 %d 版已经生效，请以第 %d 版提出", last, last+1),
			fmt.Sprintf("revision %d is in force; propose revision %d", last, last+1))
	}
	needed := say.Signers()
	switch {
	case votes < needed:
		s.warn(&traceability.Error{Code: traceability.CodeAwaiting, Field: "revision",
			Found: fmt.Sprintf("%d provinces", votes), Expected: fmt.Sprintf("%d provinces", needed),
			ZH: fmt.Sprintf("已有 %d 个省份签署，满 %d 个省份后生效", votes, needed),
			EN: fmt.Sprintf("%d of %d provinces have signed; it is not in force yet", votes, needed)})
	case votes == needed:
		state.InForce = append(state.InForce, len(state.Documents))
	}
	state.Documents = append(state.Documents, s.entry)
	put(s.view, key, state)
	s.outcome.Record = key
	return nil
}

// agreement reads what a document of an agreement says.
func (v *view) agreement(document *traceability.Document) traceability.Agreed {
	agreed, ok := traceability.NewPayload(document.Type).(traceability.Agreed)
	if !ok {
		v.err = fmt.Errorf("document %s in record: %s is no agreement", document.ID, document.Type)
		return nil
	}
	if err := document.Decode(agreed); err != nil {
		v.err = fmt.Errorf("document %s in record: %w", document.ID, err)
		return nil
	}
	return agreed
}

// agreed returns what the provinces have brought into force under a key, oldest
// first.
func agreed[T traceability.Agreed](v *view, key string) []T {
	state := get[traceability.AgreementState](v, key)
	if state == nil {
		return nil
	}
	var list []T
	for _, i := range state.InForce {
		document := v.read(state.Documents[i])
		if document == nil {
			return nil // the view has failed
		}
		agreement, _ := v.agreement(document).(T)
		if v.err != nil {
			return nil
		}
		list = append(list, agreement)
	}
	return list
}
