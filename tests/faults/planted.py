"""Faults of our own making, which every harness of this folder must find: a harness that never failed proves nothing."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from fundcall.crashing.points import Crash
from fundcall.documents.shelf import BYTES_MAX, INCOMING, Incoming
from fundcall.documents.store import DocumentStore
from fundcall.durable import sync_folder
from fundcall.storage.driver import Cursor, Writer
from fundcall.storage.ledger import SqliteLedger

EARLY = "early"
"""An acknowledgement before the commit."""
HALF = "half"
"""The projection and the deadlines are written outside of the transaction of the event."""
HASTY = "hasty"
"""A document is written where it is found, not moved there when it is whole."""
PLANTS = (EARLY, HALF, HASTY)


class Around:
    """A writing connection, as it is."""

    def __init__(self, connection: Writer) -> None:
        self._connection = connection

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction

    def execute(self, sql: str, values: Sequence[Any] = ()) -> Cursor:
        return self._connection.execute(sql, values)

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> Cursor:
        return self._connection.executemany(sql, rows)

    def close(self) -> None:
        self._connection.close()


class Leaking(Around):
    """A connection that commits as soon as events are in."""

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> Cursor:
        found = self._connection.executemany(sql, rows)
        if sql.startswith("INSERT INTO events"):
            self._connection.execute("COMMIT")
            self._connection.execute("BEGIN")
        return found


class Hasty(Around):
    """A connection whose commit is taken for done though the process died over it: the answer was out already."""

    def execute(self, sql: str, values: Sequence[Any] = ()) -> Any:
        try:
            return self._connection.execute(sql, values)
        except Crash:
            if sql != "COMMIT":
                raise
            return None


class HalfLedger(SqliteLedger):
    """A ledger that writes events in one transaction and what follows from them in the next."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._writer = Leaking(self._writer)


class HastyStore(DocumentStore):
    """A store that writes a document in place."""

    def put(self, content: bytes | Iterable[bytes], bytes_max: int = BYTES_MAX) -> str:
        content = content if isinstance(content, bytes) else b"".join(content)
        digest = hashlib.sha256(content).hexdigest()
        path = self._path(digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb", buffering=0) as file:
            for at in range(0, len(content), 4096):
                file.write(content[at : at + 4096])
        return digest


NORMAL = "normal"
"""Commits are not synced (SQLite's synchronous=NORMAL, which many set with WAL)."""
UNFLUSHED = "unflushed"
"""A document is renamed to its place without a sync of its bytes."""
UNLISTED = "unlisted"
"""A document is renamed to its place without a sync of the folder."""
POWER_PLANTS = (NORMAL, UNFLUSHED, UNLISTED)


class _Unflushed(Incoming):
    def keep(self) -> str:
        self._file.close()
        target = self._place(self.digest)
        self._path.replace(target)
        sync_folder(target.parent)
        return self.digest


class _Unlisted(Incoming):
    def keep(self) -> str:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._path.replace(self._place(self.digest))
        return self.digest


class CarelessStore(DocumentStore):
    """A store whose documents come in by a way that forgets one of the two syncs."""

    way: type[Incoming] = _Unflushed

    def receive(self, bytes_max: int = BYTES_MAX) -> Incoming:
        self._shelve()
        return self.way(self._folder / INCOMING, self._path, bytes_max)


class UnlistedStore(CarelessStore):
    """The one that forgets the folder's."""

    way = _Unlisted


CARELESS: Mapping[str, type[DocumentStore]] = {UNFLUSHED: CarelessStore, UNLISTED: UnlistedStore}
