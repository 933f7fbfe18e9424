"""The course of a call in figures: who came how far, how long each state takes, when filings arrived, what officers did."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from states.actor import OFFICERS
from states.application import FINAL, MAIN_LINE, State
from states.calendar import stamp, zone
from states.events import BY_COMMAND
from states.funding_call import FundingCall
from states.table import CREATE, ROWS, TWIN
from workflow.ports import Ledger
from workflow.record import decode
from workflow.tasks import MET_BY, kind_of

RECENT = timedelta(days=30)
"""How far back an officer's recent acts reach."""
NEAR_CLOSE_HOURS = 48
_BORN = BY_COMMAND[CREATE].name
_FILED = BY_COMMAND["SubmitApplication"].name
_CLOSED = BY_COMMAND["ConfirmOutcome"].name
_OFFICERS = frozenset(role.value for role in OFFICERS)
_READ = frozenset(
    BY_COMMAND[row.command].name for row in ROWS if row.target is not None or OFFICERS.intersection(row.roles)
) | {_BORN}
"""The events that figures are made of: those that move an application, and those that officers give."""


class Stage(NamedTuple):
    """A state in figures: how many applications ever came to it and are in it now; over stays that ended, how many there
    were and how long half and nine in ten of them took at most (by nearest rank); and the longest stay that still lasts.
    Lengths are whole seconds; None where there is no stay to measure. Who comes back to a state stays in it anew.
    """

    state: str
    reached: int
    now: int
    stays: int
    median_s: int | None
    p90_s: int | None
    longest_s: int | None


class Load(NamedTuple):
    """An officer in figures: acts in all and of late, and open applications on which no officer has acted since."""

    officer: str
    role: str
    acts: int
    recent: int
    open: int


class Arrivals(NamedTuple):
    """First submissions that arrived in `[since, until)`."""

    since: datetime
    until: datetime
    filed: int


class Waiting(NamedTuple):
    """Armed deadlines that a role has to meet: how many, how many of them are past, and the next that is not."""

    role: str
    due: int
    late: int
    next_at: datetime | None


class Figures(NamedTuple):
    """A call in figures at an instant."""

    stages: tuple[Stage, ...]
    officers: tuple[Load, ...]
    days: tuple[Arrivals, ...]
    hours: tuple[Arrivals, ...]
    closed: Mapping[str, Mapping[str, int]]
    """What was verified of each project when it was last closed, by application."""


def told(figures: Figures, waits: Sequence[Waiting]) -> dict[str, Any]:
    """All of it as plain JSON."""
    names = ("stages", "officers", "days", "hours")
    parts = {**{name: getattr(figures, name) for name in names}, "waiting": waits}
    return {name: [_plain(one._asdict()) for one in part] for name, part in parts.items()}


def _plain(found: Mapping[str, Any]) -> dict[str, Any]:
    return {name: stamp(value) if isinstance(value, datetime) else value for name, value in found.items()}


class _Track:
    """Where an application stands, since when, which states it came to, and which officer acted on it last."""

    __slots__ = ("officer", "passed", "since", "state")

    def __init__(self, since: datetime) -> None:
        self.state, self.since, self.passed = State.DRAFT, since, {State.DRAFT}
        self.officer: tuple[str, str] | None = None


