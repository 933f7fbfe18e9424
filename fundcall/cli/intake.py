"""`fundcall keys`, `calls` and `receipt`: who may use the API, attempts to file, and what a unit has in hand."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from fundcall.bootstrap import Proofs
from fundcall.cli.cases import actor_of
from fundcall.cli.output import Data, Json, console, fail, instant, opened, print_json, table, when
from fundcall.cli.whole import whole
from states.actor import Actor
from states.calendar import stamp
from states.errors import Refused
from states.labels import MOVES
from states.unit_code import normal
from workflow.queries import attempts, worksheet

_keys = typer.Typer(help="接口密钥 · keys to the API", no_args_is_help=True)
_Id = Annotated[str, typer.Argument(help="申报件编号 · the application's id")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(_keys, name="keys")
    app.command("precheck")(precheck)
    app.command("worksheet")(show_worksheet)
    app.command("receipt")(receipt)
    app.command("attempts")(list_attempts)


@_keys.command("issue")
def issue(
    actor: Annotated[str, typer.Argument(help="ROLE:ACCOUNT[@UNIT]")],
    days: Annotated[int, whole("--days", least=1, most=3660, told="有效天数 · days it is valid")] = 90,
    data: Data = None,
) -> None:
    """发放密钥（仅显示一次） · Issue a key; it is shown this once."""
    who = actor_of(actor)
    with opened(data) as system:
        now = system.clock.now()
        key = system.tokens.issue(Actor(who.id, who.role, normal(who.unit)), now, now + timedelta(days=days))
    typer.echo(key)


@_keys.command("list")
def list_keys(data: Data = None, as_json: Json = False) -> None:
    """列出密钥（不含密文） · List the keys, without their secrets."""
    with opened(data) as system:
        found = system.tokens.tokens()
    if as_json:
        print_json([{"digest": k.digest, "actor": k.actor.id, "role": k.actor.role, "unit": k.actor.unit,
                     "expires_at": stamp(k.expires_at), "revoked": k.revoked} for k in found])  # fmt: skip
        return
    table("密钥 · keys", ("摘要 digest", "角色 role", "账号 account", "单位 unit", "有效期至 until", "已撤销 revoked"),
          [(k.digest[:12], k.actor.role, k.actor.id, k.actor.unit, when(k.expires_at), "✓" if k.revoked else "")
           for k in found])  # fmt: skip


@_keys.command("revoke")
def revoke(
    digest: Annotated[str, typer.Argument(help="摘要开头 · the beginning of its digest")], data: Data = None
) -> None:
    """撤销密钥 · End a key."""
    with opened(data) as system:
        done = system.tokens.revoke(digest)
    if not done:
        fail(f"没有唯一对应的密钥：{digest}", f"no single key begins with {digest}", 1)
    console.print("✓")


def precheck(application: _Id, data: Data = None, as_json: Json = False) -> None:
    """预检：现在提交会发现什么，不改变任何内容 · What the rules would find if it were submitted now; changes nothing."""
    with opened(data) as system:
        try:
            found = system.handler.findings(application, system.clock.now())
        except Refused as refused:
            fail(refused.refusals[0].zh, refused.refusals[0].en)
    if as_json:
        print_json([{**finding.plain(), "blocks": finding.blocks} for finding in found])
    else:
        table("预检 · findings", ("规则", "条款", "处理", "位置", "内容", "如何补正"),
              [(f.rule, f.clause, "拒绝 refuse" if f.blocks else "人工 officer", f.where, f"{f.zh}\n{f.en}",
                f"{f.remedy_zh}\n{f.remedy_en}") for f in found])  # fmt: skip
    raise typer.Exit(1 if any(finding.blocks for finding in found) else 0)


def show_worksheet(application: _Id, data: Data = None, as_json: Json = False) -> None:
    """形式审查工作单 · The format check's worksheet: what the machine found, and what only a person can judge."""
    with opened(data) as system:
        found = system.ledger.transact(lambda transaction: transaction.application(application))
        if found is None:
            fail(f"没有申报件：{application}", f"there is no application {application}")
        items = worksheet(system.calls[found.call_id].call, found)
    if as_json:
        print_json([item._asdict() for item in items])
        return
    table("工作单 · worksheet", ("编号", "规则", "条款", "状态", "内容", "依据"),
          [(i.ref, i.rule, i.clause, i.state, f"{i.zh}\n{i.en}", i.quote) for i in items])  # fmt: skip


def receipt(
    application: _Id,
    pdf: Annotated[Path | None, typer.Option("--pdf", help="写入PDF文件 · write it as PDF")] = None,
    data: Data = None,
) -> None:
    """申报回执 · The receipt of the latest submission, as JSON or PDF."""
    with opened(data) as system:
        proofs = Proofs(system)
        found = proofs.receipt(application)
        if found is None:
            fail(f"申报件尚未提交：{application}", f"nothing was filed as {application}", 1)
        if pdf is not None:
            pdf.write_bytes(proofs.receipt_pdf(application) or b"")
            console.print(f"✓ {pdf}")
        else:
            print_json(found)


def list_attempts(
    call: Annotated[str, typer.Argument(help="通知编号 · the call's id")],
    since: Annotated[str, typer.Option("--since", help="自（含） · from, with its offset")],
    until: Annotated[str | None, typer.Option("--until", help="至（不含） · until")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """被拒绝的申报尝试，例如故障期间 · Attempts to file that were refused, in an outage, say."""
    with opened(data) as system:
        start = instant(since)
        if start is None or call not in system.calls:
            fail(f"没有申报通知：{call}", f"there is no call {call}")
        rules = system.calls[call].call
        found = attempts(system.ledger, call, start, instant(until))
    if as_json:
        print_json([{**one._asdict(), "at": stamp(one.at)} for one in found])
        return
    table("被拒绝的尝试 · refused attempts", ("到达 at", "申报件 application", "单位 unit", "账号 actor", "命令 command", "原因 why"),
          [(when(one.at, rules), one.stream if one.stream != call else "—", one.unit, one.actor,
            f"{MOVES[one.command][0]}\n{one.command}", "\n".join(f"{zh}\n{en}" for zh, en in one.words))
           for one in found])  # fmt: skip
