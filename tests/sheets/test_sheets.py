"""Tables say exactly what they were given, in every format, and no cell of theirs can act."""

import csv
import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fundcall.sheets.columns import Column, Kind, decimal
from fundcall.sheets.delimited import BOM, csv_bytes, guarded, plain
from fundcall.sheets.lists import json_bytes
from fundcall.sheets.workbook import write_xlsx

COLUMNS = (
    Column("name", "名称", "name"),
    Column("count", "数量", "count", Kind.NUMBER),
    Column("paid_minor", "金额", "paid", Kind.MONEY, "CNY"),
    Column("at", "时间", "at", Kind.INSTANT),
)
AT = datetime(2025, 9, 22, 8, 0, tzinfo=UTC)
ROWS = [("=1+1", 3, 1_250_000, AT), ("上海", 0, 5, None), ("'x\r\n,\"y", -1, -105, AT)]
ATTACKS = ("=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", "－1", "'=1")


@given(st.text())
def test_a_guarded_text_starts_no_formula_and_is_had_back(text: str) -> None:
    cell = guarded(text)
    assert plain(cell) == text
    assert cell.lstrip()[:1] not in {"=", "+", "-", "@", "＝", "＋", "－", "＠"}


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_spreadsheets_would_run_is_put_behind_an_apostrophe(attack: str) -> None:
    assert (guarded(attack), guarded("上海"), guarded("3-1")) == (f"'{attack}", "上海", "3-1")


def test_csv_holds_the_table_with_amounts_and_times_exact() -> None:
    text = b"".join(csv_bytes(COLUMNS, ROWS)).decode()
    assert text.startswith(BOM)
    heads, *rows = csv.reader(io.StringIO(text.removeprefix(BOM), newline=""))
    assert heads == ["名称 name", "数量 count", "金额（CNY） paid (CNY)", "时间（北京时间） at (Asia/Shanghai)"]
    assert rows == [
        ["'=1+1", "3", "12500.00", "2025-09-22 16:00:00+08:00"],
        ["上海", "0", "0.05", ""],
        ["''x\r\n,\"y", "-1", "-1.05", "2025-09-22 16:00:00+08:00"],
    ]


def test_json_holds_whole_minor_units_and_instants_with_their_offset() -> None:
    assert json.loads(b"".join(json_bytes(COLUMNS, ROWS))) == [
        {"name": "=1+1", "count": 3, "paid_minor": 1_250_000, "at": "2025-09-22T16:00:00+08:00"},
        {"name": "上海", "count": 0, "paid_minor": 5, "at": None},
        {"name": "'x\r\n,\"y", "count": -1, "paid_minor": -105, "at": "2025-09-22T16:00:00+08:00"},
    ]
    assert json.loads(b"".join(json_bytes(COLUMNS, []))) == []


@pytest.mark.parametrize("rows", [0, 1, 499, 500, 501, 1203])
def test_tables_of_any_length_are_whole(rows: int) -> None:
    table = [(str(i), i, i, AT) for i in range(rows)]
    assert b"".join(csv_bytes(COLUMNS, table)).count(b"\r\n") == rows + 1
    assert len(json.loads(b"".join(json_bytes(COLUMNS, table)))) == rows


def test_a_workbook_has_typed_cells_a_frozen_heading_and_no_formula(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    assert write_xlsx(path, "payments", COLUMNS, [("=1+1", 3, 1_250_000, AT), ("http://x.example", 0, 5, None)]) == 2
    with zipfile.ZipFile(path) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert ("<f>" in sheet, "hyperlink" in sheet, 'state="frozen"' in sheet) == (False, False, True)
    assert "=1+1" in sheet
    assert ("<v>12500</v>" in sheet, "<v>0.05</v>" in sheet, "<v>45922.66666666" in sheet) == (True, True, True)


def test_the_same_table_is_the_same_workbook(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_xlsx(tmp_path / name, "payments", COLUMNS, ROWS)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_an_amount_is_written_as_exact_decimal_text() -> None:
    assert [decimal(minor) for minor in (0, 5, 100, -105, 9_007_199_254_740_991)] == [
        "0.00", "0.05", "1.00", "-1.05", "90071992547409.91"]  # fmt: skip
