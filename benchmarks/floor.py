"""The floor: the same inserts by nothing but `sqlite3`, a commit each or one writer's commit for all that wait."""

from __future__ import annotations

import hashlib
import itertools
import sqlite3
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue

import orjson

from benchmarks.measure import Measurement, Operation, closed_loop, timed

APPLICATIONS = 2048
_GROUP_MAX = 512
_SCHEMA = """
CREATE TABLE applications (id TEXT PRIMARY KEY, state TEXT NOT NULL, version INTEGER NOT NULL, title TEXT NOT NULL);
CREATE TABLE events (
  position INTEGER PRIMARY KEY, application TEXT NOT NULL, version INTEGER NOT NULL, command_id TEXT NOT NULL UNIQUE,
  recorded_at TEXT NOT NULL, leaf BLOB NOT NULL, body BLOB NOT NULL, UNIQUE (application, version));
CREATE TABLE deadlines (due_at TEXT, application TEXT, name TEXT, PRIMARY KEY (due_at, application, name)) WITHOUT ROWID;
"""
_AT = "2025-09-15T04:00:00.000000Z"
DUE = ("2025-09-29T16:00:00.000000Z", "2025-10-13T16:00:00.000000Z")
_BODY = {
    "actor": "format_officer-01",
    "effective_at": _AT,
    "recorded_at": _AT,
    "facts": {"calendar": "china-2025-2026"},
    "role": "format_officer",
    "rules_hash": "0" * 64,
    "type": "ReturnedForCorrection",
    "type_version": 1,
}
_DATA = {
    "arms": {"correction": DUE[0]},
    "clears": ["format_check"],
    "items": [{"clause": "四(二)1", "field": "title", "remedy": "请完善项目名称，与申报书保持一致"}],
    "round": 1,
}


def connect(path: Path) -> sqlite3.Connection:
    """A connection whose every commit reaches the disk."""
    connection = sqlite3.connect(path, timeout=60, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    return connection


def create(folder: Path) -> Path:
    """A database with applications that can be moved."""
    path = folder / "floor.db"
    connection = connect(path)
    connection.executescript(_SCHEMA)
    rows = [(f"app-{n:05d}", "submitted", 0, f"示范项目{n:05d}") for n in range(APPLICATIONS)]
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO applications VALUES (?, ?, ?, ?)", rows)
    connection.executemany("INSERT INTO deadlines VALUES (?, ?, 'correction')", [(DUE[0], name) for name, *_ in rows])
    connection.execute("COMMIT")
    connection.close()
    return path


def event_row(application: str, version: int) -> tuple[str, int, str, str, bytes, bytes]:
    """The event that follows a version: application, version, command id, when, hash and bytes."""
    command_id = f"{application}#{version:03d}"
    event = {**_BODY, "application": application, "version": version + 1, "command_id": command_id, "data": _DATA}
    body = orjson.dumps(event, option=orjson.OPT_SORT_KEYS)
    return application, version + 1, command_id, _AT, hashlib.sha256(b"\x00" + body).digest(), body


def transition(connection: sqlite3.Connection, application: str) -> None:
    """One move within a transaction that somebody else begins and commits: row read, event of some 580 bytes and its
    hash inserted, row updated at its version, one deadline deleted and one inserted.
    """
    execute = connection.execute
    state, version = execute("SELECT state, version FROM applications WHERE id = ?", (application,)).fetchone()
    execute(
        "INSERT INTO events (application, version, command_id, recorded_at, leaf, body) VALUES (?, ?, ?, ?, ?, ?)",
        event_row(application, version),
    )
    after = "returned" if state == "submitted" else "submitted"
    update = "UPDATE applications SET state = ?, version = version + 1 WHERE id = ? AND version = ?"
    if execute(update, (after, application, version)).rowcount != 1:
        raise RuntimeError(f"{application} was moved by somebody else")
    gone, new = DUE[version % 2], DUE[(version + 1) % 2]
    execute("DELETE FROM deadlines WHERE due_at = ? AND application = ? AND name = 'correction'", (gone, application))
    execute("INSERT INTO deadlines VALUES (?, ?, 'correction')", (new, application))


def names(client: int, clients: int) -> Iterator[str]:
    """The applications of one client, over and over; no two clients share one."""
    return itertools.cycle([f"app-{n:05d}" for n in range(client, APPLICATIONS, clients)])


def one_commit_each(folder: Path, clients: int, seconds: float) -> Measurement:
    """A connection for each client, a commit for each transition."""
    path = create(folder)

    def move(connection: sqlite3.Connection, application: str) -> None:
        connection.execute("BEGIN IMMEDIATE")
        transition(connection, application)
        connection.execute("COMMIT")

    def operations(client: int) -> Iterator[Operation]:
        connection = connect(path)
        for name in names(client, clients):
            yield partial(move, connection, name)

    return closed_loop("raw sqlite3, one commit each", clients, seconds, operations)


def group_commit(folder: Path, clients: int, seconds: float) -> Measurement:
    """One writer, whose commits carry all the transitions that wait."""
    writer = Writer(create(folder))

    def operations(client: int) -> Iterator[Operation]:
        answered = threading.Lock()
        answered.acquire()
        for name in names(client, clients):
            yield partial(writer.move, name, answered)

    found = closed_loop("raw sqlite3, group commit", clients, seconds, operations)
    writer.close()
    return found


def read_back(database: Path) -> Measurement:
    """Read every event of a ledger in order, hash it and parse it, and nothing else: what a replay cannot undercut."""
    connection = sqlite3.connect(database)
    (count,) = connection.execute("SELECT count(*) FROM events").fetchone()

    def read() -> None:
        for leaf, body in connection.execute("SELECT leaf, body FROM events ORDER BY position"):
            orjson.loads(body)
            if hashlib.sha256(b"\x00" + body).digest() != leaf:
                raise RuntimeError("an event is not what was hashed")

    found = timed("raw sqlite3, read + hash + parse", count, read)
    connection.close()
    return found


class Writer:
    """One thread that commits everything that waits in one transaction, and then answers."""

    def __init__(self, path: Path) -> None:
        self._connection = connect(path)
        self._waiting: SimpleQueue[tuple[str, threading.Lock] | None] = SimpleQueue()
        self._failed: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def move(self, application: str, answered: threading.Lock) -> None:
        """Move an application; `answered` is a lock that the caller holds, let go once the move is on the disk."""
        self._waiting.put((application, answered))
        answered.acquire()
        if self._failed is not None:
            raise self._failed

    def close(self) -> None:
        """Let what waits be done, and end."""
        self._waiting.put(None)
        self._thread.join()
        self._connection.close()

    def _run(self) -> None:
        while (first := self._waiting.get()) is not None:
            group = [first]
            while len(group) < _GROUP_MAX and (found := self._next()) is not None:
                group.append(found)
            try:
                self._commit([application for application, _ in group])
            except BaseException as wrong:  # noqa: BLE001 - every client raises it
                self._failed = wrong
            for _, answered in group:
                answered.release()

    def _next(self) -> tuple[str, threading.Lock] | None:
        """What waits already; None where nothing does, or the end was asked for."""
        try:
            found = self._waiting.get_nowait()
        except Empty:
            return None
        if found is None:
            self._waiting.put(None)
        return found

    def _commit(self, group: list[str]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        for application in group:
            transition(self._connection, application)
        self._connection.execute("COMMIT")
