"""The credit record: an entry counts in everything else that its unit asks for, until it is over, struck out or repaired."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from fundcall.audit.duties import duties
from fundcall.calls.calendars import provisional
from states.actor import Actor
from states.guards.credit import act_well_dated
from tests.drive import A1, A2, A3, DAY, M1, World, beijing
from tests.filings import CLIMATE, SHANGHAI, uscc
from workflow.record import decode
from workflow.replay import check_stream
from workflow.rules import Loaded
from workflow.visible import shown

UNIT = uscc(77)
FIRST, _ = SHANGHAI.instalments(SHANGHAI.grant_minor)
TICK = timedelta(microseconds=1)
ENTERED = [{"application": "app-0001", "entry": 1, "disputed": False}]


@pytest.fixture
def place(anew: Callable[..., World]) -> World:
    """A world of the 2025 call whose calendar reaches beyond an entry's years."""
    return anew(calendar=provisional(range(2027, 2040)))


def still_open(place: World) -> World:
    """A world whose window stays open for years, as no call has it that sets a last day for its projects."""
    rules = place.handler.calls[place.call_id]
    endless = replace(rules, call=replace(rules.call, execution_ends_by=None))
    place.handler = replace(place.handler, calls=Loaded({**place.handler.calls, place.call_id: endless}))
    place.extended(place.call.closes_at + 2200 * DAY)
    return place


def facts(place: World, application: str) -> dict[str, Any]:
    """The facts of an application's last event."""
    *_, last = place.ledger.stored(application=application)
    return dict(decode(last.body).facts)


def found(place: World, application: str) -> list[tuple[str, str]]:
    """The findings about the unit's record on an application."""
    return [(f["severity"], f["zh"]) for f in place.application(application).findings if f["rule"] == "credit_good"]


def filed(place: World) -> str:
    """Another filing of the unit, now."""
    return place.submitted(UNIT)


def object_to(place: World, application: str) -> None:
    place.do("ObjectToCredit", place.unit(application), application, entry=1, grounds="与事实不符")


def test_an_entry_is_found_when_its_unit_files_again_and_is_recorded_as_a_fact(place: World) -> None:
    first = still_open(place).credited(unit_code=UNIT)
    again = filed(place)
    zh = "单位存在失信记录（本系统信用记录：申报件 app-0001 第1项）"
    assert (first, found(place, again), facts(place, again)["credit"]) == ("app-0001", [("officer", zh)], ENTERED)
    assert "credit" not in facts(place, place.submitted())


def test_an_entry_that_the_unit_objects_to_counts_and_is_marked(place: World) -> None:
    object_to(place, still_open(place).credited(unit_code=UNIT))
    assert found(place, filed(place))[0][1].endswith("第1项，异议处理中）")


@pytest.mark.parametrize("end", ["struck", "repaired", "expired"])
def test_an_entry_that_is_over_counts_no_more(place: World, end: str) -> None:
    first = still_open(place).credited(unit_code=UNIT)
    if end == "struck":
        object_to(place, first)
        place.do("DecideCreditObjection", A3, first, entry=1, upheld=True, reason="查无实据")
    elif end == "repaired":
        place.do("ProposeCreditRepair", A1, first, entry=1, reason="已纠正")
        place.do("RepairCredit", A2, first)
    else:
        place.when_due(first, "credit:1")
    again = filed(place)
    after = place.application(first)
    assert (found(place, again), "credit" in facts(place, again)) == ([], False)
    assert (after.credits[0].status, [name for name in after.deadlines if name.startswith("credit")]) == (end, [])
    assert "credit_entered" not in after.flags


def test_an_entry_counts_to_the_last_instant_whether_or_not_the_job_has_run(place: World) -> None:
    first = still_open(place).credited(unit_code=UNIT)
    draft, until = place.draft(UNIT), place.application(first).credits[0].until
    request = place.request("SubmitApplication", place.unit(draft), draft, at=until - TICK)
    assert len(place.context(request).facts.credit) == 1
    assert place.context(replace(request, received_at=until)).facts.credit == ()


@pytest.mark.parametrize(
    ("stage", "command", "by", "fields"),
    [
        (World.noticed, "ApproveApplication", A2, {"grant_minor": SHANGHAI.grant_minor}),
        (World.agreed, "RecordPayment", M1, {"instalment": 1, "amount_minor": FIRST}),
    ],
)
def test_an_entry_stands_in_the_way_of_an_award_and_of_a_payment_until_it_is_repaired(
    place: World, stage: Any, command: str, by: Actor, fields: dict[str, Any]
) -> None:
    first = still_open(place).revoked(unit_code=UNIT)
    second = stage(place, unit_code=UNIT)
    place.propose_credit(first)
    place.do("EnterCredit", A2, first)
    assert place.codes(command, by, second, **fields) == ("credit_good",)
    place.do("ProposeCreditRepair", A1, first, entry=1, reason="已纠正")
    place.do("RepairCredit", A2, first)
    place.do(command, by, second, **fields)


