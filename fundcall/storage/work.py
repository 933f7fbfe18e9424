"""Units of work over the SQL ledger: an overlay that a whole group shares, and one of its own for each of its members."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from states.application import Application
from states.calendar import stamp
from states.credit import FLAG
from states.envelope import Bound
from states.events import Recorded
from states.programme import Programme
from workflow.privacy import Personal
from workflow.record import decode, encode, leaf_hash


class Source(Protocol):
    """What a group reads from the database when its overlay does not know."""

    def load(self, application_id: str) -> Application | None: ...

    def find_answers(self, command_ids: Sequence[str]) -> dict[str, bytes | None]: ...

    def find_others(self, call_id: str, unit_code: str) -> Iterable[str]: ...

    def find_credited(self, unit_code: str) -> Iterable[str]: ...

    def count_numbered(self, call_id: str) -> int: ...

    def load_programme(self, call_id: str) -> Programme: ...

    def load_bound(self, call_id: str) -> Mapping[str, Bound]: ...


def event_row(event: Recorded) -> tuple[Any, ...]:
    """An event as a row of its table, its bytes made and hashed."""
    body = encode(event)
    return (
        event.position,
        event.application,
        event.version,
        event.type,
        event.command_id,
        stamp(event.recorded_at),
        leaf_hash(body),
        body,
    )


def added(bound: Bound | None, more: Bound) -> Bound:
    """Both together."""
    return Bound(bound.awards + more.awards, bound.amount_minor + more.amount_minor) if bound else more


def _changed(found: Iterable[str], *changes: Mapping[str, bool] | None) -> set[str]:
    """The names found, with those that came since and without those that went."""
    names = set(found)
    for changed in changes:
        for name, there in (changed or {}).items():
            (names.add if there else names.discard)(name)
    return names


class Group:
    """What a group of units of work has decided so far, to be written in one transaction.

    `answers` holds the bytes of the events of command ids (None where there is none), `loaded` each application and
    `loaded_programmes` each call touched, as the database has them (None for a new application).
    """

    def __init__(self, source: Source, head: int, last_recorded_at: datetime | None) -> None:
        self.source = source
        self.head = head
        self.last_recorded_at = last_recorded_at
        self.answers: dict[str, bytes | None] = {}
        self.events: list[Recorded] = []
        self.event_rows: list[tuple[Any, ...]] = []
        self.by_command: dict[str, Recorded] = {}
        self.people: list[Personal] = []
        self.applications: dict[str, Application] = {}
        self.programmes: dict[str, Programme] = {}
        self.live: dict[tuple[str, str], dict[str, bool]] = {}
        self.entered: dict[str, dict[str, bool]] = {}
        self.numbered: dict[str, int] = {}
        self.binding: dict[tuple[str, str], Bound] = {}
        self.loaded: dict[str, Application | None] = {}
        self.loaded_programmes: dict[str, Programme] = {}

    def application(self, application_id: str) -> Application | None:
        """The application after what the group has done so far."""
        known = self.applications.get(application_id)
        if known is not None:
            return known
        if application_id not in self.loaded:
            self.loaded[application_id] = self.source.load(application_id)
        return self.loaded[application_id]

    def programme(self, call_id: str) -> Programme:
        """The course of a call after what the group has done so far."""
        known = self.programmes.get(call_id)
        if known is not None:
            return known
        if call_id not in self.loaded_programmes:
            self.loaded_programmes[call_id] = self.source.load_programme(call_id)
        return self.loaded_programmes[call_id]

    def answered(self, command_id: str) -> Recorded | None:
        """The event of a command id, from the group or from the database."""
        known = self.by_command.get(command_id)
        if known is not None:
            return known
        if command_id not in self.answers:
            self.answers |= self.source.find_answers((command_id,))
        body = self.answers[command_id]
        return decode(body) if body is not None else None

    def merge(self, work: Work) -> None:
        """Take over what a unit of work has done."""
        if not work.events:
            return
        self.events += work.events
        self.event_rows += work.event_rows
        self.last_recorded_at = work.events[-1].recorded_at
        self.by_command.update(work.by_command)
        self.applications.update(work.applications)
        self.programmes.update(work.programmes)
        self.people += work.people
        for unit, live in work.live.items():
            self.live.setdefault(unit, {}).update(live)
        for unit_code, credited in work.entered.items():
            self.entered.setdefault(unit_code, {}).update(credited)
        for call_id, count in work.numbered.items():
            self.numbered[call_id] = self.numbered.get(call_id, 0) + count
        for of, more in work.binding.items():
            self.binding[of] = added(self.binding.get(of), more)


class Work:
    """The ledger as one unit of work sees it (a `workflow.ports.Transaction`).

    `live` holds, by call and unit, the applications that began or ceased to be live; `entered`, by unit, those that began or
    ceased to have a credit entry in force; `binding`, by call and topic, what
    more (or less) of the money is bound.
    """

    __slots__ = (
        "_group",
        "applications",
        "binding",
        "by_command",
        "entered",
        "event_rows",
        "events",
        "live",
        "numbered",
        "people",
        "programmes",
    )

    def __init__(self, group: Group) -> None:
        self._group = group
        self.events: list[Recorded] = []
        self.event_rows: list[tuple[Any, ...]] = []
        self.by_command: dict[str, Recorded] = {}
        self.people: list[Personal] = []
        self.applications: dict[str, Application] = {}
        self.programmes: dict[str, Programme] = {}
        self.live: dict[tuple[str, str], dict[str, bool]] = {}
        self.entered: dict[str, dict[str, bool]] = {}
        self.numbered: dict[str, int] = {}
        self.binding: dict[tuple[str, str], Bound] = {}

    @property
    def next_position(self) -> int:
        return self._group.head + len(self._group.events) + len(self.events) + 1

    @property
    def last_recorded_at(self) -> datetime | None:
        return self.events[-1].recorded_at if self.events else self._group.last_recorded_at

    def answered(self, command_id: str) -> Recorded | None:
        return self.by_command.get(command_id) or self._group.answered(command_id)

    def application(self, application_id: str) -> Application | None:
        return self.applications.get(application_id) or self._group.application(application_id)

    def programme(self, call_id: str) -> Programme:
        return self.programmes.get(call_id) or self._group.programme(call_id)

    def others(self, call_id: str, unit_code: str, besides: str) -> tuple[str, ...]:
        found, unit = self._group.source.find_others(call_id, unit_code), (call_id, unit_code)
        return tuple(sorted(_changed(found, self._group.live.get(unit), self.live.get(unit)) - {besides}))

    def credited(self, unit_code: str) -> tuple[str, ...]:
        found = self._group.source.find_credited(unit_code)
        return tuple(sorted(_changed(found, self._group.entered.get(unit_code), self.entered.get(unit_code))))

    def sequence(self, call_id: str) -> int:
        decided = self._group.numbered.get(call_id, 0) + self.numbered.get(call_id, 0)
        return self._group.source.count_numbered(call_id) + decided

    def bound(self, call_id: str) -> dict[str, Bound]:
        found = dict(self._group.source.load_bound(call_id))
        for binding in (self._group.binding, self.binding):
            for (of, topic), more in binding.items():
                if of == call_id:
                    found[topic] = added(found.get(topic), more)
        return {topic: bound for topic, bound in found.items() if bound.awards}

    def append(self, event: Recorded, after: Application | Programme, personal: Sequence[Personal] = ()) -> None:
        self.events.append(event)
        self.event_rows.append(event_row(event))  # now, while the event is at hand in the processor's cache
        self.by_command[event.command_id] = event
        self.people += personal
        if isinstance(after, Programme):
            self.programme(after.id)  # so that it is known what the database has
            self.programmes[after.id] = after
            return
        before = self.application(after.id)
        self.applications[after.id] = after
        if after.live != (before is not None and before.live):
            self.live.setdefault((after.call_id, after.unit_code), {})[after.id] = after.live
        if (FLAG in after.flags) != (before is not None and FLAG in before.flags):
            self.entered.setdefault(after.unit_code, {})[after.id] = FLAG in after.flags
        if after.number and not (before and before.number):
            self.numbered[after.call_id] = self.numbered.get(after.call_id, 0) + 1
        taken, takes = before.bound_minor if before else 0, after.bound_minor
        if taken != takes:
            of = (after.call_id, after.topic)
            self.binding[of] = added(self.binding.get(of), Bound(bool(takes) - bool(taken), takes - taken))
