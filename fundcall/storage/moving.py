"""From a SQLite file to PostgreSQL: every table, in one transaction, kept only if both ledgers have the same root."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import psycopg
from alembic.util import CommandError
from sqlalchemy import BigInteger, Table
from sqlalchemy.exc import DBAPIError

from fundcall.storage import postgres, sqlite
from fundcall.storage.migrate import HEAD, revision, upgrade
from fundcall.storage.schema import TABLES
from workflow.record import leaf_hash

_AT_ONCE = 1000
_EVENTS = "SELECT position, leaf, body FROM events ORDER BY position"


class NotMoved(Exception):
    """Why nothing was copied, in both languages."""


class Growing(Protocol):
    """A Merkle tree that leaves are appended to."""

    def extend(self, leaves: Iterable[bytes]) -> None: ...

    def root(self) -> bytes: ...


class Moved(NamedTuple):
    """What was copied: the rows of each table, and the root over the events, reckoned anew on either side."""

    tables: dict[str, int]
    root: str


Tell = Callable[[int, int], None]
"""Is told how many rows there are in all, and how many were copied since it was last told."""


def move(source: Path, target: str, tree: Callable[[], Growing], tell: Tell) -> Moved:
    """Copy an installation from a SQLite file into an empty PostgreSQL database, which is given the schema if need be.

    Nobody writes to the file meanwhile. Raises NotMoved or Unavailable; the target is as empty as before then.
    """
    with _told_of(source):
        _refuse_old(source)
        _prepare(target)
        with postgres.connect(target) as taking, _told_by(), _locked(source) as given:
            taking.execute(postgres.BEGIN)
            _refuse_full(taking)
            found = _copied(given, taking, tree, tell)
            taking.execute("COMMIT")
    return found


def _copied(given: sqlite3.Connection, taking: postgres.Connection, tree: Callable[[], Growing], tell: Tell) -> Moved:
    rows = _counts(lambda sql: given.execute(sql).fetchone())
    root = _root(given.execute(_EVENTS), tree())
    for table in TABLES:
        _copy(table, given, taking, lambda copied: tell(sum(rows.values()), copied))
    _settle(taking)
    with taking.cursor(name="events") as read:
        read.itersize = _AT_ONCE
        _same(root, _root(read.execute(_EVENTS), tree()))
    _same(rows, _counts(lambda sql: taking.execute(sql).fetchone()))
    return Moved(rows, root)


# --- what is copied ------------------------------------------------------------------------------------------------


@contextmanager
def _told_of(source: Path) -> Iterator[None]:
    """What SQLite finds wrong, in words."""
    try:
        yield
    except sqlite3.DatabaseError as wrong:
        if getattr(wrong, "sqlite_errorcode", 0) & 0xFF in sqlite.PASSING:
            said = (
                "仍有程序在写入，请先停止 serve 与 worker / something still writes to it; stop serve and worker first"
            )
        else:
            said = "数据库无法读取或已损坏 / the database cannot be read, or is damaged"
        raise NotMoved(f"{source}: {said}: {wrong}") from wrong


def _refuse_old(source: Path) -> None:
    if revision(source) != HEAD:
        raise NotMoved(
            f"{source}: 没有数据库或不是最新结构，请先运行 fundcall init / no database, or not of the newest schema; run fundcall init first"
        )


@contextmanager
def _locked(source: Path) -> Iterator[sqlite3.Connection]:
    """The file, found whole, and nobody else writes to it."""
    with closing(sqlite.connect(source)) as connection:
        connection.execute(sqlite.BEGIN)
        (said,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        if said != "ok":
            raise NotMoved(f"{source}: 数据库已损坏 / the database is damaged: {said}")
        yield connection


def _counts(one: Callable[[str], Any]) -> dict[str, int]:
    return {str(table.name): one(f"SELECT count(*) FROM {table.name}")[0] for table in TABLES}  # noqa: S608 - names of ours


def _root(events: Iterable[tuple[int, bytes, bytes]], tree: Growing) -> str:
    """The root over the bytes of all events. Raises NotMoved where one is missing, or its leaf is not that of its bytes."""
    leaves: list[bytes] = []
    for expected, (position, leaf, body) in enumerate(events, 1):
        if position != expected or leaf_hash(body) != leaf:
            raise NotMoved(
                f"台账在位置 {expected} 不完整，请运行 fundcall audit verify / the ledger does not hold at position {expected}; run fundcall audit verify"
            )
        leaves.append(leaf)
        if len(leaves) == _AT_ONCE:
            tree.extend(leaves)
            leaves.clear()
    tree.extend(leaves)
    return tree.root().hex()


# --- where it is copied to -----------------------------------------------------------------------------------------


@contextmanager
def _told_by(table: str = "") -> Iterator[None]:
    """Whatever PostgreSQL refuses, in words."""
    try:
        yield
    except (psycopg.Error, DBAPIError) as wrong:
        said = ": ".join(filter(None, (table, str(wrong).strip())))
        raise NotMoved(f"PostgreSQL 未接受 / PostgreSQL did not take it: {said}") from wrong


def _prepare(target: str) -> None:
    try:
        with _told_by():
            upgrade(target)
    except CommandError as wrong:
        raise NotMoved(
            f"目标数据库的结构不是本版本的，请换一个空数据库 / the target has a schema of another version; take an empty database: {wrong}"
        ) from wrong


def _refuse_full(taking: postgres.Connection) -> None:
    full = [table.name for table in TABLES if taking.execute(f"SELECT 1 FROM {table.name} LIMIT 1").fetchone()]  # noqa: S608 - as above
    if full:
        names = ", ".join(full)
        raise NotMoved(
            f"目标数据库非空（{names}），请换一个空数据库 / the target is not empty ({names}); take an empty database"
        )


def _copy(table: Table, given: sqlite3.Connection, taking: postgres.Connection, tell: Callable[[int], None]) -> None:
    columns = ", ".join(column.name for column in table.columns)
    rows = given.execute(f"SELECT {columns} FROM {table.name}")  # noqa: S608 - as above
    with (
        _told_by(table.name),
        taking.cursor() as cursor,
        cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN") as to,
    ):
        while page := rows.fetchmany(_AT_ONCE):
            for row in page:
                to.write_row(row)
            tell(len(page))


def _settle(taking: postgres.Connection) -> None:
    """Numbers that PostgreSQL gives go on after those copied, and its planner knows what there is."""
    for table in TABLES:
        keys = list(table.primary_key.columns)
        if len(keys) == 1 and isinstance(keys[0].type, BigInteger):
            key = keys[0].name
            taking.execute(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', '{key}'), max({key})) FROM {table.name}"  # noqa: S608 - as above
            )
        taking.execute(f"ANALYZE {table.name}")


def _same(wanted: object, found: object) -> None:
    if wanted != found:
        raise NotMoved(f"复制后不一致，未保留 / the copy is not the same and was not kept: {wanted}; {found}")
