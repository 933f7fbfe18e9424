"""A call as a whole: the longer window, and what the office is told day by day and month by month."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from states.actor import Actor, Role
from states.application import State
from tests.databases import durable_ledger
from tests.drive import A1, A2, CALLS, DAY, F1, HOUR, World, beijing, world
from workflow.handle import Rejected, Request
from workflow.ports import Ledger
from workflow.programme import CallMoved, handle_call
from workflow.record import decode
from workflow.replay import check_stream

TICK = timedelta(microseconds=1)
OUTAGE = {"reason": "系统故障", "evidence": "监控记录 2025-09-22"}


def codes(outcome: CallMoved | Rejected) -> tuple[str, ...]:
    return tuple(r.code for r in outcome.refusals) if isinstance(outcome, Rejected) else ()


@pytest.fixture(params=["memory", "database"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    ledger: Ledger | None = None if request.param == "memory" else durable_ledger(tmp_path)
    return world(ledger=ledger)


def propose(place: World, closes_at: datetime, by: Actor = A1, **over: Any) -> tuple[str, ...]:
    return codes(place.ask_call("ProposeExtension", by, closes_at=closes_at, **{**OUTAGE, **over}))


def test_a_longer_window_takes_two_officers_a_reason_and_evidence(place: World) -> None:
    later = place.call.closes_at + DAY
    assert propose(place, later, F1) == ("role_not_allowed",)
    assert propose(place, later, evidence=" ") == ("reason_missing",)
    assert propose(place, later, reason="") == ("reason_missing",)
    assert codes(place.ask_call("ExtendWindow", A2)) == ("proposal_missing",)
    assert propose(place, place.call.closes_at) == ("not_longer",)
    assert propose(place, place.call.closes_at + TICK) == ()
    assert propose(place, later) == ()
    assert codes(place.ask_call("ExtendWindow", A1)) == ("same_person",)
    assert codes(place.ask_call("ExtendWindow", A2)) == ()
    assert place.programme().closes_at == later


def test_a_close_that_has_passed_meanwhile_is_not_confirmed(place: World) -> None:
    later = place.call.closes_at + DAY
    assert propose(place, later) == ()
    assert codes(place.ask_call("ExtendWindow", A2, at=later)) == ("not_longer",)
    assert codes(place.ask_call("ExtendWindow", A2, at=later - TICK)) == ()


def test_no_close_comes_on_or_after_the_last_day_of_execution(place: World) -> None:
    last = beijing("2027-12-31T00:00")
    assert propose(place, last) == ("close_past_execution",)
    assert propose(place, beijing("9999-12-31T00:00")) == ("close_past_execution",)
    assert propose(place, last - TICK) == ()


PROPOSALS: dict[str, tuple[str, dict[str, Any]]] = {
    "ProposeExtension": ("ExtendWindow", {**OUTAGE, "closes_at": beijing("2025-10-01T16:00")}),
    "ProposeErratum": ("PublishErratum", {"clause": "四", "before": "甲", "after": "乙", "reason": "笔误"}),
    "ProposeCalendar": ("AmendCalendar", {"basis": "通知", "days_off": (date(2025, 10, 9),)}),
    "ProposeEnvelope": ("SetEnvelope", {"envelope_minor": 5, "reason": "年度预算"}),
}


@pytest.mark.parametrize("of", PROPOSALS)
def test_either_officer_takes_a_proposal_back_and_nobody_confirms_it_then(place: World, of: str) -> None:
    confirm, fields = PROPOSALS[of]
    assert codes(place.ask_call("WithdrawChange", A1, of=of, reason="有误")) == ("proposal_missing",)
    for who in (A1, A2):
        place.do_call(of, A1, **fields)
        assert codes(place.ask_call("WithdrawChange", F1, of=of, reason="有误")) == ("role_not_allowed",)
        assert codes(place.ask_call("WithdrawChange", who, of=of, reason=" ")) == ("reason_missing",)
        assert codes(place.ask_call("WithdrawChange", who, of="SetEnvelope", reason="有误")) == ("value_not_allowed",)
        place.do_call("WithdrawChange", who, of=of, reason="有误")
        assert codes(place.ask_call(confirm, A2)) == ("proposal_missing",)
    place.do_call(of, A1, **fields)
    place.do_call(confirm, A2)
    events = [decode(one.body) for one in place.ledger.stored(application=place.call_id)]
    taken = [one.data for one in events if one.type == "ChangeWithdrawn"]
    assert taken == [{"of": of, "reason": "有误", "proposed_by": A1.id}] * 2


def test_taking_one_proposal_back_leaves_the_others(place: World) -> None:
    for of, (_, fields) in PROPOSALS.items():
        place.do_call(of, A1, **fields)
    before = place.programme()
    place.do_call("WithdrawChange", A2, of="ProposeErratum", reason="有误")
    assert place.programme() == replace(before, version=before.version + 1, erratum_proposed=None)


def test_the_new_close_holds_for_all_to_the_microsecond(place: World) -> None:
    first, second = place.draft(), place.draft()
    later = place.call.closes_at + DAY
    place.extended(later)
    place.after(seconds=1)
    assert place.codes("SubmitApplication", place.unit(first), first, at=later - TICK) == ()
    assert place.codes("SubmitApplication", place.unit(second), second, at=later) == ("within_window",)
    place.at(later)
    assert (place.state(first), place.state(second)) == (State.SUBMITTED, State.LAPSED)


def test_a_draft_moves_to_the_new_close_with_its_reminders(place: World) -> None:
    application = place.draft()
    before = place.application(application).deadlines
    later = place.call.closes_at + DAY
    place.extended(later)
    place.after(seconds=1)
    after = place.application(application).deadlines
    assert after["submit"] == later
    assert {n: at + DAY for n, at in before.items()} == after


def test_a_sweep_that_comes_only_at_the_new_close_forgets_no_reminder_of_a_moved_draft(place: World) -> None:
    application = place.draft()
    later = place.call.closes_at + DAY
    place.extended(later)
    place.at(later)
    told = [event.data["deadline"] for event in (decode(e.body) for e in place.ledger.stored(application=application))
            if event.role == "system" and "deadline" in event.data]  # fmt: skip
    assert told == ["submit~7d", "submit~3d", "submit~24h", "submit~2h", "submit"]


def test_a_draft_that_no_job_has_moved_yet_does_not_lapse_at_the_old_close(place: World) -> None:
    application = place.draft()
    place.extended(place.call.closes_at + DAY)
    place.at(place.call.closes_at)
    assert place.state(application) is State.DRAFT
    assert place.codes("SubmitApplication", place.unit(application), application) == ()


def test_a_draft_that_has_lapsed_can_be_filed_in_a_window_extended_afterwards(place: World) -> None:
    application = place.draft()
    place.at(place.call.closes_at + HOUR)
    assert place.state(application) is State.LAPSED
    place.extended(place.call.closes_at + DAY)
    place.after(seconds=1)
    assert place.state(application) is State.DRAFT
    assert place.codes("SubmitApplication", place.unit(application), application) == ()


def test_a_draft_that_no_job_moved_before_the_new_close_lapses_there(place: World) -> None:
    application = place.draft()
    later = place.call.closes_at + DAY
    place.extended(later)
    place.at(later + HOUR)
    history = [decode(stored.body) for stored in place.ledger.stored(application=application)]
    lapsed = next(event for event in history if event.type == "DraftLapsed")
    assert (place.state(application), lapsed.effective_at) == (State.LAPSED, later)


def test_moving_the_drafts_twice_changes_nothing(place: World) -> None:
    place.draft()
    place.extended(place.call.closes_at + DAY)
    place.after(seconds=1)
    head = place.ledger.head()
    place.after(seconds=1)
    assert place.ledger.head() == head


def test_a_published_call_sums_up_each_day_and_each_month_until_all_is_done(place: World) -> None:
    place.do_call("PublishCall", A1)
    assert codes(place.ask_call("PublishCall", A2)) == ("already_done",)
    day = place.now.replace(hour=10, minute=0)
    assert place.programme().deadlines == {"digest": day, "progress": beijing("2025-10-01T09:00")}
    application = place.submitted()
    place.at(day)
    assert place.programme().deadlines["digest"] == day + DAY
    summary = last(place, "DaySummarised")
    assert (summary["events"]["ApplicationSubmitted"], summary["open"]) == (1, 1)
    place.do("WithdrawApplication", place.unit(application), application, reason="放弃")
    place.at(place.call.closes_at + 40 * DAY)
    assert place.programme().deadlines == {}
    assert last(place, "DaySummarised")["open"] == 0


def test_the_months_add_up_what_accepted_projects_contributed(place: World) -> None:
    place.do_call("PublishCall", A1)
    place.closed()
    place.after(days=32)
    assert last(place, "MonthSummarised")["verified"] == {"platform": 1}
    assert last(place, "MonthSummarised")["states"] == {"closed": 1}


def last(place: World, type_: str) -> Any:
    events = [decode(s.body) for s in place.ledger.stored(application=place.call_id) if s.type == type_]
    return events[-1].data


def test_a_command_id_counts_once_and_for_one_command(place: World) -> None:
    later = place.call.closes_at + DAY
    assert propose(place, later, id="twice") == ()
    head = place.ledger.head()
    assert propose(place, later, id="twice") == ()
    assert propose(place, later + DAY, id="twice") == ("command_id_reused",)
    assert place.ledger.head() == head


def test_a_call_that_nobody_knows_is_refused(place: World) -> None:
    request = place.request("SubmitApplication", A1, "x")
    unknown = Request("c", "no-such-call", "PublishCall", None, A1, request.received_at)
    assert codes(handle_call(place.handler, unknown, place.now)) == ("unknown_call",)


@pytest.mark.parametrize("call", CALLS)
def test_a_call_with_summaries_and_a_longer_window_replays_without_divergence(call: str) -> None:
    place = world(call)
    place.do_call("PublishCall", A1)
    place.draft()
    place.submitted()
    place.codes("CreateDraft", Actor("u", Role.APPLICANT, "x"), "app-x", unit_code="x", unit_name="x",
                unit_kind="company", contacts=place.profile.contacts)  # fmt: skip
    place.extended(place.call.closes_at + DAY)
    place.at(place.call.closes_at + 2 * DAY)
    folded = {history.name: check_stream(history) for history in place.ledger.histories()}
    assert [name for name, found in folded.items() if found.divergences] == []
    assert {name: f.programme for name, f in folded.items() if f.programme} == {call: place.programme()}


ERRATUM = {"clause": "四(二)1", "before": "16时前", "after": "16时（不含）前", "reason": "表述不清"}


@pytest.mark.parametrize("field", ERRATUM)
def test_a_correction_says_where_what_stood_what_stands_and_why(place: World, field: str) -> None:
    assert codes(place.ask_call("ProposeErratum", A1, **{**ERRATUM, field: " "})) == ("reason_missing",)
    assert codes(place.ask_call("ProposeErratum", A1, **{**ERRATUM, "after": "16时前 "})) == ("value_not_allowed",)


def test_a_correction_takes_two_officers(place: World) -> None:
    assert codes(place.ask_call("PublishErratum", A2)) == ("proposal_missing",)
    place.do_call("ProposeErratum", A1, **ERRATUM)
    assert codes(place.ask_call("PublishErratum", A1)) == ("same_person",)
    place.do_call("PublishErratum", A2)
    assert codes(place.ask_call("PublishErratum", A2)) == ("proposal_missing",)
    (erratum,) = place.programme().errata
    assert (erratum.after, erratum.by, erratum.published_at) == (ERRATUM["after"], A1.id, place.now)


def test_corrections_are_told_to_whoever_is_still_writing_once_and_in_order(place: World) -> None:
    draft, returned, filed = place.draft(), place.returned(), place.submitted()
    place.corrected()
    place.corrected()
    place.after(seconds=1)
    later = place.draft()
    place.after(seconds=1)
    told = {name: place.events(name).count("ErratumNoted") for name in (draft, returned, filed, later)}
    assert told == {draft: 2, returned: 2, filed: 0, later: 0}
    assert (place.application(draft).errata_told, place.programme().deadlines) == (2, {})
    place.corrected()
    place.after(seconds=1)
    assert [place.events(name).count("ErratumNoted") for name in (draft, later)] == [3, 1]
    assert [check_stream(history).divergences for history in place.ledger.histories()] == [[]] * 5
