"""A database as one file, taken while others write: SQLite by its online backup, PostgreSQL by pg_dump; and put back."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from fundcall.storage import sqlite
from workflow.ports import Unavailable

_PAGES = 4096
_HEAD = "SELECT coalesce(max(position), 0) FROM events"

Tell = Callable[[int, int], None]


class InUse(Exception):
    """Somebody works with the database; says it in both languages."""


class ProgramMissing(Exception):
    """A program of PostgreSQL is not on this machine; says it in both languages."""


def take(database: Path | str, to: Path, tell: Tell) -> int:
    """Copy a database into a file as it was at one instant; how many events it had then. Raises Unavailable, and
    ProgramMissing for PostgreSQL.
    """
    if isinstance(database, str):
        from fundcall.storage import dumps  # noqa: PLC0415 - its driver, where it is used alone

        return dumps.dump(database, to)
    try:
        return _copy(database, to, tell)
    except sqlite3.Error as wrong:
        raise Unavailable(f"数据库无法备份 / the database cannot be copied: {wrong}") from wrong


def _copy(database: Path, to: Path, tell: Tell) -> int:
    with closing(sqlite.connect_reader(database)) as source, closing(sqlite3.connect(to, isolation_level=None)) as copy:
        source.execute("BEGIN")
        source.execute(_HEAD)  # from here on it sees one instant: whoever writes meanwhile does not begin the copy anew
        source.backup(copy, pages=_PAGES, progress=lambda _status, left, pages: tell(pages - left, pages))
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it
        return int(copy.execute(_HEAD).fetchone()[0])


def is_empty(database: Path | str) -> bool:
    """Whether there is nothing yet where a database shall be. Raises Unavailable."""
    if isinstance(database, str):
        from fundcall.storage import dumps  # noqa: PLC0415 - as above

        return dumps.is_empty(database)
    return not database.exists()


def set_aside(database: Path | str, at: datetime) -> str:
    """Put away what is in a database, so that another can take its place; where it is then, "" where there was nothing.
    Raises InUse, Unavailable.
    """
    if isinstance(database, str):
        from fundcall.storage import dumps  # noqa: PLC0415 - as above

        return dumps.set_aside(database, at)
    if not database.exists():
        return ""
    try:
        with closing(sqlite3.connect(database, timeout=1, isolation_level=None)) as connection:
            # Leaving WAL folds the log into the file, and is refused while anybody has it open.
            connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as wrong:
        raise InUse(
            f"{database} 正在使用，请先停止 serve 与 worker / {database} is in use: stop serve and worker first"
        ) from wrong
    except sqlite3.DatabaseError:  # no longer a database: all the more to be put away
        pass
    to = database.with_name(f"replaced-{at:%Y%m%dT%H%M%S.%fZ}-{database.name}")
    for suffix in ("", "-wal", "-shm"):
        path = database.with_name(database.name + suffix)
        if path.exists():
            path.replace(to.with_name(to.name + suffix))
    return str(to)


def bring_back(database: Path | str, name: str) -> None:
    """Undo `set_aside`: nothing has come in its place. Raises Unavailable."""
    if isinstance(database, str):
        from fundcall.storage import dumps  # noqa: PLC0415 - as above

        dumps.bring_back(database, name)
    else:
        Path(name).replace(database)


def put_back(file: Path, database: Path | str) -> None:
    """Make a database from such a file, where there is none. Raises Unavailable, ProgramMissing."""
    if isinstance(database, str):
        from fundcall.storage import dumps  # noqa: PLC0415 - as above

        dumps.restore(file, database)
        return
    database.parent.mkdir(parents=True, exist_ok=True)
    try:
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(database)) as target:
            source.backup(target)
    except sqlite3.Error as wrong:
        database.unlink(missing_ok=True)
        raise Unavailable(f"数据库无法恢复 / the database cannot be put back: {wrong}") from wrong
