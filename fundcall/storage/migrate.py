"""Bring a database to the newest schema, from nothing or from any released one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, event, text

from fundcall.durable import make_folder
from fundcall.storage import sqlite
from workflow.ports import Unavailable

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Engine

HEAD = "0016"


def engine_of(path: Path) -> Engine:
    """An engine for migrations of a SQLite file: transactions begun by us, so that a schema change is all or nothing."""
    engine = create_engine(f"sqlite:///{path}")

    @event.listens_for(engine, "connect")
    def _connect(connection: object, _: object) -> None:
        connection.isolation_level = None  # type: ignore[attr-defined]

    @event.listens_for(engine, "begin")
    def _begin(connection: object) -> None:
        connection.exec_driver_sql(sqlite.BEGIN)  # type: ignore[attr-defined]

    return engine


def revision(database: Path | str) -> str | None:
    """The revision of the schema of a SQLite file or of a PostgreSQL address; None for a database without one. Raises
    Unavailable.
    """
    if isinstance(database, str):
        from fundcall.storage import postgres_schema  # noqa: PLC0415 - most installations need no driver of PostgreSQL

        return postgres_schema.revision(database)
    if not database.exists():
        return None
    try:
        with closing(sqlite3.connect(database)) as connection:
            known = connection.execute("SELECT name FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
            found = connection.execute("SELECT version_num FROM alembic_version").fetchone() if known else None
    except sqlite3.DatabaseError as wrong:
        raise Unavailable(f"{database}: 数据库无法读取 / the database cannot be read: {wrong}") from wrong
    return str(found[0]) if found else None


def upgrade(database: Path | str, to: str = HEAD) -> None:
    """Bring a SQLite file or a PostgreSQL database to the newest schema, or to an older one that lies ahead. The file is
    created if need be, a database on PostgreSQL has to be there.
    """
    if revision(database) == to:
        return
    if isinstance(database, str):
        from fundcall.storage import postgres_schema  # noqa: PLC0415 - as above

        with postgres_schema.told(), _begun(postgres_schema.engine_of(database)) as connection:
            connection.execute(text(f"SELECT pg_advisory_xact_lock({postgres_schema.SCHEMA_LOCK})"))
            _migrate(connection, to)
    else:
        make_folder(database.parent)
        sqlite.connect(database).close()  # WAL is set outside a transaction
        with _begun(engine_of(database)) as connection:
            _migrate(connection, to)


@contextmanager
def _begun(engine: Engine) -> Iterator[Connection]:
    """A transaction on a connection of its own, which is closed whatever becomes of it."""
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def _migrate(connection: Connection, to: str) -> None:
    from alembic import command  # noqa: PLC0415 - slow to import, and needed once in the life of a database
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, to)
