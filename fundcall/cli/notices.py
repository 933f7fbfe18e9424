"""`fundcall notices`: what was told, what waits, what came back, and whether it can be written again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

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
from fundcall.cli.whole import whole, whole_argument
from fundcall.messenger import deliver
from fundcall.settings import Settings
from workflow.maildesk import DEAD, Wanted

_notices = typer.Typer(help="消息通知 · notices", no_args_is_help=True)
_AT_ONCE = 10_000
_Application = Annotated[str | None, typer.Option("--application", "-a", help="某一申报件的 · of this application")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(_notices, name="notices")


@_notices.command("list")
def list_notices(
    application: _Application = None,
    limit: Annotated[int, whole("--limit", least=1, told="至多几封 · at most so many")] = 50,
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
        int | None, whole_argument("台账位置；缺省为申报件最近的 · the event's position; default: the latest")
    ] = None,
    application: _Application = None,
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
    position: Annotated[int, whole_argument("台账位置 · the event's position")], data: Data = None
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
        system.notices.reclaim(system.clock.now())
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


@_notices.command("retry")
def retry_notices(
    status: Annotated[
        str, typer.Option("--status", help="failed、unknown、bounced 或 dead（全部）· or dead: all of them")
    ] = "dead",
    application: _Application = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """重新发送未送达的邮件（随下一次发信） · Queue undelivered mail again: the same bytes, with the next round of mail."""
    if status not in ("dead", *DEAD):
        fail(f"没有状态“{status}”", f"no status {status!r}; one of dead, {', '.join(DEAD)}")
    with opened(data) as system:
        count = system.postmaster.desk.requeue(Wanted(status, "", application or ""))
    if as_json:
        print_json({"queued": count})
    else:
        console.print(f"✓ {count} 重新排队 queued again")


@_notices.command("bounces")
def read_bounces(
    files: Annotated[
        list[Path],
        typer.Argument(help="退信：邮件或mbox文件 · reports: mails or mbox files", exists=True, dir_okay=False),
    ],
    data: Data = None,
    as_json: Json = False,
) -> None:
    """读取退信（RFC 3464），记录未送达的通知 · Read delivery reports and note which notices did not arrive."""
    with opened(data) as system:
        mails, news = system.postmaster.read(files, system.clock.now())
        told = system.postmaster.tell_officers()
        waiting = len(system.postmaster.desk.undelivered(_AT_ONCE))
    if as_json:
        print_json({"mails": mails, "news": news, "told": told, "undelivered": waiting})
    else:
        console.print(
            f"✓ {mails} 邮件 mails · {news} 新退信 news · {waiting} 法定通知未送达 statutory notices undelivered"
        )
