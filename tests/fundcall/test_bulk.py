"""Officers work in bulk from the command line: foreseen first, done with --yes, gone on with under the same id."""

from __future__ import annotations

import csv
import io
import json
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from fundcall.cli import app
from tests.databases import durable_ledger, environment_of
from tests.drive import F1, World, world

LONG = {"start_on": "2025-10-01", "end_on": "2027-12-31"}


@pytest.fixture
def filed(tmp_path: Path) -> tuple[Path, list[str], str]:
    """A folder with two clean applications that are being checked, and one with a finding."""
    place: World = world(ledger=durable_ledger(tmp_path))
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


# --- interrupted ------------------------------------------------------------------------------------------------------

KILLED = """
import os, signal, sys
from fundcall.cli import bulk, main
from workflow.handle import Handler

whole, one, seen = Handler.handle_many, Handler._one, [0]

def batch(self, requests, now):
    outcomes = whole(self, requests, now)
    seen[0] += 1
    if {after} and seen[0] == {after}:
        os.kill(os.getpid(), signal.SIGKILL)
    return outcomes

def single(self, transaction, request, now):
    outcome = one(self, transaction, request, now)
    seen[0] += 1
    if {within} and seen[0] == {within}:
        os.kill(os.getpid(), signal.SIGKILL)
    return outcome

if {after}:
    Handler.handle_many = batch
else:
    Handler._one = single
bulk.AT_ONCE = 2
main()
"""


@pytest.fixture
def seven(tmp_path: Path) -> tuple[Path, list[str], str]:
    """Six clean applications that are being checked, and one with a finding, the third by id."""
    place: World = world(ledger=durable_ledger(tmp_path))
    made = [place.submitted(**(LONG if n == 2 else {})) for n in range(7)]
    for application in made:
        place.do("ClaimFormatCheck", F1, application)
    place.ledger.close()  # type: ignore[attr-defined]
    return tmp_path, [name for n, name in enumerate(made) if n != 2], made[2]


def moves(folder: Path) -> list[str]:
    """The applications that passed, as often as they did."""
    ledger = durable_ledger(folder)
    found = [stored.application for stored in ledger.stored() if stored.type == "FormatCheckPassed"]
    ledger.close()
    return found


@pytest.mark.parametrize(("after", "within", "kept"), [(1, 0, 2), (2, 0, 3), (0, 1, 0), (0, 6, 3)])
def test_a_run_that_was_killed_goes_on_with_the_rest_and_reports_the_whole(
    seven: tuple[Path, list[str], str], after: int, within: int, kept: int
) -> None:
    """Killed after a batch is committed or within one, of batches of two; the refused one is in the second."""
    folder, good, bad = seven
    asked = ["bulk", "PassFormatCheck", "--actor", "format_officer:format-1", "--state", "submitted", "--yes",
             "--id", "night", "--data-dir", str(folder)]  # fmt: skip
    script = KILLED.format(after=after, within=within)
    killed = subprocess.run(
        [sys.executable, "-c", script, *asked], env=environment_of(folder), capture_output=True, check=False
    )
    assert (killed.returncode, len(moves(folder))) == (-signal.SIGKILL, kept)
    code, found = run(folder, "--yes", "--id", "night", "--report", str(folder / "report.json"))
    assert (code, found["before"], found["accepted"]) == (1, good[:kept], good[kept:])
    assert {n: r[0]["code"] for n, r in found["refused"].items()} == {bad: "findings_undecided"}
    assert moves(folder) == good
    report = json.loads((folder / "report.json").read_bytes())
    assert sorted(row["application"] for row in report) == sorted([*good, bad])
    assert Counter(row["result"] for row in report) == Counter(
        {k: n for k, n in (("done before", kept), ("done", 6 - kept), ("refused", 1)) if n}
    )


def test_a_run_given_again_whole_changes_nothing_and_says_so(filed: tuple[Path, list[str], str]) -> None:
    folder, good, bad = filed
    run(folder, "--yes", "--id", "x")
    code, again = run(folder, "--yes", "--id", "x")
    assert (code, again["before"], again["accepted"], list(again["refused"])) == (1, good, [], [bad])
    assert moves(folder) == good


def test_a_runs_id_stands_for_one_command_only(filed: tuple[Path, list[str], str]) -> None:
    folder, good, _ = filed
    run(folder, "--yes", "--id", "x")
    asked = ["bulk", "ClaimFormatCheck", "--actor", "format_officer:format-1", "--state", "submitted", "--json",
             "--data-dir", str(folder), "--yes", "--id", "x"]  # fmt: skip
    found = json.loads(CliRunner().invoke(app, asked).stdout)
    assert {found["refused"][name][0]["code"] for name in good} == {"command_id_reused"}


def test_the_report_of_a_run_says_in_words_why_each_was_refused(filed: tuple[Path, list[str], str]) -> None:
    folder, good, bad = filed
    out = folder / "report.csv"
    run(folder, "--report", str(out))
    heads, *rows = csv.reader(io.StringIO(out.read_text(encoding="utf-8-sig"), newline=""))
    assert [(row[0], row[1]) for row in rows] == [
        (good[0], "would be done"),
        (good[1], "would be done"),
        (bad, "refused"),
    ]
    assert (rows[-1][2], bool(rows[-1][4]), len(heads)) == ("findings_undecided", True, 8)
    for wrong in (("--report", "x.txt"), ("--id", "a:b")):
        asked = ["bulk", "PassFormatCheck", "--actor", "format_officer:f", "--state", "submitted", *wrong]
        assert CliRunner().invoke(app, [*asked, "--data-dir", str(folder)]).exit_code == 2
