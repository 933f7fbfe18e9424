"""Whether a call file quotes the notice word for word, and whether dates it quotes are the dates it keeps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime

from fundcall.calls.judgements import is_zone
from fundcall.calls.shape import Fault, Parts, Path, Values
from states.calendar import zone

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December")  # fmt: skip
_NAMES = "|".join(_MONTHS)
_CHINESE = re.compile(
    r"(?:(?P<year>\d{4})年)?(?P<month>\d{1,2})月(?P<day>\d{1,2})日(?:(?P<hour>\d{1,2})[:：时](?P<minute>\d{2})?)?"
)
_ENGLISH = re.compile(
    rf"(?P<day>\d{{1,2}}) (?P<month>{_NAMES})(?: (?P<year>\d{{4}}))?(?:,? (?P<hour>\d{{1,2}}):(?P<minute>\d{{2}}))?"
)


def quote_faults(parts: Parts) -> Iterator[Fault]:
    """Quotes that are not the notice's words, and dates in quotes that contradict the call's own."""
    yield from _not_in_notice(parts)
    for i, rule in enumerate(parts.lists["rule"]):
        yield from _slips(parts.head, rule, ("rule", i, "quote"))


def _not_in_notice(parts: Parts) -> Iterator[Fault]:
    """A topic's text may join its heading's opening to its own part, so each sentence is looked for by itself."""
    named = parts.head.get("notice")
    if named and parts.notice is None:
        yield Fault(
            ("notice",),
            f"没有通知原文“{named}”，已查找：{'、'.join(parts.looked_at) or '无'}",
            f"there is no notice {named!r}; looked for {' and '.join(parts.looked_at) or 'nowhere'}",
        )
    if parts.notice is None:
        return
    for name, key in (("rule", "quote"), ("target", "quote"), ("topic", "text_zh")):
        for i, item in enumerate(parts.lists[name]):
            quote = item.get(key)
            if quote is not None and not _stands_in(quote, parts.notice):
                yield Fault((name, i, key), "引文与通知原文不符", "not the notice's words")


def _stands_in(quote: str, notice: str) -> bool:
    return bool(quote.strip()) and all(sentence in notice for sentence in quote.split("。"))


def _slips(head: Values, rule: Values, at: Path) -> Iterator[Fault]:
    """Dates with an hour are those of the window, and the last day of execution is the one that a rule on it names.

    Real notices contradict themselves here (a window in 2019 that "closes at 16:00 on 22 March 2018"), and are quoted
    as they stand: hence warnings.
    """
    quote, edges = rule.get("quote", ""), _edges(head)
    for match in (*_CHINESE.finditer(quote), *_ENGLISH.finditer(quote)):
        if match["hour"] and len(edges) == 2 and not any(_names(match, edge) for edge in edges):
            yield Fault(
                at, f"引文时间“{match[0]}”与受理时间不一致", f"{match[0]!r} is neither opens_at nor closes_at", True
            )
        ends = head.get("execution_ends_by")
        if rule.get("check") == "ends_by" and ends and not match["hour"] and not _names(match, ends):
            yield Fault(
                at, f"引文日期“{match[0]}”与执行期不一致", f"{match[0]!r} is not execution_ends_by", warning=True
            )


def _edges(head: Values) -> list[datetime]:
    """Opening and close on the call's own wall clock."""
    instants = [head[name] for name in ("opens_at", "closes_at") if name in head and head[name].tzinfo is not None]
    return [at.astimezone(zone(head["timezone"])) if is_zone(head.get("timezone", "")) else at for at in instants]


def _names(match: re.Match[str], moment: date) -> bool:
    """Whether the written date is that of the moment, as far as it says."""
    written = (int(match["year"] or moment.year), _number(match["month"]), int(match["day"]))
    if written != (moment.year, moment.month, moment.day):
        return False
    clock = (moment.hour, moment.minute) if isinstance(moment, datetime) else (0, 0)
    return match["hour"] is None or (int(match["hour"]), int(match["minute"] or 0)) == clock


def _number(month: str) -> int:
    return int(month) if month.isdecimal() else _MONTHS.index(month) + 1
