"""Commands on applications, deadlines and notices."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from fundcall.cli.output import (
    Data,
    Json,
    console,
    fail,
    instant,
    message_text,
    notice_plain,
    opened,
    print_json,
    table,
)
from fundcall.cli.running import deliver
from states.actor import Actor, Role
from states.application import Application, State
from states.calendar import stamp
from states.decide import plain
from states.fold import fold
from workflow.commands import Fault, Malformed
from workflow.deadlines import sweep
from workflow.record import decode

_applications = typer.Typer(help="申报件 · applications", no_args_is_help=True)
_deadlines = typer.Typer(help="期限 · deadlines", no_args_is_help=True)
_notices = typer.Typer(help="消息通知 · notices", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(_applications, name="applications")
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


@_applications.command("list")
def list_applications(
    state: Annotated[str | None, typer.Option("--state")] = None,
    call: Annotated[str | None, typer.Option("--call")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1)] = 50,
    after: Annotated[str, typer.Option("--after", help="从该编号之后 · those after this id")] = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """列出申报件 · List applications."""
    if state is not None and state not in set(State):
        fail(f"没有状态“{state}”", f"no state {state!r}; there are {', '.join(State)}")
    with opened(data) as system:
        rows = system.ledger.rows(state, call, after, limit)
    if as_json:
        print_json([row._asdict() for row in rows])
    else:
        table("申报件 · applications", ("id", "受理编号", "状态", "单位", "项目"),
              [(r.id, r.number, r.state, r.unit_name, r.title) for r in rows])  # fmt: skip


@_applications.command("show")
def show_application(
    application: str,
    as_of: Annotated[str | None, typer.Option("--as-of", help="截至某时刻 · as recorded by an instant")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """查看申报件及其历史 · One application with its history, now or as of an instant."""
    until = instant(as_of)
    with opened(data) as system:
        events = [decode(stored.body) for stored in system.ledger.stored(application=application)]
    events = [event for event in events if until is None or event.recorded_at <= until]
    found = fold(events) if events else None
    if found is None:
        fail(f"没有申报件“{application}”", f"no application {application!r}" + (f" by {as_of}" if as_of else ""), 1)
    if as_json:
        print_json({**_plain(found), "events": [_event(e) for e in events]})
        return
    console.print(
        f"[bold]{found.number or found.id}[/] {found.state} {found.phase} · {found.unit_name} · {found.title}",
        markup=True,
    )
    table("历史 · history", ("位置", "时间 UTC", "事件", "办理人"),
          [(e.position, stamp(e.effective_at), e.type, f"{e.role}:{e.actor}") for e in events])  # fmt: skip


def _plain(application: Application) -> dict[str, Any]:
    found = dict(application.__dict__)
    found["flags"] = sorted(application.flags)
    return {name: _instant_or_plain(value) for name, value in found.items()}


def _instant_or_plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, dict):
        return {name: _instant_or_plain(item) for name, item in value.items()}
    if isinstance(value, tuple):
        return [_instant_or_plain(item) for item in value]
    return plain(value)


def _event(event: Any) -> dict[str, Any]:
    found: dict[str, Any] = event._asdict()
    return found | {"effective_at": stamp(event.effective_at), "recorded_at": stamp(event.recorded_at)}


@_deadlines.command("list")
def list_deadlines(
    limit: Annotated[int, typer.Option("--limit", min=1)] = 50, data: Data = None, as_json: Json = False
) -> None:
    """列出未到期的期限 · List armed deadlines, the earliest first."""
    with opened(data) as system:
        found = system.ledger.deadlines(limit)
    if as_json:
        print_json([{"due_at": stamp(d.due_at), "application": d.application, "name": d.name} for d in found])
    else:
        table(
            "期限 · deadlines",
            ("到期 due (UTC)", "申报件", "期限"),
            [(stamp(d.due_at), d.application, d.name) for d in found],
        )


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
    application: Annotated[str | None, typer.Option("--application", "-a")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1)] = 50,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """列出消息通知 · List notices."""
    with opened(data) as system:
        found = system.notices.notices(application, 0, limit)
    if as_json:
        print_json([notice_plain(n) for n in found])
    else:
        table("消息通知 · notices", ("位置", "编号", "模板", "状态", "主题"),
              [(n.position, n.ref, n.template, n.status, n.subject) for n in found])  # fmt: skip


@_notices.command("show")
def show_notice(position: int, data: Data = None) -> None:
    """原样输出某一位置的通知 · Print the messages that an event gave, as they were sent."""
    with opened(data) as system:
        found = [n for n in system.notices.notices(None, position - 1, 50) if n.position == position]
    if not found:
        fail(f"位置 {position} 没有通知", f"the event at position {position} gave no notice", 1)
    for notice in found:
        console.out(notice.body.decode("ascii"), highlight=False)


@_notices.command("preview")
def preview_notices(position: int, data: Data = None) -> None:
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
    if as_json:
        print_json({"recorded": recorded, "accepted": accepted})
    else:
        console.print(f"✓ {recorded} 新记录 recorded · {accepted} 已被中继接收 accepted")