class Course:
    """The figures of one call for many who ask: of the ledger only what is new is read. One for all threads."""

    def __init__(self, ledger: Ledger, call: FundingCall) -> None:
        self._ledger, self.call = ledger, call
        self._lock = threading.Lock()
        self._head = 0
        self._tracks: dict[str, _Track] = {}
        self._stays: defaultdict[str, list[int]] = defaultdict(list)
        self._acts: defaultdict[tuple[str, str], list[datetime]] = defaultdict(list)
        self._filed: list[datetime] = []
        self._closed: dict[str, Mapping[str, int]] = {}

    def figures(self, now: datetime) -> Figures:
        """The call at an instant."""
        with self._lock:
            head = self._ledger.head()
            if head != self._head:
                self._read(self._head, head)
                self._head = head
            closes_at = self._ledger.transact(lambda transaction: transaction.programme(self.call.id).closes_at)
            arrivals = self._arrivals(closes_at or self.call.closes_at)
            return Figures(self._stages(now), self._loads(now), *arrivals, dict(self._closed))

    def _read(self, after: int, head: int) -> None:
        for stored in self._ledger.of_types(self.call.id, _READ, after, head):
            event = decode(stored.body)
            at = event.effective_at
            if event.type == _BORN:
                self._tracks[event.application] = _Track(at)
                continue
            track = self._tracks[event.application]
            if event.type == _FILED:
                self._filed.append(at)
            if event.type == _CLOSED:
                self._closed[event.application] = event.data["verified"]
            if event.role in _OFFICERS:
                track.officer = event.actor, event.role
                self._acts[track.officer].append(at)
            target = TWIN[track.state, event.type][0]
            if target != track.state:
                self._stays[track.state].append(int((at - track.since).total_seconds()))
                track.state, track.since = target, at
                track.passed.add(target)

    def _stages(self, now: datetime) -> tuple[Stage, ...]:
        tracks = self._tracks.values()
        reached = Counter(state for track in tracks for state in track.passed)
        here = Counter(track.state for track in tracks)
        longest: dict[str, int] = {}
        for track in tracks:
            if track.state not in FINAL:
                lasted = int((now - track.since).total_seconds())
                longest[track.state] = max(lasted, longest.get(track.state, 0))
        return tuple(
            Stage(state.value, reached[state], here[state], *_lengths(self._stays[state]), longest.get(state))
            for state in State
        )

    def _loads(self, now: datetime) -> tuple[Load, ...]:
        tracks = self._tracks.values()
        held = Counter(track.officer for track in tracks if track.officer and track.state not in FINAL)
        found = [
            Load(*who, len(acts), sum(now - RECENT < at for at in acts), held[who]) for who, acts in self._acts.items()
        ]
        return tuple(sorted(found, key=lambda one: (one.role, -one.recent, -one.acts, one.officer)))

    def _arrivals(self, closes_at: datetime) -> tuple[tuple[Arrivals, ...], tuple[Arrivals, ...]]:
        """By day of the call's wall over the window, and by hour near its close; both end with the close."""
        opens_at, wall = self.call.opens_at, zone(self.call.timezone)
        first = opens_at.astimezone(wall).replace(hour=0, minute=0, second=0, microsecond=0)
        days = max(1, (closes_at - first).days + 1)
        near = closes_at - timedelta(
            hours=min(NEAR_CLOSE_HOURS, max(1, int((closes_at - opens_at).total_seconds() // 3600)))
        )
        edges = [
            first + timedelta(days=n) for n in range(days)
        ]  # wall time goes on evenly: the day after has the same hour
        hours = [near + timedelta(hours=n) for n in range(int((closes_at - near).total_seconds() // 3600))]
        return _counted(self._filed, [*edges, closes_at]), _counted(self._filed, [*hours, closes_at])


def _lengths(stays: list[int]) -> tuple[int, int | None, int | None]:
    if not stays:
        return 0, None, None
    stays.sort()
    return len(stays), _nearest(stays, 50), _nearest(stays, 90)


def _nearest(ordered: Sequence[int], percent: int) -> int:
    """The smallest value that so many percent do not exceed."""
    return ordered[-(-percent * len(ordered) // 100) - 1]


def _counted(found: Iterable[datetime], edges: Sequence[datetime]) -> tuple[Arrivals, ...]:
    """How many lie between each edge and the next."""
    ordered = sorted(found)
    places = [bisect_left(ordered, edge) for edge in edges]
    return tuple(
        Arrivals(since, until, after - before)
        for since, until, before, after in zip(edges, edges[1:], places, places[1:], strict=False)
    )


def funnel(stages: Iterable[Stage]) -> tuple[Stage, ...]:
    """The eight states of the main line, in their order."""
    by = {stage.state: stage for stage in stages}
    return tuple(by[state] for state in MAIN_LINE)


def waiting(ledger: Ledger, call_id: str, now: datetime) -> tuple[Waiting, ...]:
    """What each role has to meet in a call; roles of which nothing waits are left out."""
    due: defaultdict[str, list[datetime]] = defaultdict(list)
    for one in ledger.armed(call_id):
        for role in MET_BY.get(kind_of(one.name), ()):
            due[role.value].append(one.due_at)
    return tuple(
        Waiting(role, len(found), sum(at <= now for at in found), min((at for at in found if at > now), default=None))
        for role, found in sorted(due.items())
    )
