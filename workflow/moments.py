"""Whole calls at any moment: how many applications stood in each state at any position of the ledger, read along it once."""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from states.application import State
from states.events import BY_COMMAND, REFUSED
from states.table import CREATE, TWIN
from workflow.ports import Ledger

_STATES: Sequence[State] = tuple(State)
_NUMBER = {state: number for number, state in enumerate(_STATES)}
_CREATED = BY_COMMAND[CREATE].name
_NOWHERE = len(_STATES)


class Standing(NamedTuple):
    """A call at a position: applications by state, how many were ever in each by then, and the refusals so far."""

    states: Mapping[str, int]
    reached: Mapping[str, int]
    applications: int
    refusals: int


class Changed(NamedTuple):
    """An application between two positions: where it was ("" while it was not there), where it came, by how many events."""

    application: str
    before: str
    after: str
    events: int


class Moments:
    """Remembers each change of a state in 17 bytes and reads only what is new, so that an instant is answered at once.

    Which state an event leads to is what the table says of the state before it: nothing is parsed but each first event.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._lock = threading.Lock()
        self._read = 0
        self._names: list[str] = []
        self._calls: list[str] = []
        self._now: dict[
            str, tuple[int, int, int]
        ] = {}  # name to its number, its state, and the states it was in (bits)
        self._positions, self._whose = array("Q"), array("L")
        self._from, self._to, self._first = array("B"), array("B"), array("B")
        self._refused = array("Q")
        self._refused_in: list[str] = []

    def standing(self, call_id: str, position: int) -> Standing:
        """The call as the event at a position left it."""
        with self._lock:
            self._follow(position)
            states, reached = [0] * (_NOWHERE + 1), [0] * _NOWHERE
            calls, whose = self._calls, self._whose
            for n in range(bisect_right(self._positions, position)):
                if calls[whose[n]] == call_id:
                    states[self._from[n]] -= 1
                    states[self._to[n]] += 1
                    reached[self._to[n]] += self._first[n]
            upto = bisect_right(self._refused, position)
            refusals = sum(1 for call in self._refused_in[:upto] if call == call_id)
        found = {state.value: states[n] for state, n in _NUMBER.items() if states[n]}
        ever = {state.value: reached[n] for state, n in _NUMBER.items() if reached[n]}
        return Standing(found, ever, -states[_NOWHERE], refusals)

    def changed(self, since: int, upto: int) -> list[Changed]:
        """What became of each application between two positions, by name; those without an event are left out."""
        with self._lock:
            self._follow(upto)
            before, after = self._states_at(since), self._states_at(upto)
        events = Counter(name for _, name, _, _ in self._ledger.steps(since, upto))
        return [
            Changed(name, before.get(name, ""), after[name], count)
            for name, count in sorted(events.items())
            if name in after
        ]

    def _states_at(self, position: int) -> dict[str, str]:
        upto = bisect_right(self._positions, position)
        return {self._names[self._whose[n]]: _STATES[self._to[n]].value for n in range(upto)}

    def _follow(self, position: int) -> None:
        """Read on up to a position."""
        if position <= self._read:
            return
        for at, name, kind, call_id in self._ledger.steps(self._read, position):
            known = self._now.get(name)
            if kind == REFUSED:
                self._refused.append(at)
                self._refused_in.append(self._calls[known[0]] if known is not None else name)
            elif known is not None:
                state = _STATES[known[1]]
                self._move(at, name, known, _NUMBER[TWIN.get((state, kind), (state, None))[0]])
            elif kind == _CREATED:
                self._names.append(name)
                self._calls.append(call_id)
                self._move(at, name, (len(self._names) - 1, _NOWHERE, 0), _NUMBER[State.DRAFT])
            self._read = at

    def _move(self, at: int, name: str, known: tuple[int, int, int], to: int) -> None:
        number, state, been = known
        if to == state:
            return
        self._positions.append(at)
        self._whose.append(number)
        self._from.append(state)
        self._to.append(to)
        self._first.append(not been >> to & 1)
        self._now[name] = (number, to, been | 1 << to)
