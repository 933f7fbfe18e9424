"""Whatever is killed or fails, nothing acknowledged is lost and nothing half-done is left: the short campaign."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from states.events import BY_COMMAND
from states.programme import PROGRAMME_TABLE
from tests.faults.campaign import NO_STRACE
from tests.faults.planted import EARLY, HALF, HASTY
from tests.faults.trials import TRIALS
from tests.postgres import Cluster

ROOT = Path(__file__).parents[2]
COMMANDS = {*BY_COMMAND, *PROGRAMME_TABLE}
OTHERS = {"a recorded refusal", "an installation", "an upgrade", "a sweep", "notices", "a document"}
POINTS = 120

pytestmark = pytest.mark.faults
needs_strace = pytest.mark.skipif(shutil.which("strace") is None and "CI" not in os.environ, reason=NO_STRACE)


def campaign(folder: Path, *options: str) -> dict[str, Any]:
    """A campaign in a process of its own, which may fork: what it says, as JSON."""
    command = [sys.executable, "-m", "tests.faults.campaign", "--json", "--folder", str(folder), *options]
    ended = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert ended.returncode in (0, 1), ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)
    assert ended.returncode == bool(found["violations"])
    return found


def test_every_command_and_whatever_else_writes_is_disturbed() -> None:
    assert TRIALS.keys() == COMMANDS | OTHERS


@needs_strace
@pytest.mark.sqlite
def test_faults_at_writes_of_every_command_lose_nothing_and_leave_nothing_half_done(tmp_path: Path) -> None:
    found = campaign(tmp_path, "--points", str(POINTS), "--kills", "0")
    assert (found["violations"], found["points"]) == ([], POINTS)
    assert {name for name, tried in found["trials"].items() if tried} == COMMANDS | OTHERS


@pytest.mark.sqlite
def test_kill_9_under_four_writers_loses_nothing_acknowledged(tmp_path: Path) -> None:
    found = campaign(tmp_path, "--points", "0", "--kills", "20")
    assert (found["violations"], found["kills"], found["kills_acknowledged"] > 20) == ([], 20, True)


@needs_strace
@pytest.mark.parametrize(
    ("plant", "name", "said"),
    [
        (EARLY, "CreateDraft", "acknowledged, and not there: applications, deadlines, events, personal, search_"),
        (HALF, "CreateDraft", "half done: events not as before, applications, deadlines, personal, search_"),
        (HASTY, "a document", "half done: document not as before, document not as after"),
    ],
)
@pytest.mark.sqlite
def test_the_sweep_finds_a_planted_fault(tmp_path: Path, plant: str, name: str, said: str) -> None:
    found = campaign(tmp_path, "--plant", plant, "--only", name, "--points", "16", "--kills", "0")
    assert any(violation.partition(": ")[2].startswith(said) for violation in found["violations"])


@pytest.mark.parametrize(
    ("plant", "said"), [(EARLY, "acknowledged commands were new"), (HALF, "counts by state")], ids=[EARLY, HALF]
)
@pytest.mark.sqlite
def test_rounds_of_kill_9_find_a_planted_fault(tmp_path: Path, plant: str, said: str) -> None:
    found = campaign(tmp_path, "--plant", plant, "--points", "0", "--kills", "12")
    assert [violation for violation in found["violations"] if said in violation] != []


@needs_strace
@pytest.mark.parametrize(
    ("name", "point"), [("CreateDraft", "ENOSPC at openat 1"), ("an installation", "EIO at openat 3")]
)
@pytest.mark.sqlite
def test_a_database_that_opens_for_reading_alone_is_refused_at_once(tmp_path: Path, name: str, point: str) -> None:
    found = campaign(tmp_path, "--only", name, "--at", point, "--kills", "0")
    assert (found["violations"], found["points"]) == ([], 1)


@needs_strace
@pytest.mark.sqlite
def test_a_fault_that_does_not_strike_is_a_violation(tmp_path: Path) -> None:
    found = campaign(tmp_path, "--only", "CreateDraft", "--at", "KILL at pwrite64 9999", "--kills", "0")
    assert found["violations"] == ["CreateDraft, KILL at pwrite64 9999: the fault did not strike"]


def test_without_strace_it_is_said_what_to_install(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.faults.campaign"]
    environment = {**os.environ, "PATH": str(tmp_path)}
    ended = subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (2, f"{NO_STRACE}\n")


def kills_of_the_server(*options: str) -> dict[str, Any]:
    """Rounds against PostgreSQL in a process of their own, which may fork: what it says, as JSON."""
    command = [sys.executable, "-m", "tests.faults.server_kills", *options]
    ended = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert ended.returncode in (0, 1), ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)
    assert ended.returncode == bool(found["violations"])
    return found


def test_kill_9_of_postgresql_its_backends_or_its_writers_loses_nothing_acknowledged(cluster: Cluster) -> None:
    assert cluster.server is not None  # it is there, or this test is left out where it may be
    found = kills_of_the_server("--rounds", "3")
    assert (found["violations"], found["acknowledged"] > 3) == ([], True)
    assert found["rounds"] == {"server": 1, "backend": 1, "writers": 1}


def test_rounds_against_postgresql_find_a_planted_fault(cluster: Cluster) -> None:
    assert cluster.server is not None
    found = kills_of_the_server("--rounds", "2", "--plant", EARLY)
    assert [violation for violation in found["violations"] if "acknowledged commands were new" in violation] != []
