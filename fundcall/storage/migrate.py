"""Bring a database to the newest schema, from nothing or from any released one."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import create_engine, event
from sqlalchemy.engine import Engine

from fundcall.storage import sqlite

HEAD = "0014"


def engine_of(path: Path) -> Engine:
    """An engine for migrations: transactions begun by us, so that a schema change is all or nothing."""
    engine = create_engine(f"sqlite:///{path}")

    @event.listens_for(engine, "connect")
    def _connect(connection: object, _: object) -> None:
        connection.isolation_level = None  # type: ignore[attr-defined]

    @event.listens_for(engine, "begin")
    def _begin(connection: object) -> None:
        connection.exec_driver_sql(sqlite.BEGIN)  # type: ignore[attr-defined]

    return engine


def revision(path: Path) -> str | None:
    """The schema's revision; None for a database without one."""
    if not path.exists():
        return None
    with closing(sqlite3.connect(path)) as connection:
        known = connection.execute("SELECT name FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone() if known else None
    return str(found[0]) if found else None


def upgrade(path: Path, to: str = HEAD) -> None:
    """Bring the database at `path` to the newest schema, or to an older one that lies ahead; creates it if need be."""
    if revision(path) == to:
        return
    from alembic import command  # noqa: PLC0415 - slow to import, and needed once in the life of a database
    from alembic.config import Config  # noqa: PLC0415

    path.parent.mkdir(parents=True, exist_ok=True)
    sqlite.connect(path).close()  # WAL is set outside a transaction
    engine = engine_of(path)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, to)
    engine.dispose()
