"""Replay: fold the whole ledger anew and compare what follows from it with what stands beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from states.application import Application
from states.events import REFUSED
from states.fold import CannotFold, step
from states.programme import PROGRAMME_EVENTS, Programme, programme_step
from workflow.ports import Due, Ledger, Stored
from workflow.projection import Row, project
from workflow.record import decode, leaf_hash

_TELL_EVERY = 5000


class Divergence(NamedTuple):
    """Something that does not follow from the ledger: where, what, and what was expected and found."""

    position: int
    application: str
    what: str
    expected: str
    found: str


class Replayed(NamedTuple):
    """What a replay of depth 1 found: how many events there are, where each application ends up, what diverges."""

    events: int
    applications: dict[str, Application]
    programmes: dict[str, Programme]
    updated_at: dict[str, datetime]
    divergences: tuple[Divergence, ...]


def fold_all(
    stored: Iterable[Stored],
    leaf: Callable[[bytes], None] | None = None,
    tell: Callable[[int], None] | None = None,
    until: datetime | None = None,
    *,
    gapless: bool = True,
) -> Replayed:
    """Fold events in order of position. Every leaf is hashed anew and handed to `leaf`; `until` stops at what was
    recorded after that instant; `gapless` False takes positions as they come (one application's). An event that cannot be read or does not follow is a divergence, and so is a gap.
    """
    applications: dict[str, Application] = {}
    updated_at: dict[str, datetime] = {}
    found: list[Divergence] = []
    broken: set[str] = set()
    programmes: dict[str, Programme] = {}
    position = count = 0
    for row in stored:
        position = position + 1 if gapless else row.position
        count += 1
        hashed = leaf_hash(row.body)
        if leaf is not None:
            leaf(hashed)
        if row.position != position or hashed != row.leaf:
            found.append(_unlike(position, row, hashed))
            position = row.position
        try:
            event = decode(row.body)
        except ValueError as wrong:
            found.append(Divergence(row.position, row.application, "unreadable event", "canonical JSON", str(wrong)))
            continue
        if until is not None and event.recorded_at > until:
            count -= 1
            break
        if event[:4] != (row.position, row.application, row.version, row.type):
            found.append(Divergence(row.position, row.application, "column", str(event[:4]), str(row[:4])))
        name = event.application
        if event.type in PROGRAMME_EVENTS or (event.type == REFUSED and name not in applications):
            try:  # a refused creation stands with its call
                programmes[name] = programme_step(programmes.get(name) or Programme(name), event)
            except (KeyError, TypeError, ValueError) as wrong:
                found.append(Divergence(row.position, name, "history", "a call's next event", str(wrong)))
        elif name not in broken:
            try:
                applications[name] = step(applications.get(name), event, own=True)
                updated_at[name] = event.recorded_at
            except (CannotFold, KeyError, TypeError, ValueError) as wrong:
                broken.add(name)
                found.append(Divergence(row.position, name, "history", "a legal move", str(wrong)))
        if tell is not None and count % _TELL_EVERY == 0:
            tell(_TELL_EVERY)
    return Replayed(count, applications, programmes, updated_at, tuple(found))


def _unlike(position: int, row: Stored, hashed: bytes) -> Divergence:
    if row.position != position:
        return Divergence(row.position, row.application, "gap", str(position), str(row.position))
    return Divergence(row.position, row.application, "leaf", hashed.hex(), row.leaf.hex())


def compare(replayed: Replayed, ledger: Ledger) -> Iterator[Divergence]:
    """What the rows and the armed deadlines say otherwise than the fold."""
    rows = {row.id: row for row in ledger.rows()}
    for name, application in replayed.applications.items():
        expected = project(application, replayed.updated_at[name])
        yield from _compared(name, expected, rows.pop(name, None))
    for name in rows:
        yield Divergence(0, name, "row", "no application", "a row")
    yield from _deadlines(replayed, ledger.deadlines())


def _compared(name: str, expected: Row, found: Row | None) -> Iterator[Divergence]:
    if found is None:
        yield Divergence(0, name, "row", "a row", "none")
    elif found != expected:
        for column, one, other in zip(Row._fields, expected, found, strict=True):
            if one != other:
                yield Divergence(0, name, f"row.{column}", str(one), str(other))


def _deadlines(replayed: Replayed, armed: list[Due]) -> Iterator[Divergence]:
    holders: tuple[Application | Programme, ...] = (*replayed.applications.values(), *replayed.programmes.values())
    expected = {Due(at, holder.id, n) for holder in holders for n, at in holder.deadlines.items()}
    for due in sorted(expected - set(armed)):
        yield Divergence(0, due.application, f"deadline {due.name}", due.due_at.isoformat(), "not armed")
    for due in sorted(set(armed) - expected):
        yield Divergence(0, due.application, f"deadline {due.name}", "not armed", due.due_at.isoformat())
