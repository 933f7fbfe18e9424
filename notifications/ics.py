"""Dates to keep as a calendar file (RFC 5545, 5546) that the reader's own calendar can take over, and take back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

_OCTETS_MAX = 75  # of a content line, RFC 5545 3.1
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": " ", "\r": " "})


class Date(NamedTuple):
    """A deadline: its stable id, when it falls due (None once it fell away), and what it is called."""

    uid: str
    due_at: datetime | None
    summary: str


class Made(NamedTuple):
    """By whom (an address), when, as which version of the dates (higher ones replace lower ones), and where to look."""

    organizer: str
    at: datetime
    sequence: int
    url: str


def published(dates: Iterable[Date], made: Made) -> str:
    """A calendar of deadlines with an alarm a day ahead; "" where there are none. Lines end with LF."""
    return _calendar("PUBLISH", (_event(date, date.due_at, made) for date in dates if date.due_at is not None))


def cancelled(dates: Iterable[Date], made: Made) -> str:
    """A calendar that takes deadlines back; "" where there are none."""
    return _calendar("CANCEL", ((*_head(date, made), "STATUS:CANCELLED", "END:VEVENT") for date in dates))


def _calendar(method: str, events: Iterable[tuple[str, ...]]) -> str:
    lines = [line for event in events for line in event]
    if not lines:
        return ""
    head = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//fundcall//deadlines//EN", f"METHOD:{method}")
    return "\n".join(_folded(line) for line in (*head, *lines, "END:VCALENDAR", ""))


def _head(date: Date, made: Made) -> tuple[str, ...]:
    return (
        "BEGIN:VEVENT",
        f"UID:{date.uid}",
        f"SEQUENCE:{made.sequence}",
        f"DTSTAMP:{_stamp(made.at)}",
        f"ORGANIZER:mailto:{made.organizer}",
        f"SUMMARY:{date.summary.translate(_ESCAPED)}",
    )


def _event(date: Date, due_at: datetime, made: Made) -> tuple[str, ...]:
    return (
        *_head(date, made),
        f"DTSTART:{_stamp(due_at)}",
        "STATUS:CONFIRMED",
        "TRANSP:TRANSPARENT",
        f"URL:{made.url}",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "TRIGGER:-P1D",
        f"DESCRIPTION:{date.summary.translate(_ESCAPED)}",
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
