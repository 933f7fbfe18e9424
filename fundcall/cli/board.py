"""`fundcall board`: the ranking with a cut line through it, what that costs, and proposals made from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Annotated, NoReturn

import typer
import uuid_utils.compat as uuids

from fundcall.bootstrap import System
from fundcall.cli.cases import actor_of
from fundcall.cli.output import Json, console, fail, fail_as, opened, print_json, print_refusals, table
from fundcall.cli.whole import whole
from fundcall.web.words import money
from states.actor import Actor
from states.errors import Refusal
from states.funding_call import FundingCall
from workflow.board import Board, Line, Used, drawn, proposing
from workflow.bulk import done
from workflow.handle import Rejected
from workflow.scoring import incomparable, ranked, read_scores, standings

_SHOWN = 50
_STANDING = {
    "awarded": "已立项\nawarded",
    "proposed": "拟立项\nproposed",
    "above": "线上\nabove",
    "below": "线下\nbelow",
    "over": "额度不足\nover",
    "unranked": "评分不足\nunranked",
    "proposed_decline": "拟不立项\ndecline proposed",
    "decided": "不立项\ndecided",
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("board")(board)


def board(
    call: Annotated[str, typer.Option("--call", help="通知编号 · the call")],
    direction: Annotated[
        str | None, typer.Option("--direction", help="仅显示某一方向 · lines of one direction")
    ] = None,
    measure: Annotated[str, typer.Option("--measure", help="排序依据 · mean, trimmed or z")] = "mean",
    cut: Annotated[
        int | None,
        whole("--cut", least=0, told="各方向前N名 · the first N ranks of each direction; without: while money lasts"),
    ] = None,
    share: Annotated[
        int, whole("--share", least=1, most=100, told="按申请额的百分比 · percent of what was asked")
    ] = 100,
    propose: Annotated[
        bool, typer.Option("--propose", help="据此提出建议：先预演 · propose accordingly: a dry run")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="与 --propose 同用：执行 · with --propose: do it")] = False,
    actor: Annotated[str, typer.Option("--actor", help="review_officer:ACCOUNT")] = "",
    grounds: Annotated[
        str, typer.Option("--grounds", help="依据，附于名次之后 · grounds, after the rank")
    ] = "综合平衡意见",
    key: Annotated[str, typer.Option("--id", help="批次编号，中断后续办 · the run's id; give it again to go on")] = "",
    folder: Annotated[Path | None, typer.Option("--data", "--data-dir", help="数据文件夹 · the data folder")] = None,
    as_json: Json = False,
) -> None:
    """决策看板：移动分数线，看资金、配额与目标；--propose 据此提出建议 · Move the cut line, see money, quotas and targets."""
    with opened(folder) as system:
        if call not in system.calls:
            fail(f"没有申报通知“{call}”", f"no call {call!r}; there are {', '.join(system.calls)}")
        rules = system.calls[call].call
        if direction is not None and direction not in rules.directions():
            fail(f"没有方向“{direction}”", f"no direction {direction!r}; there are {', '.join(rules.directions())}")
        found = _drawn(system, rules, measure, cut, share).of(direction)
        if propose:
            _propose(
                system, rules, found, actor_of(actor), grounds, key or str(uuids.uuid7()), yes=yes, as_json=as_json
            )
    if as_json:
        print_json(found.plain())
    else:
        _tell(rules, found)


def _drawn(system: System, call: FundingCall, measure: str, cut: int | None, share: int) -> Board:
    envelope = system.ledger.transact(lambda transaction: transaction.programme(call.id)).envelope
    found = standings(call, read_scores(call, system.ledger))
    why = incomparable(found, measure)
    if why is not None:
        fail(f"{why[0]}，请改用 --measure mean 或 trimmed", f"{why[1]}: use --measure mean or trimmed")
    try:
        places = ranked(call, found, measure)
    except ValueError as wrong:
        fail_as(wrong)
    return drawn(call, envelope, places, measure, cut, share)


def _tell(call: FundingCall, found: Board) -> None:
    names = call.directions()
    table(f"看板 · board（{found.measure}）",
          ("名次\nrank", "申报件\nid", "平均\nmean", "去极值\ntrimmed", "标准分\nz", "分差\nspread", "金额\namount", "结论\nstanding"),
          [_row(call, line) for line in found.lines[:_SHOWN]])  # fmt: skip
    if len(found.lines) > _SHOWN:
        console.print(f"… {len(found.lines) - _SHOWN}（--json 列出全部 lists all）", markup=False)
    table("资金与配额 · money and quotas", ("方向\ndirection", "件\nawards", "至多\nat most", "金额\namount", "至多\nat most", "超出\nexceeded"),
          [("合计 total", *_used(call, found.total)),
           *((f"{names.get(name, (name,))[0]}\n{name}", *_used(call, used)) for name, used in found.directions.items())])  # fmt: skip
    if found.left_minor is None:
        console.print("! 尚未设定资金总额，不作限制 / no envelope is set: nothing is limited", markup=False)
    else:
        console.print(f"余额 left: {money(found.left_minor, call.currency)}", markup=False)
    texts = (f"{t.zh} {found.targets[t.id][0]} / {t.at_least}" for t in call.targets)
    console.print(f"目标 targets: {' · '.join(texts)}", markup=False, soft_wrap=True)


def _row(call: FundingCall, line: Line) -> Sequence[str]:
    place, standing = line.place, line.place.standing
    rank = f"{place.rank}{'=' if place.tied else ''}" if place.rank else "—"
    flag = "\n! 会议评审 panel" if standing.flagged else ""
    scores = [f"{standing.ppm(measure) / 10_000:.2f}" for measure in ("mean", "trimmed")]
    return (rank, standing.application.id, *scores,
            f"{standing.ppm('z') / 1_000_000:+.3f}", f"{standing.spread_ppm / 10_000:.2f}{flag}",
            f"{line.amount_minor // 100:,}", _STANDING[line.standing])  # fmt: skip


def _used(call: FundingCall, used: Used) -> Sequence[str]:
    most = "—" if used.awards_max is None else str(used.awards_max)
    most_minor = "—" if used.amount_max_minor is None else money(used.amount_max_minor, call.currency)
    flag = "!" if used.exceeded else ""
    return str(used.awards), most, money(used.amount_minor, call.currency), most_minor, flag


def _propose(
    system: System, call: FundingCall, found: Board, who: Actor, grounds: str, run: str, *, yes: bool, as_json: bool
) -> NoReturn:
    """Give the board's proposals in the order of its lines, or try them and keep nothing."""
    now = system.clock.now()
    requests = proposing(call, found, grounds, run, who, now)
    if yes:
        told = chain.from_iterable(done(system.handler, requests, system.clock.now))
        refused = {one.application: one.refusals for one in told if one.refusals}
    else:
        foreseen = zip(requests, system.handler.foresee(requests, now), strict=True)
        refused = {r.application: o.refusals for r, o in foreseen if isinstance(o, Rejected)}
    accepted = [(r.application, r.name) for r in requests if r.application not in refused]
    if as_json:
        print_json({"run": run, "done": yes, "accepted": [{"application": a, "command": name} for a, name in accepted],
                    "refused": {n: [r.plain() for r in reasons] for n, reasons in refused.items()}})  # fmt: skip
    else:
        _tell_proposals(run, Counter(name for _, name in accepted), refused, yes=yes)
    raise typer.Exit(1 if refused else 0)


def _tell_proposals(run: str, accepted: Counter[str], refused: dict[str, tuple[Refusal, ...]], *, yes: bool) -> None:
    done = "已提出 proposed" if yes else "可提出 would be proposed"
    counts = " · ".join(f"{name} {count}" for name, count in sorted(accepted.items())) or "0"
    console.print(f"{done}: {counts} · 未办 refused: {len(refused)} · --id {run}", markup=False, soft_wrap=True)
    for name, reasons in list(refused.items())[:_SHOWN]:
        console.print(f"✗ {name}", markup=False)
        print_refusals(reasons)
    if not yes:
        console.print("→ 加 --yes 提出 · add --yes to propose", markup=False)
