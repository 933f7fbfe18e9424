"""Where tests have their databases: SQLite files, or, where FUNDCALL_DATABASE_URL names a PostgreSQL, databases beside it."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import pytest

from fundcall.bootstrap import install, is_installed, settings_for
from fundcall.settings import Settings
from fundcall.storage.ledger import SqlLedger
from fundcall.storage.opening import open_ledger
from tests.postgres import Server

_RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))


class Beside:
    """A database for each data folder whose settings name none, on a server, in the place of a file in the folder. Its name
    follows from the file's, so that processes of one run of the tests agree.
    """

    def __init__(self, address: str) -> None:
        self.server = Server(address)
        self.asked: dict[Path, str] = {}

    def of(self, file: Path) -> str:
        """The address of the database in a file's place, which is made empty if need be."""
        file = file.absolute()
        if file not in self.asked:
            self.asked[file] = f"place_{sha256(f'{_RUN} {file}'.encode()).hexdigest()[:32]}"
            if not self.server.has(self.asked[file]):
                self.server.make(self.asked[file])
        return self.server.address(self.asked[file])

    def copy(self, file: Path, to: Path) -> None:
        """Copy a database that nobody is in."""
        self.of(to)
        self.server.drop(self.asked[to.absolute()])
        self.of(file)
        self.server.make(self.asked[to.absolute()], self.asked[file.absolute()])

    def drop(self, within: Path) -> None:
        """Drop what is in a file's place, or in those of all files in a folder."""
        for file in [one for one in self.asked if one.is_relative_to(within)]:
            self.server.drop(self.asked.pop(file))


@dataclass
class Chosen:
    """What the tests run on: a server, or SQLite where there is none; and whether this test is about SQLite itself."""

    server: Beside | None = None
    about_sqlite: bool = False

    @property
    def beside(self) -> Beside | None:
        """The server that this test runs on."""
        return None if self.about_sqlite else self.server


CHOSEN = Chosen()
_LEDGERS: defaultdict[Path, list[SqlLedger]] = defaultdict(list)


@contextmanager
def standing_in(address: str) -> Iterator[None]:
    """Where an address of PostgreSQL is given, settings that name no database have one beside it, and not a SQLite file."""
    if not Settings(database_url=address).postgres:
        yield
        return
    named, state = cast("Any", Settings.postgres).fget, Settings.__getstate__

    def postgres(settings: Settings) -> str:
        beside = None if settings.database_url else CHOSEN.beside
        return str(named(settings)) if beside is None else beside.of(settings.database)

    def given_away(settings: Settings) -> dict[Any, Any]:
        found = state(settings)
        return {**found, "__dict__": {**found["__dict__"], "database_url": settings.database_url or postgres(settings)}}

    server = Beside(address)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CHOSEN, "server", server)
        patch.setattr(Settings, "postgres", property(postgres))
        patch.setattr(Settings, "__getstate__", given_away)  # to a process, which has no such stand-in
        yield
    server.drop(Path("/"))


def forget(folder: Path) -> None:
    """Close the ledgers of installations in a folder, and drop their databases on a server."""
    for one in [one for one in _LEDGERS if one.is_relative_to(folder)]:
        for ledger in _LEDGERS.pop(one):
            ledger.close()
    if CHOSEN.server is not None:
        CHOSEN.server.drop(folder)


def copied(installation: Path, to: Path) -> Path:
    """Copy an installation that nobody is in, its database too."""
    shutil.copytree(installation, to, dirs_exist_ok=True)
    if CHOSEN.beside is not None:
        there, here = (settings_for(folder, database_url="") for folder in (installation, to))
        CHOSEN.beside.copy(there.database, here.database)
    return to


def environment_of(folder: Path) -> dict[str, str]:
    """The environment of a process that is to find the database of a folder."""
    return {**os.environ, "FUNDCALL_DATABASE_URL": settings_for(folder, database_url="").postgres}


def fresh(folder: Path) -> None:
    """Put there what a new installation has."""
    copied(_installed(CHOSEN.beside), folder)


@cache
def _installed(_there: Beside | None) -> Path:
    """A new installation, made once in each place and copied after."""
    folder = Path(tempfile.mkdtemp(prefix="installed-"))
    atexit.register(shutil.rmtree, folder)
    install(settings_for(folder, database_url=""))
    return folder


def durable_ledger(folder: Path) -> SqlLedger:
    """The ledger of the installation in a folder, which is made if need be."""
    settings = settings_for(folder, database_url="")
    if not is_installed(settings.where):
        fresh(folder)
    _LEDGERS[folder].append(open_ledger(settings.where))
    return _LEDGERS[folder][-1]