def test_an_entry_is_a_fact_in_every_other_call_of_the_installation(place: World) -> None:
    place.credited(unit_code=UNIT)
    other = replace(place, call_id=CLIMATE.call)
    other.at(other.call.opens_at + DAY)
    again = other.submitted(UNIT)
    assert facts(other, again)["credit"] == ENTERED


def test_another_units_record_is_nobody_elses(place: World) -> None:
    still_open(place).credited(unit_code=UNIT)
    assert "credit" not in facts(place, place.submitted(uscc(78)))


def test_an_entry_outlives_the_revocation_of_what_had_failed(place: World) -> None:
    application = place.closed("failed", 0)
    place.propose_credit(application, "failure")
    place.do("EnterCredit", A2, application)
    before = place.application(application).deadlines["credit:1"]
    place.do("ProposeRevocation", A1, application, grounds="弄虚作假")
    place.do("SubmitDefence", place.unit(application), application, text="陈述意见")
    place.do("ConfirmRevocation", A2, application)
    assert place.application(application).deadlines["credit:1"] == before
    place.at(place.now + DAY)
    place.propose_credit(application)
    place.do("EnterCredit", A2, application)
    place.at(before)
    found = place.application(application)
    assert [(entry.kind, entry.status) for entry in found.credits] == [("failure", "expired"), ("revocation", "live")]


def test_an_entry_runs_five_years_from_the_day_on_which_the_act_ended(place: World) -> None:
    application = place.revoked()
    fields = {"kind": "revocation", "clause": "四(一)5", "grounds": "x", "ended_on": date(2025, 12, 31)}
    place.do("ProposeCredit", A1, application, **fields)
    place.do("EnterCredit", A2, application)
    until = beijing("2031-01-01T00:00")
    found = place.application(application)
    assert (found.credits[0].until, found.deadlines["credit:1"]) == (until, until)


def test_a_dismissed_objection_leaves_the_entry_and_may_be_raised_again(place: World) -> None:
    application = place.credited()
    object_to(place, application)
    place.when_due(application, "credit_objection:1")
    place.do("DecideCreditObjection", A3, application, entry=1, upheld=False, reason="查证属实")
    entry = place.application(application).credits[0]
    assert (entry.status, entry.objection, entry.by) == ("live", "与事实不符", (A1.id, A2.id))
    object_to(place, application)
    assert "credit_objection:1" in place.application(application).deadlines


def test_a_repair_that_was_proposed_ends_with_the_entry(place: World) -> None:
    application = place.credited()
    place.do("ProposeCreditRepair", A1, application, entry=1, reason="已纠正")
    object_to(place, application)
    place.do("DecideCreditObjection", A3, application, entry=1, upheld=True, reason="查无实据")
    assert place.application(application).proposal is None


def test_a_proposed_entry_can_be_taken_back(place: World) -> None:
    application = place.revoked()
    place.propose_credit(application)
    place.do("WithdrawProposal", A2, application, reason="依据不足")
    assert place.codes("EnterCredit", A2, application) == ("proposal_missing",)
    assert place.application(application).credits == ()


def test_a_call_that_keeps_no_record_takes_no_entry(place: World) -> None:
    application = place.revoked()
    fields = {"kind": "revocation", "clause": "四(一)5", "grounds": "x", "ended_on": date(2026, 1, 1)}
    context = place.context(place.request("ProposeCredit", A1, application, **fields))
    without = {kind: period for kind, period in context.call.periods.items() if kind != "credit"}
    refusal = act_well_dated(replace(context, call=replace(context.call, periods=without)))
    assert refusal is not None
    assert refusal.code == "no_such_item"


def test_the_unit_sees_its_entry_and_not_who_made_it(place: World) -> None:
    application = place.application(place.credited())
    unit, office = place.unit(application.id), shown(A1, application, place.call)["credits"][0]
    seen = shown(unit, application, place.call)["credits"][0]
    assert (office["by"], office | seen, "by" in seen) == ([A1.id, A2.id], office, False)


def test_a_replay_finds_what_stands_in_the_lists(place: World) -> None:
    place.credited()
    assert [check_stream(history).divergences for history in place.ledger.histories()] == [[]]


def test_one_person_behind_an_entry_is_told_by_the_audit(place: World) -> None:
    place.credited()
    (history,) = place.ledger.histories()
    folded = check_stream(history)
    assert list(duties(folded)) == []
    assert folded.application is not None
    alone = tuple(replace(entry, by=(A1.id, A1.id)) for entry in folded.application.credits)
    wrong = folded._replace(application=replace(folded.application, credits=alone))
    assert [d.what for d in duties(wrong)] == ["credit entry 1"]
