"""What a column holds and how each format writes it: amounts exactly, instants on Shanghai's wall with their zone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Final
from zoneinfo import ZoneInfo

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")


class Kind(Enum):
    """What stands in a column: text, a whole number, an amount in minor units, or an aware instant (None for none)."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    INSTANT = "instant"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its key in JSON, its heading in both languages, what it holds, and of which currency amounts are."""

    key: str
    zh: str
    en: str
    kind: Kind = Kind.TEXT
    currency: str = ""

    @property
    def heading(self) -> str:
        """Chinese, then English, with the unit."""
        if self.kind is Kind.MONEY:
            return f"{self.zh}（{self.currency}） {self.en} ({self.currency})"
        if self.kind is Kind.INSTANT:
            return f"{self.zh}（上海时间 UTC+8） {self.en} (Asia/Shanghai)"
        return f"{self.zh} {self.en}"


def decimal(minor: int) -> str:
    """An amount in minor units as exact decimal text: 1250000 is 12500.00."""
    sign, whole = "-" if minor < 0 else "", abs(minor)
    return f"{sign}{whole // 100}.{whole % 100:02d}"


def local(instant: datetime) -> datetime:
    """An instant on Shanghai's wall."""
    return instant.astimezone(SHANGHAI)


def record(columns: Sequence[Column], row: Sequence[Any]) -> dict[str, Any]:
    """A row as plain JSON: amounts stay whole minor units, instants carry their offset."""
    return {
        column.key: local(value).isoformat() if isinstance(value, datetime) else value
        for column, value in zip(columns, row, strict=True)
    }
