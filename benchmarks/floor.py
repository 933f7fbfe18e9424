"""The floor: the inserts of one durable transition by sqlite3 alone, one commit each and in groups."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections import deque
from pathlib import Path

from benchmarks.measure import Measured, threads

_SCHEMA = """
CREATE TABLE cases (id INTEGER PRIMARY KEY, state TEXT, version INTEGER);
CREATE TABLE events (position INTEGER PRIMARY KEY, application INTEGER, version INTEGER, leaf BLOB, body BLOB,
                     UNIQUE (application, version));
CREATE TABLE deadlines (due_at TEXT, application INTEGER, PRIMARY KEY (due_at, application)) WITHOUT ROWID;
"""
_CASES = 2000
_TEXT = "依据通知条款办理" * 25


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=60, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    return connection


def _create(path: Path) -> None:
    connection = _connect(path)
    connection.executescript(_SCHEMA)
    connection.executemany("INSERT INTO cases VALUES (?, 'draft', 0)", [(i,) for i in range(_CASES)])
    connection.close()


def _transition(connection: sqlite3.Connection, case: int) -> None:
    version = connection.execute("SELECT version FROM cases WHERE id = ?", (case,)).fetchone()[0] + 1
    body = json.dumps({"application": case, "version": version, "text": _TEXT}, ensure_ascii=False).encode()
    event = (case, version, hashlib.sha256(body).digest(), body)
    connection.execute("INSERT INTO events (application, version, leaf, body) VALUES (?, ?, ?, ?)", event)
    connection.execute("UPDATE cases SET version = ? WHERE id = ? AND version = ?", (version, case, version - 1))
    connection.execute("DELETE FROM deadlines WHERE application = ? AND due_at = ?", (case, str(version - 1)))
    connection.execute("INSERT INTO deadlines VALUES (?, ?)", (str(version), case))


def one_commit_each(folder: Path, clients: int, each: int) -> Measured:
    """A connection for each client, a commit for each transition."""
    path = folder / f"floor-each-{clients}.db"
    _create(path)
    connections = [_connect(path) for _ in range(clients)]

    def work(client: int, i: int) -> None:
        connection = connections[client]
        connection.execute("BEGIN IMMEDIATE")
        _transition(connection, (client * each + i) % _CASES)
        connection.execute("COMMIT")

    measured = threads(f"raw sqlite3, one commit each, {clients}", clients, each, work)
    for connection in connections:
        connection.close()
    return measured


def group_commit(folder: Path, clients: int, each: int) -> Measured:
    """One writer thread that commits whatever waits."""
    path = folder / f"floor-group-{clients}.db"
    _create(path)
    waiting: deque[tuple[int, threading.Event]] = deque()
    ready, over = threading.Event(), threading.Event()

    def writer() -> None:
        connection = _connect(path)
        while not over.is_set() or waiting:
            ready.wait(0.01)
            ready.clear()
            batch = [waiting.popleft() for _ in range(len(waiting))]
            if batch:
                connection.execute("BEGIN IMMEDIATE")
                for case, _ in batch:
                    _transition(connection, case)
                connection.execute("COMMIT")
                for _, done in batch:
                    done.set()
        connection.close()

    thread = threading.Thread(target=writer)
    thread.start()

    def work(client: int, i: int) -> None:
        done = threading.Event()
        waiting.append(((client * each + i) % _CASES, done))
        ready.set()
        done.wait()

    measured = threads(f"raw sqlite3, group commit, {clients}", clients, each, work)
    over.set()
    thread.join()
    return measured
