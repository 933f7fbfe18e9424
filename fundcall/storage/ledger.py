"""The ledger on a SQL database: all that waits for the turn is decided and committed in one transaction (group commit)."""

from __future__ import annotations

import sqlite3
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from fundcall.storage import sqlite
from fundcall.storage.driver import Writer
from fundcall.storage.known import Known
from fundcall.storage.reader import Reader
from fundcall.storage.rows import Rows, application_rows, deadline_changes, review_changes, word_changes
from fundcall.storage.sqlite_reader import SqliteReader
from fundcall.storage.statements import Statements, for_sqlite
from fundcall.storage.turns import Ticket, Turns
from fundcall.storage.work import Group, Work
from states.calendar import instant_of
from workflow.ports import Transaction, Unavailable

T = TypeVar("T")


class SqlLedger(Reader):
    """`workflow.ports.Ledger` over a SQL database, whichever. Safe to use from many threads."""

    refusing: ClassVar[tuple[type[Exception], ...]]
    """What the driver raises for a row that the database does not take."""
    failing: ClassVar[tuple[type[Exception], ...]]
    """What the driver raises where the database cannot be written now."""
    wrong: ClassVar[type[Exception]]
    """All that the driver raises."""

    def _write_by(self, writer: Writer, sql: Statements) -> None:
        self._writer = writer
        self._sql = sql
        self._turns = Turns(lambda group: self._commit(group, joining=True))
        self._known = Known(writer, sql)

    others_skipped: ClassVar[str] = ""
    """What is added to a question for rows of a table (its name goes in) that nobody else has taken at this moment."""

    @abstractmethod
    def _start(self) -> None:
        """Begin a transaction that no other writer, of whatever process, writes beside."""

    def _start_beside(self) -> None:
        """Begin one that takes hold of nothing but the rows that it changes, where the database can do that."""
        self._start()

    # --- writing -----------------------------------------------------------------------------------------------

    def transact(self, work: Callable[[Transaction], T], command_ids: Sequence[str] = ()) -> T:
        """Run the work in the next group and return its answer once the group is on the disk.

        Raises what the work raised (nothing of it is kept, the others' work is), or Unavailable.
        """
        return self._turns.take(work, command_ids)

    def _commit(self, tickets: list[Ticket[Any]], *, joining: bool) -> None:
        """Decide and write a group; if the database refuses it, each member by itself, so that one sinks nobody else.

        With `joining` who comes while the group is being decided still joins it.
        """
        try:
            self._write(tickets, joining=joining)
        except self.refusing as wrong:
            if len(tickets) == 1:
                tickets[0].settle(wrong)
                return
            for ticket in tickets:
                ticket.error = None
                self._commit([ticket], joining=False)
        except Exception as wrong:  # noqa: BLE001 - it is raised again by every caller of the group
            unavailable = isinstance(wrong, self.failing)
            for ticket in tickets:
                ticket.settle(Unavailable(str(wrong)) if unavailable else wrong)

    def _write(self, tickets: list[Ticket[Any]], *, joining: bool) -> None:
        try:
            self._start()
            group = self._begin()
            undecided = list(tickets)
            while undecided:
                self._decide(group, undecided)
                undecided = self._turns.join(tickets) if joining else []
            self._flush(group)
            self._writer.execute("COMMIT")
        except BaseException:
            self._known.forget()
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            raise
        self._known.remember(group)
        for ticket in tickets:
            ticket.settle()

    def _begin(self) -> Group:
        row = self._writer.execute(self._sql.head).fetchone()
        head, last = (row[0], instant_of(row[1])) if row else (0, None)
        self._known.check(head)
        return Group(self._known, head, last)

    def _decide(self, group: Group, tickets: Sequence[Ticket[Any]]) -> None:
        group.answers |= self._known.find_answers([name for ticket in tickets for name in ticket.command_ids])
        for ticket in tickets:
            work = Work(group)
            try:
                ticket.answer = ticket.work(work)
                group.merge(work)
            except Exception as wrong:  # noqa: BLE001 - it is raised again where the work came from
                ticket.error = Unavailable(str(wrong)) if isinstance(wrong, self.failing) else wrong

    def _flush(self, group: Group) -> None:
        write, sql = self._writer.executemany, self._sql
        if group.events:
            write(sql.insert_event, group.event_rows)
        if group.people:
            write(sql.insert_personal, group.people)
        self._write_rows(application_rows(group))
        spoken = word_changes(group)
        if spoken:
            write(sql.upsert_words, spoken)
        sheets, drafts = review_changes(group)
        if sheets:
            write(sql.upsert_sheet, sheets)
        if drafts:
            write(sql.delete_draft, drafts)
        gone, new = deadline_changes(group)
        if gone:
            write(sql.delete_deadline, gone)
        if new:
            write(sql.insert_deadline, new)

    def _write_rows(self, rows: Rows) -> None:
        """Write what changed of each row; one that has gone from the table is written anew."""
        write, sql = self._writer.executemany, self._sql
        if rows.whole:
            write(sql.upsert_application, rows.whole)
        for update, changed in ((sql.update_moved, rows.moved), (sql.update_unmoved, rows.unmoved)):
            if changed and write(update.text, map(update.pick, changed)).rowcount != len(changed):
                write(sql.upsert_application, changed)

    def prefetch(self, transaction: Transaction, applications: Sequence[str]) -> None:
        """Fold these applications from as few reads as possible."""
        self._known.prefetch(applications)

    # --- side tables ------------------------------------------------------------------------------------------------

    def write(self, statements: Iterable[tuple[str, Sequence[Sequence[Any]]]], *, for_good: bool = False) -> list[int]:
        """Run statements on side tables in one transaction of their own; how many rows each has changed. Raises
        Unavailable; nothing is kept then. With `for_good` the bytes of deleted rows are overwritten, in the log too.
        """
        with self._turns.held:
            return self._write_for_good(statements) if for_good else self._write_side(statements)

    def _write_for_good(self, statements: Iterable[tuple[str, Sequence[Sequence[Any]]]]) -> list[int]:
        return self._write_side(statements)

    def take(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        """Run one statement on side tables that changes rows and gives them; of two at once each gets others. Raises
        Unavailable.
        """
        with self._turns.held:
            return self._in_one(self._start_beside, lambda: self._writer.execute(sql, values).fetchall())

    @contextmanager
    def turn(self, what: str) -> Iterator[bool]:
        """Whether it is this process's turn to do what several need not do at once; the next one's after the block, or
        when this process ends. One file serves few processes, and whatever has turns may be done twice: there it always is.
        """
        yield True

    def _write_side(self, statements: Iterable[tuple[str, Sequence[Sequence[Any]]]]) -> list[int]:
        run = self._writer.executemany
        return self._in_one(self._start, lambda: [run(statement, rows).rowcount for statement, rows in statements])

    def _in_one(self, begin: Callable[[], None], work: Callable[[], T]) -> T:
        """Do the work in a transaction. Raises Unavailable; nothing is kept then."""
        try:
            begin()
            found = work()
            self._writer.execute("COMMIT")
            return found
        except BaseException as wrong:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            if isinstance(wrong, self.wrong):
                raise Unavailable(str(wrong)) from wrong
            raise

    def erase(self, commitment: str) -> bool:
        """Erase a personal value for good."""
        known = self.personal(commitment) is not None
        self.write([("DELETE FROM personal WHERE commitment = ?", [(commitment,)])], for_good=True)
        return known

    def keep_rules(self, rules_hash: str, call_id: str, body: bytes) -> None:
        """Keep the rules of that hash, once."""
        if self.rules(rules_hash) is None:
            self.write([("INSERT INTO rules (hash, call_id, body) VALUES (?, ?, ?)", [(rules_hash, call_id, body)])])


class SqliteLedger(SqlLedger, SqliteReader):
    """The ledger in one SQLite file; one process writes well, more may."""

    refusing = (sqlite3.IntegrityError,)
    failing = (sqlite3.OperationalError,)
    wrong = sqlite3.Error

    def __init__(self, path: Path) -> None:
        SqliteReader.__init__(self, path)
        self._write_by(sqlite.connect(path), for_sqlite())

    def close(self) -> None:
        """Close every connection."""
        self._writer.close()
        SqliteReader.close(self)

    def _start(self) -> None:
        self._writer.execute(sqlite.BEGIN)

    def _write_for_good(self, statements: Iterable[tuple[str, Sequence[Sequence[Any]]]]) -> list[int]:
        self._writer.execute("PRAGMA secure_delete=ON")
        try:
            return self._write_side(statements)
        finally:
            self._writer.execute("PRAGMA secure_delete=OFF")
            self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
