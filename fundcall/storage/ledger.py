"""The ledger on SQLite: whoever gets the turn commits everything that waits, in one transaction (group commit)."""

from __future__ import annotations

import sqlite3
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

from fundcall.storage import sqlite
from fundcall.storage.reader import Reader
from fundcall.storage.rows import bound, deadline_changes, event_row, slot_last
from fundcall.storage.statements import for_sqlite
from fundcall.storage.work import Group, Work
from states.application import Application
from states.calendar import instant_of
from states.events import Recorded
from states.fold import fold
from states.programme import Programme, programme_step
from workflow.ports import Transaction, Unavailable
from workflow.projection import project
from workflow.record import decode

T = TypeVar("T")
_GROUP_MAX = 512
_CACHED_MAX = 4096
_CHUNK = 400


class _Ticket(Generic[T]):
    """A unit of work in the queue, and its answer once that is durable. Its gate opens when it is settled or leads."""

    __slots__ = ("answer", "done", "error", "gate", "work")

    def __init__(self, work: Callable[[Work], T]) -> None:
        self.work = work
        self.done = False
        self.answer: T | None = None
        self.error: BaseException | None = None
        self.gate = threading.Lock()
        self.gate.acquire()

    def settle(self, error: BaseException | None = None) -> None:
        """The answer, or the error, is final."""
        self.error = error or self.error
        self.done = True


