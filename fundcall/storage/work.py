"""Units of work over the SQL ledger: an overlay that a whole group shares, and one of its own for each of its members."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from states.application import Application
from states.events import Recorded
from states.programme import Programme
from workflow.privacy import Personal


class Source(Protocol):
    """What a group reads from the database when its overlay does not know."""

    def load(self, application_id: str) -> Application | None: ...

    def find_answer(self, command_id: str) -> Recorded | None: ...

    def find_others(self, call_id: str, unit_code: str) -> Iterable[str]: ...

    def count_numbered(self, call_id: str) -> int: ...

    def load_programme(self, call_id: str) -> Programme: ...


class Group:
    """What a group of units of work has decided so far, to be written in one transaction.

    `originals` holds each application or call touched as the database has it (None for a new application).
    """

    def __init__(self, source: Source, head: int, last_recorded_at: datetime | None) -> None:
        self.source = source
        self.head = head
        self.last_recorded_at = last_recorded_at
        self.events: list[Recorded] = []
        self.by_command: dict[str, Recorded] = {}
        self.people: list[Personal] = []
        self.originals: dict[str, Application | Programme | None] = {}
        self.programmes: dict[str, Programme] = {}
        self.applications: dict[str, Application] = {}
        self.by_unit: dict[tuple[str, str], set[str]] = {}
        self.numbered: Counter[str] = Counter()

    def merge(self, work: Work) -> None:
        """Take over what a unit of work has done."""
        self.events += work.events
        self.by_command |= work.by_command
        self.people += work.people
        for name in work.originals:
            self.originals.setdefault(name, work.originals[name])
        self.applications |= work.applications
        self.programmes |= work.programmes
        for application in work.applications.values():
            self.by_unit.setdefault((application.call_id, application.unit_code), set()).add(application.id)
        self.numbered += work.numbered
        if work.events:
            self.last_recorded_at = work.events[-1].recorded_at


class Work:
    """The ledger as one unit of work sees it (a `workflow.ports.Transaction`)."""

    def __init__(self, group: Group) -> None:
        self._group = group
        self.events: list[Recorded] = []
        self.by_command: dict[str, Recorded] = {}
        self.people: list[Personal] = []
        self.originals: dict[str, Application | Programme | None] = {}
        self.programmes: dict[str, Programme] = {}
        self.applications: dict[str, Application] = {}
        self.numbered: Counter[str] = Counter()

    @property
    def next_position(self) -> int:
        return self._group.head + len(self._group.events) + len(self.events) + 1

    @property
    def last_recorded_at(self) -> datetime | None:
        return self.events[-1].recorded_at if self.events else self._group.last_recorded_at

    def answered(self, command_id: str) -> Recorded | None:
        known = self.by_command.get(command_id) or self._group.by_command.get(command_id)
        return known or self._group.source.find_answer(command_id)

    def application(self, application_id: str) -> Application | None:
        known = self.applications.get(application_id) or self._group.applications.get(application_id)
        return known or self._group.source.load(application_id)

    def programme(self, call_id: str) -> Programme:
        known = self.programmes.get(call_id) or self._group.programmes.get(call_id)
        return known or self._group.source.load_programme(call_id)

    def others(self, call_id: str, unit_code: str, besides: str) -> tuple[str, ...]:
        found = set(self._group.source.find_others(call_id, unit_code))
        touched = self._group.by_unit.get((call_id, unit_code), set()) | self.applications.keys()
        for name in touched:
            application = self.applications.get(name) or self._group.applications[name]
            if (application.call_id, application.unit_code) == (call_id, unit_code):
                (found.add if application.live else found.discard)(name)
        return tuple(sorted(found - {besides}))

    def sequence(self, call_id: str) -> int:
        group = self._group
        return group.source.count_numbered(call_id) + group.numbered[call_id] + self.numbered[call_id]

    def append(self, event: Recorded, after: Application | Programme, personal: Sequence[Personal] = ()) -> None:
        self.events.append(event)
        self.by_command[event.command_id] = event
        self.people += personal
        if isinstance(after, Programme):
            self.originals.setdefault(after.id, self.programme(after.id))
            self.programmes[after.id] = after
            return
        before = self.application(after.id)
        self.originals.setdefault(after.id, before)
        self.applications[after.id] = after
        self.numbered[after.call_id] += bool(after.number) and not (before and before.number)
