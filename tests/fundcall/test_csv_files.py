"""Lists that somebody imports as CSV: each value is read in the one way in which it is written down, or told by row and column."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from fundcall.cli.csv_files import Faulty, read_experts, read_register
from states.experts import Expert
from tests.filings import uscc

HEAD = "id,unit,topics,load_max,name,email,away,declared,cooperation"


def imported(
    folder: Path,
    *,
    load_max: str = "3",
    away: str = "",
    unit: str = "EMPLOYER1",
    declared: str = "",
    cooperation: str = "",
) -> Expert:
    file = folder / "experts.csv"
    file.write_text(f"{HEAD}\ne1,{unit},gardens,{load_max},,,{away},{declared},{cooperation}\n", encoding="utf-8")
    (found,) = read_experts(file, ("gardens",))
    return found


def told(folder: Path, **value: str) -> list[tuple[int, str, str]]:
    with pytest.raises(Faulty) as wrong:
        imported(folder, **value)
    return [(fault.row, fault.column, fault.en) for fault in wrong.value.faults]


@pytest.mark.parametrize(("text", "load"), [("0", 0), ("3", 3), ("003", 3), (" 7 ", 7), ("1000", 1000)])
def test_a_load_is_a_whole_number_in_plain_digits(tmp_path: Path, text: str, load: int) -> None:
    assert imported(tmp_path, load_max=text).load_max == load


@pytest.mark.parametrize(
    "text",
    ["３", "٣", "३", "²", "①", "三", "1_0", "+3", "-3", "3.0", "1e2", "0x3", "1001", "00003", "nan", "inf", "3 0"],
)
def test_what_python_might_take_for_a_number_by_chance_is_told_by_row_and_column(tmp_path: Path, text: str) -> None:
    assert told(tmp_path, load_max=text) == [(2, "load_max", f"a whole number from 0 to 1000, not {text!r}")]


def test_a_load_left_empty_is_told(tmp_path: Path) -> None:
    assert told(tmp_path, load_max="") == [(2, "load_max", "a whole number from 0 to 1000, not ''")]


def test_a_day_is_read_in_its_one_form(tmp_path: Path) -> None:
    span = imported(tmp_path, away="2026-01-31/2026-02-28").away[0]
    assert (span.first, span.last) == (date(2026, 1, 31), date(2026, 2, 28))


@pytest.mark.parametrize("text", ["20260131", "2026-W05-6", "２０２６-01-31", "٢٠٢٦-01-31", "2026-1-31", "2026-02-30"])
def test_a_day_in_another_form_is_told_by_row_and_column(tmp_path: Path, text: str) -> None:
    assert told(tmp_path, away=text) == [(2, "away", f"not a day: {text!r}; write 2026-01-31")] * 2
    assert told(tmp_path, cooperation=f"{uscc(1)}/{text}") == [
        (2, "cooperation", f"not a day: {text!r}; write 2026-01-31")
    ]


def test_a_code_in_full_width_is_the_same_code_and_one_in_other_digits_is_none(tmp_path: Path) -> None:
    code = uscc(1)
    assert imported(tmp_path, declared="".join(chr(ord(c) + 0xFEE0) for c in code)).declared == (code,)
    assert [fault[:2] for fault in told(tmp_path, declared=code.replace("1", "١"))] == [(2, "declared")]
    assert [fault[:2] for fault in told(tmp_path, unit="EMPLOYER١")] == [(2, "unit")]


@pytest.mark.parametrize("code", ["9131٠000FAKE00018", "²", "A_1"])
def test_a_register_holds_codes_in_plain_letters_and_digits_alone(tmp_path: Path, code: str) -> None:
    file = tmp_path / "register.csv"
    file.write_text(f"unit_code\n{uscc(1)}\n{code}\n", encoding="utf-8")
    with pytest.raises(Faulty) as wrong:
        read_register(file)
    assert [(fault.row, fault.column) for fault in wrong.value.faults] == [(3, "unit_code")]
