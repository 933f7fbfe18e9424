"""Lists kept by others: imported whole from CSV, looked at when an application is filed."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from fundcall.bootstrap import install, settings_for
from fundcall.cli import app
from fundcall.storage.registers import Imported, SqliteRegisters
from tests.databases import durable_ledger
from tests.filings import uscc

ONE, TWO = uscc(1), uscc(2)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    install(settings_for(tmp_path / "data", database_url=""))
    return tmp_path / "data"


def bring(folder: Path, text: str | bytes, name: str = "abnormal_operation") -> int:
    """Import a file; the exit code."""
    file = folder.parent / "list.csv"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    asked = [
        "registers",
        "import",
        name,
        str(file),
        "--source",
        "信用中国",
        "--as-of",
        "2025-09-01",
        "--data",
        str(folder),
    ]
    return CliRunner().invoke(app, asked).exit_code


def registers(folder: Path) -> SqliteRegisters:
    return SqliteRegisters(durable_ledger(folder))


def test_an_imported_list_says_which_units_stand_on_it(folder: Path) -> None:
    assert bring(folder, f"\ufeffunit_code,name\n{ONE.lower()},子虚\n {TWO} ,乌有\n") == 0
    found = registers(folder)
    assert (found.standing(ONE), found.standing(TWO.lower()), found.standing(uscc(3))) == (
        ("abnormal_operation",), ("abnormal_operation",), (),
    )  # fmt: skip
    assert found.lists() == [Imported("abnormal_operation", 2, "信用中国", "2025-09-01")]


def test_a_new_import_takes_the_place_of_the_old_one(folder: Path) -> None:
    assert (bring(folder, f"unit_code\n{ONE}\n"), bring(folder, f"unit_code\n{TWO}\n")) == (0, 0)
    assert (registers(folder).standing(ONE), registers(folder).standing(TWO)) == ((), ("abnormal_operation",))


@pytest.mark.parametrize(
    "text",
    [
        f"code\n{ONE}\n",
        f"unit_code\n{ONE}\n不是代码\n",
        'unit_code\n"',
        b"\xff\xfe\x00",
        f"unit_code\n{ONE}9\n",
        "",
        "code\n",
    ],
)
def test_a_faulty_list_changes_nothing(folder: Path, text: str | bytes) -> None:
    assert bring(folder, f"unit_code\n{ONE}\n") == 0
    assert bring(folder, text) == 2
    assert registers(folder).standing(ONE) == ("abnormal_operation",)


def test_a_list_that_no_rule_looks_at_is_refused(folder: Path) -> None:
    assert bring(folder, f"unit_code\n{ONE}\n", "nonsense") == 2
