"""Replay, depth 1: each stream folded anew and compared with what stands beside it, and the spine that holds all streams.

A stream needs nothing but itself, so streams are checked one after the other, in any order, by as many processes as
there are, in memory for one. What binds them together (positions without a gap, the tree of hashes, a clock that never
runs backwards) is checked along the spine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, Protocol

from states.application import Application
from states.calendar import stamp
from states.events import REFUSED, Recorded
from states.fold import CannotFold, step
from states.programme import PROGRAMME_EVENTS, Programme, programme_step
from workflow.ports import Entry, History
from workflow.projection import Row, listed, project, sheet
from workflow.record import leaf_hash, read
from workflow.search import words

_CHUNK = 65_536
_TYPES = (int, str, int, str, str, str, bytes, bytes)
_SPINE_TYPES = (int, str, bytes)
"""Of an entry and of a row of the spine; a damaged file may hold anything."""
ALTERED = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What events that somebody has written by hand may lead to where they are folded or decided again."""


class Divergence(NamedTuple):
    """Something that does not follow from the ledger: where, what, and what was expected and found.

    `event` is the event's type where there is one; `guard` and `clause` say what a decision rests on (depth 2).
    """

    position: int
    application: str
    what: str
    expected: str
    found: str
    event: str = ""
    guard: str = ""
    clause: str = ""


class Folded(NamedTuple):
    """A stream folded: its events as far as they could be read, what they lead to, and what diverges."""

    events: list[Recorded]
    application: Application | None
    programme: Programme | None
    divergences: list[Divergence]


def fold_stream(history: History) -> Folded:
    """Hash, read and fold the events of a stream; what cannot be read or does not follow is a divergence."""
    application: Application | None = None
    programme: Programme | None = None
    events: list[Recorded] = []
    found: list[Divergence] = []
    broken = False
    for entry in history.entries:
        event = _read(entry, found)
        if event is None:
            broken = True
            continue
        events.append(event)
        if broken:
            continue
        try:
            if application is None and (event.type in PROGRAMME_EVENTS or event.type == REFUSED):
                programme = programme_step(programme or Programme(history.name), event)
            else:
                application = step(application, event, own=True)
        except (CannotFold, *ALTERED) as wrong:
            broken = True
            found.append(Divergence(entry.position, history.name, "history", "a legal move", str(wrong), entry.type))
    return Folded(events, application, programme, found)


def _read(entry: Entry, found: list[Divergence]) -> Recorded | None:
    """The event of an entry, its bytes held against its leaf and its columns."""
    position, name, _, kind, command_id, recorded_at, leaf, body = entry
    kinds = tuple(map(type, entry))
    if kinds != _TYPES:
        named = ", ".join(one.__name__ for one in kinds)
        found.append(Divergence(position, name, "column", "values of their types", named, str(kind)))
        return None
    hashed = leaf_hash(body)
    if hashed != leaf:
        found.append(Divergence(position, name, "leaf", hashed.hex(), leaf.hex(), kind))
    try:
        event, text = read(body)
    except ValueError as wrong:
        found.append(Divergence(position, name, "unreadable event", "canonical JSON", str(wrong), kind))
        return None
    if event[:4] != entry[:4] or event.command_id != command_id or text != recorded_at:
        said = (*event[:4], event.command_id, text)
        found.append(Divergence(position, name, "column", str(said), str(entry[:6]), kind))
    return event


def check_stream(history: History) -> Folded:
    """Depth 1 of one stream: what `fold_stream` finds, and what its row and its deadlines say otherwise."""
    folded = fold_stream(history)
    try:
        folded.divergences.extend(_beside(history, folded))
    except ALTERED as wrong:
        folded.divergences.append(
            Divergence(0, history.name, "what stands beside it", "values of their types", str(wrong))
        )
    return folded


def _beside(history: History, folded: Folded) -> Iterator[Divergence]:
    """What the row, the sheet, the words and the deadlines of a stream say otherwise than its events."""
    holder: Application | Programme | None = folded.application or folded.programme
    row = None
    if folded.application is not None:
        row = listed(project(folded.application, folded.events[-1].recorded_at))
    yield from _compared(history, row)
    kept = sheet(folded.application) if folded.application is not None else None
    if kept != history.sheet:
        yield Divergence(0, history.name, "sheet of scores", str(kept), str(history.sheet))
    spoken = words(folded.application) if folded.application is not None else None
    if spoken != history.words:
        yield Divergence(0, history.name, "words of search", str(spoken), str(history.words))
    expected = sorted((stamp(at), name) for name, at in holder.deadlines.items()) if holder is not None else []
    if expected != sorted(history.deadlines):
        yield from _deadlines(history.name, expected, history.deadlines)


def _compared(history: History, expected: tuple[Any, ...] | None) -> Iterator[Divergence]:
    found = history.row
    if found == expected:
        return
    if expected is None or found is None:
        yield Divergence(0, history.name, "row", "a row" if expected else "no row", "a row" if found else "none")
        return
    for column, one, other in zip(Row._fields, expected, found, strict=True):
        if one != other:
            yield Divergence(0, history.name, f"row.{column}", str(one), str(other))


def _deadlines(name: str, expected: list[tuple[str, str]], found: list[tuple[str, str]]) -> Iterator[Divergence]:
    for at, which in expected:
        if (at, which) not in found:
            yield Divergence(0, name, f"deadline {which}", at, "not armed")
    for at, which in found:
        if (at, which) not in expected:
            yield Divergence(0, name, f"deadline {which}", "not armed", at)


class Spine(Protocol):
    """What is read along the spine: a ledger, or the reading half of one."""

    def spine(self, after: int, upto: int) -> Iterator[tuple[int, str, bytes]]: ...


def check_spine(
    ledger: Spine, after: int, upto: int, grow: Callable[[list[bytes]], None], last: str = ""
) -> Iterator[Divergence]:
    """The spine between two positions: no gap, and no event recorded before the one that stands before it (`last` for
    the first). `grow` is given the leaf hashes, in order.
    """
    while after < upto:
        chunk = list(ledger.spine(after, min(after + _CHUNK, upto)))
        if chunk:
            if {tuple(map(type, row)) for row in chunk} != {_SPINE_TYPES}:
                yield from (_mistyped(row) for row in chunk if tuple(map(type, row)) != _SPINE_TYPES)
                chunk = [(row[0], str(row[1]), row[2] if type(row[2]) is bytes else b"") for row in chunk]
            positions, times, leaves = zip(*chunk, strict=True)
            grow(list(leaves))
            if sorted(times) != list(times) or times[0] < last:
                yield from _backwards(chunk, last)
            last = max(last, times[-1])
        else:
            positions = ()
        expected = range(after + 1, min(after + _CHUNK, upto) + 1)
        if positions != tuple(expected):
            for position in sorted(set(expected) - set(positions)):
                yield Divergence(position, "", "gap", "an event", "none")
        after = expected[-1]


def _mistyped(row: tuple[int, str, bytes]) -> Divergence:
    said = ", ".join(type(one).__name__ for one in row)
    return Divergence(row[0], "", "column", "values of their types", said)


def _backwards(chunk: list[tuple[int, str, bytes]], last: str) -> Iterator[Divergence]:
    for position, at, _ in chunk:
        if at < last:
            yield Divergence(position, "", "clock ran backwards", f"not before {last}", at)
        last = max(last, at)
