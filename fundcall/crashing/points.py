"""Where a simulated process may die or fail: before and after every statement and every commit of the real ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from fundcall.storage.driver import Cursor, Writer
from fundcall.storage.ledger import SqliteLedger, SqlLedger
from fundcall.storage.postgres import BEGIN
from fundcall.storage.postgres_ledger import PostgresLedger
from fundcall.storage.statements import Statements

T = TypeVar("T")
_WORDS = 3
CRASH, ERROR = "crash", "error"
Plant = Callable[[Writer], Writer]
"""What is put around a writing connection: in tests, a fault of our own making."""


def unplanted(writer: Writer) -> Writer:
    """No fault of our own making."""
    return writer


class Crash(BaseException):
    """The process is dead; no Exception, so that nobody catches it. Whatever it still tries to do with its database raises this again."""


class Strike(NamedTuple):
    """What strikes at the n-th point from the last one on, or from the beginning: a `crash` of the process, or an `error`
    of the database (the statement fails, its connection is lost).
    """

    nth: int
    kind: str


class Points:
    """The points that a process passes. `live` while it works; `strike` is what it will meet next."""

    def __init__(self) -> None:
        self.passed = 0
        self.where = ""
        self.dead = False
        self._live = False
        self._strike: Strike | None = None
        self._since = 0

    def arm(self, strike: Strike | None) -> None:
        """What strikes next, counted from here."""
        self._strike, self._since, self.dead, self.where = strike, 0, False, ""

    @contextmanager
    def live(self) -> Iterator[None]:
        """Points count as long as this lasts."""
        self._live = True
        try:
            yield
        finally:
            self._live = False

    def reach(self, where: str, fail: Callable[[], Exception] | None = None) -> None:
        """A point is reached. Raises Crash, or what `fail` gives; where nothing can fail, an error waits for the next."""
        if self.dead:
            raise Crash
        if not self._live:
            return
        self.passed, self._since = self.passed + 1, self._since + 1
        if self._strike is None or self._since < self._strike.nth:
            return
        if self._strike.kind == CRASH:
            self.where, self.dead = where, True
            raise Crash
        if fail is not None:
            self.where, self._strike = where, None
            raise fail()


class Watched:
    """A writing connection whose every statement lies between two points."""

    def __init__(self, writer: Writer, points: Points, lost: Callable[[], Exception]) -> None:
        self._writer = writer
        self._points = points
        self._lost = lost

    @property
    def in_transaction(self) -> bool:
        return not self._points.dead and self._writer.in_transaction

    def execute(self, sql: str, values: Sequence[Any] = ()) -> Cursor:
        return self.between(sql, lambda: self._writer.execute(sql, values))

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> Cursor:
        return self.between(sql, lambda: self._writer.executemany(sql, rows))

    def close(self) -> None:
        self._writer.close()

    def between(self, sql: str, act: Callable[[], Cursor]) -> Cursor:
        """Run a statement. Taking a transaction back may die, but not fail."""
        name, lost = " ".join(sql.split()[:_WORDS]), None if sql == "ROLLBACK" else self._lost
        self._points.reach(f"before {name}", lost)
        found = act()
        try:
            self._points.reach(f"after {name}", lost)
        except BaseException:
            found.close()  # what fails gives nothing that could be read on
            raise
        return found


class _Watching(SqlLedger):
    """A ledger that writes between points. `plant` may put a fault of our own making around its connection."""

    def _watch(self, points: Points, plant: Plant) -> None:
        self.points, self._plant = points, plant

    def _write_by(self, writer: Writer, sql: Statements) -> None:
        super()._write_by(self._plant(Watched(writer, self.points, self._lose)), sql)

    def _lose(self) -> Exception:
        return self.failing[0]("a fault drawn from the seed")

    def _read(self, sql: str, read: Callable[[], T]) -> T:
        """Read between points, at which the process may die."""
        name = " ".join(sql.split()[:_WORDS])
        self.points.reach(f"before {name}")
        found = read()
        self.points.reach(f"after {name}")
        return found


class WatchedSqlite(_Watching, SqliteLedger):
    """The ledger on SQLite."""

    def __init__(self, path: Path, points: Points, plant: Plant) -> None:
        self._watch(points, plant)
        super().__init__(path)

    def query(self, sql: str, values: tuple[Any, ...] = ()) -> Any:
        return self._read(sql, lambda: SqliteLedger.query(self, sql, values))


class WatchedPostgres(_Watching, PostgresLedger):
    """The ledger on PostgreSQL. An error is the loss of its connection."""

    def __init__(self, url: str, points: Points, plant: Plant) -> None:
        self._watch(points, plant)
        super().__init__(url)

    def query(self, sql: str, values: tuple[Any, ...] = ()) -> Any:
        return self._read(sql, lambda: PostgresLedger.query(self, sql, values))

    def _lose(self) -> Exception:
        self._connection.close()
        return super()._lose()

    def _start(self) -> None:
        self._begun(BEGIN)

    def _start_beside(self) -> None:
        self._begun("BEGIN")

    def _begun(self, sql: str) -> None:
        self.points.reach("before BEGIN", self._lose)
        self._connection.begin(sql)
        self.points.reach("after BEGIN", self._lose)
