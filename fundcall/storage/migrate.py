"""Bring a database to the newest schema, from nothing or from any released one."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import Engine

from fundcall.storage import sqlite

HEAD = "0001"


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
    engine = engine_of(path)
    with engine.connect() as connection:
        known = connection.execute(text("SELECT name FROM sqlite_master WHERE name = 'alembic_version'")).first()
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar() if known else None
    engine.dispose()
    return found


def upgrade(path: Path) -> None:
    """Bring the database at `path` to the newest schema; creates it where there is none."""
    if revision(path) == HEAD:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    sqlite.connect(path).close()  # WAL is set outside a transaction
    engine = engine_of(path)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    engine.dispose()
