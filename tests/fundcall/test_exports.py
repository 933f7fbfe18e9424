"""Tables taken out of a call say what the ledger says, in every format, to those who may see it."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from fundcall.cli import app
from fundcall.sheets.delimited import BOM
from states.application import Application
from states.fold import fold
from tests.lived import lived
from workflow.record import decode

CALL = "shanghai-ai-plus-2025"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole call of sixteen, at its end."""
    return lived(tmp_path_factory)


@pytest.fixture(scope="module")
def applications(folder: Path) -> list[Application]:
    from fundcall.bootstrap import open_system, settings_for

    system = open_system(settings_for(folder))
    found = [fold(decode(s.body) for s in system.ledger.stored(application=row.id)) for row in system.ledger.rows()]
    system.close()
    return [one for one in found if one is not None]


def taken(folder: Path, what: str, *more: str) -> bytes:
    done = CliRunner().invoke(app, ["export", what, "--call", CALL, "--data-dir", str(folder), *more])
    assert done.exit_code == 0, done.output
    return done.stdout_bytes


def rows(folder: Path, what: str, *more: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(taken(folder, what, "--format", "json", *more))
    return found


def test_every_application_is_in_the_table_as_it_stands(folder: Path, applications: list[Application]) -> None:
    found = rows(folder, "applications")
    assert [(r["application"], r["state"], r["grant_minor"], r["paid_minor"]) for r in found] == [
        (a.id, a.state.value, a.grant_minor, a.paid_minor) for a in sorted(applications, key=lambda a: a.id)
    ]


def test_a_state_narrows_a_table(folder: Path, applications: list[Application]) -> None:
    found = rows(folder, "applications", "--state", "closed")
    assert [r["application"] for r in found] == sorted(a.id for a in applications if a.state == "closed")
    assert {r["application"] for r in rows(folder, "payments", "--state", "closed")} <= {
        r["application"] for r in found
    }


def test_confirmed_payments_are_those_that_applications_hold(folder: Path, applications: list[Application]) -> None:
    found = [r for r in rows(folder, "payments") if not r["status"].endswith("voided")]
    told = sorted((r["application"], r["instalment"], r["amount_minor"], r["settled_by"]) for r in found)
    assert told == sorted(
        (a.id, p.instalment, p.amount_minor, p.confirmed_by) for a in applications for p in a.payments
    )
    assert len(told) > 3


def test_scores_are_those_that_count(folder: Path, applications: list[Application]) -> None:
    told = sorted((r["application"], r["expert"], r["total_ppm"], r["position"]) for r in rows(folder, "scores"))
    held = [(a.id, name, e.total_ppm, e.position) for a in applications for name, e in a.experts.items()]
    assert told == sorted(one for one in held if one[2] is not None)
    assert len(told) > 3


def test_objections_are_told_with_their_end_and_without_who_objected(
    folder: Path, applications: list[Application]
) -> None:
    found = rows(folder, "objections")
    words = {"open": "待处理 open", "upheld": "成立 upheld", "dismissed": "不成立 dismissed"}
    held = [(a.id, o.grounds, words[o.status]) for a in applications for o in a.objections]
    assert [(r["application"], r["grounds"], r["status"]) for r in found] == held
    assert len(held) > 0
    assert "objector" not in json.dumps(found)


def test_targets_are_counted_as_the_command_counts_them(folder: Path) -> None:
    asked = CliRunner().invoke(app, ["targets", "--call", CALL, "--data-dir", str(folder), "--json"])
    assert rows(folder, "targets") == json.loads(asked.stdout)


@pytest.mark.parametrize("what", ["applications", "payments", "scores", "objections", "targets"])
def test_the_formats_hold_the_same_rows(folder: Path, tmp_path: Path, what: str) -> None:
    count = len(rows(folder, what))
    text = taken(folder, what).decode()
    heads, *lines = csv.reader(io.StringIO(text.removeprefix(BOM), newline=""))
    assert (text.startswith(BOM), len(lines), {len(line) for line in lines}) == (True, count, {len(heads)})
    out = tmp_path / "x.xlsx"
    taken(folder, what, "--format", "xlsx", "--out", str(out))
    with zipfile.ZipFile(out) as book:
        assert book.read("xl/worksheets/sheet1.xml").count(b"<row ") == count + 1
    assert list(tmp_path.iterdir()) == [out]


def test_a_file_holds_what_standard_output_would(folder: Path, tmp_path: Path) -> None:
    taken(folder, "payments", "--out", str(tmp_path / "x.csv"))
    assert (tmp_path / "x.csv").read_bytes() == taken(folder, "payments")


@pytest.mark.parametrize(
    "wrong", [("applications", "--call", "nowhere"), ("applications", "--call", CALL, "--format", "xlsx")]
)
def test_what_cannot_be_taken_out_is_misuse(folder: Path, wrong: tuple[str, ...]) -> None:
    assert CliRunner().invoke(app, ["export", *wrong, "--data-dir", str(folder)]).exit_code == 2
