"""What a call makes of a report, and `fundcall documents check`."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from fundcall.calls.load import load
from fundcall.cli import app
from fundcall.documents.judge import judged
from fundcall.documents.report import NO_PDF, Report, Seal, report_of
from states.checks.dangers import DANGERS
from tests.documents import sm2
from tests.documents.forged import plain, sealed
from tests.documents.hostile import every_case as every_hostile_case
from tests.documents.making import root

runner = CliRunner()
SHANGHAI, CLIMATE = load("shanghai-ai-plus-2025"), load("community-climate-2026")


def found(report: Report, call: Any = SHANGHAI) -> list[tuple[str, str, str]]:
    return [(finding.code, finding.severity, finding.clause) for finding in judged(report, call, "a.pdf")]


def report(**over: Any) -> Report:
    return Report(
        **{"sha256": "0" * 64, "size_bytes": 1000, "format": "pdf", "pages": 1, "seals": (Seal("valid", "x"),), **over}
    )


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (report(), []),
        (report(seals=()), [("seal_none", "refuse", "四(二)1")]),
        (report(seals=(Seal("broken"),)), [("seal_broken", "refuse", "四(二)1")]),
        (report(seals=(Seal("changed"),)), [("seal_changed", "refuse", "四(二)1")]),
        (report(seals=(Seal("expired"),)), [("seal_expired", "refuse", "四(二)1")]),
        (report(seals=(Seal("untrusted"),)), [("seal_untrusted", "officer", "四(二)1")]),
        (report(seals=(Seal("cannot_verify"),)), [("seal_cannot_verify", "officer", "四(二)1")]),
        (report(seals=(Seal("unreadable"),)), [("seal_unreadable", "officer", "四(二)1")]),
        (report(size_bytes=5_242_880), []),
        (report(size_bytes=5_242_881), [("too_large", "refuse", "四(二)2")]),
        (report(size_bytes=0, format="unknown"), [("not_pdf", "refuse", "四(二)2"), ("empty", "refuse", "四(二)2")]),
        (report(format="pdf_encrypted"), [("encrypted", "refuse", "四(二)2")]),
        (report(findings=("javascript", "xfa")), [("javascript", "refuse", "四(二)2"), ("xfa", "refuse", "四(二)2")]),
        (report(findings=("irregular",)), [("irregular", "officer", "四(二)2")]),
        (report(findings=("encrypted", "crash")), [("crash", "refuse", "四(二)2")]),
    ],
)  # fmt: skip
def test_each_finding_rests_on_a_clause_of_the_call(made: Report, expected: list[tuple[str, str, str]]) -> None:
    assert found(made) == expected


def test_another_call_asks_for_other_things() -> None:
    odd = report(size_bytes=9_000_000, seals=(), findings=("fillable_form", "launch"))
    assert found(odd, CLIMATE) == [("fillable_form", "officer", "4"), ("launch", "refuse", "4")]


def test_every_finding_of_an_examination_has_words() -> None:
    told = {code for _, _, codes in every_hostile_case() for code in codes}
    assert told - NO_PDF - DANGERS.keys() == set()


def test_a_report_survives_being_written_down() -> None:
    made = report(
        findings=("xfa",), seals=(Seal("valid", "甲", "2025-09-01T00:00:00+00:00", "claimed"), Seal("broken"))
    )
    assert report_of(json.loads(json.dumps(made.plain()))) == made


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "trust").mkdir()
    (tmp_path / "trust" / "root.pem").write_bytes(root().pem)
    for name, content in {
        "sealed.pdf": sealed(),
        "plain.pdf": plain(),
        "sm2.pdf": sm2.seal(plain()),
        "a.docx": b"PK\x03\x04",
    }.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def check(folder: Path, *names: str) -> Any:
    return runner.invoke(
        app, ["documents", "check", *(str(folder / n) for n in names), "--trust", str(folder / "trust"), "--json"]
    )


def test_a_good_file_ends_with_zero_and_one_object(folder: Path) -> None:
    done = check(folder, "sealed.pdf")
    shown = json.loads(done.stdout)
    assert done.exit_code == 0
    assert (shown["file"], shown["pdf"], shown["findings"]) == (str(folder / "sealed.pdf"), True, [])
    assert [seal["verdict"] for seal in shown["seals"]] == ["valid"]
    assert shown.keys() == {"file", "sha256", "size_bytes", "pdf", "pages", "findings", "seals"}


def test_several_files_are_a_list_in_their_order_and_one_bad_file_ends_with_one(folder: Path) -> None:
    done = check(folder, "sealed.pdf", "a.docx", "sm2.pdf", "plain.pdf")
    codes = [[finding["code"] for finding in shown["findings"]] for shown in json.loads(done.stdout)]
    assert done.exit_code == 1
    assert codes == [[], ["seal_none", "not_pdf"], ["seal_cannot_verify"], ["seal_none"]]


def test_a_finding_is_told_in_both_languages(folder: Path) -> None:
    (finding,) = json.loads(check(folder, "plain.pdf").stdout)["findings"]
    assert finding == {
        "code": "seal_none", "severity": "refuse", "clause": "四(二)1",
        "message": "申报书的电子签章不符合要求（plain.pdf：未加盖电子签章） / "
                   "the form is not properly sealed (plain.pdf: no electronic seal)",
    }  # fmt: skip


def test_the_call_decides_what_is_a_finding(folder: Path) -> None:
    done = runner.invoke(app, ["documents", "check", str(folder / "plain.pdf"), "--call", "community-climate-2026"])
    assert done.exit_code == 0


def test_people_read_both_languages_and_the_clause(folder: Path) -> None:
    done = runner.invoke(app, ["documents", "check", str(folder / "a.docx")])
    assert done.exit_code == 1
    assert "not_pdf（refuse）〔四(二)2〕电子材料须为PDF格式（a.docx：zip） / materials must be PDF" in done.output


@pytest.mark.parametrize("name", ["nowhere.pdf", "trust", "plain.pdf/x", "x" * 300])
def test_what_is_no_file_is_a_misuse_told_in_both_languages(folder: Path, name: str) -> None:
    done = check(folder, "sealed.pdf", name)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "无法读取文件" in done.stderr
    assert "cannot be read" in done.stderr


def test_a_pipe_is_no_file(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    assert check(folder, "pipe").exit_code == 2


def test_a_name_that_is_no_text_is_no_trouble(folder: Path) -> None:
    odd = os.fsdecode(os.fsencode(folder) + b"/\xff\n[red].pdf")
    Path(odd).write_bytes(sealed())
    done = check(folder, odd)
    assert done.exit_code == 0
    assert json.loads(done.stdout)["file"].endswith("/�\n[red].pdf")


@pytest.mark.parametrize(
    "arguments", [["--call", "nowhere"], ["--call", "README.md"], ["--call", "pyproject.toml"], ["--trust", "BAD"]]
)
def test_a_wrong_call_or_certificate_is_a_misuse(folder: Path, arguments: list[str]) -> None:
    (folder / "bad").mkdir()
    (folder / "bad" / "a.pem").write_text("x")
    given = [str(folder / "bad") if a == "BAD" else a for a in arguments]
    done = runner.invoke(app, ["documents", "check", str(folder / "plain.pdf"), *given])
    assert (done.exit_code, done.exception.__class__) == (2, SystemExit)
