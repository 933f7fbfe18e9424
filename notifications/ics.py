"""The dates a unit must keep, as a calendar file (RFC 5545) that its own calendar can take over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

_OCTETS_MAX = 75  # of a content line, RFC 5545 3.1
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": " ", "\r": " "})


class Date(NamedTuple):
    """A deadline: its stable id, when it falls due, and what it is called."""

    uid: str
    due_at: datetime
    summary: str


def calendar(dates: Iterable[Date], sequence: int, made_at: datetime, url: str) -> str:
    """A calendar of deadlines with an alarm a day ahead; "" where there are none.

    Lines end with LF. A later file with a higher `sequence` replaces the dates of the same ids.
    """
    events = [line for date in dates for line in _event(date, sequence, made_at, url)]
    if not events:
        return ""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//fundcall//deadlines//EN", "METHOD:PUBLISH", *events]
    return "\n".join(_folded(line) for line in (*lines, "END:VCALENDAR", ""))


def _event(date: Date, sequence: int, made_at: datetime, url: str) -> tuple[str, ...]:
    due, summary = _stamp(date.due_at), date.summary.translate(_ESCAPED)
    return (
        "BEGIN:VEVENT",
        f"UID:{date.uid}",
        f"SEQUENCE:{sequence}",
        f"DTSTAMP:{_stamp(made_at)}",
        f"DTSTART:{due}",
        f"DTEND:{due}",
        f"SUMMARY:{summary}",
        f"URL:{url}",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "TRIGGER:-P1D",
        f"DESCRIPTION:{summary}",
        "END:VALARM",
        "END:VEVENT",
    )


def _stamp(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _folded(line: str) -> str:
    """The line with its octets folded at 75, never within a character."""
    if len(line) * 4 <= _OCTETS_MAX or len(line.encode()) <= _OCTETS_MAX:
        return line
    lines, piece, size = [], "", 0
    for character in line:
        width = len(character.encode())
        if size + width > _OCTETS_MAX:
            lines.append(piece)
            piece, size = " ", 1
        piece += character
        size += width
    return "\n".join((*lines, piece))
