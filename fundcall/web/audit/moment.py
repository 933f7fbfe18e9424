"""Which moment of the ledger a page is asked for: by an instant of recording, or by a number."""

from __future__ import annotations

from datetime import datetime

from fundcall.web.inputs import read_instant
from fundcall.web.problems import Problem
from fundcall.web.visit import Visit
from fundcall.web.words import SHANGHAI, Wall
from states.calendar import zone

_DIGITS_MAX = 15


def instant_asked(visit: Visit, name: str, wall: Wall = SHANGHAI) -> datetime | None:
    """The instant of a parameter, by a clock where it names no zone; None where it is not given. Raises Problem."""
    text = visit.query(name).strip()
    if not text:
        return None
    try:
        return read_instant(text.replace(" ", "+") if "T" in text else text, wall)  # a plus sign that was not escaped
    except (ValueError, OverflowError) as wrong:
        raise Problem(422, "malformed", f"{name} 不是时间：{text[:40]}", f"{name} is no instant: {text[:40]}",
                      f"请填写日期和时间，例如 2026-06-30 00:00（{wall.zh}）。", f"Write a date and a time, such as 2026-06-30 00:00 ({wall.en}).") from wrong  # fmt: skip


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


def wall_text(instant: datetime, wall: Wall = SHANGHAI) -> str:
    """An instant as a field for dates and times holds it, by a clock, to the second."""
    return f"{instant.astimezone(zone(wall.zone)):%Y-%m-%dT%H:%M:%S}"
