"""A changed working calendar: deadlines that fall later by it are moved by events, none comes earlier, and it can be replayed."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from states.actor import SYSTEM
from states.calendar import WorkingCalendar, amendments
from states.programme_row import CalendarChange
from tests.drive import A1, A2, CITIZEN, EXPERTS, F1, OBJECTOR, World, beijing, world
from workflow.changes import Moving, moving, reached
from workflow.handle import Rejected
from workflow.publication import Noticeboard
from workflow.record import decode
from workflow.redecide import Redecider
from workflow.replay import check_stream
from workflow.tasks import kind_of

OFF = (date(2025, 9, 15), date(2025, 9, 16))  # a Monday and a Tuesday
DAYS = {"basis": "国务院办公厅通知"}


@pytest.fixture
def noon(place: World) -> World:
    """Friday noon, 12 September 2025."""
    place.at(beijing("2025-09-12T12:00"))
    return place


def moved(place: World, application: str) -> list[dict[str, str]]:
    """What the last rescheduling of an application said."""
    events = (decode(stored.body) for stored in place.ledger.stored(application=application))
    found: list[list[dict[str, str]]] = [e.data["moved"] for e in events if e.type == "DeadlinesRescheduled"]
    return found[-1]


def due(place: World, application: str, deadline: str) -> datetime:
    return place.application(application).deadlines[deadline]


def test_a_change_takes_two_officers_days_to_come_and_a_basis(noon: World) -> None:
    def codes(name: str, by: Any, **fields: Any) -> tuple[str, ...]:
        outcome = noon.ask_call(name, by, **fields)
        return tuple(r.code for r in getattr(outcome, "refusals", ()))

    assert codes("ProposeCalendar", A1, **DAYS) == ("value_not_allowed",)
    assert codes("ProposeCalendar", A1, days_off=(date(2025, 9, 12),), **DAYS) == ("value_not_allowed",)
    assert codes("ProposeCalendar", A1, days_off=OFF, days_worked=OFF[:1], **DAYS) == ("value_not_allowed",)
    assert codes("ProposeCalendar", A1, days_off=OFF, basis=" ") == ("reason_missing",)
    assert codes("AmendCalendar", A2) == ("proposal_missing",)
    noon.do_call("ProposeCalendar", A1, days_off=OFF, **DAYS)
    assert codes("AmendCalendar", A1) == ("same_person",)
    noon.do_call("AmendCalendar", A2)
    assert noon.programme().days_off == frozenset(OFF)


def test_a_deadline_in_working_days_moves_by_the_days_that_are_off_with_its_reminders(noon: World) -> None:
    application = noon.returned()
    before = dict(noon.application(application).deadlines)
    noon.days_off(*OFF)
    noon.after(seconds=1)
    after = noon.application(application).deadlines
    assert (before["correction"], after["correction"]) == (beijing("2025-09-20T00:00"), beijing("2025-09-24T00:00"))
    reminders = {name: at for name, at in after.items() if name.startswith("correction~")}
    assert {name: at > before[name] for name, at in reminders.items()} == dict.fromkeys(reminders, True)
    assert [one["deadline"] for one in moved(noon, application)] == ["correction"]


def test_a_deadline_that_the_days_do_not_touch_stays_and_nothing_is_written(noon: World) -> None:
    draft, returned = noon.draft(), noon.returned()
    noon.days_off(date(2025, 9, 26))
    heads = len(noon.events(draft)), len(noon.events(returned))
    noon.after(seconds=1)
    assert (len(noon.events(draft)), len(noon.events(returned))) == heads
    assert noon.programme().deadlines == {}


def test_no_deadline_is_brought_forward(noon: World) -> None:
    application = noon.returned()
    before = due(noon, application, "correction")
    noon.days_off(worked=(date(2025, 9, 13), date(2025, 9, 14)))
    noon.after(seconds=1)
    assert due(noon, application, "correction") == before
    later = noon.returned()
    assert due(noon, later, "correction") == beijing("2025-09-18T00:00")  # reckoned by the calendar in force


def test_what_is_set_between_the_change_and_the_sweep_is_not_moved_again(noon: World) -> None:
    early = noon.returned()
    noon.days_off(*OFF)
    late = noon.returned()
    reckoned = due(noon, late, "correction")
    noon.after(seconds=1)
    assert (due(noon, early, "correction"), due(noon, late, "correction")) == (reckoned, reckoned)


def test_two_changes_add_up_whether_or_not_the_job_ran_between(noon: World) -> None:
    first, second = noon.returned(), noon.returned()
    noon.days_off(OFF[0])
    noon.after(seconds=1)
    noon.days_off(OFF[1])
    noon.after(seconds=1)
    assert {due(noon, name, "correction") for name in (first, second)} == {beijing("2025-09-24T00:00")}
    noon.days_off(date(2025, 9, 22))
    noon.days_off(date(2025, 9, 23))
    noon.after(seconds=1)
    assert due(noon, first, "correction") == beijing("2025-09-26T00:00")


def test_an_expert_owes_a_score_by_the_new_date(noon: World) -> None:
    application = noon.in_review()
    noon.do("AcceptInvitation", EXPERTS[0], application)
    noon.do("SubmitScore", EXPERTS[0], application, points=noon.points(), comment="可行")
    given = noon.application(application).experts[EXPERTS[0].id].due_at
    noon.days_off(*OFF)
    noon.after(seconds=1)
    found = noon.application(application)
    assert [found.experts[e.id].due_at for e in EXPERTS[:3]] == [given, *[found.deadlines["score"]] * 2]
    assert given is not None
    assert found.deadlines["score"] > given


def test_a_public_notice_runs_longer_for_objectors_and_on_the_public_page(noon: World) -> None:
    application = noon.published()
    board = Noticeboard(noon.ledger, noon.call)
    before = due(noon, application, "public_notice")
    assert board.published()[0].ends_at == before
    noon.days_off(*OFF)
    noon.after(seconds=1)
    assert board.published()[0].ends_at == due(noon, application, "public_notice") > before
    noon.at(before)
    noon.do("FileObjection", CITIZEN, application, objector=OBJECTOR, grounds="与已有项目重复")


def test_deadlines_moved_of_what_was_never_published_leave_the_public_page_alone(noon: World) -> None:
    moved, published = noon.in_review(), noon.published()
    board = Noticeboard(noon.ledger, noon.call)
    noon.days_off(*OFF)
    noon.after(seconds=1)
    assert noon.events(moved)[-1] == "DeadlinesRescheduled"
    assert [one.application for one in board.published()] == [published]


@pytest.mark.parametrize(
    ("days", "zh", "en"),
    [
        ({}, "允许的取值：至少一个日期。", "Allowed: one day at least."),
        ({"days_off": OFF[:1] * 2}, "允许的取值：每个日期只填一次。", "Allowed: each day once."),
        ({"days_off": OFF, "days_worked": OFF[1:]}, "允许的取值：每个日期只填一次。", "Allowed: each day once."),
        ({"days_off": (date(2025, 9, 12),)}, "允许的取值：> 2025-09-12。", "Allowed: > 2025-09-12."),
    ],
)
def test_days_that_are_refused_are_refused_for_what_is_wrong_with_them(
    noon: World, days: Any, zh: str, en: str
) -> None:
    outcome = noon.ask_call("ProposeCalendar", A1, **days, **DAYS)
    assert isinstance(outcome, Rejected)
    assert [(one.remedy_zh, one.remedy_en) for one in outcome.refusals] == [(zh, en)]


def test_where_the_calendar_of_a_year_is_missing_the_change_stays_to_be_told() -> None:
    known = WorkingCalendar("known", frozenset({2025}))
    place = world(calendar=known)
    application = place.returned()
    place.at(beijing("2025-09-12T12:00"))
    place.days_off(*(day for n in range(1, 110) if (day := date(2025, 9, 12) + timedelta(days=n)).weekday() < 5))
    swept = place.after(seconds=1)
    assert [d.name for d in swept.failed] == ["calendar"]
    assert "DeadlinesRescheduled" not in place.events(application)


def test_a_changed_calendar_is_named_in_every_decision_and_decided_again_alike(noon: World) -> None:
    noon.returned()
    noon.in_review()
    noon.days_off(*OFF, worked=(date(2025, 9, 27),))
    noon.after(seconds=1)
    noon.do("ClaimFormatCheck", F1, noon.submitted())
    redecider = Redecider(lambda _: noon.call, noon.calendars)
    folded = [check_stream(history) for history in noon.ledger.histories()]
    assert [one.divergences for one in folded] == [[]] * len(folded)
    assert [found for one in folded for found in redecider.check(one)] == []
    *_, last = noon.ledger.stored()
    version = decode(last.body).facts["calendar"]
    assert version.endswith("/2025-09-15,2025-09-16/2025-09-27")
    assert amendments(version)[1:] == (frozenset(OFF), frozenset({date(2025, 9, 27)}))


def test_a_calendar_is_changed_to_and_fro() -> None:
    plain = WorkingCalendar("weekends")
    changed = plain.amended(frozenset(OFF), frozenset({date(2025, 9, 13)}))
    assert [changed.is_working(date(2025, 9, n)) for n in range(12, 18)] == [True, True, False, False, False, True]
    assert plain.amended(frozenset(), frozenset()) is plain
    assert amendments(changed.version) == ("weekends", frozenset(OFF), frozenset({date(2025, 9, 13)}))


def test_nobody_but_the_clock_moves_deadlines(noon: World) -> None:
    application = noon.returned()
    noon.days_off(*OFF)
    assert noon.codes("RescheduleDeadlines", A1, application) == ("role_not_allowed",)
    assert noon.codes("RescheduleDeadlines", SYSTEM, application) == ()
    assert noon.codes("RescheduleDeadlines", SYSTEM, application) == ("not_due",)


def test_what_a_change_would_move_is_foreseen_as_it_then_comes(noon: World) -> None:
    change = CalendarChange(frozenset(OFF), frozenset(), "国务院办公厅通知", A1.id)
    noon.draft()
    names = [noon.returned(), noon.in_review(), noon.submitted()]
    foreseen = moving(noon.handler, noon.call, noon.programme(), change, noon.now)
    noon.days_off(*OFF)
    noon.after(seconds=1)
    came = Counter(
        kind_of(one["deadline"]) for name in names for one in moved(noon, name) if "~" not in one["deadline"]
    )
    assert foreseen == Moving(dict(came), 3, 0)
    assert came == {"correction": 1, "invitation": 3, "score": 1, "format_check": 1}
    again = moving(noon.handler, noon.call, noon.programme(), change, noon.now)
    assert again == Moving({}, 0, 0)


def test_what_nobody_can_reckon_for_want_of_a_calendar_is_counted_apart() -> None:
    place = world(calendar=WorkingCalendar("known", frozenset({2025})))
    place.returned()
    place.at(beijing("2025-09-12T12:00"))
    days = (date(2025, 9, 12) + timedelta(days=n) for n in range(1, 110))
    change = CalendarChange(frozenset(day for day in days if day.weekday() < 5), frozenset(), "通知", A1.id)
    assert moving(place.handler, place.call, place.programme(), change, place.now) == Moving({}, 0, 1)


@pytest.mark.parametrize(("deadline", "told"), [("extension", {"draft": 2}), ("erratum", {"draft": 2, "returned": 1})])
def test_who_would_follow_is_counted_by_state(noon: World, deadline: str, told: dict[str, int]) -> None:
    for make in (noon.draft, noon.draft, noon.returned, noon.submitted):
        make()
    assert reached(noon.ledger, noon.call_id, deadline) == told
