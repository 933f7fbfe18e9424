"""`fundcall bulk`: one command for many applications, foreseen first, then done, gone on with after an interruption."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
import uuid_utils.compat as uuids
from rich.progress import track

from fundcall.bootstrap import System
from fundcall.cli.asking import asked
from fundcall.cli.output import Json, console, errors, fail, opened, print_json
from fundcall.sheets.bulk import REPORT, report
from fundcall.sheets.delimited import csv_bytes
from fundcall.sheets.lists import json_bytes
from states.application import Application, State
from workflow.bulk import AT_ONCE, Told, come_to, done, foreseen, prefix_of
from workflow.bulk import requests as asked_of
from workflow.queries import worksheet

_SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("bulk")(bulk)


def bulk(
    command: Annotated[str, typer.Argument(help="命令名 · a command, such as PassFormatCheck")],
    actor: Annotated[str, typer.Option("--actor", help="ROLE:ACCOUNT")],
    state: Annotated[State, typer.Option("--state", help="处于该状态的申报件 · applications in this state")],
    call: Annotated[str | None, typer.Option("--call", help="仅某一通知 · of this call only")] = None,
    clean: Annotated[
        bool, typer.Option("--clean", help="仅无待处理审查事项的 · only those without an open finding")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="执行；缺省只预览 · do it; without it only foreseen")] = False,
    body: Annotated[str, typer.Option("--data", "-d", help="JSON对象 · the command's fields")] = "{}",
    key: Annotated[
        str, typer.Option("--id", help="批次编号，中断后用同一编号续办 · the run's id; give it again to go on")
    ] = "",
    report_file: Annotated[
        Path | None, typer.Option("--report", help="逐件结果写入 .csv 或 .json · what became of each, as .csv or .json")
    ] = None,
    folder: Annotated[Path | None, typer.Option("--data-dir", help="数据文件夹 · the data folder")] = None,
    as_json: Json = False,
) -> None:
    """批量办理：先预览每件结果，加 --yes 后办理能办的，逐件说明未办的原因 · One command for many: foreseen, then done with --yes."""
    if report_file is not None and report_file.suffix not in (".csv", ".json"):
        fail("--report 应为 .csv 或 .json 文件", "--report should end in .csv or .json")
    if ":" in key:
        fail("--id 不能含有冒号", "--id may not hold a colon")
    run = key or str(uuids.uuid7())
    given, who = asked(command, body, actor, as_json=as_json)
    if yes and not as_json:  # said first: whoever is interrupted needs it
        errors.print(f"--id {run}", markup=False)
    with opened(folder) as system:
        names = _chosen(system, run, state, call, clean=clean, yes=yes)
        requests = asked_of(
            prefix_of(run), command, given, who, names, system.clock.now(), partial(secrets.token_hex, 32)
        )
        batches = (
            done(system.handler, requests, system.clock.now, AT_ONCE)
            if yes
            else iter([foreseen(system.handler, requests)])
        )
        total = -(-len(requests) // AT_ONCE) if yes else 1
        quiet = as_json or not errors.is_terminal
        shown = track(batches, description=command, total=total, console=errors, disable=quiet)
        found = [one for batch in shown for one in batch]
    if report_file is not None:
        _write(report_file, found, yes=yes)
    _tell(run, found, yes=yes, as_json=as_json)
    raise typer.Exit(1 if any(one.refusals for one in found) else 0)


def _chosen(system: System, run: str, state: State, call: str | None, *, clean: bool, yes: bool) -> list[str]:
    """By id: those that the options choose, and, where it is done, those that the same run came to before."""
    before = come_to(system.ledger, run)
    rows = (row.id for row in system.ledger.rows(state.value, call))
    chosen = {name for name in rows if name not in before and (not clean or _is_clean(system, name))}
    return sorted(chosen | before if yes else chosen)


def _is_clean(system: System, name: str) -> bool:
    found: Application | None = system.ledger.transact(lambda transaction: transaction.application(name))
    if found is None:
        return False
    items = worksheet(system.calls[found.call_id].call, found)
    return not any(item.state in ("open", "upheld", "awaiting_second") for item in items)


def _write(path: Path, found: Iterable[Told], *, yes: bool) -> None:
    """What became of each, as a table."""
    write = csv_bytes if path.suffix == ".csv" else json_bytes
    with path.open("wb") as file:
        file.writelines(write(REPORT, report(found, done=yes)))


def _tell(run: str, found: Sequence[Told], *, yes: bool, as_json: bool) -> None:
    refused = {one.application: one.refusals for one in found if one.refusals}
    accepted = [one.application for one in found if not one.refusals and not one.before]
    before = [one.application for one in found if not one.refusals and one.before]
    if as_json:
        print_json({"run": run, "done": yes, "accepted": accepted, "before": before,
                    "refused": {n: [r.plain() for r in reasons] for n, reasons in refused.items()}})  # fmt: skip
        return
    accepted_as = "已办理 done" if yes else "可办理 would be done"
    earlier = f" · 此前已办 before: {len(before)}" if before else ""
    console.print(
        f"{accepted_as}: {len(accepted)}{earlier} · 未办 refused: {len(refused)} · --id {run}",
        markup=False,
        soft_wrap=True,
    )
    for (code, zh, en), count in Counter((f[0].code, f[0].zh, f[0].en) for f in refused.values()).most_common():
        console.print(f"  {count} × {code}: {zh} / {en}", markup=False, soft_wrap=True)
    for name, reasons in list(refused.items())[:_SHOWN]:
        console.print(f"  ✗ {name}: {reasons[0].code}", markup=False)
    if len(refused) > _SHOWN:
        console.print(f"  … {len(refused) - _SHOWN}（--json 或 --report 列出全部 lists all）", markup=False)
    if not yes:
        console.print("→ 加 --yes 办理 · add --yes to do it", markup=False)
