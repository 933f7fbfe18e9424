"""From where a database is, a SQLite file or an address of PostgreSQL, to its ledger or its reader."""

from __future__ import annotations

from pathlib import Path

from fundcall.storage.ledger import SqliteLedger, SqlLedger
from fundcall.storage.reader import Reader
from fundcall.storage.sqlite_reader import SqliteReader


def open_ledger(database: Path | str) -> SqlLedger:
    """The ledger of a database that has its schema."""
    if isinstance(database, Path):
        return SqliteLedger(database)
    from fundcall.storage.postgres_ledger import PostgresLedger  # noqa: PLC0415 - its driver, where it is used alone

    return PostgresLedger(database)


def open_reader(database: Path | str) -> Reader:
    """The reading half of the same."""
    if isinstance(database, Path):
        return SqliteReader(database)
    from fundcall.storage.postgres_reader import PostgresReader  # noqa: PLC0415 - as above

    return PostgresReader(database)
