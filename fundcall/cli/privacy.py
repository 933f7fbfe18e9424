"""`fundcall privacy`: whose personal values are held, and erasing them; the commitments on the ledger stay."""

from __future__ import annotations

from typing import Annotated

import typer

from fundcall.cli.output import Data, Json, console, fail, opened, print_json, table, when
from fundcall.erasing import Person, kept_long_enough, people_of
from fundcall.storage.erasures import SqliteErasures
from states.application import FINAL
from states.calendar import stamp

_privacy = typer.Typer(
    help="个人信息：查看、应请求删除、到期删除 · personal data: show, erase on request or when kept long enough",
    no_args_is_help=True,
)
_Application = Annotated[str, typer.Argument(help="申报件编号 · an application")]
_Basis = Annotated[
    str, typer.Option("--basis", help="依据：何人何时请求，或何条规定 · whose request of when, or which rule")
]
_By = Annotated[str, typer.Option("--by", help="经办人账号 · the account of whoever does it")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(_privacy, name="privacy")


@_privacy.command("show")
def show(application: _Application, data: Data = None, as_json: Json = False) -> None:
    """申报件涉及哪些个人信息，哪些已删除 · Whose values an application's events commit to, and what was erased."""
    with opened(data) as system:
        people, erased = list(people_of(system, application)), SqliteErasures(system.ledger).find(application)
        row = system.ledger.row(application)
        rules = system.calls.get(row.call_id) if row is not None else None
    if as_json:
        print_json({"people": [one._asdict() for one in people],
                    "erased": [{**one._asdict(), "erased_at": stamp(one.erased_at)} for one in erased]})  # fmt: skip
        return
    _told(people)
    table("已删除 · erased", ("时间 at", "承诺值 commitment", "经办 by", "依据 basis", "邮件 mails"),
          [(when(e.erased_at, rules.call if rules is not None else None), e.commitment, e.asked_by, e.basis, len(e.mails)) for e in erased])  # fmt: skip


def _told(people: list[Person]) -> None:
    table("个人信息 · personal values", ("申报件 application", "位置 at", "承诺值 commitment", "姓名 name", "邮箱 mail"),
          [(p.application, p.position, p.commitment, *_names(p)) for p in people])  # fmt: skip


def _names(person: Person) -> tuple[str, str]:
    value = person.value
    return ("（已删除 erased）", "") if value is None else (str(value.get("name", "")), str(value.get("email", "")))


@_privacy.command("erase")
def erase(
    application: _Application,
    basis: _Basis,
    email: Annotated[
        str, typer.Option("--email", help="仅此邮箱的人；缺省为全部 · this person alone; default: all")
    ] = "",
    by: _By = "command-line",
    although_live: Annotated[
        bool,
        typer.Option("--although-live", help="尚未办结也删除，此后无法送达通知 · although notices will not reach them"),
    ] = False,
    data: Data = None,
) -> None:
    """应请求删除个人信息及寄给本人的邮件；证明依然有效 · Erase values and the mails that bear them; every proof stays valid."""
    with opened(data) as system:
        row = system.ledger.row(application)
        if row is None:
            fail(f"没有申报件“{application}”", f"no application {application!r}", 1)
        if row.state not in FINAL and not although_live:
            fail("尚未办结，删除后通知无法送达；确需删除请加 --although-live",
                 "the case is under way, and notices would not arrive; add --although-live if it must be", 1)  # fmt: skip
        wanted = [p for p in people_of(system, application) if not email or (p.value or {}).get("email") == email]
        erasures, now = SqliteErasures(system.ledger), system.clock.now()
        done = erasures.erase([p.commitment for p in wanted], application, by, basis, now)
    if not done:
        fail("没有可删除的个人信息", "nothing to erase", 1)
    console.print(f"✓ 已删除 {done} 项 · erased {done}", markup=False)


@_privacy.command("due")
def due(
    erase_them: Annotated[bool, typer.Option("--erase", help="删除它们 · erase them")] = False,
    by: _By = "command-line",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """已过通知所定保存期限的个人信息 · Values kept as long as their call says, and longer; --erase erases them."""
    with opened(data) as system:
        now = system.clock.now()
        people = list(kept_long_enough(system, now))
        erasures = SqliteErasures(system.ledger)
        for one in people if erase_them else ():
            erasures.erase([one.commitment], one.application, by, "personal_kept_months", now)
    if as_json:
        print_json([one._asdict() for one in people])
    else:
        _told(people)
