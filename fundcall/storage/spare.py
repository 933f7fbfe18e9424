"""A PostgreSQL database of one's own beside one that somebody has, made for a while and emptied again and again."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg

from fundcall.storage import postgres
from workflow.ports import Unavailable

_KEPT = ("alembic_version",)
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
_GUARDED = "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal"


@contextmanager
def spare(url: str) -> Iterator[str]:
    """The address of a new and empty database beside the one at that address, which is gone afterwards.

    Raises Unavailable where there is no right to make one.
    """
    parts = urlsplit(url)
    name = f"{parts.path.strip('/') or 'fundcall'}_spare_{os.getpid()}"
    _do(url, f'CREATE DATABASE "{name}"')
    try:
        yield parts._replace(path=f"/{name}").geturl()
    finally:
        _do(url, f'DROP DATABASE "{name}" WITH (FORCE)')


def _do(url: str, statement: str) -> None:
    with postgres.connect(url) as connection:
        try:
            connection.execute(statement.encode())
        except psycopg.Error as wrong:
            raise Unavailable(f"无法建立临时数据库 / no database can be made there: {wrong}") from wrong


def emptying(url: str, kept: Sequence[str] = ()) -> str:
    """What takes every row out of every table of a database but those kept, past the triggers that guard them: for its
    owner, and for a database that nobody else has.
    """
    with postgres.connect(url) as connection:
        tables = [name for (name,) in connection.execute(_TABLES) if name not in (*_KEPT, *kept)]
        guarded = [name for (name,) in connection.execute(_GUARDED) if name in tables]
    off, on = ([f"ALTER TABLE {name} {word} TRIGGER USER" for name in guarded] for word in ("DISABLE", "ENABLE"))
    return "; ".join(["BEGIN", *off, *(f"DELETE FROM {name}" for name in tables), *on, "COMMIT"])  # noqa: S608


def run(url: str, statements: str) -> None:
    """Run statements on a connection of their own."""
    with postgres.connect(url) as connection:
        connection.execute(statements.encode())
