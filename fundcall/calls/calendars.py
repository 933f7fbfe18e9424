"""The working calendars that calls name: mainland China as published, or plain weekends."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from functools import cache

from chinese_calendar import holidays, workdays

from states.calendar import WorkingCalendar

NAMES = ("china", "weekends")
_VERSION = re.compile(r"china-([0-9]{4})(?:\+provisional-([0-9]{4})-([0-9]{4}))?")


@cache
def china(upto: int = max(day.year for day in holidays)) -> WorkingCalendar:
    """The years that the State Council has published, as the `chinesecalendar` package carries them, to the year `upto`.

    A year once published stays as it is, so that `upto` names the content.
    """
    years = frozenset(day.year for day in holidays if day.year <= upto)
    return WorkingCalendar(
        version=f"china-{max(years)}",
        years=years,
        holidays=frozenset(day for day in holidays if day.weekday() < 5 and day.year <= upto),
        swapped=frozenset(day for day in workdays if day.weekday() >= 5 and day.year <= upto),
    )


def provisional(years: Iterable[int]) -> WorkingCalendar:
    """China as published, and for these years weekends and New Year's Day alone; for the simulated programme only.

    Years already published keep their days. The version says which years are provisional.
    """
    known = china()
    extra = frozenset(years) - known.years
    if not extra:
        return known
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


@cache
def versioned(version: str) -> WorkingCalendar:
    """The calendar that a decision recorded by its version. Raises KeyError for one that cannot be had here."""
    match = _VERSION.fullmatch(version)
    if version in NAMES or match is None:
        return named(version)
    known = china(int(match[1])) if int(match[1]) in china().years else None
    found = provisional(range(int(match[2]), int(match[3]) + 1)) if match[2] else known
    if found is None or found.version != version:
        raise KeyError(version)
    return found


class Published:
    """The calendars as published, by name and by recorded version (`workflow.ports.Calendars`)."""

    def current(self, name: str) -> WorkingCalendar:
        return named(name)

    def version(self, version: str) -> WorkingCalendar:
        return versioned(version)
