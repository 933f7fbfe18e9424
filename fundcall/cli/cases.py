"""`fundcall deadlines`, and how an actor is written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

import typer

from fundcall.bootstrap import System
from fundcall.cli.output import (
    Data,
    Json,
    console,
    fail,
    opened,
    print_json,
    table,
    when,
)
from fundcall.cli.whole import whole
from states.actor import Actor, Role
from states.calendar import stamp
from states.funding_call import FundingCall
from workflow.commands import Fault, Malformed
from workflow.deadlines import sweep
from workflow.ports import Due, Transaction

_deadlines = typer.Typer(help="期限 · deadlines", no_args_is_help=True)


_AT_ONCE = 10_000


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(_deadlines, name="deadlines")


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
    limit: Annotated[int, whole("--limit", least=1, told="至多几项 · at most so many")] = 50,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """列出未到期的期限 · List armed deadlines, the earliest first."""
    with opened(data) as system:
        found = system.ledger.deadlines(limit) if application is None else _armed(system, application)[:limit]
        told = [(when(d.due_at, _call(system, d.application), due=True), d.application, d.name) for d in found]
    if as_json:
        print_json([{"due_at": stamp(d.due_at), "application": d.application, "name": d.name} for d in found])
    elif not found:
        console.print("没有已设定的期限 · no deadline is armed")
    else:
        table("期限 · deadlines", ("到期 due", "申报件 application", "期限 deadline"), told)


def _call(system: System, name: str) -> FundingCall | None:
    """The call that is named so, or that of the application; None where it is not loaded."""
    row = system.ledger.row(name)
    rules = system.calls.get(name if row is None else row.call_id)
    return None if rules is None else rules.call


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
        swept = sweep(system.handler, system.clock.now())
    if as_json:
        print_json({"fired": swept.fired, "failed": [f"{d.application} {d.name}" for d in swept.failed]})
    else:
        console.print(f"✓ {swept.fired} 触发 fired · {len(swept.failed)} 未能触发 failed")
    if swept.failed:
        raise typer.Exit(1)
