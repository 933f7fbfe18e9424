"""Whatever is killed or fails, no acknowledged command is lost and nothing half-done is left: the short campaign."""

import os
import shutil
from pathlib import Path

import pytest

from tests.faults.campaign import injected, killed_at_random
from tests.faults.driver import course, give, handler_of
from workflow.handle import Accepted

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(shutil.which("strace") is None and "CI" not in os.environ, reason="strace is not installed"),
]


@pytest.mark.parametrize("seed", range(5))
def test_kill_9_under_four_writers_loses_nothing_acknowledged(tmp_path: Path, seed: int) -> None:
    found = killed_at_random(tmp_path, seed)
    assert (found.lost, found.divergences) == (0, ())


def test_the_harness_catches_an_acknowledgement_before_the_commit(tmp_path: Path) -> None:
    rounds = (killed_at_random(tmp_path / str(seed), seed, early=True) for seed in range(10) if _made(tmp_path, seed))
    assert any(found.lost for found in rounds)


def _made(folder: Path, seed: int) -> bool:
    (folder / str(seed)).mkdir()
    return True


@pytest.mark.parametrize(
    ("call", "fault", "nth"),
    [
        ("pwrite64", "signal=KILL", 3),
        ("pwrite64", "signal=KILL", 90),
        ("pwrite64", "signal=KILL", 140),
        ("pwrite64", "error=ENOSPC", 95),
        ("pwrite64", "error=EIO", 111),
        ("fdatasync", "signal=KILL", 9),
        ("fdatasync", "error=EIO", 14),
    ],
)
def test_a_fault_at_a_write_leaves_a_whole_ledger(tmp_path: Path, call: str, fault: str, nth: int) -> None:
    found = injected(tmp_path, call, fault, nth)
    assert (found.lost, found.divergences) == (0, ())


def test_giving_every_command_again_after_a_kill_comes_to_the_same_end(tmp_path: Path) -> None:
    killed_at_random(tmp_path, 3)
    handler = handler_of(tmp_path / "data")
    acks = os.open(tmp_path / "again", os.O_CREAT | os.O_WRONLY)
    give(handler, 0, acks, early=False, rounds=5)
    before = handler.ledger.head()
    outcomes = [handler.handle(request, request.received_at) for n in range(5) for request in course(0, n)]
    os.close(acks)
    assert handler.ledger.head() == before
    assert {
        type(outcome) is Accepted and outcome.repeated for outcome in outcomes if isinstance(outcome, Accepted)
    } == {True}
