"""What the office asks its queue for, as the address of the page says it: everything stands there, so that it can be kept
and shared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import orjson
from starlette.datastructures import QueryParams

from fundcall.web.inputs import scaled
from fundcall.web.problems import missing
from fundcall.web.remarks import FLAGS, OUTCOMES
from fundcall.web.words import wall_of
from states.actor import Actor
from states.application import State
from states.calendar import day_of, zone
from states.funding_call import FundingCall
from states.labels import PHASES, Pair
from workflow.commands import NUMBER_MAX
from workflow.desk import SORTED, By, Mark, Wanted
from workflow.projection import NEVER
from workflow.search import Term, asked, mark, says

FIELDS = ("q", "state", "phase", "call", "topic", "flag", "findings", "hold", "due", "from", "upto", "sort")
"""What an address may say, in the order that it is written in."""
HOLDS = ("mine", "claimed", "free")
DUES = ("late", "7", "30", "none")
"""What an address may say of the next deadline, beside the day on which it ends."""
DIRECTION = "direction:"
_ORDERS_MAX = 3
_FIRST = (By("due_at"),)
_NEWEST = (By("updated_at", descending=True),)
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: `given` as it stands in the address, `query` the same without the
    place in the list, `wanted` and `order` as the ledger takes it.

    `past` and `back` say from where on; `wrong` holds, by field, what could not be read.
    """

    given: Mapping[str, str]
    query: str
    wanted: Wanted
    order: tuple[By, ...]
    past: Mark | None
    back: bool
    wrong: Mapping[str, Pair]

    @property
    def narrowed(self) -> bool:
        """Whether more than a state and a search narrow the list."""
        return any(self.given[name] for name in FIELDS if name not in ("q", "state", "sort"))

    def but(self, **changes: str) -> str:
        """The address of another list: the same but for these fields."""
        return f"/applications?{written({**self.given, **changes})}"

    def at(self, mark: Mark, *, back: bool = False) -> str:
        """The address of the page past a mark."""
        place = urlencode({("before" if back else "after"): orjson.dumps(mark).decode()})
        return f"/applications?{'&'.join(filter(None, (self.query, place)))}"


def written(given: Mapping[str, str]) -> str:
    """Fields as an address says them, those that say nothing left out."""
    return "&".join(_field(name, value) for name in FIELDS if (value := given.get(name)))


@lru_cache(1024)
def _field(name: str, value: str) -> str:
    """A field as an address says it: a page of the queue names most of its own some twenty times."""
    return urlencode({name: value})


def read_wish(query: QueryParams, actor: Actor, calls: Mapping[str, FundingCall], now: datetime) -> Wish:
    """The wish of an address. Raises Problem 404 for a value that there is not."""
    given = {name: query.get(name, "").strip() for name in FIELDS}
    wrong: dict[str, Pair] = {}
    call, topic = _one(given["call"], calls), given["topic"]
    order = _order(given["sort"]) or (_NEWEST if asked(given["q"]) else _FIRST)
    wanted = Wanted(
        call_id=call,
        states=tuple(filter(None, (_one(given["state"], set(State)),))),
        phases=tuple(filter(None, (_one(given["phase"], PHASES),))),
        topics=_topics(topic, calls) if topic else None,
        flags=tuple(filter(None, (_one(given["flag"], FLAGS),))),
        findings_open={"": None, "open": True, "none": False}[_one(given["findings"], ("open", "none"))],
        claimed={"claimed": True, "free": False}.get(_one(given["hold"], HOLDS)),
        claimed_by=actor.id if given["hold"] == "mine" else "",
        requested_from=_amount("from", given, wrong),
        requested_upto=_amount("upto", given, wrong),
        terms=terms_of(given["q"], calls.values()),
        **_due(given["due"], now, wall_of(calls.get(call)).zone),
    )
    back = "before" in query
    return Wish(
        given, written(given), wanted, order, _mark(query.get("before" if back else "after", ""), order), back, wrong
    )


def terms_of(text: str, calls: Iterable[FundingCall]) -> tuple[Term, ...]:
    """The words of a search, each with the topics, outcomes and flags that are called so."""
    wanted = asked(text)
    named = [*_named_topics(calls), *_named("outcome", OUTCOMES), *_named("flag", FLAGS)] if wanted else []
    return tuple(Term(pieces, tuple(sorted({one for one, words in named if says(words, pieces)}))) for pieces in wanted)


