"""`fundcall bulk`: one command for many applications, foreseen first and then done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
import uuid_utils.compat as uuids
from rich.progress import track

from fundcall.bootstrap import System
from fundcall.cli.asking import asked
from fundcall.cli.output import Json, console, errors, opened, print_json
from states.actor import Actor
from states.application import Application, State
from states.errors import Refusal
from workflow.handle import Rejected, Request
from workflow.queries import worksheet

_AT_ONCE = 500


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
    folder: Annotated[Path | None, typer.Option("--data-dir", help="数据文件夹 · the data folder")] = None,
    as_json: Json = False,
) -> None:
    """批量办理：先预览每件结果，加 --yes 后办理能办的，逐件说明未办的原因 · One command for many: foreseen, then done with --yes."""
    run = key or str(uuids.uuid7())
    given, who = asked(command, body, actor, as_json=as_json)
    with opened(folder) as system:
        names = list(_chosen(system, state, call, clean=clean))
        requests = [_request(run, name, command, given, who, system.clock.now()) for name in names]
        batches = [requests[i : i + _AT_ONCE] for i in range(0, len(requests), _AT_ONCE)]
        shown = track(batches, description=command, console=errors, disable=as_json or not errors.is_terminal)
        refusals = [found for batch in shown for found in _done(system, batch, yes=yes)]
    refused = {name: found for name, found in zip(names, refusals, strict=True) if found}
    if as_json:
        print_json({"run": run, "done": yes, "accepted": [n for n in names if n not in refused],
                    "refused": {n: [r.plain() for r in found] for n, found in refused.items()}})  # fmt: skip
    else:
        _tell(run, len(names) - len(refused), refused, yes=yes)
    raise typer.Exit(1 if refused else 0)


def _chosen(system: System, state: State, call: str | None, *, clean: bool) -> Iterator[str]:
    for row in system.ledger.rows(state.value, call):
        if not clean or _is_clean(system, row.id):
            yield row.id


def _is_clean(system: System, name: str) -> bool:
    found: Application | None = system.ledger.transact(lambda transaction: transaction.application(name))
    if found is None:
        return False
    items = worksheet(system.calls[found.call_id].call, found)
    return not any(item.state in ("open", "upheld", "awaiting_second") for item in items)


def _request(run: str, name: str, command: str, given: Any, who: Actor, now: datetime) -> Request:
    return Request(f"bulk:{run}:{name}", name, command, given, who, now)


def _done(system: System, batch: Sequence[Request], *, yes: bool) -> list[tuple[Refusal, ...]]:
    if not yes:
        return system.handler.would_many(batch)
    outcomes = system.handler.handle_many(batch, system.clock.now())
    return [outcome.refusals if isinstance(outcome, Rejected) else () for outcome in outcomes]


def _tell(run: str, accepted: int, refused: dict[str, tuple[Refusal, ...]], *, yes: bool) -> None:
    done = "已办理 done" if yes else "可办理 would be done"
    console.print(f"{done}: {accepted} · 未办 refused: {len(refused)} · --id {run}", markup=False, soft_wrap=True)
    for (code, zh, en), count in Counter((f[0].code, f[0].zh, f[0].en) for f in refused.values()).most_common():
        console.print(f"  {count} × {code}: {zh} / {en}", markup=False, soft_wrap=True)
    for name, found in list(refused.items())[:20]:
        console.print(f"  ✗ {name}: {found[0].code}", markup=False)
    if len(refused) > 20:
        console.print(f"  … {len(refused) - 20}（--json 列出全部 lists all）", markup=False)
    if not yes:
        console.print("→ 加 --yes 办理 · add --yes to do it", markup=False)
