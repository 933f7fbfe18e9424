"""`fundcall deadlines` and `notices`, and how an actor is written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlsplit

import typer

from fundcall.bootstrap import System
from fundcall.cli.output import (
    Data,
    Json,
    console,
    errors,
    fail,
    message_text,
    notice_plain,
    opened,
    print_json,
    table,
)
from fundcall.messenger import deliver
from fundcall.settings import Settings
from states.actor import Actor, Role
from states.calendar import stamp
from workflow.commands import Fault, Malformed
from workflow.deadlines import sweep
from workflow.ports import Due, Transaction

_deadlines = typer.Typer(help="期限 · deadlines", no_args_is_help=True)
_notices = typer.Typer(help="消息通知 · notices", no_args_is_help=True)


_AT_ONCE = 10_000


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(_deadlines, name="deadlines")
    app.add_typer(_notices, name="notices")


def read_actor(text: str) -> Actor:
    """ROLE:ACCOUNT or ROLE:ACCOUNT@UNIT. Raises Malformed."""
    role, _, rest = text.partition(":")
    account, _, unit = rest.partition("@")
    if role not in set(Role) or not account:
        roles = ", ".join(role for role in Role if role is not Role.SYSTEM)
        en = f"not an actor: {text!r}; write ROLE:ACCOUNT[@UNIT], ROLE one of {roles}"
        raise Malformed(Fault("--actor", f"办理人有误：{text}，应为 ROLE:ACCOUNT[@UNIT]", en))
    if role == Role.SYSTEM:
        raise Malformed(Fault("--actor", "系统角色不能由人使用", "nobody may act as the system"))
    return Actor(account, Role(role), unit)


def actor_of(text: str) -> Actor:
    """The same; what is wrong ends the command."""
    try:
        return read_actor(text)
    except Malformed as wrong:
        fail(wrong.faults[0].zh, wrong.faults[0].en)


@_deadlines.command("list")
def list_deadlines(
    application: Annotated[
        str | None, typer.Option("--application", "-a", help="某一申报件或通知的 · of this application or call")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="至多几项 · at most so many")] = 50,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """列出未到期的期限 · List armed deadlines, the earliest first."""
    with opened(data) as system:
        found = system.ledger.deadlines(limit) if application is None else _armed(system, application)[:limit]
    if as_json:
        print_json([{"due_at": stamp(d.due_at), "application": d.application, "name": d.name} for d in found])
    elif not found:
        console.print("没有已设定的期限 · no deadline is armed")
    else:
        table(
            "期限 · deadlines",
            ("到期 due (UTC)", "申报件 application", "期限 deadline"),
            [(f"{d.due_at:%Y-%m-%d %H:%M:%S}", d.application, d.name) for d in found],
        )


def _armed(system: System, name: str) -> list[Due]:
    """The deadlines of one application, or of a call itself."""

    def ask(transaction: Transaction) -> Mapping[str, datetime] | None:
        if name in system.calls:
            return transaction.programme(name).deadlines
        found = transaction.application(name)
        return None if found is None else found.deadlines

    armed = system.ledger.transact(ask)
    if armed is None:
        fail(f"没有申报件“{name}”", f"no application {name!r}", 1)
    return sorted((Due(due_at=at, application=name, name=kind) for kind, at in armed.items()), key=lambda d: d.due_at)


@_deadlines.command("sweep")
def sweep_deadlines(data: Data = None, as_json: Json = False) -> None:
    """触发已到期的期限 · Fire every deadline that has fallen due."""
    with opened(data) as system:
        swept = sweep(system.handler, datetime.now(UTC))
    if as_json:
        print_json({"fired": swept.fired, "failed": [f"{d.application} {d.name}" for d in swept.failed]})
    else:
        console.print(f"✓ {swept.fired} 触发 fired · {len(swept.failed)} 未能触发 failed")
    if swept.failed:
        raise typer.Exit(1)


@_notices.command("list")
def list_notices(
    application: Annotated[
        str | None, typer.Option("--application", "-a", help="某一申报件的 · of this application")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="至多几封 · at most so many")] = 50,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """列出消息通知 · List notices."""
    with opened(data) as system:
        found = system.notices.notices(application, 0, limit)
    if as_json:
        print_json([notice_plain(n) for n in found])
    else:
        table("消息通知 · notices", ("位置 at", "编号 ref", "模板 template", "状态 status", "主题 subject"),
              [(n.position, n.ref, n.template, n.status, n.subject) for n in found])  # fmt: skip


@_notices.command("show")
def show_notice(
    position: Annotated[
        int | None, typer.Argument(help="台账位置；缺省为申报件最近的 · the event's position; default: the latest")
    ] = None,
    application: Annotated[
        str | None, typer.Option("--application", "-a", help="某一申报件的 · of this application")
    ] = None,
    raw: Annotated[bool, typer.Option("--raw", help="原样输出 · the bytes as they were sent")] = False,
    data: Data = None,
) -> None:
    """显示某一位置的通知 · The messages that an event gave, to read; --raw as they were sent."""
    with opened(data) as system:
        after = 0 if position is None else position - 1
        found = system.notices.notices(application, after, _AT_ONCE) if application or position else []
    if position is None and application is None:
        fail("请给出台账位置或 --application", "give a position or --application")
    wanted = found[-1].position if position is None and found else position
    found = [notice for notice in found if notice.position == wanted]
    if not found:
        where = application if position is None else position
        fail(f"没有通知：{where}", f"no notice at {where}", 1)
    for notice in found:
        if raw:
            console.out(notice.body.decode("ascii"), highlight=False)
        else:
            console.print(f"{notice.ref} {notice.template} · {notice.status}", markup=False)
            console.out(message_text(notice.body), highlight=False)


@_notices.command("preview")
def preview_notices(
    position: Annotated[int, typer.Argument(help="台账位置 · the event's position")], data: Data = None
) -> None:
    """重新生成某一位置的通知（不发送） · Render anew what an event tells whom, without sending it."""
    with opened(data) as system:
        made = system.dispatcher.preview(position)
    if not made:
        fail(f"位置 {position} 没有通知", f"the event at position {position} gives no notice", 1)
    for plan, recipient, message in made:
        console.print(f"{plan.ref} {plan.template} → {recipient.email or recipient.id}", markup=False)
        console.out(message_text(message.body), highlight=False)


@_notices.command("send")
def send_notices(data: Data = None, as_json: Json = False) -> None:
    """记录并发送待发通知 · Record what is new and send what is queued."""
    with opened(data) as system:
        system.notices.reclaim()
        recorded, accepted = deliver(system)
        waiting = sum(n for (_, _, _, status), n in system.notices.notice_counts().items() if status == "queued")
        settings = system.settings
    if as_json:
        print_json({"recorded": recorded, "accepted": accepted, "waiting": waiting})
        return
    console.print(f"✓ {recorded} 新记录 recorded · {accepted} 已被中继接收 accepted · {waiting} 待发 waiting")
    if waiting:
        errors.print(waiting_words(waiting, settings), markup=False, soft_wrap=True)


def waiting_words(waiting: int, settings: Settings) -> str:
    """That mail waits, and for which relay; that none was named where none was."""
    relay = urlsplit(settings.smtp_url).netloc.rpartition("@")[2]
    if "smtp_url" in settings.model_fields_set:
        return f"! {waiting} 封待发，稍后再试；邮件中继为 {relay} / {waiting} wait, to be tried again; the relay is {relay}"
    zh = f"! {waiting} 封待发：未设置 FUNDCALL_SMTP_URL，暂用 {relay}"
    return f"{zh} / {waiting} wait: FUNDCALL_SMTP_URL is not set; tried {relay}"
