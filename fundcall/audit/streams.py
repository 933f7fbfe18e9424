"""Checking streams: a span of them at a time, here or in other processes, and not again those that were found sound.

A stream found sound is remembered by a fingerprint over all that its check looked at: the hash of its events' bytes as
computed anew, every column beside them, its row and its deadlines, under a key of this installation and of this very
code. The check is a pure function of those, so the same fingerprint means the same finding: nothing. What is spared is
parsing and folding, never hashing.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple, Protocol

import orjson

from states.application import Application
from workflow.ports import History
from workflow.projection import Row
from workflow.record import leaf_hash
from workflow.replay import Divergence, Folded, check_stream


class Remark(NamedTuple):
    """Something that could not be checked, and why: no divergence, but not sound either."""

    text: str


Check = Callable[[Folded], Iterator[Divergence | Remark]]
"""What is asked of each stream beside depth 1."""
_STATE, _CALL, _UNIT, _SLOT = (Row._fields.index(name) for name in ("state", "call_id", "unit_code", "slot"))


class Histories(Protocol):
    """What is read: a ledger, or the reading half of one."""

    def histories(self, after: str = "", upto: str | None = None) -> Iterator[History]: ...


class Span(NamedTuple):
    """The streams with after < name <= upto."""

    after: str
    upto: str | None

    @classmethod
    def only(cls, name: str) -> Span:
        """The stream of that name alone: none but itself lies between it and the last name before it."""
        if not name:  # no stream has such a name
            return cls("", "")
        return cls(name[:-1] + chr(max(ord(name[-1]) - 1, 0)) + "\U0010ffff", name)


class Remembered(NamedTuple):
    """The key of fingerprints, and those of the streams found sound before."""

    key: bytes
    sound: Mapping[str, bytes]


class Part(NamedTuple):
    """What was found in some streams; `places` counts the places that units hold, by call and unit, `remarks` what could not
    be checked.
    """

    events: int
    states: Counter[str]
    places: Counter[tuple[str, str]]
    divergences: list[Divergence]
    sound: dict[str, bytes]
    remarks: Counter[str]

    @classmethod
    def none(cls) -> Part:
        """Of no streams."""
        return cls(0, Counter(), Counter(), [], {}, Counter())

    def with_part(self, other: Part) -> Part:
        """Of these streams and others."""
        self.states.update(other.states)
        self.places.update(other.places)
        self.divergences.extend(other.divergences)
        self.sound.update(other.sound)
        self.remarks.update(other.remarks)
        return self._replace(events=self.events + other.events)


def check_streams(
    ledger: Histories,
    span: Span,
    checks: tuple[Check, ...] = (),
    remembered: Remembered | None = None,
    look: Callable[[Application], None] | None = None,
) -> Part:
    """Depth 1, and `checks`, of every stream in a span; those remembered as sound are hashed alone."""
    events, part = 0, Part.none()
    for history in ledger.histories(*span):
        events += len(history.entries)
        mark = _fingerprint(history, remembered.key) if remembered is not None else b""
        if remembered is not None and mark and remembered.sound.get(history.name) == mark:
            part.sound[history.name] = mark
            _count_row(part, history)
            continue
        folded = check_stream(history)
        said = [d for check in checks for d in check(folded)]
        found = [*folded.divergences, *(d for d in said if isinstance(d, Divergence))]
        remarks = [d.text for d in said if isinstance(d, Remark)]
        part.divergences.extend(found)
        part.remarks.update(remarks)
        if mark and not (found or remarks):
            part.sound[history.name] = mark
        if folded.application is not None:
            _count(part, folded.application)
            if look is not None:
                look(folded.application)
    return part._replace(events=events)


def _count(part: Part, application: Application) -> None:
    part.states[application.state.value] += 1
    if application.live and not application.exception_granted:
        part.places[str(application.call_id), str(application.unit_code)] += 1  # whatever an altered event says


def _count_row(part: Part, history: History) -> None:
    """The same from the row, which is known to say what the fold says."""
    row = history.row
    if row is not None:
        part.states[row[_STATE]] += 1
        if row[_SLOT] == "1":
            part.places[row[_CALL], row[_UNIT]] += 1


def _fingerprint(history: History, key: bytes) -> bytes:
    """The fingerprint of a stream; b"" where its bytes are not what their leaves say."""
    leaves = [entry.leaf for entry in history.entries]
    columns = [entry[:6] for entry in history.entries]
    try:
        if [leaf_hash(entry.body) for entry in history.entries] != leaves:
            return b""
        beside = orjson.dumps([history.name, columns, history.row, history.deadlines, history.sheet, history.words])
    except TypeError:  # a damaged file holds a value of another type
        return b""
    return hashlib.blake2b(b"".join((beside, *leaves)), digest_size=16, key=key).digest()
