"""A call with proposals in the public notice, on a real ledger behind the pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.api.office import Office, open_office
from tests.drive import A2, World, world
from tests.filings import CLIMATE


@dataclass
class Place:
    """The office, and the world of commands over the same ledger."""

    office: Office
    world: World

    @property
    def notice(self) -> str:
        return f"/public/calls/{CLIMATE.call}/notice"

    def synchronise(self) -> None:
        """Let the office's clock stand where the world's does."""
        self.office.clock.at = self.world.now

    def approved(self) -> str:
        """A proposal whose notice ran its time and that was approved."""
        application = self.world.published()
        self.world.when_due(application, "public_notice")
        self.world.do("ApproveApplication", A2, application, grant_minor=1_000_00)
        self.synchronise()
        return application

    def running(self) -> str:
        """A proposal whose notice runs."""
        application = self.world.published()
        self.synchronise()
        return application


@contextmanager
def publishing(folder: Path, examiner: object) -> Iterator[Place]:
    """A new place."""
    office = open_office(folder, examiner)  # type: ignore[arg-type]
    found = Place(office, world(CLIMATE.call, office.system.ledger))
    found.synchronise()
    with office.client:
        yield found
    office.system.ledger.close()
