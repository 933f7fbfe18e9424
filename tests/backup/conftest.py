"""An installation at work on either database, a backup of it, and places to put that back."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from fundcall.bootstrap import Proofs, install, settings_for
from fundcall.cli import app
from fundcall.documents.examiner import Examiner
from fundcall.settings import Settings
from tests.api.office import Office, enter_office, pdf
from tests.postgres import Cluster

_PUBLIC_URL = "https://fund.example"


@pytest.fixture(scope="package")
def examiner() -> Iterator[Examiner]:
    found = Examiner()
    yield found
    found.close()


@dataclass
class Site:
    """Where an installation is, and the commands given to it."""

    data: Path
    database_url: str

    @property
    def settings(self) -> Settings:
        return settings_for(self.data, database_url=self.database_url, public_url=_PUBLIC_URL)

    def enter(self, examiner: Examiner) -> Office:
        """The office that works with it, made where there is none."""
        install(self.settings)
        return enter_office(self.data, examiner, self.database_url)

    def run(self, *words: str | Path) -> tuple[int, str]:
        """The exit code of a command, and all that it said."""
        environment = {"FUNDCALL_DATABASE_URL": self.database_url, "FUNDCALL_PUBLIC_URL": _PUBLIC_URL}
        found = CliRunner().invoke(app, [*map(str, words), "--data", str(self.data)], env=environment)
        if found.exception is not None and not isinstance(found.exception, SystemExit):
            raise found.exception
        return found.exit_code, found.output.replace("\n", " ")

    def json(self, *words: str | Path) -> Any:
        code, said = self.run(*words, "--json")
        return {"exit": code, **json.loads(said)}


Places = Callable[[], Site]


@pytest.fixture(scope="module", params=[pytest.param("sqlite", marks=pytest.mark.sqlite), "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def places(kind: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Places:
    """Gives new places, with nothing in them, on one kind of database."""
    cluster: Cluster | None = request.getfixturevalue("cluster") if kind == "postgresql" else None

    def place() -> Site:
        return Site(tmp_path_factory.mktemp("site") / "data", cluster.empty() if cluster is not None else "")

    return place


@dataclass
class Backed:
    """An installation that went on while a backup was made: how far it had come before, and what the command said."""

    site: Site
    office: Office
    before: int
    folder: Path
    said: dict[str, Any]

    @property
    def newest(self) -> Path:
        return Path(self.said["folder"])


@pytest.fixture(scope="module")
def backed(places: Places, examiner: Examiner, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backed]:
    site, folder = places(), tmp_path_factory.mktemp("backups")
    office = site.enter(examiner)
    with office.client:
        office.submitted(1)
        office.submitted(2)
        Proofs(office.system).keep()
        (site.data / "trust").mkdir()
        (site.data / "trust" / "root.pem").write_text("a certificate", encoding="ascii")
        before, over = office.system.ledger.head(), threading.Event()
        others = threading.Thread(target=_go_on, args=(office, over))
        others.start()
        try:
            said = site.json("backup", folder, "--with-key")
        finally:
            over.set()
            others.join()
        yield Backed(site, office, before, folder, said)
    office.system.ledger.close()


def _go_on(office: Office, over: threading.Event) -> None:
    for n in range(3, 100):
        office.draft(n, pdf(n))
        if over.is_set():
            return


@pytest.fixture
def copied(backed: Backed, tmp_path: Path) -> Path:
    """A copy of the backups, to be spoilt."""
    return Path(shutil.copytree(backed.folder, tmp_path / "backups"))
