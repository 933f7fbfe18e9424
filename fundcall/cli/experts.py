"""`fundcall experts`: the registry, the draw of experts for the applications that wait, and its verification."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Annotated, Any

import typer
import uuid_utils.compat as uuids

from fundcall.bootstrap import System
from fundcall.cli.cases import actor_of
from fundcall.cli.csv_files import COLUMNS, FURTHER, GROUP_COLUMNS, Faulty, read_experts, read_groups, tell
from fundcall.cli.output import Data, Json, console, fail, fail_as, opened, print_json, print_refusals, table
from fundcall.cli.whole import whole, whole_argument
from fundcall.solver import solver
from states.commands.programme import DrawExperts
from states.draw import fit
from states.errors import Refusal
from states.experts import Expert
from states.funding_call import FundingCall
from workflow.bulk import done
from workflow.draws import Impossible, Kept, differences, kept, starts, summary
from workflow.handle import Rejected, Request
from workflow.programme import draw, handle_call, would_call

_experts = typer.Typer(
    help="专家：名册、抽取与复核 · experts: the registry, the draw, and its verification", no_args_is_help=True
)
_SEED_BITS = 48
_FIT_ZH = ("其他方向", "同一方向", "部分方向", "对应方向")

Of = Annotated[str, typer.Option("--call", help="通知编号 · the call")]
By = Annotated[str, typer.Option("--actor", help="review_officer:ACCOUNT")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(_experts, name="experts")


@_experts.command("import")
def import_experts(
    file: Annotated[
        Path, typer.Argument(help=f"CSV：{','.join(COLUMNS)}，可有 {','.join(FURTHER)} · and may have these")
    ],
    data: Data = None,
) -> None:
    """导入专家库，整体替换上一版 · Import the registry in the place of the one before; all of it or nothing."""
    with opened(data) as system:
        topics = {topic for rules in system.calls.values() for topic in rules.call.topics}
        try:
            count = system.handler.experts.replace(read_experts(file, topics))
        except Faulty as wrong:
            tell(file, wrong)
    console.print(f"✓ 专家 experts: {count}", markup=False)


@_experts.command("import-groups")
def import_groups(
    file: Annotated[Path, typer.Argument(help=f"CSV：{','.join(GROUP_COLUMNS)}")], data: Data = None
) -> None:
    """导入集团与母子单位，整体替换上一版 · Import which units belong together, in the place of what was known before."""
    with opened(data) as system:
        try:
            count = system.handler.experts.replace_groups(read_groups(file))
        except Faulty as wrong:
            tell(file, wrong)
    console.print(f"✓ 单位 units: {count}", markup=False)


@_experts.command("list")
def list_experts(
    topic: Annotated[str | None, typer.Option("--topic", help="仅适合该方向的 · only those who fit this topic")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """列出专家库 · The registry, without names and addresses."""
    with opened(data) as system:
        found = [one for one in system.handler.experts.everyone() if topic is None or fit(one.topics, topic) > 1]
    if as_json:
        print_json([_plain(one) for one in found])
        return
    columns = ("编号 id", "单位 unit", "方向 topics", "最多 load max")
    table("专家 · experts", columns, [(one.id, one.unit, "\n".join(one.topics), one.load_max) for one in found])


@_experts.command("show")
def show_expert(expert: str, data: Data = None, as_json: Json = False) -> None:
    """一名专家的全部登记信息 · All that the registry has of an expert."""
    with opened(data) as system:
        found = system.handler.experts.named([expert]).get(expert)
    if found is None:
        fail(f"专家库中没有 {expert}", f"no expert {expert!r} in the registry", 1)
    whole = {**_plain(found), "name": found.name, "email": found.email}
    if as_json:
        print_json(whole)
    else:
        for name, value in whole.items():
            console.print(f"{name}: {value}", markup=False, soft_wrap=True)


def _plain(one: Expert) -> dict[str, Any]:
    return {
        "id": one.id,
        "unit": one.unit,
        "topics": list(one.topics),
        "load_max": one.load_max,
        "away": [f"{span.first}/{span.last}" for span in one.away],
        "declared": list(one.declared),
        "cooperation": [f"{past.unit}/{past.until}" for past in one.past],
    }


@_experts.command("draw")
def draw_experts(
    call: Of,
    actor: By,
    per: Annotated[int | None, whole("--per", told="每件专家数 · how many for each; the call's least without")] = None,
    seed: Annotated[int | None, whole("--seed", told="随机种子，缺省自动产生 · by chance without", least=0)] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只看结果，不记录 · shown, not recorded")] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """为形式审查通过的申报件抽取专家并记入台账 · Draw experts for the applications that passed, onto the ledger."""
    who = actor_of(actor)
    with opened(data) as system:
        rules, now = _call(system, call), system.clock.now()
        chance = seed if seed is not None else secrets.randbits(_SEED_BITS)
        try:
            command = draw(system.handler, solver(), rules, per or rules.review.experts_min, chance, now)
        except Impossible as wrong:
            fail_as(wrong, 1)
        position = _recorded(
            system, Request(str(uuids.uuid7()), call, "DrawExperts", command, who, now), dry_run=dry_run
        )
    if as_json:
        drawn = {one.application: list(one.experts) for one in command.drawn}
        print_json({"position": position, **summary(command), "drawn": drawn})
    else:
        _tell(call, command, position)


def _recorded(system: System, request: Request, *, dry_run: bool) -> int | None:
    """Record the draw: its position, None in a dry run. A refusal ends the command."""
    refusals: Sequence[Refusal]
    if dry_run:
        refusals = would_call(system.handler, request)
    else:
        outcome = handle_call(system.handler, request, request.received_at)
        if not isinstance(outcome, Rejected):
            return outcome.event.position
        refusals = outcome.refusals
    print_refusals(refusals)
    if refusals:
        raise typer.Exit(1)
    return None


def _call(system: System, name: str) -> FundingCall:
    if name not in system.calls:
        fail(f"没有申报通知“{name}”", f"no call {name!r}; there are {', '.join(system.calls)}")
    return system.calls[name].call


def _tell(call: str, command: DrawExperts, position: int | None) -> None:
    found = summary(command)
    fits = [f"{zh} {en} {count}" for zh, (en, count) in zip(_FIT_ZH, found["fits"].items(), strict=True)]
    lines = [
        f"申报件 applications: {found['applications']} × {found['per']} · 专家 experts: {found['experts']}",
        f"匹配 fit: {' · '.join(reversed(fits))}",
        f"每人件数 loads: {found['load_min']}–{found['load_max']} · 回避关系 ties: {found['ties']}",
        f"种子 seed: {found['seed']} · {found['solver']}",
    ]
    if position is None:
        lines.append("未记录 · not recorded")
    else:
        lines += [f"✓ 台账位置 position: {position}", f"→ fundcall experts start {position} --call {call} --actor …"]
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)


At = Annotated[int, whole_argument("抽取记录的台账位置 · the draw's position on the ledger")]


@_experts.command("start")
def start(position: At, call: Of, actor: By, data: Data = None, as_json: Json = False) -> None:
    """按抽取结果启动评审；中断后再次执行即续办 · Begin each review with the experts drawn; give it again to go on."""
    who = actor_of(actor)
    with opened(data) as system:
        requests = starts(_draw(system, position, call).command, who, system.clock.now(), position)
        told = list(chain.from_iterable(done(system.handler, requests, system.clock.now)))
    refused = {one.application: one.refusals for one in told if one.refusals}
    begun = len(requests) - len(refused)
    if as_json:
        print_json({"started": begun, "refused": {name: [r.plain() for r in why] for name, why in refused.items()}})
    else:
        console.print(f"已启动 begun: {begun} · 未启动 refused: {len(refused)}", markup=False)
        for name, why in refused.items():
            console.print(f"  ✗ {name}: {why[0].zh} / {why[0].en}", markup=False, soft_wrap=True)
    raise typer.Exit(1 if refused else 0)


def _draw(system: System, position: int | None, call: str) -> Kept:
    """The draw at a position, the latest without one."""
    _call(system, call)
    found = {one.position: one for one in kept(system.ledger, call)}
    position = max(found, default=0) if position is None else position
    if position not in found:
        known = ", ".join(map(str, found)) or "—"
        fail(f"台账位置 {position} 没有抽取记录；有：{known}", f"no draw stands at {position}; there are {known}", 1)
    return found[position]


@_experts.command("verify-draw")
def verify_draw(
    call: Of,
    position: Annotated[int | None, whole_argument("抽取记录的台账位置，缺省为最近一次 · the latest without")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """用台账记录的输入和种子重新求解并比对 · Solve the recorded problem again by its seed, and compare."""
    with opened(data) as system:
        at, found = _draw(system, position, call)
    now = solver()
    other = differences(found, now)
    if as_json:
        print_json({"position": at, **summary(found), "solver_now": now.name, "differences": other})
    else:
        same = f"✗ 不一致 differs: {len(other)}" if other else "✓ 一致 the same"
        console.print(f"{same} · {at} · {found.solver} → {now.name}", markup=False, soft_wrap=True)
        for name, was, again in other[:20]:
            console.print(f"  {name}: {', '.join(was)} ≠ {', '.join(again)}", markup=False, soft_wrap=True)
    raise typer.Exit(1 if other else 0)
