"""`fundcall replay` and `audit`: folding anew, checking, proving."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TimeElapsedColumn

from fundcall.accounts.readings import Reading
from fundcall.audit.world import Verdict
from fundcall.auditing import replayed, what_if
from fundcall.auditing import verify as verified
from fundcall.bootstrap import Proofs, System
from fundcall.calls.load import load
from fundcall.cli.output import Data, Json, console, errors, fail, fail_as, instant, opened, print_json, table, when
from fundcall.cli.whole import whole
from fundcall.storage.readings import SqliteReadings
from states.actor import SYSTEM
from states.calendar import stamp
from workflow.asof import position_at
from workflow.moments import Moments
from workflow.replay import Divergence

_audit = typer.Typer(help="审计 · audit", no_args_is_help=True)
_Application = Annotated[str, typer.Argument(help="申报件编号 · an application")]


_Depth = Annotated[
    int,
    whole(
        "--depth",
        least=1,
        most=3,
        told="1 折叠并比对，2 重作每项决定，3 重写每份通知 · "
        "1 fold and compare, 2 take every decision again, 3 write every notice again",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("replay")(replay)
    app.add_typer(_audit, name="audit")


def replay(
    application: Annotated[
        str | None, typer.Argument(help="申报件编号；缺省为全部 · an application; default: all")
    ] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help="截至某时刻 · as recorded by an instant")] = None,
    depth: _Depth = 1,
    other_call: Annotated[
        str | None,
        typer.Option("--what-if", help="按另一通知文件判断会有何不同 · judge the same facts by another call file"),
    ] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """重放台账并与现状比对 · Fold the ledger anew and compare; at depth 2 every decision is taken again."""
    until = instant(as_of)
    if other_call is not None:
        _what_if(other_call, data, as_json=as_json)
        return
    divergences: Sequence[Divergence]
    with opened(data) as system:
        if application is None and until is None:
            verdict = _verified(system, depth, afresh=True)
            found = {"events": verdict.events, "by_state": dict(sorted(verdict.states.items())), "root": verdict.root}
            divergences, remarks = verdict.divergences, verdict.remarks
        else:
            seen = replayed(system, application, until, depth)
            if seen.events == 0:
                fail(f"没有申报件“{application}”", f"no application {application!r}", 1)
            found = {"events": seen.events, "by_state": dict(sorted(seen.states.items())), "root": seen.root,
                     "position": seen.position, "final": seen.final}  # fmt: skip
            divergences, remarks = seen.divergences, seen.remarks
    if as_json:
        print_json({**found, "remarks": remarks, "divergences": [d._asdict() for d in divergences]})
    else:
        console.print(f"{found['events']} 事件 events · {found['by_state']}")
        _tell(divergences, remarks)
    if divergences:
        raise typer.Exit(1)


def _what_if(name: str, data: Path | None, *, as_json: bool) -> None:
    """Which applications another version of their call would have decided otherwise; nothing is changed."""
    try:
        call = load(name)
    except FileNotFoundError as wrong:
        fail_as(wrong)
    with opened(data) as system:
        found = list(what_if(system, call))
    if as_json:
        print_json([one._asdict() for one in found])
        return
    columns = (
        "位置 at",
        "申报件 application",
        "命令 command",
        "原决定 found",
        "会是 would be",
        "依据 clause",
        "理由 why",
    )
    table("会有不同 · otherwise", columns,
          [(o.position, o.application, o.event, o.found, o.would, o.clause, f"{o.zh}\n{o.en}") for o in found])  # fmt: skip


def _verified(system: System, depth: int, *, afresh: bool) -> Verdict:
    """Everything checked, with its progress on standard error where that is a terminal."""
    with Progress(SpinnerColumn(), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=errors,
                  transient=True, disable=not errors.is_terminal) as progress:  # fmt: skip
        task = progress.add_task("", total=system.ledger.head())
        return verified(system, depth, afresh=afresh, tell=lambda events: progress.advance(task, events))


def _tell(found: Iterable[Divergence], remarks: Mapping[str, int]) -> None:
    rows = [(d.position or "-", d.application, f"{d.event} {d.what}".strip(), d.expected, d.found,
             f"{d.guard} {d.clause}".strip()) for d in found]  # fmt: skip
    if rows:
        columns = ("位置 at", "申报件 application", "何处 what", "应为 expected", "实为 found", "依据 guard, clause")
        table("差异 · divergences", columns, rows)
    else:
        console.print("✓ 无差异 · no divergences")
    for text, count in sorted(remarks.items()):
        console.print(f"! {count} × 未能核对 · not checked: {text}", markup=False)


@_audit.command("verify")
def verify(
    depth: _Depth = 1,
    afresh: Annotated[
        bool, typer.Option("--afresh", help="不用以往核对的记忆 · parse again what was found sound before")
    ] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """核对一切：台账、名单、期限、职责分离 · Check everything: ledger, lists, deadlines, separation of duties."""
    with opened(data) as system:
        verdict, proofs = _verified(system, depth, afresh=afresh), Proofs(system)
        kept, divergences = proofs.journal.notes(), [*proofs.checkpoints(), *verdict.divergences]
    if as_json:
        print_json({"events": verdict.events, "root": verdict.root, "checkpoints": kept, "remarks": verdict.remarks,
                    "divergences": [d._asdict() for d in divergences]})  # fmt: skip
    else:
        console.print(f"{verdict.events} 事件 events · 根 root {verdict.root}")
        _tell(divergences, verdict.remarks)
    if divergences:
        raise typer.Exit(1)


@_audit.command("checkpoint")
def checkpoint(data: Data = None) -> None:
    """签名检查点 · The ledger's signed checkpoint (C2SP), and the key to verify it with."""
    with opened(data) as system:
        proofs = Proofs(system)
        typer.echo(proofs.checkpoint(), nl=False)
        console.print(proofs.signer.verifier, style="dim", markup=False, soft_wrap=True)


