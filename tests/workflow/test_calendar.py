"""Deadlines by the day they end with, and those that stand though their time is past, with why."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest

from fundcall.calls.calendars import china
from states.calendar import WorkingCalendar
from tests.drive import A2, DAY, World, beijing, world
from workflow.calendar import deadlines_on, kinds, last_day, marked, stuck, working

TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2025-10-18T00:00", date(2025, 10, 17)),
        ("2025-10-18T00:00:01", date(2025, 10, 18)),
        ("2025-09-22T16:00", date(2025, 9, 22)),
    ],
)
def test_what_is_due_at_midnight_ends_with_the_day_before(text: str, day: date) -> None:
    assert last_day(beijing(text), "Asia/Shanghai") == day


def test_a_month_holds_the_deadlines_that_end_in_it_and_no_reminders() -> None:
    place = world()
    application = place.in_review()
    due = place.application(application).deadlines
    found = deadlines_on(place.ledger, place.call, date(2025, 9, 1), date(2026, 12, 31))
    wanted = Counter((last_day(at, "Asia/Shanghai"), name) for name, at in due.items() if "~" not in name)
    assert Counter((day, one.name) for day, those in found.items() for one in those) == wanted
    assert {kind for counts in kinds(found).values() for kind in counts} == {"invitation", "score", "decision"} & {
        name.partition(":")[0] for name in due
    }
    last = max(found)
    assert deadlines_on(place.ledger, place.call, last + DAY, last + 30 * DAY) == {}
    assert list(deadlines_on(place.ledger, place.call, last, last)) == [last]


def test_a_day_is_worked_or_off_or_not_known() -> None:
    days = (date(2025, 9, 28), date(2025, 10, 1), date(2025, 10, 9), date(2025, 10, 12), date(2031, 1, 1))
    assert [working(china(2025), day) for day in days] == [True, False, True, False, None]
    assert working(WorkingCalendar("weekends"), date(2031, 1, 1)) is True


def test_a_deadline_that_cannot_fire_is_told_with_why_and_one_that_nobody_fired_without() -> None:
    place = world(calendar=china(2025))
    application = place.published()
    place.at(beijing("2025-12-03T12:00"))
    place.do("ApproveApplication", A2, application, grant_minor=1)
    place.now = place.application(application).deadlines["agreement"] + DAY
    found, in_all = stuck(place.handler, place.call, place.now, 9)
    told = {one.due.name: [why.code for why in one.refusals] for one in found}
    assert in_all == len(found)
    assert told["agreement"] == ["calendar_missing"]
    assert [name for name, why in told.items() if why] == ["agreement"]
    assert len(stuck(place.handler, place.call, place.now, 1)[0]) == 1
    assert stuck(place.handler, place.call, beijing("2025-12-03T12:00"), 9) == ([], 0)


def test_what_falls_due_this_very_instant_is_past_and_a_moment_before_it_is_not() -> None:
    place = world()
    application = place.submitted()
    due = place.application(application).deadlines["format_check"]
    assert [stuck(place.handler, place.call, at, 9)[1] for at in (due - TICK, due, due + TICK)] == [0, 1, 1]


def test_a_day_holds_what_falls_due_within_it_and_at_the_midnight_that_ends_it() -> None:
    place = world()
    application = place.submitted()
    due = place.application(application).deadlines["format_check"]
    day = last_day(due, "Asia/Shanghai")
    asked = [(day, day), (day - DAY, day - DAY), (day + DAY, day + DAY)]
    found = [deadlines_on(place.ledger, place.call, *those) for those in asked]
    assert [[one.due_at for those in days.values() for one in those] for days in found] == [[due], [], []]


def test_an_overdue_acceptance_is_counted() -> None:
    place = world()
    application = place.in_execution()
    place.at(place.application(application).deadlines["execution_end"])
    place.at(place.application(application).deadlines["acceptance_request"])
    assert marked(place.ledger, place.call_id, ("acceptance_overdue",)) == {"acceptance_overdue": 1}


def test_flags_of_lateness_are_counted_on_applications_on_their_way() -> None:
    place = world()
    application = place.in_review()
    place.at(max(place.application(application).deadlines.values()) + DAY)
    found = marked(place.ledger, place.call_id, ("score_late", "completed", "report_late"))
    assert found == {"score_late": 1, "report_late": 0}


def test_worlds_are_apart() -> None:
    place: World = world()
    place.submitted()
    assert deadlines_on(place.ledger, world("community-climate-2026").call, date(2000, 1, 1), date(2099, 1, 1)) == {}
