package rules_test

import (
	"strings"
	"testing"
	"time"

	"deltatrace/traceability"
)

func TestAdmission(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admission := w.admission(lab)
	first := w.sign(zhejiang, traceability.TypePartyAdmit, admission)
	accepted := w.accept(first)

	if outcome := w.submit(first)[0]; outcome.Status != traceability.StatusDuplicate || outcome.Code != traceability.CodeReplayed || outcome.First == "" {
		t.Errorf("the same bytes again: got %+v", outcome)
	}
	if outcome := w.submit(w.sign(zhejiang, traceability.TypePartyAdmit, admission))[0]; outcome.Code != traceability.CodeDuplicate || outcome.ID != accepted.ID {
		t.Errorf("the same content, signed anew: got %+v", outcome)
	}

	changed := *admission
	changed.Name = "改名后的实验室"
	conflict := w.refuse(w.sign(zhejiang, traceability.TypePartyAdmit, &changed), traceability.CodeConflict, "party")
	if conflict.Existing != accepted.ID || conflict.Record != traceability.PartyKey(lab) {
		t.Errorf("conflict: got %+v", conflict)
	}
	changed.Supersedes = traceability.DocumentID(strings.Repeat("0", 64))
	w.refuse(w.sign(zhejiang, traceability.TypePartyAdmit, &changed), traceability.CodeSupersedes, "supersedes")
	changed.Supersedes = accepted.ID
	w.refuse(w.sign(shanghai, traceability.TypePartyAdmit, &changed), traceability.CodeNotAllowed, "party")
	w.accept(w.sign(zhejiang, traceability.TypePartyAdmit, &changed))
	if outcome := w.submit(first)[0]; outcome.Status != traceability.StatusDuplicate {
		t.Errorf("a superseded admission again: got %+v", outcome)
	}

	w.refuse(w.sign(lab, traceability.TypePartyAdmit, w.admission(farm)), traceability.CodeNotAllowed, "kid")
	w.refuse(w.sign(farm, traceability.TypeLotRegister, lotOf(farm, "B1")), traceability.CodeUnknownParty, "kid")
}

func TestSuspension(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	suspension := &traceability.Suspension{Party: farm, Reason: "提供虚假材料", On: "2026-11-22"}
	w.refuse(w.sign(shanghai, traceability.TypePartySuspend, suspension), traceability.CodeNotAllowed, "party")
	w.accept(w.sign(farm, traceability.TypeLotRegister, lotOf(farm, "B1")))
	registered := w.sign(farm, traceability.TypeLotRegister, lotOf(farm, "B1"))
	w.accept(w.sign(zhejiang, traceability.TypePartySuspend, suspension))

	w.refuse(w.sign(farm, traceability.TypeLotRegister, lotOf(farm, "B2")), traceability.CodePartySuspended, "kid")
	if outcome := w.submit(registered)[0]; outcome.Status != traceability.StatusDuplicate {
		t.Errorf("what was accepted before stays a duplicate: got %+v", outcome)
	}
	again := *suspension
	again.Reason = "另一理由"
	w.refuse(w.sign(zhejiang, traceability.TypePartySuspend, &again), traceability.CodeConflict, "party")
	w.refuse(w.sign(zhejiang, traceability.TypePartySuspend, &traceability.Suspension{Party: shanghai, Reason: "x", On: "2026-11-22"}), traceability.CodeNotAllowed, "party")

	admitted := w.admission(farm)
	current, _ := traceability.DecodeState[traceability.PartyState](w.state[traceability.PartyKey(farm)])
	document, _ := traceability.ParseDocument(current.Documents[0].JWS)
	admitted.Supersedes = document.ID
	w.accept(w.sign(zhejiang, traceability.TypePartyAdmit, admitted))
	w.accept(w.sign(farm, traceability.TypeLotRegister, lotOf(farm, "B2")))
}

