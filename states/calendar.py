"""Periods and working days: when something falls due, counted as the Civil Code counts (民法典 201-203)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

UNITS = ("working_days", "days", "months", "hours")
_SHORT = {"wd": "working_days", "d": "days", "m": "months", "h": "hours"}
_SHORT_OF = {unit: short for short, unit in _SHORT.items()}
_WORDS = {
    "working_days": ("个工作日", "working days"),
    "days": ("天", "days"),
    "months": ("个月", "months"),
    "hours": ("小时", "hours"),
}


class CalendarMissing(Exception):
    """The working calendar of a year is not published: a period in working days cannot be computed there."""

    def __init__(self, year: int) -> None:
        super().__init__(f"no working calendar for {year}")
        self.year = year


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Which days are worked. `years` empty means every year is covered, by weekends alone.

    `holidays` are weekdays off, `swapped` weekend days worked (调休). `version` names this very content, so calendars of
    one version are equal.
    """

    version: str
    years: frozenset[int] = field(default=frozenset(), compare=False)
    holidays: frozenset[date] = field(default=frozenset(), repr=False, compare=False)
    swapped: frozenset[date] = field(default=frozenset(), repr=False, compare=False)

    def is_working(self, day: date) -> bool:
        """Whether the day is worked. Raises CalendarMissing outside the years covered."""
        if self.years and day.year not in self.years:
            raise CalendarMissing(day.year)
        if day.weekday() >= 5:
            return day in self.swapped
        return day not in self.holidays

    def add_working_days(self, start: date, n: int) -> date:
        """The n-th working day after `start` (n negative: before it); `start` itself is not counted."""
        return _nth_working_day(self, start, n)

    def amended(self, off: frozenset[date], worked: frozenset[date]) -> WorkingCalendar:
        """The same with these days off and those worked; its version says which they are. A year that was not covered is,
        once its 1 January is among the days off: they are then all of that year.
        """
        return _amended(self, off, worked) if off or worked else self


def amendments(version: str) -> tuple[str, frozenset[date], frozenset[date]]:
    """The version that was amended, and the days that `amended` was given. Raises ValueError for what it did not write."""
    if "/" not in version:
        return version, frozenset(), frozenset()
    base, *days = version.split("/")
    off, worked = (frozenset(map(date.fromisoformat, filter(None, text.split(",")))) for text in days)
    return base, off, worked


@lru_cache(maxsize=64)
def _amended(calendar: WorkingCalendar, off: frozenset[date], worked: frozenset[date]) -> WorkingCalendar:
    said = "/".join(",".join(sorted(map(str, days))) for days in (off, worked))
    return WorkingCalendar(
        f"{calendar.version}/{said}",
        calendar.years and calendar.years | {day.year for day in off if (day.month, day.day) == (1, 1)},
        (calendar.holidays | {day for day in off if day.weekday() < 5}) - worked,
        (calendar.swapped | {day for day in worked if day.weekday() >= 5}) - off,
    )


@lru_cache(maxsize=65_536)
def _nth_working_day(calendar: WorkingCalendar, start: date, n: int) -> date:
    step = timedelta(days=1 if n >= 0 else -1)
    day, left = start, abs(n)
    while left:
        day += step
        left -= calendar.is_working(day)
    return day


class Offset(NamedTuple):
    """A length of time, such as 5 working days; written 5wd, 10d, 3m, 24h."""

    n: int
    unit: str

    @property
    def text(self) -> str:
        """The short form, as it stands in call files and in the names of reminders."""
        return f"{self.n}{_SHORT_OF[self.unit]}"

    @property
    def words(self) -> tuple[str, str]:
        """The length as it is said in Chinese and in English."""
        zh, en = _WORDS[self.unit]
        return f"{self.n}{zh}", f"{self.n} {en[:-1] if self.n == 1 else en}"

    @classmethod
    def parse(cls, text: str) -> Offset:
        """Read the short form. Raises ValueError for anything else."""
        digits = text.rstrip("wdmh")
        unit = _SHORT.get(text[len(digits) :])
        if unit is None or not digits.isdecimal() or not digits.isascii():
            raise ValueError(f"not a length of time such as 5wd, 10d, 3m or 24h: {text!r}")
        return cls(int(digits), unit)


def day_of(text: str) -> date:
    """The day that a text of the form 2026-01-31 names, in plain digits and in no other form. Raises ValueError."""
    found = date.fromisoformat(text)
    if found.isoformat() != text:  # 20260131 and 2026-W05-6 are of ISO 8601 as well
        raise ValueError(f"not a day such as 2026-01-31: {text!r}")
    return found


