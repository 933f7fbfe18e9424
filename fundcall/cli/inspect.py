"""`fundcall call`, `replay` and `audit`: reading, checking, proving."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from fundcall.audit.merkle import Tree
from fundcall.audit.world import check_world
from fundcall.bootstrap import Proofs
from fundcall.calls.load import check_file, file_of, load, shipped
from fundcall.cli.output import Data, Json, console, fail, fail_as, instant, opened, print_faults, print_json, table
from fundcall.diagram import mermaid, svg
from states.calendar import zone
from states.checks.form import notation
from states.funding_call import Field, FundingCall
from workflow.replay import Divergence, compare, fold_all
from workflow.rules import rules_of

_call = typer.Typer(help="申报通知（数据） · calls, as data", no_args_is_help=True)
_audit = typer.Typer(help="审计 · audit", no_args_is_help=True)
_Name = Annotated[str, typer.Argument(help="通知编号或文件 · a call's id or file")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("replay")(replay)
    app.add_typer(_call, name="call")
    app.add_typer(_audit, name="audit")


def _loaded(name: str) -> FundingCall:
    try:
        return load(name)
    except FileNotFoundError as wrong:
        fail_as(wrong)


@_call.command("show")
def show_call(name: _Name = "shanghai-ai-plus-2025", as_json: Json = False) -> None:
    """查看一个申报通知 · Show a call: its window, topics, rules and periods."""
    call = _loaded(name)
    if as_json:
        print_json({**call.source, "rules_hash": rules_of(call).hash})
        return
    opens, closes = (at.astimezone(zone(call.timezone)) for at in (call.opens_at, call.closes_at))
    console.print(f"[bold]{call.title_zh}[/] · {call.title_en}")
    console.print(f"{opens:%Y-%m-%d %H:%M} → {closes:%Y-%m-%d %H:%M}（{call.timezone_zh} {call.timezone}）")
    table("支持方向 · topics", ("编号 id", "方向 direction", "名称 title", "来源 source"),
          [(t.id, t.direction_zh, t.title_zh, t.source) for t in call.topics.values()])  # fmt: skip
    table("申报书字段 · form", ("字段 field", "名称 label", "必填 required", "写法 written"),
          [(f.id, f"{f.zh}\n{f.en}", _required(f), notation(f)) for f in call.fields.values()])  # fmt: skip
    table("材料 · materials", ("编号 id", "名称 label", "必备 required", "须盖章 sealed"),
          [(m.id, f"{m.zh}\n{m.en}", "✓" if m.required else "", "✓" if m.sealed else "")
           for m in call.materials.values()])  # fmt: skip
    table("评分项 · criteria", ("编号 id", "名称 label", "权重 weight", "满分 most"),
          [(c.id, f"{c.zh}\n{c.en}", f"{c.weight_percent}%", c.points_max) for c in call.rubric])  # fmt: skip
    table("规则 · rules", ("编号 ref", "规则 rule", "条款 clause", "处理 severity", "引文 quote"),
          [(r.ref, r.id, r.clause, r.severity, r.quote) for r in call.rules.values()])  # fmt: skip
    table("期限 · periods", ("期限 period", "时长 length", "起算 from", "依据 basis"),
          [(f"{p.zh} {p.kind}", p.length.text, p.base, p.basis) for p in call.periods.values()])  # fmt: skip


def _required(field: Field) -> str:
    """Where a field must be filled in: ✓ always, else the beginnings of the topics that ask for it."""
    return ("\n".join(field.topics) or "✓") if field.required else ""


@_call.command("check")
def check_call(
    files: Annotated[
        list[str] | None, typer.Argument(help="文件或编号；缺省为全部随附通知 · files or ids; default: all shipped")
    ] = None,
    as_json: Json = False,
) -> None:
    """检查通知文件，一次列出全部问题及行号 · Check call files: every fault at once, with its line."""
    try:
        found = {path: check_file(path) for path in map(file_of, files or shipped())}
    except FileNotFoundError as wrong:
        fail_as(wrong)
    if as_json:
        print_json([{"file": str(path), **asdict(f)} for path, faults in found.items() for f in faults])
    else:
        for path, faults in found.items():
            if not faults:
                console.print(f"✓ {path.name}")
            print_faults(path, faults, console)
    if any(not f.warning for faults in found.values() for f in faults):
        raise typer.Exit(1)


@_call.command("diagram")
def draw(
    picture: Annotated[str, typer.Option("--format", help="mermaid 或 svg · mermaid or svg")] = "mermaid",
    out: Annotated[Path | None, typer.Option("--out", help="写入文件 · write to a file")] = None,
) -> None:
    """由状态表生成状态图 · Draw the states, from the table."""
    made = {"mermaid": mermaid, "svg": svg}.get(picture)
    if made is None:
        fail(f"没有格式“{picture}”", f"no format {picture!r}; there are mermaid and svg")
    if out is None:
        console.out(made(), highlight=False, end="")
    else:
        out.write_text(made(), encoding="utf-8")


def _divergences(found: Iterable[Divergence]) -> list[dict[str, Any]]:
    return [d._asdict() for d in found]


def replay(
    application: Annotated[
        str | None, typer.Argument(help="申报件编号；缺省为全部 · an application; default: all")
    ] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help="截至某时刻 · as recorded by an instant")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """重放台账并与现状比对（深度1） · Fold the ledger anew and compare (depth 1)."""
    until = instant(as_of)
    with opened(data) as system:
        tree = Tree()
        if application is None:
            replayed = fold_all(system.ledger.stored(), tree.append, until=until)
            found = [*replayed.divergences, *(compare(replayed, system.ledger) if until is None else ())]
            events, states = replayed.events, _states(replayed.applications.values())
        else:
            stored = list(system.ledger.stored(application=application))
            if not stored:
                fail(f"没有申报件“{application}”", f"no application {application!r}", 1)
            one = fold_all(stored, until=until, gapless=False)
            events, states, found = one.events, _states(one.applications.values()), list(one.divergences)
    if as_json:
        print_json({"events": events, "by_state": states, "root": tree.root().hex() if application is None else None,
                    "divergences": _divergences(found)})  # fmt: skip
    else:
        console.print(f"{events} 事件 events · {states}")
        _tell(found)
    if found:
        raise typer.Exit(1)


def _states(applications: Iterable[Any]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for application in applications:
        counts[application.state.value] = counts.get(application.state.value, 0) + 1
    return dict(sorted(counts.items()))


def _tell(found: Iterable[Divergence]) -> None:
    rows = [(d.position or "-", d.application, d.what, d.expected, d.found) for d in found]
    if rows:
        table("差异 · divergences", ("位置 at", "申报件 application", "何处 what", "应为 expected", "实为 found"), rows)
    else:
        console.print("✓ 无差异 · no divergences")


@_audit.command("verify")
def verify(data: Data = None, as_json: Json = False) -> None:
    """核对一切：台账、名单、期限、职责分离 · Check everything: ledger, lists, deadlines, separation of duties."""
    with opened(data) as system:
        verdict = check_world(system.ledger, system.notices)
    if as_json:
        print_json({"events": verdict.events, "root": verdict.root, "checkpoints": [],
                    "divergences": _divergences(verdict.divergences)})  # fmt: skip
    else:
        console.print(f"{verdict.events} 事件 events · 根 root {verdict.root}")
        _tell(verdict.divergences)
    if verdict.divergences:
        raise typer.Exit(1)


@_audit.command("checkpoint")
def checkpoint(data: Data = None) -> None:
    """签名检查点 · The ledger's signed checkpoint (C2SP), and the key to verify it with."""
    with opened(data) as system:
        proofs = Proofs(system)
        typer.echo(proofs.checkpoint(), nl=False)
        console.print(proofs.signer.verifier, style="dim", markup=False, soft_wrap=True)