func TestRotation(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	old, new := w.key(farm), w.newKey(farm)
	lot := w.sign(farm, traceability.TypeLotRegister, lotOf(farm, "B1"))
	w.accept(lot)
	w.accept(w.sign(farm, traceability.TypePartyRotateKey, &traceability.Rotation{Party: farm, Key: new.Public()}))

	w.refuse(w.signWith(old, traceability.TypeLotRegister, lotOf(farm, "B2")), traceability.CodeKeyNotValid, "kid")
	w.now = w.now.Add(-time.Minute) // another submitter's clock is slow: what is replaced stays so
	w.refuse(w.signWith(old, traceability.TypeLotRegister, lotOf(farm, "B2")), traceability.CodeKeyNotValid, "kid")
	w.now = w.now.Add(time.Minute)
	if outcome := w.submit(lot)[0]; outcome.Code != traceability.CodeReplayed {
		t.Errorf("a document signed when the key was good: got %+v", outcome)
	}
	w.accept(w.signWith(new, traceability.TypeLotRegister, lotOf(farm, "B2")))
	w.refuse(w.signWith(new, traceability.TypePartyRotateKey, &traceability.Rotation{Party: farm, Key: old.Public()}), traceability.CodeInvalid, "key")

	third := w.newKey(farm)
	lost := &traceability.Rotation{Party: farm, Key: third.Public(), Reason: "密钥遗失"}
	w.refuse(w.sign(shanghai, traceability.TypePartyRotateKey, lost), traceability.CodeNotAllowed, "party")
	w.refuse(w.sign(shop, traceability.TypePartyRotateKey, lost), traceability.CodeNotAllowed, "kid")
	w.accept(w.sign(zhejiang, traceability.TypePartyRotateKey, lost))
	w.accept(w.signWith(third, traceability.TypeLotRegister, lotOf(farm, "B3")))
	w.refuse(w.signWith(w.newKey(farm), traceability.TypeLotRegister, lotOf(farm, "B4")), traceability.CodeUnknownKey, "kid")
}

// A failed rotation leaves no trace in what the next document of the batch sees.
func TestRotationFailureIsClean(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	outcomes := w.submit(
		w.sign(farm, traceability.TypePartyRotateKey, &traceability.Rotation{Party: farm, Key: w.key(farm).Public()}),
		w.sign(farm, traceability.TypeLotRegister, lotOf(farm, "B1")))
	if outcomes[0].Code != traceability.CodeInvalid || outcomes[1].Status != traceability.StatusAccepted {
		t.Errorf("got %+v", outcomes)
	}
}

func TestProvinceRotationNeedsThree(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	old, new := w.key(shanghai), w.newKey(shanghai)
	rotation := &traceability.Rotation{Party: shanghai, Key: new.Public(), Reason: "例行更换"}
	for i, province := range []traceability.ProvinceCode{traceability.Shanghai, traceability.Jiangsu} {
		outcome := w.accept(w.sign(traceability.Regulator(province), traceability.TypePartyRotateKey, rotation))
		if len(outcome.Warnings) != 1 || outcome.Warnings[0].Code != traceability.CodeAwaiting {
			t.Errorf("vote %d: got %+v", i+1, outcome)
		}
		w.refuse(w.signWith(new, traceability.TypePartyAdmit, w.admission("plat:91340104MA1FPX121J")), traceability.CodeUnknownKey, "kid")
	}
	other := *rotation
	other.Reason = "另一理由"
	w.refuse(w.sign(shanghai, traceability.TypePartyRotateKey, &other), traceability.CodeConflict, "party")
	w.refuse(w.sign(lab, traceability.TypePartyRotateKey, rotation), traceability.CodeNotAllowed, "kid")
	w.accept(w.sign(traceability.Regulator(traceability.Anhui), traceability.TypePartyRotateKey, rotation))
	w.accept(w.signWith(new, traceability.TypePartyAdmit, w.admission("plat:91340104MA1FPX121J")))
	w.refuse(w.signWith(old, traceability.TypePartySuspend, &traceability.Suspension{Party: shop, Reason: "x", On: "2026-11-22"}), traceability.CodeKeyNotValid, "kid")
}

func TestAdmissionValidity(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admission := w.admission(farm)
	admission.ValidFrom, admission.ValidTo = "2026-11-22", "2026-11-23"
	w.accept(w.sign(zhejiang, traceability.TypePartyAdmit, admission))
	w.accept(w.sign(farm, traceability.TypeLotRegister, lotOf(farm, "B1")))
	w.now = time.Date(2026, 11, 23, 15, 59, 0, 0, time.UTC) // 23:59 in China
	w.accept(w.sign(farm, traceability.TypeLotRegister, lotOf(farm, "B2")))
	w.now = time.Date(2026, 11, 23, 16, 0, 0, 0, time.UTC) // the next day in China
	w.refuse(w.sign(farm, traceability.TypeLotRegister, lotOf(farm, "B3")), traceability.CodePartyExpired, "kid")
}
