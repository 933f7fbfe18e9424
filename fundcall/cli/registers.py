"""`fundcall registers`: lists kept by others that the rules look at, imported from CSV."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fundcall.cli.csv_files import REGISTER_COLUMN, Faulty, read_register, tell
from fundcall.cli.output import Data, Json, console, fail, opened, print_json, table
from fundcall.storage.registers import SqliteRegisters
from states.calendar import day_of

_registers = typer.Typer(help="外部名单（经营异常、失信等） · lists kept by others", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(_registers, name="registers")


@_registers.command("import")
def import_list(
    name: Annotated[str, typer.Argument(help="名单 · the list, as a call's rules name it (abnormal_operation …)")],
    file: Annotated[Path, typer.Argument(help=f"CSV，含 {REGISTER_COLUMN} 列 · a CSV with a column {REGISTER_COLUMN}")],
    source: Annotated[str, typer.Option("--source", help="来源 · where it comes from")],
    as_of: Annotated[str, typer.Option("--as-of", help="截至日期 · as of which day, 2025-09-01")],
    data: Data = None,
) -> None:
    """导入名单，整体替换上一版 · Import a list in the place of the one before; all of it or nothing."""
    try:
        day = day_of(as_of)
    except ValueError:
        fail(f"日期有误：{as_of}", f"not a day: {as_of}; write 2025-09-01")
    try:
        codes = read_register(file)
    except Faulty as wrong:
        tell(file, wrong)
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
