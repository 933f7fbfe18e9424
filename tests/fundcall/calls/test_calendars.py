"""The calendars that calls name, and those that decisions recorded."""

from datetime import date

import chinese_calendar
import pytest

from fundcall.calls.calendars import NAMES, china, named, provisional, versioned
from states.calendar import CalendarMissing, WorkingCalendar

DAYS = [date.fromordinal(n) for n in range(date(2025, 1, 1).toordinal(), date(2027, 1, 1).toordinal())]


def test_the_calendar_of_china_is_the_published_one_day_by_day() -> None:
    assert [china().is_working(day) for day in DAYS] == [chinese_calendar.is_workday(day) for day in DAYS]


def test_the_two_years_of_the_call_have_248_working_days_each() -> None:
    worked = [day.year for day in DAYS if china().is_working(day)]
    assert (worked.count(2025), worked.count(2026)) == (248, 248)


@pytest.mark.parametrize("year", [2003, 2027])
def test_a_year_that_is_not_published_is_refused(year: int) -> None:
    with pytest.raises(CalendarMissing):
        china().is_working(date(year, 6, 1))


def test_plain_weekends_know_every_year() -> None:
    weekends = named("weekends")
    assert [weekends.is_working(date(2999, 6, day)) for day in (1, 2, 3)] == [False, False, True]


def test_a_provisional_year_has_weekends_and_says_so_in_its_version() -> None:
    calendar = provisional((2026, 2027, 2028))
    assert calendar.version == "china-2026+provisional-2027-2028"
    assert [calendar.is_working(date(2027, 1, day)) for day in (1, 2, 3, 4)] == [False, False, False, True]


def test_a_published_year_is_never_made_provisional() -> None:
    assert [provisional((2026, 2027)).is_working(day) for day in DAYS] == [china().is_working(day) for day in DAYS]
    assert provisional((2025, 2026)) == china()


@pytest.mark.parametrize("version", ["china-2025", "china-2026", "china-2026+provisional-2027-2028", "weekends"])
def test_a_recorded_version_gives_its_calendar_again(version: str) -> None:
    assert versioned(version).version == version


def test_an_earlier_version_knows_no_later_year() -> None:
    with pytest.raises(CalendarMissing):
        versioned("china-2025").is_working(date(2026, 6, 1))


@pytest.mark.parametrize(
    "version", ["", "china-1999", "china-2999", "china-2025+provisional-2026-2027", "china-2026+provisional-2028-2027"]
)
def test_a_version_that_cannot_be_had_is_refused(version: str) -> None:
    with pytest.raises(KeyError):
        versioned(version)


def test_every_name_has_its_calendar() -> None:
    assert [type(named(name)) for name in NAMES] == [WorkingCalendar, WorkingCalendar]
    with pytest.raises(KeyError):
        named("lunar")
