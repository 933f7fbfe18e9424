"""Working days, periods and instants: the vectors of 2025 and 2026, and the refusal to guess 2027."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fundcall.calls.calendars import china, named, provisional
from states.calendar import (
    CalendarMissing,
    Offset,
    WorkingCalendar,
    add_months,
    after,
    before,
    instant_of,
    local_day,
    midnight,
    stamp,
)

SHANGHAI = "Asia/Shanghai"
WEEKENDS = named("weekends")
KNOWN_DAYS = st.dates(date(2025, 1, 1), date(2026, 10, 31))


@pytest.mark.parametrize(
    ("start", "n", "last"),
    [
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
    ],
)
def test_working_days_are_counted_as_published(start: str, n: int, last: str) -> None:
    assert china().add_working_days(date.fromisoformat(start), n) == date.fromisoformat(last)


@pytest.mark.parametrize("start", ["2027-01-01", "2026-12-31", "2027-06-15", "2026-12-28"])
def test_working_days_of_2027_are_not_guessed(start: str) -> None:
    with pytest.raises(CalendarMissing, match="no working calendar for 2027") as missing:
        china().add_working_days(date.fromisoformat(start), 5)
    assert missing.value.year == 2027


def test_a_provisional_year_has_weekends_and_new_years_day() -> None:
    calendar = provisional([2027])
    days = [date(2027, 1, 1), date(2027, 1, 2), date(2027, 1, 4), date(2025, 9, 28)]
    assert [calendar.is_working(day) for day in days] == [False, False, True, True]
    assert calendar.version != china().version


def test_an_unknown_calendar_is_refused_by_its_name() -> None:
    with pytest.raises(KeyError, match="mars"):
        named("mars")


@given(KNOWN_DAYS, st.integers(1, 30))
def test_working_days_agree_with_counting_one_day_after_another(start: date, n: int) -> None:
    last = china().add_working_days(start, n)
    between = [start + timedelta(days=i) for i in range(1, (last - start).days + 1)]
    assert (sum(map(china().is_working, between)), china().is_working(last)) == (n, True)


@given(KNOWN_DAYS, st.integers(1, 30))
def test_working_days_back_and_forth_come_to_the_same_day(start: date, n: int) -> None:
    last = china().add_working_days(start, n)
    back = china().add_working_days(last, -n)
    assert china().add_working_days(back, n) == last


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        ("2024-02-29", 24, "2026-02-28"),
        ("2025-01-31", 1, "2025-02-28"),
        ("2025-12-31", 3, "2026-03-31"),
        ("2027-12-31", 3, "2028-03-31"),
        ("2025-12-15", 1, "2026-01-15"),
        ("2026-03-31", -1, "2026-02-28"),
        ("2026-01-15", -12, "2025-01-15"),
    ],
)
def test_months_end_on_the_corresponding_day_or_the_last_of_a_shorter_month(day: str, months: int, then: str) -> None:
    assert add_months(date.fromisoformat(day), months) == date.fromisoformat(then)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("base", "length", "due"),
    [
        ("2025-09-22T16:00+08:00", "5wd", "2025-09-29T00:00+08:00"),
        ("2025-09-22T00:00+08:00", "5wd", "2025-09-29T00:00+08:00"),
        ("2025-09-22T23:59+08:00", "5wd", "2025-09-29T00:00+08:00"),
        ("2025-09-26T15:00+08:00", "10d", "2025-10-07T00:00+08:00"),
        ("2027-12-31T00:00+08:00", "3m", "2028-04-01T00:00+08:00"),
        ("2027-12-31T00:00+08:00", "0d", "2028-01-01T00:00+08:00"),
        ("2025-09-22T16:00+08:00", "0h", "2025-09-22T16:00+08:00"),
        ("2025-09-22T16:00+08:00", "24h", "2025-09-23T16:00+08:00"),
    ],
)
def test_a_period_leaves_its_first_day_out_and_ends_at_midnight(base: str, length: str, due: str) -> None:
    assert after(utc(base), Offset.parse(length), SHANGHAI, china()) == utc(due)


def test_a_period_that_rolls_runs_on_to_the_next_working_day() -> None:
    base = utc("2025-09-21T12:00+08:00")
    ends = [after(base, Offset(10, "days"), SHANGHAI, china(), rolls=rolls) for rolls in (False, True)]
    assert ends == [utc("2025-10-02T00:00+08:00"), utc("2025-10-10T00:00+08:00")]


def test_a_day_is_a_day_on_the_wall_where_clocks_change() -> None:
    due = after(utc("2026-03-27T12:00+01:00"), Offset(2, "days"), "Europe/Copenhagen", WEEKENDS)
    assert due == utc("2026-03-30T00:00+02:00")
    assert before(due, Offset(1, "days"), "Europe/Copenhagen", WEEKENDS) == utc("2026-03-29T00:00+01:00")


@pytest.mark.parametrize("text", ["7d", "2wd", "1m", "2h", "0h", "180d"])
def test_a_length_of_time_is_written_as_it_is_read(text: str) -> None:
    assert Offset.parse(text).text == text


@pytest.mark.parametrize("text", ["", "d", "5", "5x", "-5d", "1.5d", "5 d", "٥d", "5dd", "5ww", "wd5"])
def test_anything_else_is_no_length_of_time(text: str) -> None:
    with pytest.raises(ValueError, match="not a length of time"):
        Offset.parse(text)


@given(st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(ZoneInfo(SHANGHAI))))  # noqa: DTZ001
def test_an_instant_reads_as_it_was_written(instant: datetime) -> None:
    assert instant_of(stamp(instant)) == instant


@given(st.datetimes(), st.datetimes())
def test_stamps_sort_as_instants_do(a: datetime, b: datetime) -> None:
    a, b = a.replace(tzinfo=UTC), b.replace(tzinfo=UTC)
    assert (stamp(a) < stamp(b)) == (a < b)


def test_a_naive_instant_has_no_stamp() -> None:
    with pytest.raises(ValueError, match="naive instant"):
        stamp(datetime(2025, 9, 22, 16))  # noqa: DTZ001


def test_an_instant_is_stamped_in_utc_to_the_microsecond() -> None:
    there = datetime(2025, 9, 22, 15, 59, 59, 999999, tzinfo=timezone(timedelta(hours=8)))
    assert stamp(there) == "2025-09-22T07:59:59.999999Z"


def test_the_day_on_the_wall_begins_at_its_own_midnight() -> None:
    begins = midnight(date(2028, 1, 1), SHANGHAI)
    assert begins == utc("2028-01-01T00:00+08:00")
    assert [local_day(begins - timedelta(microseconds=1), SHANGHAI), local_day(begins, SHANGHAI)] == [
        date(2027, 12, 31),
        date(2028, 1, 1),
    ]


def test_a_calendar_without_years_covers_them_all_by_weekends() -> None:
    assert [WorkingCalendar("weekends").is_working(date(2099, 1, day)) for day in (1, 3, 4)] == [True, False, False]
