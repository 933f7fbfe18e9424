"""Small judgements on one value of a call file, shared by those on its parts."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from zoneinfo import ZoneInfo

from fundcall.calls.shape import Fault, Parts, Path, Values
from states.calendar import Offset

YEARS_MAX = 30
"""No length in a call file is longer: accounts and records are kept so long, and nothing else takes its time."""
LONGEST: Mapping[str, int] = {
    "working_days": 250 * YEARS_MAX,
    "days": 365 * YEARS_MAX,
    "months": 12 * YEARS_MAX,
    "hours": 24 * 365 * YEARS_MAX,
}
"""Unit of a length to how many of it are `YEARS_MAX` years."""
_SAID_MAX = 60
_ID = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")


def one_of(values: Values, key: str, known: Collection[str], at: Path) -> Iterator[Fault]:
    """A fault where the value is none of those known."""
    if key in values and values[key] not in known:
        zh, en = "、".join(known) or "无", ", ".join(known) or "none"
        said = short(values[key])
        yield Fault((*at, key), f"未知的取值“{said}”，应为：{zh}", f"unknown {said!r}; there are {en}")


def short(value: object) -> str:
    """A value as a message repeats it: what somebody wrote may be very long."""
    said = str(value)
    return said if len(said) <= _SAID_MAX else said[:_SAID_MAX] + "…"


def at_least(values: Values, key: str, least: int, at: Path) -> Iterator[Fault]:
    """A fault where the number is smaller."""
    if values.get(key, least) < least:
        yield Fault((*at, key), f"不得小于{least}", f"must be {least} at least")


def at_most(values: Values, key: str, most: int, at: Path) -> Iterator[Fault]:
    """A fault where the number is greater."""
    if values.get(key, most) > most:
        yield Fault((*at, key), f"不得大于{most}", f"must be {most} at most")


def not_too_long(length: Offset, at: Path) -> Iterator[Fault]:
    """A fault where a length of time is longer than anything takes."""
    longest = Offset(LONGEST[length.unit], length.unit)
    if length.n > longest.n:
        said = short(length.text)
        yield Fault(
            at,
            f"期限“{said}”过长，最长为{YEARS_MAX}年，即 {longest.text}",
            f"{said!r} is too long: at most {YEARS_MAX} years, {longest.text}",
        )


def well_named(values: Values, at: Path) -> Iterator[Fault]:
    """A fault where the id has other letters than ids have."""
    if "id" in values and not _ID.fullmatch(values["id"]):
        yield Fault(
            (*at, "id"), "标识只能含小写字母、数字和 . _ -", "an id has lower-case letters, digits and . _ - only"
        )


def known_topics(parts: Parts, values: Values, at: Path) -> Iterator[Fault]:
    """A fault for each prefix with which no topic begins."""
    topics = [topic["id"] for topic in parts.lists["topic"] if "id" in topic]
    for prefix in values.get("topics", ()):
        if not any(topic.startswith(prefix) for topic in topics):
            said = short(prefix)
            yield Fault((*at, "topics"), f"没有支持方向“{said}”", f"no topic begins with {said!r}")


def is_zone(name: str) -> bool:
    """Whether a time zone of that name is known."""
    try:
        return bool(name) and ZoneInfo(name).key == name
    except (KeyError, ValueError, OSError):  # unknown; not a plain relative path; a folder of zones, or too long
        return False
