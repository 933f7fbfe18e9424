"""Lengths of time in words, calendars that are known by their version, months that end, and the half-years that ask for a report."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from states.calendar import UNITS, Offset, WorkingCalendar, add_months, on_the_wall
from states.deadlines import cleared, half_year, report_periods

WEEKENDS = WorkingCalendar("weekends")


@pytest.mark.parametrize(
    ("text", "unit", "words"),
    [
        ("5wd", "working_days", ("5个工作日", "5 working days")),
        ("1wd", "working_days", ("1个工作日", "1 working day")),
        ("10d", "days", ("10天", "10 days")),
        ("1d", "days", ("1天", "1 day")),
        ("3m", "months", ("3个月", "3 months")),
        ("1m", "months", ("1个月", "1 month")),
        ("24h", "hours", ("24小时", "24 hours")),
        ("1h", "hours", ("1小时", "1 hour")),
        ("2h", "hours", ("2小时", "2 hours")),
    ],
)
def test_a_length_is_written_shortly_and_said_in_words(text: str, unit: str, words: tuple[str, str]) -> None:
    found = Offset.parse(text)
    assert (found.unit, found.text, found.words, unit in UNITS) == (unit, text, words, True)


def test_there_are_four_units() -> None:
    assert UNITS == ("working_days", "days", "months", "hours")


@pytest.mark.parametrize("text", ["5", "wd", "5x", "x5d", "5Xd", "-5d", "٥d", "5 d", ""])
def test_what_is_no_length_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a length of time such as 5wd, 10d, 3m or 24h"):
        Offset.parse(text)


def test_a_calendar_is_known_by_its_version_alone() -> None:
    other = WorkingCalendar(
        "weekends", frozenset({2025}), frozenset({date(2025, 10, 1)}), frozenset({date(2025, 9, 28)})
    )
    assert (other == WEEKENDS, hash(other) == hash(WEEKENDS)) == (True, True)
    assert repr(other) == "WorkingCalendar(version='weekends', years=frozenset({2025}))"


def test_days_off_and_days_worked_change_what_they_are_and_nothing_else() -> None:
    friday, saturday, sunday = date(2025, 9, 26), date(2025, 9, 27), date(2025, 9, 28)
    other = WEEKENDS.amended(frozenset({saturday}), frozenset({friday}))
    assert (other.holidays, other.swapped) == (frozenset(), frozenset())
    changed = WEEKENDS.amended(frozenset({friday, sunday}), frozenset({saturday}))
    assert [changed.is_working(day) for day in (friday, saturday, sunday)] == [False, True, False]
    assert (changed.holidays, changed.swapped) == (frozenset({friday}), frozenset({saturday}))
    assert changed.version == "weekends/2025-09-26,2025-09-28/2025-09-27"


def test_no_working_days_on_is_the_very_day() -> None:
    saturday = date(2025, 9, 27)
    assert [WEEKENDS.add_working_days(saturday, n) for n in (0, 1, -1)] == [
        saturday,
        date(2025, 9, 29),
        date(2025, 9, 26),
    ]


@pytest.mark.parametrize(
    ("day", "n", "then"),
    [
        ("2025-12-31", 0, "2025-12-31"),
        ("2025-11-30", 1, "2025-12-30"),
        ("2025-10-31", 2, "2025-12-31"),
        ("2025-12-31", 2, "2026-02-28"),
        ("2027-12-31", 2, "2028-02-29"),
        ("2025-01-31", -1, "2024-12-31"),
        ("2025-03-31", -13, "2024-02-29"),
        ("2025-06-15", 24, "2027-06-15"),
    ],
)
def test_months_on_is_the_same_day_or_the_last_of_a_shorter_month(day: str, n: int, then: str) -> None:
    assert add_months(date.fromisoformat(day), n) == date.fromisoformat(then)


def test_an_instant_on_a_wall_is_told_to_the_second() -> None:
    assert on_the_wall(datetime(2025, 9, 22, 7, 59, 59, 999999, UTC), "Asia/Shanghai") == "2025-09-22 15:59:59+08:00"


@pytest.mark.parametrize(
    ("start", "end", "names"),
    [
        ("2025-11-30", "2026-12-31", ["2025H2", "2026H1"]),  # 31 days before the end of a half-year
        ("2025-12-01", "2027-01-01", ["2026H1", "2026H2"]),  # 30: too early to report
        ("2026-05-30", "2026-07-01", ["2026H1"]),
        ("2026-05-31", "2026-07-01", []),
        ("2026-01-01", "2026-06-30", []),  # the last day asks for an acceptance, not for a report
    ],
)
def test_half_years_ask_for_a_report_but_for_the_first_month_and_the_last_day(
    start: str, end: str, names: list[str]
) -> None:
    found = report_periods(date.fromisoformat(start), date.fromisoformat(end))
    assert [name for name, _ in found] == names
    assert {(name[-2:], day.month, day.day) for name, day in found} <= {("H1", 6, 30), ("H2", 12, 31)}


def test_kinds_clear_themselves_their_numbers_and_reminders() -> None:
    there = [
        "report:2026H1",
        "report:2026H1~7d",
        "reports",
        "score",
        "score~3d",
        "credit:1",
        "credit_objection:1",
        "credits",
    ]
    assert cleared(there, ("report",)) == ["report:2026H1", "report:2026H1~7d"]
    assert cleared(there, ("report:2026H1", "score")) == ["report:2026H1", "report:2026H1~7d", "score", "score~3d"]
    assert cleared(there, ("*",)) == ["credits", "report:2026H1", "report:2026H1~7d", "reports", "score", "score~3d"]
    assert cleared(there, ()) == []


@pytest.mark.parametrize(
    ("name", "words"),
    [("2026H1", "2026年上半年"), ("2027H2", "2027年下半年"), ("2026H3", "2026H3"), ("1", "1"), ("H1", "H1"), ("", "")],
)
def test_a_half_year_is_named_in_words(name: str, words: str) -> None:
    assert half_year(name) == words
