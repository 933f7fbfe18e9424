"""The cut-off: one microsecond decides, by arrival and by nothing else; a naive instant decides nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from states.actor import Actor, Role
from states.application import State
from tests.drive import CALLS, World, beijing
from tests.filings import uscc
from workflow.handle import Accepted, Rejected

TICK = timedelta(microseconds=1)
CLOSE = beijing("2025-09-22T16:00")


@pytest.mark.parametrize("call", CALLS)
def test_filing_is_possible_from_the_opening_instant_to_just_before_the_close(
    anew: Callable[..., World], call: str
) -> None:
    place = anew(call)
    opens, closes = place.call.opens_at, place.call.closes_at
    window = next(rule.id for rule in place.call.rules.values() if rule.check == "window")
    application = place.draft()
    unit = place.unit(application)
    answers = [place.would("SubmitApplication", unit, application, at=at) for at in
               (opens - TICK, opens, closes - TICK, closes, closes + TICK)]  # fmt: skip
    assert [tuple(r.code for r in answer) for answer in answers] == [(window,), (), (), (window,), (window,)]


@pytest.mark.parametrize(
    ("arrival", "codes"),
    [
        ("2025-09-03T09:59:59.999999", ("within_window",)),
        ("2025-09-03T10:00:00", ()),
        ("2025-09-22T15:59:59.999999", ()),
        ("2025-09-22T16:00:00", ("within_window",)),
    ],
)
def test_a_draft_is_opened_only_within_the_window(place: World, arrival: str, codes: tuple[str, ...]) -> None:
    unit = Actor("unit", Role.APPLICANT, uscc(1))
    fields = {"unit_code": uscc(1), "unit_name": "上海子虚有限公司", "unit_kind": "company", "contacts": ()}
    assert place.codes("CreateDraft", unit, "app", at=beijing(arrival), **fields) == codes


def test_a_submission_at_the_closing_instant_is_refused_recorded_and_changes_nothing(place: World) -> None:
    application = place.draft()
    before = place.application(application)
    outcome = place.ask("SubmitApplication", place.unit(application), application, at=CLOSE)
    assert isinstance(outcome, Rejected)
    assert [(r.code, r.clause) for r in outcome.refusals] == [("within_window", "四(二)1")]
    assert outcome.event is not None
    assert (outcome.event.type, outcome.event.effective_at, outcome.event.data["command"]) == (
        "CommandRefused",
        CLOSE,
        "SubmitApplication",
    )
    after = place.application(application)
    assert (after.state, after.form, after.deadlines) == (State.DRAFT, before.form, before.deadlines)
    assert (after.version, after.changed_version) == (before.version + 1, before.changed_version)


def test_a_submission_just_in_time_is_accepted_however_late_it_is_handled(place: World) -> None:
    application = place.draft()
    request = place.request("SubmitApplication", place.unit(application), application, at=CLOSE - TICK)
    outcome = place.handler.handle(request, CLOSE + timedelta(hours=6))
    assert isinstance(outcome, Accepted)
    assert (outcome.event.effective_at, outcome.event.recorded_at) == (CLOSE - TICK, CLOSE + timedelta(hours=6))
    assert outcome.application.submitted_at == CLOSE - TICK


def test_a_late_submission_is_refused_even_by_a_clock_that_stepped_back(place: World) -> None:
    application = place.draft()
    request = place.request("SubmitApplication", place.unit(application), application, at=CLOSE)
    outcome = place.handler.handle(request, CLOSE - timedelta(days=1))
    assert isinstance(outcome, Rejected)


def test_the_verdict_on_a_timely_submission_stands_whichever_comes_first_the_sweep_or_the_queue(place: World) -> None:
    application = place.draft()
    request = place.request("SubmitApplication", place.unit(application), application, at=CLOSE - TICK)
    assert isinstance(place.handler.handle(request, CLOSE + timedelta(seconds=30)), Accepted)
    assert (place.at(CLOSE).fired, place.state(application)) == (0, State.SUBMITTED)


@pytest.mark.parametrize("naive", ["received_at", "now"])
def test_a_naive_instant_writes_nothing(place: World, naive: str) -> None:
    application = place.draft()
    head, bare = place.ledger.head(), datetime(2025, 9, 12, 12)  # noqa: DTZ001
    at = bare if naive == "received_at" else place.now
    request = place.request("SubmitApplication", place.unit(application), application, at=at)
    with pytest.raises((ValueError, TypeError), match="naive"):
        place.handler.handle(request, bare if naive == "now" else place.now)
    assert (place.ledger.head(), place.state(application)) == (head, State.DRAFT)


def test_a_naive_instant_sinks_nothing_but_itself(place: World) -> None:
    application = place.draft()
    bare = place.request("SubmitApplication", place.unit(application), application, at=datetime(2025, 9, 12, 12))  # noqa: DTZ001
    with pytest.raises((ValueError, TypeError), match="naive"):
        place.handler.handle(bare, place.now)
    place.do("SubmitApplication", place.unit(application), application)
    assert place.state(application) is State.SUBMITTED


def test_lateness_is_recorded_for_editing_and_creating_too(place: World) -> None:
    application = place.draft()
    place.codes("EditDraft", place.unit(application), application, form={"title": "x"}, at=CLOSE)
    assert place.events(application)[-1] == "CommandRefused"


def test_a_creation_that_comes_late_stands_with_the_call(place: World) -> None:
    unit = Actor("unit", Role.APPLICANT, uscc(1))
    fields = {"unit_code": uscc(1), "unit_name": "上海子虚有限公司", "unit_kind": "company", "contacts": ()}
    codes = [place.codes("CreateDraft", unit, name, at=CLOSE, **fields) for name in ("late-1", "late-2")]
    assert codes == [("within_window",), ("within_window",)]
    assert [(e.application, e.version, e.type) for e in place.ledger.stored()] == [
        (place.call_id, 1, "CommandRefused"),
        (place.call_id, 2, "CommandRefused"),
    ]
    assert place.ledger.rows() == []


@pytest.mark.parametrize("zone", ["+00:00", "-04:00", "+14:00"])
def test_the_zone_in_which_an_arrival_is_written_changes_no_verdict(place: World, zone: str) -> None:
    application = place.draft()
    unit = place.unit(application)
    there = datetime.fromisoformat(f"2025-01-01T00:00:00{zone}").tzinfo
    answers = [
        place.would("SubmitApplication", unit, application, at=at.astimezone(there)) for at in (CLOSE - TICK, CLOSE)
    ]
    assert [len(answer) for answer in answers] == [0, 1]
