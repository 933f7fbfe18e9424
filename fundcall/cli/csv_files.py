"""Lists that others keep, as CSV (experts, groups, registers): every row read, every fault told by row and column."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple, NoReturn

import typer

from fundcall.cli.output import errors
from states.calendar import day_of
from states.experts import Cooperation, Expert, Span
from states.unit_code import normal
from workflow.commands import bad_text

COLUMNS = ("id", "unit", "topics", "load_max")
FURTHER = ("name", "email", "away", "declared", "cooperation")
GROUP_COLUMNS = ("group", "unit")
REGISTER_COLUMN = "unit_code"
_LOAD_MAX = 1_000
_CODE_MAX, _REGISTERED_MAX = 20, 18
_ID_MAX = 64


class Fault(NamedTuple):
    """What is wrong with a value: where it stands, and what should stand there."""

    row: int
    column: str
    zh: str
    en: str


class Faulty(Exception):
    """The file cannot be imported; nothing was changed."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


def tell(file: Path, wrong: Faulty) -> NoReturn:
    """End with every fault of a file."""
    for row, column, zh, en in wrong.faults:
        place = f"{file.name}:{row or '-'}{f': {column}' if column else ''}"
        errors.print(f"✗ {place}: {zh} / {en}", markup=False, soft_wrap=True)
    raise typer.Exit(2)


def read_experts(file: Path, topics: Collection[str]) -> list[Expert]:
    """The experts of a file, whose topics are ids of `topics` or beginnings of them. Raises Faulty."""
    faults: list[Fault] = []
    found, seen = [], set[str]()
    for number, row in _rows(file, COLUMNS):
        reader = _Row(number, row, faults)
        found.append(_expert(reader, topics))
        if found[-1].id in seen:
            reader.fault("id", "编号重复", "the id occurs twice")
        seen.add(found[-1].id)
    if faults:
        raise Faulty(faults)
    return found


def read_groups(file: Path) -> list[tuple[str, str]]:
    """The groups of a file: name and unit code of each member. Raises Faulty."""
    faults: list[Fault] = []
    readers = [_Row(number, row, faults) for number, row in _rows(file, GROUP_COLUMNS)]
    found = [(reader.needed("group"), reader.unit("unit", reader.text("unit"))) for reader in readers]
    if faults:
        raise Faulty(faults)
    return found


def read_register(file: Path) -> list[str]:
    """The codes of the units that stand on a list. Raises Faulty."""
    faults: list[Fault] = []
    readers = [_Row(number, row, faults) for number, row in _rows(file, (REGISTER_COLUMN,))]
    found = [reader.unit(REGISTER_COLUMN, reader.text(REGISTER_COLUMN), _REGISTERED_MAX) for reader in readers]
    if faults:
        raise Faulty(faults)
    return found


def _rows(file: Path, needed: Collection[str]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """The rows with their numbers, the head being row 1. A spreadsheet's byte-order mark is no fault. Raises Faulty."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as content:
            rows = csv.DictReader(content, strict=True)
            missing = [name for name in needed if name not in (rows.fieldnames or ())]
            if missing:
                raise Faulty([Fault(1, name, "缺少该列", "this column is missing") for name in missing])
            for number, row in enumerate(rows, 2):
                if None in row or None in row.values():
                    raise Faulty([Fault(number, "", "列数与表头不符", "not as many values as the head has")])
                yield number, row
    except (OSError, UnicodeDecodeError, csv.Error) as wrong:
        raise Faulty([Fault(0, "", "无法按 UTF-8 CSV 读取", f"cannot be read as UTF-8 CSV: {wrong}")]) from wrong


class _Row:
    """A row being read; faults join the others."""

    def __init__(self, number: int, row: Mapping[str, str], faults: list[Fault]) -> None:
        self._number, self._row, self._faults = number, row, faults

    def fault(self, column: str, zh: str, en: str) -> None:
        self._faults.append(Fault(self._number, column, zh, en))

    def text(self, column: str) -> str:
        found = self._row.get(column, "").strip()
        for wrong in bad_text(found, column):
            self.fault(wrong.where, wrong.zh, wrong.en)
        return found

    def several(self, column: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in self.text(column).replace("；", ";").split(";") if part.strip())

    def needed(self, column: str) -> str:
        found = self.text(column)
        if not found:
            self.fault(column, "不能为空", "must not be empty")
        return found

    def unit(self, column: str, code: str, most: int = _CODE_MAX) -> str:
        found = normal(code)
        if not (found.isascii() and found.replace("-", "").isalnum() and len(found) <= most):
            self.fault(column, f"单位代码有误：{code}", f"not a unit's code: {code!r}")
        return found

    def day(self, column: str, text: str) -> date:
        try:
            return day_of(text)
        except ValueError:
            self.fault(column, f"日期有误：{text}，应为 2026-01-31", f"not a day: {text!r}; write 2026-01-31")
            return date.min


def _expert(row: _Row, topics: Collection[str]) -> Expert:
    name = row.needed("id")
    if len(name) > _ID_MAX or not name.isprintable() or set(name) & set(":@; "):
        row.fault("id", f"编号有误：{name}", f"not an account: {name!r}")
    own = row.several("topics")
    for topic in own:
        if not any(known.startswith(topic) for known in topics):
            row.fault("topics", f"没有以“{topic}”开头的方向", f"no topic begins with {topic!r}")
    if not own:
        row.fault("topics", "不能为空", "must not be empty")
    email = row.text("email")
    if email and ("@" not in email.strip("@") or " " in email):
        row.fault("email", f"电子邮箱有误：{email}", f"not an address: {email!r}")
    return Expert(
        id=name,
        unit=row.unit("unit", row.text("unit")),
        topics=own,
        load_max=_load(row),
        name=row.text("name"),
        email=email,
        away=tuple(_span(row, text) for text in row.several("away")),
        declared=tuple(row.unit("declared", code) for code in row.several("declared")),
        past=tuple(_past(row, text) for text in row.several("cooperation")),
    )


def _load(row: _Row) -> int:
    text = row.text("load_max")
    if text.isascii() and text.isdecimal() and 0 < len(text) < 5 and int(text) <= _LOAD_MAX:
        return int(text)
    row.fault(
        "load_max", f"应为 0 至 {_LOAD_MAX} 的整数：{text}", f"a whole number from 0 to {_LOAD_MAX}, not {text!r}"
    )
    return 0


def _span(row: _Row, text: str) -> Span:
    first, _, last = text.partition("/")
    found = Span(row.day("away", first), row.day("away", last or first))
    if found.last < found.first:
        row.fault("away", f"结束早于开始：{text}", f"ends before it begins: {text!r}")
    return found


def _past(row: _Row, text: str) -> Cooperation:
    code, _, until = text.partition("/")
    return Cooperation(row.unit("cooperation", code), row.day("cooperation", until))
