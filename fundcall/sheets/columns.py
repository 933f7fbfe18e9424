"""What a column holds and how each format writes it: amounts exactly, instants on the wall of a call's place with the zone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Final

from states.calendar import zone
from states.funding_call import FundingCall

Clock = tuple[str, str]
"""A time zone, and what its time is called in Chinese."""
SHANGHAI: Final = ("Asia/Shanghai", "北京时间")
"""By which clock a table of more than one place is told."""


class Kind(Enum):
    """What stands in a column: text, a whole number, an amount in minor units, or an aware instant (None for none)."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    INSTANT = "instant"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its key in JSON, its heading in both languages, what it holds, of which currency amounts are, and by which
    clock instants are told.
    """

    key: str
    zh: str
    en: str
    kind: Kind = Kind.TEXT
    currency: str = ""
    clock: Clock = SHANGHAI

    @property
    def heading(self) -> str:
        """Chinese, then English, with the unit."""
        if self.kind is Kind.MONEY:
            return f"{self.zh}（{self.currency}） {self.en} ({self.currency})"
        if self.kind is Kind.INSTANT:
            place, called = self.clock
            return f"{self.zh}（{called}） {self.en} ({place})"
        return f"{self.zh} {self.en}"


def decimal(minor: int) -> str:
    """An amount in minor units as exact decimal text: 1250000 is 12500.00."""
    sign, whole = "-" if minor < 0 else "", abs(minor)
    return f"{sign}{whole // 100}.{whole % 100:02d}"


def local(instant: datetime, clock: Clock) -> datetime:
    """An instant on a wall."""
    return instant.astimezone(zone(clock[0]))


def instant(key: str, zh: str, en: str, *calls: FundingCall) -> Column:
    """A column of instants, by the clock of the calls if they all have one, or else Shanghai's."""
    clocks = {(call.timezone, call.timezone_zh) for call in calls}
    return Column(key, zh, en, Kind.INSTANT, clock=clocks.pop() if len(clocks) == 1 else SHANGHAI)


def record(columns: Sequence[Column], row: Sequence[Any]) -> dict[str, Any]:
    """A row as plain JSON: amounts stay whole minor units, instants carry their offset."""
    return {
        column.key: local(value, column.clock).isoformat() if isinstance(value, datetime) else value
        for column, value in zip(columns, row, strict=True)
    }
