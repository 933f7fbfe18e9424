"""When something falls due: working days, months, hours, and the clock of the place."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fundcall.calls.calendars import china
from states.calendar import (
    CalendarMissing,
    Offset,
    WorkingCalendar,
    add_months,
    after,
    before,
    due_on_the_wall,
    instant_of,
    local_day,
    midnight,
    stamp,
)

SHANGHAI, COPENHAGEN = "Asia/Shanghai", "Europe/Copenhagen"
WEEKENDS = WorkingCalendar("weekends")
WORKING = [
    ("2025-09-22", 5, "2025-09-28"),
    ("2025-09-22", 10, "2025-10-11"),
    ("2025-09-22", 20, "2025-10-24"),
    ("2025-09-26", 5, "2025-10-10"),
    ("2025-09-30", 5, "2025-10-14"),
    ("2025-12-26", 5, "2026-01-05"),
    ("2026-02-11", 5, "2026-02-25"),
    ("2026-04-30", 5, "2026-05-11"),
    ("2026-09-18", 5, "2026-09-24"),
    ("2026-09-30", 5, "2026-10-13"),
]
YEARS = [date(2025, 1, 1) + timedelta(days=n) for n in range(730)]
WORKED = [day for day in YEARS if china(2026).is_working(day)]

days = st.dates(date(1990, 1, 1), date(2100, 12, 31))
instants = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - zone beside


def at(text: str, zone: str = SHANGHAI) -> datetime:
    """An instant on the wall there."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def due(base: datetime, length: str, zone: str = SHANGHAI, calendar: WorkingCalendar = WEEKENDS) -> str:
    """When a period is over, on the wall there."""
    found = after(base, Offset.parse(length), zone, calendar)
    assert found.tzinfo is UTC
    return found.astimezone(ZoneInfo(zone)).isoformat(" ")


# --- working days -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("start", "n", "last"), WORKING)
def test_working_days_follow_the_published_calendar(start: str, n: int, last: str) -> None:
    assert china(2026).add_working_days(date.fromisoformat(start), n) == date.fromisoformat(last)


@pytest.mark.parametrize(("start", "n", "last"), WORKING)
def test_a_period_of_working_days_ends_at_24_00_of_its_last_day(start: str, n: int, last: str) -> None:
    over = due(at(f"{start}T16:00"), f"{n}wd", calendar=china(2026))
    assert over == f"{date.fromisoformat(last) + timedelta(days=1)} 00:00:00+08:00"


def test_a_year_without_a_calendar_is_refused_by_its_number() -> None:
    with pytest.raises(CalendarMissing, match="no working calendar for 2027") as caught:
        china(2026).add_working_days(date(2026, 12, 30), 5)
    assert caught.value.year == 2027


def test_a_year_that_officers_give_whole_is_covered_and_one_day_of_a_year_is_not_the_year() -> None:
    off, worked = frozenset({date(2027, 1, 1), date(2027, 1, 4)}), frozenset({date(2027, 1, 9)})
    assert china(2026).amended(off, worked).add_working_days(date(2026, 12, 30), 3) == date(2027, 1, 6)
    with pytest.raises(CalendarMissing, match="no working calendar for 2027"):
        china(2026).amended(off - {date(2027, 1, 1)}, worked).add_working_days(date(2026, 12, 30), 3)


@given(st.sampled_from(WORKED[:400]), st.integers(1, 60))
def test_the_nth_working_day_is_the_nth_of_the_list(start: date, n: int) -> None:
    assert china(2026).add_working_days(start, n) == WORKED[WORKED.index(start) + n]


@given(st.sampled_from(YEARS[:600]), st.integers(1, 60))
def test_between_a_day_and_its_nth_working_day_lie_n_working_days(start: date, n: int) -> None:
    last = china(2026).add_working_days(start, n)
    assert sum(start < day <= last for day in WORKED) == n
    assert china(2026).is_working(last)


