"""Which moment of the ledger a page is asked for: by an instant of recording, or by a number."""

from __future__ import annotations

from datetime import UTC, datetime

from fundcall.web.problems import Problem
from fundcall.web.visit import Visit
from states.calendar import zone

_WALL = zone("Asia/Shanghai")
_DIGITS_MAX = 15


def instant_asked(visit: Visit, name: str) -> datetime | None:
    """The instant of a parameter, on Shanghai's wall where it names no zone; None where it is not given. Raises Problem."""
    text = visit.query(name).strip().replace(" ", "+")  # a plus sign that was not escaped
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
        found = found if found.tzinfo is not None else found.replace(tzinfo=_WALL)
        found.astimezone(_WALL), found.astimezone(UTC)
    except (ValueError, OverflowError) as wrong:
        raise Problem(422, "malformed", f"{name} 不是时间：{text[:40]}", f"{name} is no instant: {text[:40]}",
                      "请写成 2026-06-30T00:00+08:00，或用日期控件选择。", "Write 2026-06-30T00:00+08:00, or use the field for dates.") from wrong  # fmt: skip
    return found


def number_asked(visit: Visit, name: str, least: int, most: int) -> int | None:
    """The whole number of a parameter, brought into its range; None where it is not given. Raises Problem."""
    text = visit.query(name).strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS_MAX):
        raise Problem(
            422, "malformed", f"{name} 应为整数：{text[:40]}", f"{name} should be a whole number: {text[:40]}"
        )
    return min(max(int(text), least), most)


def wall_text(instant: datetime) -> str:
    """An instant as a field for dates and times holds it, on Shanghai's wall, to the second."""
    return f"{instant.astimezone(_WALL):%Y-%m-%dT%H:%M:%S}"
