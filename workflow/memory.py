"""The memory twins of the ports: the same promises over plain dictionaries, for tests and as the model of the rest."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from states.application import Application
from states.calendar import WorkingCalendar, stamp
from states.checks import DocumentFacts
from states.credit import FLAG
from states.envelope import Bound
from states.events import Recorded
from states.programme import Programme
from workflow.desk import By, Mark, Wanted, queued, wanted_of
from workflow.memory_experts import MemoryExperts as MemoryExperts
from workflow.ports import Due, Entry, History, Stored, T, Transaction
from workflow.privacy import Personal
from workflow.projection import Reviewed, Row, Sheet, listed, project, sheet
from workflow.record import encode, leaf_hash
from workflow.search import words


class SlotTaken(Exception):
    """A second live application of one unit in one call: the database constraint has refused it."""


class MemoryTransaction:
    """A unit of work over a MemoryLedger: an overlay that is merged when the work is done."""

    def __init__(self, ledger: MemoryLedger) -> None:
        self._ledger = ledger
        self.events: list[Recorded] = []
        self.applications: dict[str, Application] = {}
        self.programmes: dict[str, Programme] = {}
        self.people: list[Personal] = []

    @property
    def next_position(self) -> int:
        return len(self._ledger.log) + len(self.events) + 1

    @property
    def last_recorded_at(self) -> datetime | None:
        last = self.events or self._ledger.log
        return last[-1].recorded_at if last else None

    def answered(self, command_id: str) -> Recorded | None:
        own = next((event for event in self.events if event.command_id == command_id), None)
        return own or self._ledger.by_command.get(command_id)

    def application(self, application_id: str) -> Application | None:
        return self.applications.get(application_id) or self._ledger.applications.get(application_id)

    def programme(self, call_id: str) -> Programme:
        return self.programmes.get(call_id) or self._ledger.programmes.get(call_id) or Programme(call_id)

    def _every(self) -> dict[str, Application]:
        return {**self._ledger.applications, **self.applications}

    def others(self, call_id: str, unit_code: str, besides: str) -> tuple[str, ...]:
        found = (a for a in self._every().values() if a.live and (a.call_id, a.unit_code) == (call_id, unit_code))
        return tuple(sorted(a.id for a in found if a.id != besides))

    def credited(self, unit_code: str) -> tuple[str, ...]:
        return tuple(sorted(a.id for a in self._every().values() if a.unit_code == unit_code and FLAG in a.flags))

    def sequence(self, call_id: str) -> int:
        return sum(a.call_id == call_id and bool(a.number) for a in self._every().values())

    def bound(self, call_id: str) -> dict[str, Bound]:
        found: dict[str, Bound] = {}
        for a in self._every().values():
            if a.call_id == call_id and a.bound_minor:
                awards, minor = found.get(a.topic, (0, 0))
                found[a.topic] = Bound(awards + 1, minor + a.bound_minor)
        return found

    def append(self, event: Recorded, after: Application | Programme, personal: Sequence[Personal] = ()) -> None:
        self.events.append(event)
        self.people.extend(personal)
        if isinstance(after, Programme):
            self.programmes[after.id] = after
        else:
            self.applications[after.id] = after


class MemoryLedger:
    """The ledger in memory. One lock makes every unit of work alone."""

    def __init__(self) -> None:
        self.log: list[Recorded] = []
        self.by_command: dict[str, Recorded] = {}
        self.applications: dict[str, Application] = {}
        self.programmes: dict[str, Programme] = {}
        self._projected: dict[str, Row] = {}
        self._people: dict[str, Personal] = {}
        self._rules: dict[str, bytes] = {}
        self._lock = threading.RLock()

    def transact(self, work: Callable[[MemoryTransaction], T], command_ids: Sequence[str] = ()) -> T:
        with self._lock:
            transaction = MemoryTransaction(self)
            answer = work(transaction)
            self._merge(transaction)
            return answer

    def _merge(self, transaction: MemoryTransaction) -> None:
        latest = {event.application: event.recorded_at for event in transaction.events}
        rows = {a.id: project(a, latest[a.id]) for a in transaction.applications.values()}
        taken = Counter((r.call_id, r.unit_code, r.slot) for r in ({**self._projected, **rows}).values() if r.slot)
        if any(count > 1 for count in taken.values()):
            raise SlotTaken("one live application a unit")
        self.log += transaction.events
        self.by_command |= {event.command_id: event for event in transaction.events}
        self.applications |= transaction.applications
        self.programmes |= transaction.programmes
        self._projected |= rows
        self._people |= {person.commitment: person for person in transaction.people}

    def prefetch(self, transaction: Transaction, applications: Sequence[str]) -> None:
        """Nothing to do: everything is at hand."""

    def head(self) -> int:
        return len(self.log)

    def stored(self, after: int = 0, upto: int | None = None, application: str | None = None) -> Iterator[Stored]:
        for event in self.log[after:upto]:
            if application is None or event.application == application:
                body = encode(event)
                yield Stored(event.position, event.application, event.version, event.type, leaf_hash(body), body)

    def leaves(self, after: int, upto: int) -> Iterator[bytes]:
        return (stored.leaf for stored in self.stored(after, upto))

    def spine(self, after: int, upto: int) -> Iterator[tuple[int, str, bytes]]:
        return ((e.position, stamp(e.recorded_at), leaf_hash(encode(e))) for e in self.log[after:upto])

    def steps(self, after: int, upto: int) -> Iterator[tuple[int, str, str, str]]:
        for e in self.log[after:upto]:
            yield e.position, e.application, e.type, str(e.data.get("call_id", "")) if e.version == 1 else ""

    def histories(self, after: str = "", upto: str | None = None) -> Iterator[History]:
        found: dict[str, History] = {}
        sheets = {one.application: one for one in self.sheets()}
        for event in self.log:
            body = encode(event)
            entry = Entry(*event[:4], event.command_id, stamp(event.recorded_at), leaf_hash(body), body)
            row = self._projected.get(event.application)
            shown = listed(row) if row is not None else None
            if event.application not in found:
                kept = tuple(sheets[event.application]) if event.application in sheets else None
                own = self.applications.get(event.application)
                found[event.application] = History(
                    event.application, [], shown, [], kept, tuple(words(own)) if own is not None else None
                )
            found[event.application].entries.append(entry)
        for due in self.deadlines():
            found[due.application].deadlines.append((stamp(due.due_at), due.name))
        return iter([found[name] for name in sorted(found) if name > after and (upto is None or name <= upto)])

    def rows(
        self,
        state: str | None = None,
        call_id: str | None = None,
        after: str = "",
        limit: int | None = None,
        unit_code: str | None = None,
    ) -> list[Row]:
        found = [
            row
            for name, row in sorted(self._projected.items())
            if name > after
            and state in (None, row.state)
            and call_id in (None, row.call_id)
            and unit_code in (None, row.unit_code)
        ]
        return found[:limit]

    def row(self, application_id: str) -> Row | None:
        return self._projected.get(application_id)

    def sheets(self, call_id: str | None = None) -> list[Sheet]:
        own = [a for _, a in sorted(self.applications.items()) if call_id in (None, a.call_id)]
        return [found for a in own if (found := sheet(a)) is not None]

    def reviews(self, call_id: str) -> list[Reviewed]:
        own = [(self._projected[s.application]._asdict(), s._asdict()) for s in self.sheets(call_id)]
        return [Reviewed(**{name: {**row, **made}[name] for name in Reviewed._fields}) for row, made in own]

    def counts(self, call_id: str | None = None) -> dict[str, int]:
        return dict(Counter(row.state for row in self._projected.values() if call_id in (None, row.call_id)))

    def queue(
        self, wanted: Wanted, order: Sequence[By], limit: int | None, past: Mark | None = None, *, back: bool = False
    ) -> list[Row]:
        return queued(self._wanted(wanted), order, limit, past, back=back)

    def queue_counts(self, wanted: Wanted) -> dict[str, int]:
        return dict(Counter(row.state for row in self._wanted(wanted)))

    def _wanted(self, wanted: Wanted) -> list[Row]:
        return wanted_of(((self._projected[a.id], words(a)) for a in self.applications.values()), wanted)

    def _of_call(self, call_id: str, after: int, upto: int) -> Iterator[Recorded]:
        for event in self.log[after:upto]:
            row = self._projected.get(event.application)
            if row is not None and row.call_id == call_id:
                yield event

    def tally(self, call_id: str, after: int, upto: int) -> dict[str, int]:
        return dict(Counter(event.type for event in self._of_call(call_id, after, upto)))

    def of_type(self, call_id: str, type_: str, after: int, upto: int) -> list[Stored]:
        wanted = {event.position for event in self._of_call(call_id, after, upto) if event.type == type_}
        return [stored for stored in self.stored(after, upto) if stored.position in wanted]

    def of_types(self, call_id: str, types: Collection[str], after: int, upto: int) -> Iterator[Stored]:
        wanted = {event.position for event in self._of_call(call_id, after, upto) if event.type in types}
        return (stored for stored in self.stored(after, upto) if stored.position in wanted)

    def commanded(self, prefix: str) -> list[Stored]:
        wanted = {event.position for event in self.log if event.command_id.startswith(prefix)}
        return [stored for stored in self.stored() if stored.position in wanted]

    def deadlines(self, limit: int | None = None) -> list[Due]:
        holders: tuple[Application | Programme, ...] = (*self.applications.values(), *self.programmes.values())
        every = (Due(due, holder.id, name) for holder in holders for name, due in holder.deadlines.items())
        return sorted(every)[:limit]

    def armed(self, call_id: str, since: datetime | None = None, until: datetime | None = None) -> list[Due]:
        own = {name for name, application in self.applications.items() if application.call_id == call_id}
        found = [due for due in self.deadlines() if due.application in own and "~" not in due.name]
        return [d for d in found if (since is None or since <= d.due_at) and (until is None or d.due_at < until)]

    def due(self, now: datetime, limit: int) -> list[Due]:
        return [deadline for deadline in self.deadlines() if deadline.due_at <= now][:limit]

    def next_due(self) -> datetime | None:
        first = self.deadlines(1)
        return first[0].due_at if first else None

    def personal(self, commitment: str) -> Personal | None:
        return self._people.get(commitment)

    def erase(self, commitment: str) -> bool:
        return self._people.pop(commitment, None) is not None

    def keep_rules(self, rules_hash: str, call_id: str, body: bytes) -> None:
        self._rules.setdefault(rules_hash, body)

    def rules(self, rules_hash: str) -> bytes | None:
        return self._rules.get(rules_hash)


class MemoryDocuments:
    """Documents as facts, put there by whoever knows them."""

    def __init__(self) -> None:
        self._facts: dict[str, DocumentFacts] = {}

    def put(self, facts: DocumentFacts) -> None:
        """Let these facts be known."""
        self._facts[facts.sha256] = facts

    def facts(self, sha256: str, material: str, name: str) -> DocumentFacts | None:
        known = self._facts.get(sha256)
        return replace(known, sha256=sha256, material=material, name=name) if known is not None else None


class FixedCalendars:
    """One calendar for every name and version."""

    def __init__(self, calendar: WorkingCalendar) -> None:
        self._calendar = calendar

    def current(self, name: str) -> WorkingCalendar:
        return self._calendar

    def version(self, version: str) -> WorkingCalendar:
        if version != self._calendar.version:
            raise KeyError(version)
        return self._calendar


class MemoryRegisters:
    """Bad lists by unit code."""

    def __init__(self) -> None:
        self.lists: dict[str, set[str]] = {}

    def standing(self, unit_code: str) -> tuple[str, ...]:
        return tuple(sorted(self.lists.get(unit_code, ())))
