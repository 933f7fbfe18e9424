"""`fundcall call`: calls, as data."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from fundcall.calls.load import check_file, file_of, load, shipped
from fundcall.cli.output import Json, console, fail, fail_as, print_faults, print_json, table, when
from fundcall.diagram import mermaid, svg
from fundcall.matrix import matrix
from states.checks.form import notation
from states.funding_call import Field, FundingCall
from workflow.rules import rules_of

_call = typer.Typer(help="申报通知（数据） · calls, as data", no_args_is_help=True)
_Name = Annotated[str, typer.Argument(help="通知编号或文件 · a call's id or file")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(_call, name="call")


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
    console.print(f"[bold]{call.title_zh}[/] · {call.title_en}")
    console.print(
        f"{when(call.opens_at, call)} → {when(call.closes_at, call, due=True)}（{call.timezone_zh} {call.timezone}）"
    )
    console.print(f"执行期最迟截止日 · last day of execution: {_last_day(call)}")
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


def _last_day(call: FundingCall) -> str:
    """The last day that execution may have, with the clock that days are reckoned by."""
    last = call.execution_ends_by
    return f"{last}（{call.timezone_zh} {call.timezone}）" if last is not None else "未规定 not set"


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
    _give(made(), out)


@_call.command("matrix")
def list_permissions(
    out: Annotated[Path | None, typer.Option("--out", help="写入文件 · write to a file")] = None,
) -> None:
    """由状态表生成权限矩阵 · Who may do what in which state, from the table, as Markdown."""
    _give(matrix(), out)


def _give(text: str, out: Path | None) -> None:
    if out is None:
        console.out(text, highlight=False, end="")
    else:
        out.write_text(text, encoding="utf-8")
