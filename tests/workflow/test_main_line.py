"""The main line, walked by the real handler over both ledgers for both shipped calls."""

from pathlib import Path

import pytest

from states.application import MAIN_LINE, State
from states.table import TWIN
from tests.databases import durable_ledger
from tests.drive import CALLS, world
from workflow.memory import MemoryLedger


def passed_through(events: list[str]) -> list[State]:
    """The states that those events lead through, each named when it is entered."""
    state, found = State.DRAFT, [State.DRAFT]
    for event in events[1:]:
        after = TWIN[state, event][0]
        if after is not state:
            found.append(after)
        state = after
    return found


@pytest.mark.parametrize("kind", ["memory", "database"])
@pytest.mark.parametrize("call", CALLS)
def test_a_project_walks_the_main_line_in_its_order(call: str, kind: str, tmp_path: Path) -> None:
    walk = world(call, MemoryLedger() if kind == "memory" else durable_ledger(tmp_path))
    application = walk.closed()
    assert passed_through(walk.events(application)) == list(MAIN_LINE)
    assert walk.application(application).outcome == "accepted"
