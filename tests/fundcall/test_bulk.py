"""Officers work in bulk from the command line: foreseen first, done with --yes, gone on with under the same id."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from fundcall.bootstrap import install, settings_for
from fundcall.cli import app
from tests.drive import F1, World, sqlite_ledger, world

LONG = {"start_on": "2025-10-01", "end_on": "2027-12-31"}


@pytest.fixture
def filed(tmp_path: Path) -> tuple[Path, list[str], str]:
    """A folder with two clean applications that are being checked, and one with a finding."""
    install(settings_for(tmp_path, database_url=""))
    place: World = world(ledger=sqlite_ledger(tmp_path))
    good, bad = [place.submitted() for _ in range(2)], place.submitted(**LONG)
    for application in (*good, bad):
        place.do("ClaimFormatCheck", F1, application)
    place.ledger.close()  # type: ignore[attr-defined]
    return tmp_path, good, bad


def run(folder: Path, *more: str) -> tuple[int, Any]:
    asked = ["bulk", "PassFormatCheck", "--actor", "format_officer:format-1", "--state", "submitted", "--json",
             "--data-dir", str(folder), *more]  # fmt: skip
    found = CliRunner().invoke(app, asked)
    return found.exit_code, json.loads(found.stdout)


def test_a_bulk_run_is_only_foreseen_until_it_is_said_yes_to(filed: tuple[Path, list[str], str]) -> None:
    folder, good, bad = filed
    foreseen = run(folder)
    assert (foreseen[0], foreseen[1]["done"], foreseen[1]["accepted"]) == (1, False, good)
    assert [(n, r[0]["code"]) for n, r in foreseen[1]["refused"].items()] == [(bad, "findings_undecided")]
    done = run(folder, "--yes")
    assert (done[1]["done"], done[1]["accepted"], list(done[1]["refused"])) == (True, good, [bad])
    assert run(folder)[1]["accepted"] == []


def test_only_clean_ones_are_taken_when_asked_for(filed: tuple[Path, list[str], str]) -> None:
    folder, good, _ = filed
    code, found = run(folder, "--clean", "--yes")
    assert (code, found["accepted"], found["refused"]) == (0, good, {})
