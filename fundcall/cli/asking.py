"""`fundcall do` and `fundcall commands`: giving any command, and finding out what can be given."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer
import uuid_utils.compat as uuids

from fundcall.cli.cases import read_actor
from fundcall.cli.output import Json, console, errors, fail, opened, print_json, print_refusals, table
from fundcall.cli.whole import whole
from states.actor import Actor, Role
from states.application import Application, State
from states.commands import PROGRAMME_COMMANDS
from states.errors import Refusal
from states.labels import MOVES, STATES
from states.programme import PROGRAMME_TABLE
from states.table import CREATE, ROWS
from states.table.row import Row
from workflow.commands import Fault, Malformed, read_command
from workflow.handle import Accepted, Handler, Rejected, Request
from workflow.programme import handle_call, would_call
from workflow.shapes import KINDS, Shape, shape_of
from workflow.writing import unknown_call


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("do")(do)
    app.command("commands")(show_commands)


def asked(command: str, body: str, actor: str, *more: Refusal, as_json: bool = False) -> tuple[Any, Actor]:
    """The command and who gives it, as written on the command line. Ends with everything that is wrong with either,
    told at once; `more` reasons are told with it, but are none by themselves.
    """
    faults: list[Fault] = []
    parsed, who = None, None
    try:
        who = read_actor(actor)
    except Malformed as wrong:
        faults += wrong.faults
    try:
        parsed = read_command(command, body.encode("utf-8", "surrogateescape"))
    except Malformed as wrong:
        faults += wrong.faults
    if who is not None and parsed is not None:
        return parsed, who
    faults += [Fault("--call", refusal.zh, refusal.en) for refusal in more]
    if as_json:
        print_json({"accepted": False, "faults": [{"where": f.where, "zh": f.zh, "en": f.en} for f in faults]})
    for fault in () if as_json else faults:
        errors.print(f"✗ {fault.where or '--data'}: {fault.zh} / {fault.en}", markup=False, soft_wrap=True)
    if not as_json and command in KINDS:
        errors.print(f"→ fundcall commands {command}", markup=False)
    raise typer.Exit(2)


def do(
    command: Annotated[str, typer.Argument(help="命令名，见 fundcall commands · a command, such as SubmitApplication")],
    application: Annotated[
        str,
        typer.Option("--application", "-a", help="申报件（或通知）编号 · the id of the application, or of the call"),
    ],
    actor: Annotated[str, typer.Option("--actor", help="办理人 · ROLE:ACCOUNT[@UNIT]")],
    body: Annotated[str, typer.Option("--data", "-d", help="JSON对象 · the command's fields")] = "{}",
    key: Annotated[str, typer.Option("--id", help="请求编号（幂等） · idempotency key")] = "",
    call: Annotated[str, typer.Option("--call", help="通知编号，CreateDraft 需要 · the call, for CreateDraft")] = "",
    version: Annotated[int | None, whole("--version", told="所见版本 · the version you saw")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只问不办 · say what would happen")] = False,
    folder: Annotated[Path | None, typer.Option("--data-dir", help="数据文件夹 · the data folder")] = None,
    as_json: Json = False,
) -> None:
    """执行任一命令 · Give any command; a refusal says what was wrong, under which clause, and what to do."""
    arrived_ns = time.time_ns()
    of_call = command in PROGRAMME_COMMANDS
    with opened(folder) as system:
        unknown = (unknown_call(call, system.calls),) if command == CREATE and call not in system.calls else ()
        parsed, who = asked(command, body, actor, *unknown, as_json=as_json)
        request = Request(
            command_id=key or str(uuids.uuid7()),
            application=application,
            name=command,
            command=parsed,
            actor=who,
            received_at=system.clock.at(arrived_ns),
            expected_version=version,
            call_id=call,
            salt=secrets.token_hex(32),
        )
        if dry_run:
            _foreseen((would_call if of_call else Handler.would)(system.handler, request), as_json=as_json)
        outcome = (handle_call if of_call else Handler.handle)(system.handler, request, system.clock.now())
        if isinstance(outcome, Rejected):
            _refused(outcome.refusals, as_json=as_json)
        moved = outcome.application if isinstance(outcome, Accepted) else None
        _accepted(outcome, moved, as_json=as_json)


def _foreseen(refusals: tuple[Refusal, ...], *, as_json: bool) -> None:
    if as_json:
        print_json({"accepted": not refusals, "refusals": [r.plain() for r in refusals]})
    elif refusals:
        print_refusals(refusals)
    else:
        console.print("✓ 可以办理 · would be accepted")
    raise typer.Exit(1 if refusals else 0)


def _refused(refusals: tuple[Refusal, ...], *, as_json: bool) -> None:
    if as_json:
        print_json({"refusals": [r.plain() for r in refusals]})
    else:
        print_refusals(refusals)
    raise typer.Exit(1)


def _accepted(outcome: Any, moved: Application | None, *, as_json: bool) -> None:
    event, state = outcome.event, moved.state if moved is not None else ""
    findings = moved.findings if moved is not None and event.type in _FILED else ()
    if as_json:
        print_json({"position": event.position, "version": event.version, "event": event.type, "state": state,
                    "repeated": outcome.repeated, "findings": [dict(found) for found in findings]})  # fmt: skip
        return
    position = f"台账位置 position {event.position}"
    console.print(" · ".join(filter(None, (f"✓ {event.type}", state, position))))
    if findings:
        console.print(f"! 交审查人员的事项 left to an officer: {len(findings)}")
    for found in findings:
        line = f"  {found['rule']} 〔{found['clause']}〕{found['zh']} / {found['en']}"
        console.print(line, markup=False, soft_wrap=True)


_FILED = frozenset({"ApplicationSubmitted", "ApplicationResubmitted"})


# --- what can be given ------------------------------------------------------------------------------------------------


def show_commands(
    name: Annotated[str, typer.Argument(help="命令名；缺省列出全部 · a command; default: all")] = "",
    role: Annotated[Role | None, typer.Option("--role", help="仅该角色的命令 · those of this role only")] = None,
    as_json: Json = False,
) -> None:
    """列出命令、角色与状态；给出命令名则说明其字段 · The commands with role and state, or one with its fields."""
    known = {one["command"]: one for one in _commands()}
    if not name:
        chosen = [one for one in known.values() if role is None or role in one["roles"]]
        if as_json:
            print_json(chosen)
        else:
            table("命令 · commands", ("命令 command", "办理人 role", "自 from", "至 to"),
                  [(f"{one['command']}\n{one['zh']}", "\n".join(one["roles"]), _states(one["from"]), _states([one["to"]]))
                   for one in chosen])  # fmt: skip
        return
    if name not in known:
        fail(f"没有命令“{name}”，见 fundcall commands", f"no command {name!r}; there are {', '.join(known)}")
    one, shape = known[name], shape_of(name)
    if as_json:
        print_json({**one, "fields": _fields(shape), "example": shape.example})
        return
    console.print(f"[bold]{name}[/] {one['zh']} · {one['en']}", soft_wrap=True)
    console.print(
        f"办理人 role: {', '.join(one['roles'])} · {_states(one['from'])} → {_states([one['to']])}", markup=False
    )
    table("字段 · fields", ("字段 field", "必填 required", "应为 what", ""),
          [(f["field"], "✓" if f["required"] else "", f["zh"], f["en"]) for f in _fields(shape)])  # fmt: skip
    console.print(_example(name, one["roles"][0], shape), markup=False, soft_wrap=True)
    if name in ("CreateDraft", "EditDraft", "AddDocument", "SubmitScore"):
        console.print(
            "→ fundcall call show CALL：字段、材料、评分项的编号 · the ids of fields, materials and criteria",
            markup=False,
        )


def _offered(row: Row) -> list[State]:
    """The states in which somebody may begin to give the command."""
    return [state for state in row.sources if state not in row.late]


def _commands() -> list[dict[str, Any]]:
    """What people may give: its role, the states it leads from and to ("" where it changes none), and what it does."""
    people = [row for row in ROWS if row.roles != (Role.SYSTEM,)]
    of_calls = [(name, row) for name, row in PROGRAMME_TABLE.items() if row.roles != (Role.SYSTEM,)]
    found = [_described(CREATE, [Role.APPLICANT], [], State.DRAFT)]
    found += [_described(row.command, row.roles, _offered(row), row.target or "") for row in people]
    found += [_described(name, row.roles, [], "") for name, row in of_calls]
    return _joined(found)


def _described(command: str, roles: Iterable[Role], sources: Iterable[str], target: str) -> dict[str, Any]:
    return {"command": command, "zh": MOVES[command][0], "en": " ".join((KINDS[command].__doc__ or "").split()),
            "roles": [role for role in roles if role is not Role.SYSTEM], "from": [str(s) for s in sources],
            "to": str(target)}  # fmt: skip


def _joined(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """One entry a command: a command that may lead to several states stands in several rows of the table."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        one = found.setdefault(row["command"], row)
        if one is not row:
            one["roles"] = list(dict.fromkeys(one["roles"] + row["roles"]))
            one["from"] += row["from"]
            one["to"] = one["to"] if one["to"] == row["to"] else ""
    return list(found.values())


def _states(names: Iterable[str]) -> str:
    """States by their Chinese and stored names; — where none."""
    return "\n".join(f"{STATES[State(name)][0]} {name}" for name in names if name) or "—"


def _fields(shape: Shape, where: str = "") -> list[dict[str, Any]]:
    """The fields at every depth; an array's elements are written name[]."""
    found: list[dict[str, Any]] = []
    for name, member in (shape.members or {}).items():
        place = f"{where}{name}"
        found.append({"field": place, "required": member.required, "zh": member.zh, "en": member.en})
        if member.members:
            found += _fields(member, f"{place}.")
        elif member.each is not None and member.each.members:
            found += _fields(member.each, f"{place}[].")
    return found


def _example(name: str, role: str, shape: Shape) -> str:
    unit = "@91310000MA1FL0007C" if role in (Role.APPLICANT, Role.EXPERT) else ""
    call = " --call shanghai-ai-plus-2025" if name == CREATE else ""
    target = "shanghai-ai-plus-2025" if name in PROGRAMME_TABLE else "app-1"
    data = f" --data '{json.dumps(shape.example, ensure_ascii=False)}'" if shape.example else ""
    return f"例 example: fundcall do {name} -a {target}{call} --actor {role}:li{unit}{data}"
