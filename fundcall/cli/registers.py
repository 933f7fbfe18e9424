"""`fundcall registers`: lists kept by others that the rules look at, imported from CSV."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from fundcall.cli.output import Data, Json, console, errors, fail, opened, print_json, table
from fundcall.storage.registers import SqliteRegisters
from states.unit_code import normal

_registers = typer.Typer(help="外部名单（经营异常、失信等） · lists kept by others", no_args_is_help=True)
_COLUMN = "unit_code"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(_registers, name="registers")


@_registers.command("import")
def import_list(
    name: Annotated[str, typer.Argument(help="名单 · the list, as a call's rules name it (abnormal_operation …)")],
    file: Annotated[Path, typer.Argument(help=f"CSV，含 {_COLUMN} 列 · a CSV with a column {_COLUMN}")],
    source: Annotated[str, typer.Option("--source", help="来源 · where it comes from")],
    as_of: Annotated[str, typer.Option("--as-of", help="截至日期 · as of which day, 2025-09-01")],
    data: Data = None,
) -> None:
    """导入名单，整体替换上一版 · Import a list in the place of the one before; all of it or nothing."""
    try:
        day = date.fromisoformat(as_of)
    except ValueError:
        fail(f"日期有误：{as_of}", f"not a day: {as_of}; write 2025-09-01")
    codes = _read(file)
    with opened(data) as system:
        known = _lists(system.calls.values())
        if name not in known:
            fail(f"没有规则使用名单“{name}”", f"no rule looks at a list {name!r}; there are {', '.join(sorted(known))}")
        count = SqliteRegisters(system.ledger).replace(name, codes, source, day)
    console.print(f"✓ {name}: {count}")


@_registers.command("list")
def list_registers(data: Data = None, as_json: Json = False) -> None:
    """列出已导入的名单 · The lists imported."""
    with opened(data) as system:
        found = SqliteRegisters(system.ledger).lists()
    if as_json:
        print_json([one._asdict() for one in found])
    else:
        table("名单 · lists", ("名单 list", "单位数 units", "来源 source", "截至 as of"), found)


def _lists(calls: object) -> set[str]:
    return {
        name
        for rules in calls  # type: ignore[attr-defined]
        for rule in rules.call.rules.values()
        if rule.check == "standing"
        for name in rule.params["lists"]
    }


def _read(file: Path) -> list[str]:
    """The codes of a CSV. Ends with every fault by line; a spreadsheet's byte-order mark is no fault."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as content:
            rows = list(csv.DictReader(content, strict=True))
            columns = list(rows[0]) if rows else []
    except (OSError, UnicodeDecodeError, csv.Error) as wrong:
        fail(f"无法读取：{file}", f"cannot be read as UTF-8 CSV: {file}: {wrong}")
    if rows and _COLUMN not in columns:
        fail(f"缺少列 {_COLUMN}：{file}", f"no column {_COLUMN} in {file}; it has {', '.join(map(str, columns))}")
    faulty = [n for n, row in enumerate(rows, 2) if not _sound(row[_COLUMN])]
    for n in faulty:
        errors.print(f"✗ {file}:{n}: 单位代码有误 / not a unit's code: {rows[n - 2][_COLUMN]!r}", markup=False)
    if faulty:
        raise typer.Exit(2)
    return [row[_COLUMN] for row in rows]


def _sound(code: str | None) -> bool:
    return bool(code) and normal(str(code)).isalnum() and normal(str(code)).isascii() and len(normal(str(code))) <= 18
