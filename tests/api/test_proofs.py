"""What the API proves holds offline, with the ledger's key alone; what was changed on the way does not."""

from __future__ import annotations

import pytest

from fundcall.audit.checkpoint import BadNote, opened
from fundcall.audit.proof import Included, grown, proved
from tests.api.office import Office, code, ok


def test_the_events_that_somebody_may_see_are_proved_and_no_others(office: Office) -> None:
    application, unit = office.submitted(), office.unit()
    found = ok(office.get(f"/api/v1/applications/{application}/proof", unit))
    history = ok(office.get(f"/api/v1/applications/{application}/history", unit))
    assert [(e["position"], e["leaf"]) for e in found["events"]] == [(e["position"], e["leaf"]) for e in history]
    checkpoint = opened(found["checkpoint"], found["verifier"])
    for event in found["events"]:
        assert len(event["proof"]) < 2000
        proof = proved(event["proof"], bytes.fromhex(event["leaf"]), found["verifier"])
        assert proof == Included(event["position"], checkpoint)


def test_a_proof_is_for_its_own_event_alone(office: Office) -> None:
    application, unit = office.submitted(), office.unit()
    found = ok(office.get(f"/api/v1/applications/{application}/proof", unit))
    first, second = (bytes.fromhex(event["leaf"]) for event in found["events"][:2])
    proof = found["events"][0]["proof"]
    for text, leaf in (
        (proof, second),
        (proof.replace("index 0", "index 1"), first),
        (proof.replace("index 0", "index 00"), first),
        (proof.replace("index 0\n", ""), first),
        (proof.replace("index 0", f"index {'9' * 4300}"), first),
        (proof.replace("tlog-proof@v1", "tlog-proof@v2"), first),
    ):
        with pytest.raises(BadNote, match=r"not covered|not a proof"):
            proved(text, leaf, found["verifier"])
    with pytest.raises(BadNote):
        proved(proof.replace("fund.example", "bund.example"), first, found["verifier"])


def test_another_unit_is_proved_nothing(office: Office) -> None:
    application = office.submitted()
    assert code(office.get(f"/api/v1/applications/{application}/proof", office.unit(2))) == (404, "not_found")


def test_a_later_ledger_begins_with_the_earlier_and_a_forked_one_does_not(office: Office) -> None:
    office.submitted()
    earlier = office.get("/api/v1/checkpoint").text
    office.submitted(2)
    later = office.get("/api/v1/checkpoint").text
    found = ok(office.get(f"/api/v1/consistency?first={earlier.split()[1]}"))
    one, other = grown(earlier, later, found["proof"], found["verifier"])
    assert (str(one.size), str(other.size), found["checkpoint"]) == (earlier.split()[1], later.split()[1], later)
    with pytest.raises(BadNote, match="does not begin with"):
        grown(earlier, later, found["proof"][:-1], found["verifier"])


def test_a_size_that_the_ledger_has_not_reached_is_refused(office: Office) -> None:
    office.submitted()
    head = office.system.ledger.head()
    for query in (f"first={head + 1}", f"first=2&second={head + 1}", "first=3&second=2"):
        assert code(office.get(f"/api/v1/consistency?{query}")) == (422, "no_such_size")
