"""`fundcall targets`: how far a call has come towards what the whole programme is to reach."""

from __future__ import annotations

from typing import Annotated

import typer

from fundcall.cli.output import Data, Json, fail, opened, print_json, table
from workflow.queries import progress


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("targets")(targets)


def targets(
    call: Annotated[str, typer.Option("--call", help="通知编号 · the call")], data: Data = None, as_json: Json = False
) -> None:
    """计划目标的进展：已支持与已核实 · How far the call has come towards each of its targets."""
    with opened(data) as system:
        if call not in system.calls:
            fail(f"没有申报通知“{call}”", f"no call {call!r}; there are {', '.join(system.calls)}")
        found = progress(system.ledger, system.calls[call].call)
    if as_json:
        print_json([one._asdict() for one in found])
        return
    heads = ("目标\ntarget", "要求\nat least", "已支持项目\nsupported", "验收核实\nverified")
    table(call, heads, [(f"{p.zh} {p.en}", str(p.at_least), str(p.supported), str(p.verified)) for p in found])
