"""Where a database outlives the processes that die over it: SQLite in memory, or PostgreSQL."""

from __future__ import annotations

import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from fundcall.bootstrap import open_simulation, settings_for
from fundcall.crashing.points import Plant, Points, WatchedPostgres, WatchedSqlite
from fundcall.settings import Settings
from fundcall.storage.ledger import SqlLedger
from fundcall.storage.spare import emptying, run, spare
from states.experts import Expert
from states.funding_call import FundingCall

_MEMORY = Path("/dev/shm")  # noqa: S108  # nosec B108 - files in memory, in a folder of our own
_FILES = ("fundcall.db", "fundcall.db-wal")
_KEPT = ("experts", "rules")
_VACUUM_EVERY = 40


class Place(ABC):
    """A database that is made new for each seed, is opened by one process after another, and is left when one dies."""

    settings: Settings
    ledger: SqlLedger | None = None

    def open(self, points: Points, plant: Plant) -> SqlLedger:
        """Open the ledger between points."""
        self.ledger = self._open(points, plant)
        return self.ledger

    def leave(self) -> None:
        """End the process's hold on the database: what it had not committed is gone."""
        if self.ledger is not None:
            self.ledger.close()
        self.ledger = None

    def die(self) -> None:
        """The same for one that is dead."""
        self.leave()

    @abstractmethod
    def renew(self) -> None:
        """A database with a schema, the call's rules and its experts, and nothing else."""

    @abstractmethod
    def _open(self, points: Points, plant: Plant) -> SqlLedger: ...

    def _furnish(self, call: FundingCall, experts: Sequence[Expert]) -> None:
        system = open_simulation(self.settings, call)
        system.handler.experts.replace(experts)
        system.close()


class Memory(Place):
    """SQLite as it runs anywhere, with its log beside it, in files that are memory. A dead process is left as it lay: its
    files are copied while it still holds them, and whoever opens the copy has to recover.
    """

    def __init__(self, folder: Path, call: FundingCall, experts: Sequence[Expert]) -> None:
        self._template, self._folder, self._number = folder / "template", folder, 0
        self.settings = settings_for(None).model_copy(update=_lying_in(self._template))
        self._furnish(call, experts)

    def renew(self) -> None:
        self._move(self._template)

    def die(self) -> None:
        self._move(self.settings.data_dir)

    def _open(self, points: Points, plant: Plant) -> SqlLedger:
        return WatchedSqlite(self.settings.database, points, plant)

    def _move(self, lies: Path) -> None:
        before = self.settings.data_dir
        self._number += 1
        folder = self._folder / str(self._number)
        folder.mkdir()
        for name in _FILES:
            if (lies / name).exists():
                shutil.copyfile(lies / name, folder / name)
        self.settings = self.settings.model_copy(update=_lying_in(folder))
        self.leave()
        if before != self._template:
            shutil.rmtree(before)


def _lying_in(folder: Path) -> dict[str, object]:
    return {"data_dir": folder, "database_url": f"sqlite:///{folder / _FILES[0]}"}


class Postgres(Place):
    """A database of our own on a server. When a process dies its connections are cut; the server takes back what it had
    not committed.
    """

    def __init__(self, folder: Path, url: str, call: FundingCall, experts: Sequence[Expert]) -> None:
        self.settings, self._url, self._number = settings_for(folder, database_url=url), url, 0
        self._furnish(call, experts)
        self._emptying = emptying(url, _KEPT)

    def renew(self) -> None:
        run(self._url, self._emptying)
        self._number += 1
        if self._number % _VACUUM_EVERY == 0:
            run(self._url, "VACUUM")  # what was deleted is room again

    def _open(self, points: Points, plant: Plant) -> SqlLedger:
        return WatchedPostgres(self._url, points, plant)


@contextmanager
def place(database: str, call: FundingCall, experts: Sequence[Expert]) -> Iterator[Place]:
    """A place for one process: in memory, or, at an address of PostgreSQL, a database beside the one named there. Raises
    Unavailable.
    """
    memory = str(_MEMORY) if os.access(_MEMORY, os.W_OK) else None
    with ExitStack() as opened:
        folder = Path(opened.enter_context(TemporaryDirectory(prefix="fundcall-", dir=memory)))
        if not database:
            yield Memory(folder, call, experts)
            return
        yield Postgres(folder, opened.enter_context(spare(database)), call, experts)
