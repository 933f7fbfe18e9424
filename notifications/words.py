"""How values are written in notices: instants with their zone, money, lengths of time, names of fields and topics."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from states.calendar import Offset, instant_of, zone
from states.funding_call import FundingCall

_DAYS = "一二三四五六日"
_UNITS = {
    "working_days": ("个工作日", "working days"),
    "days": ("天", "days"),
    "months": ("个月", "months"),
    "hours": ("小时", "hours"),
}
_MONEY = {"CNY": ("元", "CNY"), "EUR": ("欧元", "EUR")}
_CONTROLS = {c: " " for c in (*range(32), 127, 0x85, 0x2028, 0x2029)}


def clean(text: str) -> str:
    """A text on one line: nothing in it can end a header or a line."""
    return text.translate(_CONTROLS)


def filters(call: FundingCall) -> Mapping[str, Callable[..., Any]]:
    """The filters of one call's notices."""

    def local(value: datetime | str) -> datetime:
        instant = instant_of(value) if isinstance(value, str) else value
        return instant.astimezone(zone(call.timezone))

    def when(value: datetime | str) -> str:
        """A due instant at midnight is told as the end (24:00) of the day before: nobody misreads that."""
        at = local(value)
        day, hour = (
            (at - timedelta(days=1), "24:00") if (at.hour, at.minute, at.second) == (0, 0, 0) else (at, f"{at:%H:%M}")
        )
        return f"{day:%Y-%m-%d}（周{_DAYS[day.weekday()]}, {day:%a}）{hour} {call.timezone_zh} ({call.timezone})"

    def short(value: datetime | str) -> str:
        at = local(value)
        if (at.hour, at.minute, at.second) == (0, 0, 0):
            return f"{at - timedelta(days=1):%Y-%m-%d} 24:00"
        return f"{at:%Y-%m-%d %H:%M}"

    def precise(value: datetime | str) -> str:
        at = local(value)
        return f"{at:%Y-%m-%d %H:%M:%S.%f} {call.timezone_zh} ({call.timezone}, UTC{at:%z})"

    def money(minor: int) -> str:
        zh, en = _MONEY.get(call.currency, (call.currency, call.currency))
        return f"{minor // 100:,}.{minor % 100:02d} {zh}" + (f" ({en})" if en != zh else "")

    def field(name: str, language: int) -> str:
        known = call.fields.get(name) or call.materials.get(name)
        return (known.zh if language == 0 else known.en) if known else name

    def topic(name: str, language: int) -> str:
        known = call.topics.get(name)
        return (known.title_zh if language == 0 else known.title_en) if known else name

    def period(name: str, language: int) -> str:
        known = call.periods.get(name.partition("~")[0].partition(":")[0])
        return (known.zh if language == 0 else known.en) if known else name

    return {
        "when": when,
        "short": short,
        "precise": precise,
        "money": money,
        "left_zh": lambda name: _left(name, 0),
        "left_en": lambda name: _left(name, 1),
        "detail": lambda name: name.partition("~")[0].partition(":")[2],
        "label_zh": lambda name: field(name, 0),
        "label_en": lambda name: field(name, 1),
        "topic_zh": lambda name: topic(name, 0),
        "topic_en": lambda name: topic(name, 1),
        "deadline_zh": lambda name: period(name, 0),
        "deadline_en": lambda name: period(name, 1),
    }


def _left(name: str, language: int) -> str:
    """What is left at a reminder such as submit~24h."""
    offset = Offset.parse(name.partition("~")[2])
    unit = _UNITS[offset.unit][language]
    return f"{offset.n}{unit}" if language == 0 else f"{offset.n} {unit}"