@given(st.sampled_from(YEARS[200:]), st.integers(1, 60))
def test_counting_back_finds_as_many_working_days(start: date, n: int) -> None:
    first = china(2026).add_working_days(start, -n)
    assert sum(first <= day < start for day in WORKED) == n


@given(days, st.integers(0, 200))
def test_by_weekends_alone_five_working_days_make_a_week(start: date, weeks: int) -> None:
    monday = start - timedelta(days=start.weekday())
    assert WEEKENDS.add_working_days(monday, 5 * weeks) == monday + timedelta(weeks=weeks)


# --- days, months, hours ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "length", "over"),
    [
        ("2025-09-22T16:00", "15d", "2025-10-08 00:00:00+08:00"),
        ("2025-09-22T00:00", "1d", "2025-09-24 00:00:00+08:00"),
        ("2025-09-22T23:59:59.999999", "1d", "2025-09-24 00:00:00+08:00"),
        ("2025-09-22T16:00", "0d", "2025-09-23 00:00:00+08:00"),
        ("2027-12-31T00:00", "3m", "2028-04-01 00:00:00+08:00"),
        ("2027-11-30T09:00", "3m", "2028-03-01 00:00:00+08:00"),
        ("2026-11-30T09:00", "3m", "2027-03-01 00:00:00+08:00"),
        ("2025-09-22T16:00", "24h", "2025-09-23 16:00:00+08:00"),
        ("2025-09-22T16:00", "0h", "2025-09-22 16:00:00+08:00"),
    ],
)
def test_the_first_day_is_not_counted_and_the_last_one_is_whole(base: str, length: str, over: str) -> None:
    assert due(at(base), length) == over


@pytest.mark.parametrize(
    ("base", "length", "over"),
    [
        ("2026-03-27T12:00", "2d", "2026-03-30 00:00:00+02:00"),
        ("2026-03-28T12:00", "24h", "2026-03-29 13:00:00+02:00"),
        ("2026-10-24T12:00", "24h", "2026-10-25 11:00:00+01:00"),
        ("2026-10-23T12:00", "2d", "2026-10-26 00:00:00+01:00"),
    ],
)
def test_a_change_of_the_clock_moves_hours_and_leaves_days(base: str, length: str, over: str) -> None:
    assert due(at(base, COPENHAGEN), length, COPENHAGEN) == over


@pytest.mark.parametrize(
    ("base", "length", "over"),
    [
        ("2025-09-24T12:00", "10d", "2025-10-10 00:00:00+08:00"),  # Saturday 4 October: off until the 8th
        ("2025-09-23T12:00", "5d", "2025-09-29 00:00:00+08:00"),  # a Sunday that is worked
        ("2025-09-22T12:00", "5d", "2025-09-29 00:00:00+08:00"),  # Saturday, then that Sunday
        ("2025-09-22T12:00", "1m", "2025-10-23 00:00:00+08:00"),
    ],
)
def test_a_period_that_rolls_ends_on_a_working_day(base: str, length: str, over: str) -> None:
    found = after(at(base), Offset.parse(length), SHANGHAI, china(2026), rolls=True)
    assert found.astimezone(ZoneInfo(SHANGHAI)).isoformat(" ") == over


def test_a_period_that_does_not_roll_asks_for_no_calendar() -> None:
    assert due(at("2027-06-30T00:00"), "3m", calendar=china(2026)) == "2027-10-01 00:00:00+08:00"


def test_a_period_that_would_roll_into_an_unpublished_year_is_refused() -> None:
    with pytest.raises(CalendarMissing):
        after(at("2026-12-20T12:00"), Offset.parse("15d"), SHANGHAI, china(2026), rolls=True)


@given(days, st.integers(-600, 600))
def test_months_end_on_the_same_day_or_on_the_last_of_a_shorter_month(day: date, n: int) -> None:
    found = add_months(day, n)
    assert (found.year * 12 + found.month) - (day.year * 12 + day.month) == n
    assert found.day == day.day or (found.day < day.day and (found + timedelta(days=1)).day == 1)


