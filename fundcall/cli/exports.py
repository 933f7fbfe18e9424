"""`fundcall export`: what the office takes out of a call, as a table in a file."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import track

from fundcall.cli.output import console, errors, fail, opened
from fundcall.sheets.delimited import csv_bytes
from fundcall.sheets.exports import Export, What, export
from fundcall.sheets.formats import Format
from fundcall.sheets.lists import json_bytes
from fundcall.sheets.workbook import write_xlsx
from states.application import State
from states.labels import STATES


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("export")(take_out)


def take_out(
    what: Annotated[What, typer.Argument(help="导出的内容 · what")],
    call: Annotated[str, typer.Option("--call", help="通知编号 · the call")],
    form: Annotated[Format, typer.Option("--format", help="格式 · the format")] = Format.CSV,
    state: Annotated[
        State | None, typer.Option("--state", help="仅处于该状态的 · of applications in this state only")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="文件；缺省为标准输出（XLSX须给出） · a file; else standard output")
    ] = None,
    folder: Annotated[Path | None, typer.Option("--data", "--data-dir", help="数据文件夹 · the data folder")] = None,
) -> None:
    """导出表格：申报件、拨付、评分、异议、目标 · Take a table out of a call."""
    if out is None and form is Format.XLSX:
        fail("XLSX须用 --out 给出文件", "XLSX needs a file: --out FILE")
    with opened(folder) as system:
        if call not in system.calls:
            fail(f"没有申报通知“{call}”", f"no call {call!r}; there are {', '.join(system.calls)}")
        found = export(system.ledger, system.calls[call].call, what, state, STATES)
        shown = found._replace(rows=iter(_watched(found)))
        if out is None:
            for piece in _pieces(shown, form):
                sys.stdout.buffer.write(piece)
            return
        keep(shown, form, out)
    console.print(f"✓ {out}", markup=False, soft_wrap=True)


def _watched(found: Export) -> Iterable[Sequence[Any]]:
    """The rows, with a bar on a terminal."""
    return track(found.rows, found.title, found.expected, console=errors, disable=not errors.is_terminal)


def _pieces(found: Export, form: Format) -> Iterable[bytes]:
    write = csv_bytes if form is Format.CSV else json_bytes
    return write(found.columns, found.rows)


def keep(found: Export, form: Format, out: Path) -> None:
    """Write the file whole or not at all: beside its place first."""
    handle, name = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}.")
    os.close(handle)
    part = Path(name)
    try:
        if form is Format.XLSX:
            write_xlsx(part, found.title, found.columns, found.rows)
        else:
            with part.open("wb") as file:
                file.writelines(_pieces(found, form))
        part.chmod(0o644)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