def nothing_to_find(wish: Wish) -> bool:
    """Whether something was typed that holds no word: nothing can be found then."""
    return bool(wish.given["q"]) and not wish.wanted.terms


def _one(value: str, known: Iterable[Any]) -> str:
    if value and value not in known:
        raise missing(value)
    return value


def _topics(value: str, calls: Mapping[str, FundingCall]) -> tuple[str, ...]:
    every = [topic for call in calls.values() for topic in call.topics.values()]
    direction = value.removeprefix(DIRECTION) if value.startswith(DIRECTION) else None
    found = tuple(
        dict.fromkeys(t.id for t in every if (t.id == value if direction is None else t.direction == direction))
    )
    if not found:
        raise missing(value)
    return found


def _amount(name: str, given: Mapping[str, str], wrong: dict[str, Pair]) -> int | None:
    """An amount in units of the currency as minor units; what cannot be read is told."""
    if not given[name]:
        return None
    with suppress(ValueError):
        minor = scaled(given[name], 100)
        if minor >= 0:
            return minor
    wrong[name] = (
        "应为金额，至多两位小数，例如 12,500.00",
        "should be an amount with at most two decimals, such as 12,500.00",
    )
    return None


def _due(value: str, now: datetime, timezone: str) -> dict[str, datetime | None]:
    if value == "late":
        return {"due_before": now}
    if value == "none":
        return {"due_from": NEVER}
    if value in ("", *DUES):
        return {"due_from": now, "due_before": now + timedelta(days=int(value))} if value else {}
    return _ending_with(value, timezone)


def _ending_with(value: str, timezone: str) -> dict[str, datetime | None]:
    """Deadlines that can be met on that day, by that clock, for the last time: what is due at 00:00 belongs to the day before."""
    try:
        since = datetime.combine(day_of(value), time(), zone(timezone)) + _INSTANT
    except ValueError:
        raise missing(value) from None
    if not 2000 <= since.year < 2100:
        raise missing(value)
    return {"due_from": since, "due_before": since + timedelta(days=1)}


def _order(text: str) -> tuple[By, ...]:
    found = tuple(By(name.removeprefix("-"), name.startswith("-")) for name in text.split(",") if name)
    if any(one.column not in SORTED[1:] for one in found):
        raise missing(text)
    return tuple({one.column: one for one in reversed(found)}.values())[::-1][:_ORDERS_MAX]


def _mark(text: str, order: Sequence[By]) -> Mark | None:
    """Where to go on; the beginning where that cannot be read."""
    try:
        found = orjson.loads(text)
    except ValueError:
        return None
    names = [*(one.column for one in order), "id"]
    fits = isinstance(found, list) and len(found) == len(names)
    return tuple(found) if fits and all(map(_may_stand, names, found)) else None


def _may_stand(column: str, value: object) -> bool:
    """Whether a column of the ledger could hold the value."""
    if column == "requested_minor":
        return type(value) is int and abs(value) <= NUMBER_MAX
    return isinstance(value, str)


def sorted_by(wish: Wish, column: str) -> tuple[str, str]:
    """The address of the list sorted by a column first, turned round if it is already; and how it stands now (for
    aria-sort).
    """
    now = next((one for one in wish.order[:1] if one.column == column), None)
    down = now is not None and not now.descending
    others = [f"{'-' if one.descending else ''}{one.column}" for one in wish.order if one.column != column]
    kept = others[: _ORDERS_MAX - 1] if wish.given["sort"] else []
    stands = "" if now is None else "descending" if now.descending else "ascending"
    return wish.but(sort=",".join([f"{'-' if down else ''}{column}", *kept])), stands


def _named_topics(calls: Iterable[FundingCall]) -> Iterable[tuple[str, str]]:
    for call in calls:
        for t in call.topics.values():
            yield mark("topic", t.id), f"{t.title_zh}\n{t.title_en}"


def _named(kind: str, words: Mapping[str, Pair]) -> Iterable[tuple[str, str]]:
    return ((mark(kind, name), "\n".join(pair)) for name, pair in words.items())