@_audit.command("rotate-key")
def rotate_key(data: Data = None) -> None:
    """更换签名密钥：由新旧两把密钥共同签署 · Sign with a new key from here on: an entry that both keys sign says so."""
    with opened(data) as system:
        proofs = Proofs(system)
        if proofs.tail():
            fail(
                "台账末端不完整，请先运行 fundcall audit verify",
                "the ledger's end does not hold; audit verify first",
                1,
            )
        made = proofs.rotate()
    console.print(f"✓ {made.signer.verifier}", markup=False, soft_wrap=True)
    console.print("→ 请重启 fundcall serve 与 worker · start serve and worker anew")


@_audit.command("prove")
def prove(
    application: _Application,
    position: Annotated[
        int | None,
        whole(
            "--position", least=1, told="仅证明该位置的事件，输出C2SP tlog-proof · one event alone, as C2SP tlog-proof"
        ),
    ] = None,
    data: Data = None,
) -> None:
    """证明申报件的事件在台账中 · Prove that an application's events stand on the ledger, to be checked offline."""
    with opened(data) as system:
        found = Proofs(system).proof(application, None if position is None else {position})
    if not found["events"]:
        at = f" at {position}" if position else ""
        fail(f"没有申报件“{application}”的事件", f"no events of {application!r}{at}", 1)
    if position is None:
        print_json(found)
    else:
        typer.echo(found["events"][0]["proof"], nl=False)


@_audit.command("export")
def export(
    application: Annotated[
        str | None, typer.Argument(help="申报件编号；缺省为全部 · an application; default: the whole ledger")
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="新文件夹 · a new folder")] = Path("bundle"),
    redact: Annotated[
        bool, typer.Option("--redact", help="不含个人信息与邮件 · without personal data and mails")
    ] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """导出证据包，附核对脚本与格式说明 · Export an evidence bundle, with the script that verifies it and its format."""
    with opened(data) as system:
        if application is not None and system.ledger.row(application) is None:
            fail(f"没有申报件“{application}”", f"no application {application!r}", 1)
        try:
            made = Proofs(system).export(out, application, redact=redact)
        except FileExistsError:
            fail(f"{out} 已存在，请换一个文件夹", f"{out} is there already; name a new folder")
    if as_json:
        print_json({"bundle": str(out), **made._asdict()})
    else:
        console.print(f"✓ {out} · {made.events} 事件 events · {made.notices} 通知 notices", markup=False)
        console.print(f"→ python {out / 'verify_bundle.py'} {out}", markup=False, soft_wrap=True)


@_audit.command("diff")
def diff(
    since: Annotated[str, typer.Argument(help="自此时刻 · from this instant of recording")],
    until: Annotated[str, typer.Argument(help="至此时刻 · to this one")],
    data: Data = None,
    as_json: Json = False,
) -> None:
    """两个时刻之间的变化 · What became of each application between two instants of recording."""
    times = [at for at in map(instant, (since, until)) if at is not None]
    with opened(data) as system:
        first, last = (position_at(system.ledger, at) for at in times)
        found = Moments(system.ledger).changed(first.position, last.position)
    if as_json:
        print_json({"since": first._asdict(), "until": last._asdict(), "changed": [one._asdict() for one in found]})
    else:
        console.print(f"{first.position} → {last.position}")
        table("变化 · changed", ("申报件 application", "原状态 before", "新状态 after", "事件 events"), found)


@_audit.command("access")
def access(
    account: Annotated[str, typer.Option("--account", help="账号 · of this account")] = "",
    subject: Annotated[str, typer.Option("--subject", help="申报件编号等 · of this application, or other id")] = "",
    since: Annotated[str | None, typer.Option("--since", help="自此时刻 · from this instant")] = None,
    until: Annotated[str | None, typer.Option("--until", help="至此时刻 · before this one")] = None,
    limit: Annotated[int, whole("--limit", least=1, told="至多 · at most")] = 100,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """谁在何时看过什么（查看本身也会记录） · Who read what, when, as which role; this reading is written down too."""
    begin, end = instant(since), instant(until)
    with opened(data) as system:
        readings = SqliteReadings(system.ledger)
        readings.keep(Reading(system.clock.now(), "command-line", SYSTEM.role.value, "audit/access", subject))
        found = [one for _, one in readings.find(actor=account, subject=subject, since=begin, until=end, limit=limit)]
    if as_json:
        print_json([{**one._asdict(), "read_at": stamp(one.read_at)} for one in found])
    else:
        columns = ("时间 at", "账号 account", "角色 role", "内容 what", "对象 subject", "项 item")
        table("查阅记录 · readings", columns, [(when(one.read_at), *one[1:]) for one in found])
