"""Worlds over both ledgers: what holds for one holds for the other."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fundcall.storage.ledger import SqlLedger
from states.calendar import WorkingCalendar
from tests.databases import durable_ledger
from tests.drive import World, world
from tests.filings import SHANGHAI


@pytest.fixture(params=["memory", "database"])
def anew(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., World]]:
    """Makes a world of the 2025 call, or of another, over the ledger in turn."""
    opened: list[SqlLedger] = []

    def make(call: str = SHANGHAI.call, calendar: WorkingCalendar | None = None) -> World:
        if request.param == "memory":
            return world(call, calendar=calendar)
        opened.append(durable_ledger(tmp_path / str(len(opened))))
        return world(call, opened[-1], calendar)

    yield make
    for ledger in opened:
        ledger.close()


@pytest.fixture
def place(anew: Callable[..., World]) -> World:
    """A world of the 2025 call."""
    return anew()
