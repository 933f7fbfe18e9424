"""When a deadline falls due once the working calendar was changed: as many working days are left, and none comes earlier."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from states.calendar import Offset, WorkingCalendar
from states.funding_call import Period
from states.reschedule import due_by

SHANGHAI = "Asia/Shanghai"
BEFORE = WorkingCalendar("weekends")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(SHANGHAI))


def days(*texts: str) -> frozenset[date]:
    return frozenset(map(date.fromisoformat, texts))


def due(length: str, told: str, off: str, *, now: str = "2025-09-15T12:00", rolls: bool = False) -> str:
    """When it is due with one day off more than before, on the wall."""
    period = Period("kind", "", "", "", Offset.parse(length), "event", "PassDeadline", "", rolls=rolls)
    found = due_by(at(told), period, BEFORE, BEFORE.amended(days(off), frozenset()), at(now), SHANGHAI)
    return f"{found.astimezone(ZoneInfo(SHANGHAI)):%Y-%m-%dT%H:%M}"


@pytest.mark.parametrize(
    ("off", "then"),
    [
        ("2025-09-15", "2025-09-20T00:00"),  # today: it is not among those that are left
        ("2025-09-16", "2025-09-23T00:00"),
        ("2025-09-19", "2025-09-23T00:00"),
        ("2025-09-22", "2025-09-20T00:00"),
        ("2025-09-20", "2025-09-20T00:00"),  # a Saturday: it was off before
    ],
)
def test_in_working_days_as_many_are_left_as_before(off: str, then: str) -> None:
    assert due("4wd", "2025-09-20T00:00", off) == then


def test_what_is_due_today_has_no_working_day_left_and_stays() -> None:
    assert due("4wd", "2025-09-16T00:00", "2025-09-16") == "2025-09-16T00:00"


@pytest.mark.parametrize(
    ("told", "off", "then"),
    [
        ("2025-09-20T00:00", "2025-09-19", "2025-09-23T00:00"),  # over Saturday and Sunday, to the end of Monday
        ("2025-09-19T00:00", "2025-09-18", "2025-09-20T00:00"),
        ("2025-09-19T00:00", "2025-09-17", "2025-09-19T00:00"),
    ],
)
def test_a_period_of_days_that_rolls_goes_on_to_the_next_working_day(told: str, off: str, then: str) -> None:
    assert due("10d", told, off, rolls=True) == then


def test_a_period_of_days_that_does_not_roll_stays_to_the_minute() -> None:
    assert due("10d", "2025-09-19T16:00", "2025-09-19") == "2025-09-19T16:00"
    assert due("3m", "2025-09-20T00:00", "2025-09-19") == "2025-09-20T00:00"
