"""How values are written in notices, in one language: instants with their zone, days, money, lengths, names."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

from states.calendar import Offset, add_months, day_and_hour, instant_of, midnight, zone
from states.clauses import in_english
from states.deadlines import half_year
from states.funding_call import FundingCall

_DAYS = {
    "zh": tuple(f"星期{day}" for day in "一二三四五六日"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
# ISO 4217 code: name in Chinese and English; other currencies go by their code.
_CURRENCIES = {"CNY": ("元", "yuan"), "EUR": ("欧元", "euros"), "USD": ("美元", "US dollars")}
_DIGITS = {"JPY": 0, "KRW": 0, "BHD": 3, "KWD": 3, "TND": 3}  # of the minor unit where it is not a hundredth


class Language(NamedTuple):
    """The words of a call in one of the two languages: "zh" or "en"."""

    call: FundingCall
    code: str

    def when(self, value: datetime | str) -> str:
        """An instant to act before, with weekday and zone; midnight is told as 24:00 of the day that ends with it."""
        if not value:
            return "另行通知的期限" if self.code == "zh" else "a day that we will tell you"
        place = f"{self.call.timezone_zh} " if self.code == "zh" else ""
        return f"{_deadline(_instant(value), self.call.timezone, self.code)} {place}({self.call.timezone})"

    def short(self, value: datetime | str) -> str:
        """The same in a subject: day and hour alone."""
        if not value:
            return self.when(value)
        day, hour = day_and_hour(_instant(value), self.call.timezone)
        return f"{day} {hour}"

    def precise(self, value: datetime | str) -> str:
        """When something happened, to the microsecond, with the zone and its difference to universal time."""
        place = f"{self.call.timezone_zh} " if self.code == "zh" else ""
        return _precise(_instant(value), self.call.timezone, self.code, place)

    def on(self, value: date | str | None) -> str:
        """A day with its weekday."""
        if not value:
            return self.when("")
        day = date.fromisoformat(value) if isinstance(value, str) else value
        return _weekday(day, self.code)

    def money(self, minor: int) -> str:
        """An amount of the call's currency, with thousands separators."""
        names = _CURRENCIES.get(self.call.currency, (self.call.currency, self.call.currency))
        digits = _DIGITS.get(self.call.currency, 2)
        whole, rest = divmod(abs(minor), 10**digits)
        number = f"{'-' if minor < 0 else ''}{whole:,}" + (f".{rest:0{digits}d}" if digits else "")
        return f"{number} {names[self._index]}"

    def left(self, deadline: str) -> str:
        """What is left at a reminder such as submit~24h."""
        return Offset.parse(deadline.partition("~")[2]).words[self._index]

    def detail(self, deadline: str) -> str:
        """What a deadline's name says beyond its kind: report:2026H1~7d is about 2026H1; an expert's number is nobody's."""
        return "" if deadline.startswith("invitation:") else deadline.partition("~")[0].partition(":")[2]

    def half_year(self, name: str) -> str:
        """What a report is about, 2026H1, in words; any other detail of a deadline as it is."""
        return half_year(name) if self.code == "zh" else name

    def extension_by(self, end_on: date | str) -> datetime:
        """Until when an extension of a project that ends on that day is asked for in good time."""
        end = date.fromisoformat(end_on) if isinstance(end_on, str) else end_on
        return midnight(add_months(end, -self.call.extension_notice_months), self.call.timezone)

    def label(self, name: str) -> str:
        """What the call calls a field of the form or a material."""
        known = self.call.fields.get(name) or self.call.materials.get(name)
        return (known.zh if self.code == "zh" else known.en) if known else name

    def topic(self, name: str) -> str:
        """What the call calls a topic."""
        known = self.call.topics.get(name)
        return (known.title_zh if self.code == "zh" else known.title_en) if known else name

    def target(self, name: str) -> str:
        """What the call calls one of its targets."""
        known = next((target for target in self.call.targets if target.id == name), None)
        return (known.zh if self.code == "zh" else known.en) if known else name

    def deadline(self, name: str) -> str:
        """What the call calls a deadline."""
        known = self.call.periods.get(name.partition("~")[0].partition(":")[0])
        return (known.zh if self.code == "zh" else known.en) if known else name

    def clause(self, name: str) -> str:
        """A clause as it stands, in Chinese; in English as the call names it, else by its numbers."""
        return name if self.code == "zh" else in_english(name, self.call.clauses_en)

    @property
    def _index(self) -> int:
        return 0 if self.code == "zh" else 1


FILTERS = (
    "when",
    "short",
    "precise",
    "on",
    "money",
    "left",
    "detail",
    "half_year",
    "extension_by",
    "label",
    "topic",
    "target",
    "deadline",
    "clause",
)
"""The methods of a language that templates use as filters."""


def _instant(value: datetime | str) -> datetime:
    return instant_of(value) if isinstance(value, str) else value


@lru_cache(maxsize=4096)
def _deadline(instant: datetime, timezone: str, language: str) -> str:
    day, hour = day_and_hour(instant, timezone)
    return f"{_weekday(day, language)} {hour}"


@lru_cache(maxsize=4096)
def _precise(instant: datetime, timezone: str, language: str, place: str) -> str:
    at = instant.astimezone(zone(timezone))
    return f"{_weekday(at.date(), language)} {at:%H:%M:%S.%f} {place}({timezone}, UTC{at:%z})"


@lru_cache(maxsize=4096)
def _weekday(day: date, language: str) -> str:
    name = _DAYS[language][day.weekday()]
    return f"{day}（{name}）" if language == "zh" else f"{day} ({name})"
