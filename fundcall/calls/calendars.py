"""The working calendars that calls name: mainland China as published, or plain weekends."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache

from chinese_calendar import holidays, workdays

from states.calendar import WorkingCalendar

NAMES = ("china", "weekends")


@cache
def china() -> WorkingCalendar:
    """The years that the State Council has published, as the `chinesecalendar` package carries them."""
    years = frozenset(day.year for day in holidays)
    return WorkingCalendar(
        version=f"china-{max(years)}",
        years=years,
        holidays=frozenset(day for day in holidays if day.weekday() < 5),
        swapped=frozenset(day for day in workdays if day.weekday() >= 5),
    )


def provisional(years: Iterable[int]) -> WorkingCalendar:
    """China as published, and for these years weekends and New Year's Day alone; for the simulated programme only."""
    known, extra = china(), frozenset(years)
    return WorkingCalendar(
        version=f"{known.version}+provisional-{min(extra)}-{max(extra)}",
        years=known.years | extra,
        holidays=known.holidays | {date(year, 1, 1) for year in extra},
        swapped=known.swapped,
    )


def named(name: str) -> WorkingCalendar:
    """The calendar of that name. Raises KeyError."""
    if name not in NAMES:
        raise KeyError(name)
    return china() if name == "china" else WorkingCalendar("weekends")