def add_months(day: date, n: int) -> date:
    """The corresponding day n months on, or the last day of a shorter month."""
    months = day.year * 12 + day.month - 1 + n
    year, month = divmod(months, 12)
    month += 1
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month, min(day.day, last))


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    """The time zone of that name. Raises ZoneInfoNotFoundError for an unknown one."""
    return ZoneInfo(name)


@lru_cache(maxsize=4096)
def midnight(day: date, timezone: str) -> datetime:
    """The instant at which the day begins there, as UTC."""
    return datetime.combine(day, time(), zone(timezone)).astimezone(UTC)


def local_day(instant: datetime, timezone: str) -> date:
    """The day on the wall there."""
    return instant.astimezone(zone(timezone)).date()


def after(base: datetime, offset: Offset, timezone: str, calendar: WorkingCalendar, *, rolls: bool = False) -> datetime:
    """When a period that begins at `base` is over: 24:00 of its last day there, or exactly so many hours on.

    The first day is not counted. With `rolls` a period of days or months that would end on a day off runs on to the
    next working day. Raises CalendarMissing where working days are needed and not known.
    """
    if offset.unit == "hours":
        return base.astimezone(UTC) + timedelta(hours=offset.n)
    return midnight(_last_day(local_day(base, timezone), offset, calendar, rolls) + timedelta(days=1), timezone)


@lru_cache(maxsize=16_384)
def _last_day(start: date, offset: Offset, calendar: WorkingCalendar, rolls: bool) -> date:
    if offset.unit == "working_days":
        return calendar.add_working_days(start, offset.n)
    last = start + timedelta(days=offset.n) if offset.unit == "days" else add_months(start, offset.n)
    while rolls and not calendar.is_working(last):
        last += timedelta(days=1)
    return last


@lru_cache(maxsize=16_384)
def before(due: datetime, offset: Offset, timezone: str, calendar: WorkingCalendar) -> datetime:
    """The instant so long before `due`; whole days keep the hour on the wall."""
    if offset.unit == "hours":
        return due.astimezone(UTC) - timedelta(hours=offset.n)
    local = due.astimezone(zone(timezone))
    day = local.date()
    if offset.unit == "working_days":
        day = calendar.add_working_days(day, -offset.n)
    elif offset.unit == "months":
        day = add_months(day, -offset.n)
    else:
        day -= timedelta(days=offset.n)
    return datetime.combine(day, local.time(), local.tzinfo).astimezone(UTC)


@lru_cache(maxsize=65_536)
def on_the_wall(instant: datetime, timezone: str) -> str:
    """The instant on the clocks of that place, to the second, with its offset: for people of either language."""
    return instant.astimezone(zone(timezone)).isoformat(sep=" ", timespec="seconds")


def day_and_hour(due_at: datetime, timezone: str) -> tuple[date, str]:
    """The day and the hour there by which to act, for people: midnight is 24:00 of the day that ends with it."""
    at = due_at.astimezone(zone(timezone))
    if at.time() == time():
        return at.date() - timedelta(days=1), "24:00"
    return at.date(), f"{at:%H:%M:%S}" if at.second else f"{at:%H:%M}"


def due_on_the_wall(due_at: datetime, timezone: str) -> str:
    """The same in one, with the offset: for people of either language."""
    day, hour = day_and_hour(due_at, timezone)
    return f"{day} {hour}{on_the_wall(due_at, timezone)[-6:]}"


def stamp(instant: datetime) -> str:
    """An aware instant as it stands on the ledger: 2025-09-22T07:59:59.999999Z. Refuses naive ones (ValueError)."""
    if instant.tzinfo is not UTC:
        if instant.tzinfo is None:
            raise ValueError(f"a naive instant has no place on the ledger: {instant}")
        instant = instant.astimezone(UTC)
    return _text(instant)


@lru_cache(maxsize=65_536)
def _text(instant: datetime) -> str:
    """Remembered, since many cases share an instant: a deadline, or when all of a bulk run was recorded. Of UTC alone: on
    other clocks two instants an hour apart can be equal (PEP 495).
    """
    return instant.isoformat(timespec="microseconds")[:-6] + "Z"


@lru_cache(maxsize=65_536)
def instant_of(text: str) -> datetime:
    """The instant that `stamp` wrote."""
    return datetime.fromisoformat(text)  # its Z is read as the very UTC object that `stamp` looks for
