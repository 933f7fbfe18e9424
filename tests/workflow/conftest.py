"""Worlds over both ledgers: what holds for one holds for the other."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fundcall.storage.ledger import SqliteLedger
from states.calendar import WorkingCalendar
from tests.drive import World, sqlite_ledger, world
from tests.filings import SHANGHAI


@pytest.fixture(params=["memory", "sqlite"])
def anew(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., World]]:
    """Makes a world of the 2025 call, or of another, over the ledger in turn."""
    opened: list[SqliteLedger] = []

    def make(call: str = SHANGHAI.call, calendar: WorkingCalendar | None = None) -> World:
        if request.param == "memory":
            return world(call, calendar=calendar)
        opened.append(sqlite_ledger(tmp_path / str(len(opened))))
        return world(call, opened[-1], calendar)

    yield make
    for ledger in opened:
        ledger.close()


@pytest.fixture
def place(anew: Callable[..., World]) -> World:
    """A world of the 2025 call."""
    return anew()