class SqliteLedger(Reader):
    """`workflow.ports.Ledger` over one SQLite file. Safe to use from many threads; one process writes well, more may."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._writer = sqlite.connect(path)
        self._sql = for_sqlite()
        self._queue = threading.Lock()  # guards who waits, and whether somebody leads
        self._waiting: deque[_Ticket[Any]] = deque()
        self._led = False
        self._turn = threading.Lock()  # held while the writing connection is in use
        self._head = -1
        self._cached: OrderedDict[str, Application] = OrderedDict()
        self._numbered: dict[str, int] = {}
        self._programmes: dict[str, Programme] = {}
        self._prefetched: dict[str, Application] = {}

    def close(self) -> None:
        """Close every connection."""
        self._writer.close()
        super().close()

    # --- writing -----------------------------------------------------------------------------------------------

    def transact(self, work: Callable[[Transaction], T]) -> T:
        """Run the work in the next group and return its answer once the group is on the disk.

        Raises what the work raised (nothing of it is kept, the others' work is), or Unavailable.
        """
        ticket: _Ticket[T] = _Ticket(work)
        with self._queue:
            self._waiting.append(ticket)
            leads, self._led = not self._led, True
        if not leads:
            try:
                ticket.gate.acquire()
            except BaseException:
                self._leave(ticket)
                raise
        if not ticket.done:
            self._lead()
        if ticket.error is not None:
            raise ticket.error
        return cast("T", ticket.answer)

    def _lead(self) -> None:
        """Commit a group of those who wait, oneself among them, hand the lead to the first of the rest, wake the group."""
        with self._queue:
            group = [self._waiting.popleft() for _ in range(min(len(self._waiting), _GROUP_MAX))]
        try:
            with self._turn:
                self._commit(group)
        finally:
            for ticket in group:
                if not ticket.done:
                    ticket.settle(ticket.error or Unavailable("interrupted before the commit"))
            with self._queue:
                self._hand_on()
            for ticket in group:
                ticket.gate.release()

    def _hand_on(self) -> None:
        """Give the lead to the first that waits; nobody has it where none does."""
        self._led = bool(self._waiting)
        if self._led:
            self._waiting[0].gate.release()

    def _leave(self, ticket: _Ticket[Any]) -> None:
        """Whoever waited was interrupted (Ctrl-C): the work is taken back unless a leader has it, and the lead goes on."""
        with self._queue:
            if ticket in self._waiting:
                self._waiting.remove(ticket)
                if not ticket.gate.locked():
                    self._hand_on()

    def _commit(self, tickets: Sequence[_Ticket[Any]]) -> None:
        """Decide and write a group; if the database refuses it, each member by itself, so that one sinks nobody else."""
        try:
            self._write(tickets)
        except sqlite3.IntegrityError as wrong:
            if len(tickets) == 1:
                tickets[0].settle(wrong)
                return
            for ticket in tickets:
                ticket.error = None
                self._commit([ticket])
        except Exception as wrong:  # noqa: BLE001 - it is raised again by every caller of the group
            unavailable = isinstance(wrong, sqlite3.OperationalError)
            for ticket in tickets:
                ticket.settle(Unavailable(str(wrong)) if unavailable else wrong)

    def _write(self, tickets: Sequence[_Ticket[Any]]) -> None:
        self._writer.execute(sqlite.BEGIN)
        try:
            group = self._begin()
            for ticket in tickets:
                work = Work(group)
                try:
                    ticket.answer = ticket.work(work)
                    group.merge(work)
                except Exception as wrong:  # noqa: BLE001 - it is raised again where the work came from
                    ticket.error = wrong
            self._flush(group)
            self._writer.execute("COMMIT")
        except BaseException:
            self._forget()
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            raise
        self._remember(group)
        for ticket in tickets:
            ticket.settle()

    def _begin(self) -> Group:
        row = self._writer.execute(self._sql.head).fetchone()
        head, last = (row[0], instant_of(row[1])) if row else (0, None)
        if head != self._head:
            self._forget()
            self._head = head
        return Group(self, head, last)

    def _flush(self, group: Group) -> None:
        write, sql = self._writer.executemany, self._sql
        if group.events:
            write(sql.insert_event, [event_row(event) for event in group.events])
        if group.people:
            write(sql.insert_personal, group.people)
        latest = {event.application: event.recorded_at for event in group.events}
        rows = [bound(project(a, latest[a.id])) for a in group.applications.values()]
        rows.sort(key=slot_last)
        if rows:
            write(sql.upsert_application, rows)
        gone, new = deadline_changes(group)
        if gone:
            write(sql.delete_deadline, gone)
        if new:
            write(sql.insert_deadline, new)

    def _remember(self, group: Group) -> None:
        self._head = group.head + len(group.events)
        for call_id, count in group.numbered.items():
            if call_id in self._numbered:
                self._numbered[call_id] += count
        self._programmes |= group.programmes
        for application in group.applications.values():
            self._keep(application)
        self._prefetched = {}

    def _forget(self) -> None:
        self._head = -1
        self._cached.clear()
        self._numbered.clear()
        self._programmes.clear()
        self._prefetched = {}

    def _keep(self, application: Application) -> None:
        self._cached[application.id] = application
        self._cached.move_to_end(application.id)
        if len(self._cached) > _CACHED_MAX:
            self._cached.popitem(last=False)

    # --- what a group reads (fundcall.storage.work.Source) --------------------------------------------------------

    def load(self, application_id: str) -> Application | None:
        """The application as the database has it, from the cache or by folding its events."""
        known = self._cached.get(application_id) or self._prefetched.get(application_id)
        if known is not None:
            return known
        found = fold(decode(body) for (body,) in self._writer.execute(self._sql.stream, (application_id,)))
        if found is not None:
            self._keep(found)
        return found

    def prefetch(self, transaction: Transaction, applications: Sequence[str]) -> None:
        """Fold these applications from as few reads as possible."""
        wanted = [name for name in dict.fromkeys(applications) if name not in self._cached]
        for i in range(0, len(wanted), _CHUNK):
            chunk = wanted[i : i + _CHUNK]
            marks = ", ".join("?" * len(chunk))
            select = f"SELECT body FROM events WHERE application IN ({marks}) ORDER BY application, version"  # noqa: S608
            events: dict[str, list[Recorded]] = {}
            for (body,) in self._writer.execute(select, chunk):
                event = decode(body)
                events.setdefault(event.application, []).append(event)
            for name, history in events.items():
                application = fold(history)
                if application is not None:
                    self._prefetched[name] = application

    def find_answer(self, command_id: str) -> Recorded | None:
        """The event of a command id."""
        row = self._writer.execute(self._sql.answered, (command_id,)).fetchone()
        return decode(row[0]) if row else None

    def find_others(self, call_id: str, unit_code: str) -> Iterable[str]:
        """The live applications of a unit in a call."""
        return [name for (name,) in self._writer.execute(self._sql.others, (call_id, unit_code))]

    def count_numbered(self, call_id: str) -> int:
        """How many applications of a call have a number."""
        if call_id not in self._numbered:
            self._numbered[call_id] = self._writer.execute(self._sql.numbered, (call_id,)).fetchone()[0]
        return self._numbered[call_id]

    def load_programme(self, call_id: str) -> Programme:
        """The course of a call, from the cache or by folding its stream."""
        if call_id not in self._programmes:
            programme = Programme(call_id)
            for (body,) in self._writer.execute(self._sql.stream, (call_id,)):
                programme = programme_step(programme, decode(body))
            self._programmes[call_id] = programme
        return self._programmes[call_id]

    # --- side tables ------------------------------------------------------------------------------------------------

    def write(self, statements: Iterable[tuple[str, Sequence[Sequence[Any]]]]) -> None:
        """Run statements on side tables in one transaction of their own. Raises Unavailable; nothing is kept then."""
        with self._turn:
            self._write_side(statements)

    def _write_side(self, statements: Iterable[tuple[str, Sequence[Sequence[Any]]]]) -> None:
        try:
            self._writer.execute(sqlite.BEGIN)
            for statement, rows in statements:
                self._writer.executemany(statement, rows)
            self._writer.execute("COMMIT")
        except BaseException as wrong:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            if isinstance(wrong, sqlite3.Error):
                raise Unavailable(str(wrong)) from wrong
            raise

    def erase(self, commitment: str) -> bool:
        """Erase a personal value for good."""
        known = self.personal(commitment) is not None
        self.write([("DELETE FROM personal WHERE commitment = ?", [(commitment,)])])
        return known

    def keep_rules(self, rules_hash: str, call_id: str, body: bytes) -> None:
        """Keep the rules of that hash, once."""
        if self.rules(rules_hash) is None:
            self.write([("INSERT INTO rules (hash, call_id, body) VALUES (?, ?, ?)", [(rules_hash, call_id, body)])])