# --- reminders --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("over", "offset", "reminded"),
    [
        ("2025-09-22T16:00", "7d", "2025-09-15 16:00:00+08:00"),
        ("2025-09-22T16:00", "24h", "2025-09-21 16:00:00+08:00"),
        ("2025-09-22T16:00", "2h", "2025-09-22 14:00:00+08:00"),
        ("2025-10-11T00:00", "2wd", "2025-10-09 00:00:00+08:00"),
        ("2025-10-11T00:00", "1wd", "2025-10-10 00:00:00+08:00"),
        ("2025-09-29T00:00", "1wd", "2025-09-28 00:00:00+08:00"),
        ("2025-09-29T00:00", "2wd", "2025-09-26 00:00:00+08:00"),
        ("2028-03-31T00:00", "1m", "2028-02-29 00:00:00+08:00"),
    ],
)
def test_a_reminder_comes_so_long_before_on_the_same_clock(over: str, offset: str, reminded: str) -> None:
    found = before(at(over), Offset.parse(offset), SHANGHAI, china(2026))
    assert found.astimezone(ZoneInfo(SHANGHAI)).isoformat(" ") == reminded


def test_a_reminder_keeps_the_hour_across_a_change_of_the_clock() -> None:
    found = before(at("2026-03-31T12:00", COPENHAGEN), Offset.parse("7d"), COPENHAGEN, WEEKENDS)
    assert found.astimezone(ZoneInfo(COPENHAGEN)).isoformat(" ") == "2026-03-24 12:00:00+01:00"


@given(instants, st.integers(1, 60), st.sampled_from(("hours", "days", "working_days", "months")))
def test_a_reminder_lies_before_what_it_reminds_of(over: datetime, n: int, unit: str) -> None:
    assert (
        before(over, Offset(n, unit), COPENHAGEN, WEEKENDS) < over < after(over, Offset(n, unit), COPENHAGEN, WEEKENDS)
    )


# --- texts ------------------------------------------------------------------------------------------------------------


@given(st.integers(0, 10_000), st.sampled_from(("hours", "days", "working_days", "months")))
def test_a_length_of_time_reads_as_it_is_written(n: int, unit: str) -> None:
    assert Offset.parse(Offset(n, unit).text) == Offset(n, unit)


@pytest.mark.parametrize("text", ["", "d", "5", "5w", "5 d", "-5d", "5dd", "1.5d", "wd5", "５d", "٥d", "5D"])
def test_anything_else_is_no_length_of_time(text: str) -> None:
    with pytest.raises(ValueError, match="not a length of time"):
        Offset.parse(text)


@given(instants)
def test_an_instant_reads_as_it_is_stamped(instant: datetime) -> None:
    assert instant_of(stamp(instant)) == instant
    assert stamp(instant.astimezone(ZoneInfo(SHANGHAI))) == stamp(instant)


def test_a_stamp_always_has_six_decimals() -> None:
    assert stamp(datetime(2025, 9, 22, 8, tzinfo=UTC)) == "2025-09-22T08:00:00.000000Z"


def test_a_naive_instant_has_no_stamp() -> None:
    naive = at("2025-09-22T16:00").replace(tzinfo=None)
    with pytest.raises(ValueError, match="naive"):
        stamp(naive)


@given(instants)
def test_a_day_begins_at_its_midnight_and_holds_its_instants(instant: datetime) -> None:
    day = local_day(instant, COPENHAGEN)
    assert midnight(day, COPENHAGEN) <= instant < midnight(day + timedelta(days=1), COPENHAGEN)


# --- for people -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("instant", "told"),
    [
        ("2025-09-29T00:00", "2025-09-28 24:00+08:00"),
        ("2025-09-29T00:00:00.000001", "2025-09-29 00:00+08:00"),
        ("2025-09-22T16:00", "2025-09-22 16:00+08:00"),
        ("2025-09-22T16:00:05", "2025-09-22 16:00:05+08:00"),
    ],
)
def test_midnight_by_which_to_act_is_told_as_the_end_of_the_day_before(instant: str, told: str) -> None:
    assert due_on_the_wall(at(instant), "Asia/Shanghai") == told
