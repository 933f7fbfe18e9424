"""`fundcall stats`: a call in figures."""

from __future__ import annotations

from typing import Annotated

import typer

from fundcall.cli.output import Data, Json, as_of, fail, opened, print_json, table, when
from states.labels import ROLES, STATES
from workflow.course import Course, Stage, told, waiting

_DAY_S = 24 * 3600


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("stats")(stats)


def stats(
    call: Annotated[str, typer.Option("--call", help="通知编号 · the call")], data: Data = None, as_json: Json = False
) -> None:
    """申报进程的数字：各状态及停留时间、待办、经办人、到达 · The call in figures: states and time in them, what waits, officers, arrivals."""
    with opened(data) as system:
        if call not in system.calls:
            fail(f"没有申报通知“{call}”", f"no call {call!r}; there are {', '.join(system.calls)}")
        rules, now = system.calls[call].call, system.clock.now()
        found, waits = Course(system.ledger, rules).figures(now), waiting(system.ledger, call, now)
    if as_json:
        print_json(told(found, waits))
        return
    table(f"{call}（{as_of(now, rules)}）", ("状态\nstate", "到达过\nreached", "现在\nnow", "停留\nstays", "中位数（天）\nmedian d", "九成（天）\np90 d", "在办最长（天）\nlongest d"),
          [_row(stage) for stage in found.stages])  # fmt: skip
    table("待办 · waiting", ("由谁\nfor", "期限\ndeadlines", "过期\npast", "下一个\nnext"),
          [(" ".join(ROLES[w.role]), w.due, w.late, when(w.next_at, rules, due=True)) for w in waits])  # fmt: skip
    table("经办人 · officers", ("经办人\nofficer", "近30天\n30 d", "累计\nall", "在办\nopen"),
          [(one.officer, one.recent, one.acts, one.open) for one in found.officers])  # fmt: skip
    table("每日到达 · arrivals by day", ("自 since", "首次提交 filed"),
          [(when(day.since, rules), day.filed) for day in found.days if day.filed])  # fmt: skip


def _row(stage: Stage) -> tuple[object, ...]:
    lengths = (stage.median_s, stage.p90_s, stage.longest_s)
    days = ("—" if seconds is None else f"{seconds / _DAY_S:.1f}" for seconds in lengths)
    return (" ".join(STATES[stage.state]), stage.reached, stage.now, stage.stays, *days)
