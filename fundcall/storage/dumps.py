"""PostgreSQL as one file: pg_dump and pg_restore, which belong to PostgreSQL and have to be on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import datetime
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from fundcall.storage import postgres
from fundcall.storage.copies import InUse, ProgramMissing
from workflow.ports import Unavailable

_PLACES = Path("/usr/lib/postgresql")
_PLAIN = ("--no-owner", "--no-privileges")
"""Who owns what, and who may do what, is the target's own affair."""
_TABLES = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
_OTHERS = (
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE datname = current_database() AND application_name = 'fundcall' AND pid <> pg_backend_pid()"
)


def program(name: str) -> str:
    """The newest of PostgreSQL's programs of that name. Raises ProgramMissing."""
    found = sorted(_PLACES.glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    where = str(found[-1]) if found else shutil.which(name)
    if where is None:
        raise ProgramMissing(
            f"本机没有 {name}，请安装 PostgreSQL 客户端程序（Debian：postgresql-client）"
            f" / {name} is not on this machine: install PostgreSQL's client programs (Debian: postgresql-client)"
        )
    return where


def dump(url: str, to: Path) -> int:
    """Write a database into a file, in PostgreSQL's custom format; how many events it has there. Raises ProgramMissing,
    Unavailable.
    """
    run = program("pg_dump")
    with postgres.as_of_one_instant(url) as connection:
        head = _one(connection, "SELECT coalesce(max(position), 0) FROM events")
        snapshot = _one(connection, "SELECT pg_export_snapshot()")
        # What was set aside by a restore is no part of the installation.
        chosen = ("--format=custom", "--exclude-schema=replaced_*", f"--snapshot={snapshot}", f"--file={to}")
        _run(url, run, *chosen, *_PLAIN)
    return int(str(head))


def is_empty(url: str) -> bool:
    """Whether a database has no table in it. Raises Unavailable."""
    with postgres.connect(url) as connection:
        return not _one(connection, _TABLES)


def set_aside(url: str, at: datetime) -> str:
    """Give what is in a database another name; that name, "" where there was nothing. Raises InUse, Unavailable."""
    name = f"replaced_{at:%Y%m%dt%H%M%S%f}"
    try:
        with postgres.connect(url) as connection, connection.transaction():
            if not _one(connection, _TABLES):
                return ""
            if _one(connection, _OTHERS):
                raise InUse(
                    "数据库正在使用，请先停止 serve 与 worker / the database is in use: stop serve and worker first"
                )
            connection.execute(sql.SQL("ALTER SCHEMA public RENAME TO {}").format(sql.Identifier(name)))
            connection.execute("CREATE SCHEMA public")
    except psycopg.Error as wrong:
        raise Unavailable(f"原有数据无法移开 / what is there cannot be set aside: {wrong}") from wrong
    return name


def bring_back(url: str, name: str) -> None:
    """Undo `set_aside`, where nothing has come in its place. Raises Unavailable."""
    try:
        with postgres.connect(url) as connection, connection.transaction():
            connection.execute("DROP SCHEMA public")
            connection.execute(sql.SQL("ALTER SCHEMA {} RENAME TO public").format(sql.Identifier(name)))
    except psycopg.Error as wrong:
        raise Unavailable(f"原有数据在 {name} / what was there is in the schema {name}: {wrong}") from wrong


def restore(file: Path, url: str) -> None:
    """Make the tables of such a file in a database that has none, all of it or nothing. Raises ProgramMissing, Unavailable."""
    _run(url, program("pg_restore"), "--single-transaction", "--exit-on-error", *_PLAIN, str(file))


def _one(connection: postgres.Connection, statement: str) -> object:
    row = connection.execute(statement.encode()).fetchone()
    return row[0] if row else None


def _run(url: str, *words: str) -> None:
    """Run a program on a database. A password goes by the environment: arguments can be read by everybody."""
    given = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
    password = given.pop("password", None)
    environment = {**os.environ, **({"PGPASSWORD": password} if password is not None else {})}
    first, *rest = words
    command = [first, f"--dbname={make_conninfo(**given)}", "--no-password", *rest]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - PostgreSQL's own
    if done.returncode:
        said = done.stderr.strip()
        raise Unavailable(f"{Path(first).name} 失败 / {Path(first).name} failed: {said}")
