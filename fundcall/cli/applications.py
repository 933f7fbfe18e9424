"""`fundcall applications`: which there are, and all there is to know of one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

import typer

from fundcall.bootstrap import System
from fundcall.cli.output import Data, Json, console, fail, instant, opened, print_json, table, when
from fundcall.cli.whole import whole
from fundcall.web.words import EVENTS, money
from states.application import Application, State
from states.calendar import stamp
from states.decide import plain
from states.events import REFUSED, Recorded
from states.fold import fold
from states.funding_call import FundingCall
from states.labels import STATES
from workflow.queries import worksheet
from workflow.record import decode

_applications = typer.Typer(help="申报件 · applications", no_args_is_help=True)
_APART = timedelta(minutes=1)
"""From here on it matters that an event was written down later than it took effect."""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(_applications, name="applications")


@_applications.command("list")
def list_applications(
    state: Annotated[str | None, typer.Option("--state", help="处于该状态 · in this state")] = None,
    call: Annotated[str | None, typer.Option("--call", help="某一通知的 · of this call")] = None,
    limit: Annotated[int, whole("--limit", least=1, told="至多几件 · at most so many")] = 50,
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
        table("申报件 · applications", ("编号 id", "受理编号 number", "状态 state", "单位 unit", "项目 title"),
              [(r.id, r.number, f"{STATES[State(r.state)][0]}\n{r.state}", r.unit_name, r.title) for r in rows])  # fmt: skip


@_applications.command("show")
def show_application(
    application: Annotated[str, typer.Argument(help="编号或受理编号 · its id or number")],
    as_of: Annotated[str | None, typer.Option("--as-of", help="截至某时刻 · as recorded by an instant")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """查看申报件及其历史 · One application with its history, now or as of an instant."""
    until = instant(as_of)
    with opened(data) as system:
        events = _events(system, application, until)
        found = fold(events) if events else None
        if found is None:
            fail(f"没有申报件“{application}”", f"no application {application!r}" + (f" by {as_of}" if as_of else ""), 1)
    if as_json:
        print_json({**_plain(found), "events": [_event(e) for e in events]})
        return
    call = system.calls[found.call_id].call
    _tell(found, call)
    table("历史 · history", ("位置 at", "时间 time", "事件 event", "办理人 actor"),
          [(e.position, _times(e, call), _what(e, call), f"{e.role}:{e.actor}") for e in events])  # fmt: skip


def _events(system: System, name: str, until: datetime | None) -> list[Recorded]:
    """The history of the application of that id or number, as recorded by an instant."""
    if system.ledger.row(name) is None:
        name = next((row.id for row in system.ledger.rows() if row.number == name), name)
    events = [decode(stored.body) for stored in system.ledger.stored(application=name)]
    if name in system.calls:
        fail(f"“{name}”是申报通知，不是申报件", f"{name!r} is a call, not an application", 1)
    return [event for event in events if until is None or event.recorded_at <= until]


def _tell(found: Application, call: FundingCall) -> None:
    state = f"{STATES[found.state][0]} {found.state}{f' ({found.phase})' if found.phase else ''}"
    console.print(f"{found.number or found.id} · {state} · {found.unit_name} · {found.title}", markup=False)
    filed = f" · 提交 submitted {when(found.submitted_at, call)}" if found.submitted_at else ""
    console.print(f"{found.id} · {found.call_id} · {found.unit_code}{filed}", markup=False)
    form = [(name, call.fields[name].zh, _value(name, value, call)) for name, value in found.form.items()]
    table("申报书 · form", ("字段 field", "名称 label", "内容 value"), form)
    table("材料 · documents", ("材料 material", "文件 name", "大小 bytes", "印章 seal", "SHA-256"),
          [(d.material, d.name, d.size_bytes, d.seal, d.sha256[:12]) for d in found.documents])  # fmt: skip
    items = [item for item in worksheet(call, found) if item.state != "to_see"]
    table("审查事项 · findings", ("规则 rule", "条款 clause", "状态 state", "内容 what"),
          [(i.rule, i.clause, i.state, f"{i.zh}\n{i.en}") for i in items])  # fmt: skip
    table("未到期的期限 · open deadlines", ("期限 deadline", "到期 due"),
          [(_deadline(name, call), when(at, call, due=True)) for name, at in sorted(found.deadlines.items(), key=lambda d: d[1])])  # fmt: skip


def _value(name: str, value: Any, call: FundingCall) -> str:
    if call.fields[name].type == "minor" and isinstance(value, int):
        return money(value, call.currency)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _deadline(name: str, call: FundingCall) -> str:
    """A deadline by its name in the call and its own; a reminder (~) belongs to the deadline before it."""
    kind = name.partition("~")[0].partition(":")[0]
    return f"{call.periods[kind].zh} {name}" if kind in call.periods else name


def _times(event: Recorded, call: FundingCall) -> str:
    """When it took effect, and when it was written down where that was another time."""
    apart = event.recorded_at - event.effective_at >= _APART
    written = f"\n记录于 recorded\n{when(event.recorded_at, call)}" if apart else ""
    return f"{when(event.effective_at, call)}{written}"


def _what(event: Recorded, call: FundingCall) -> str:
    """The event and what it says: a refusal its command and reasons, a deadline its name."""
    lines = [f"{EVENTS.get(event.type, '')} {event.type}".strip()]
    if event.type == REFUSED:
        lines.append(event.data["command"])
    lines += [f"✗ {reason['code']}: {reason['zh']}\n{reason['en']}" for reason in event.data.get("refusals", ())]
    if "deadline" in event.data:
        lines.append(_deadline(event.data["deadline"], call))
    return "\n".join(lines)


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
