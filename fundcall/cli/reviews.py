"""`fundcall reviews`: who still owes a score, and an expert's own draft of one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from fundcall.bootstrap import System
from fundcall.cli.cases import actor_of
from fundcall.cli.output import Data, Json, as_of, errors, fail, opened, print_json, print_refusals, table, when
from fundcall.storage.drafts import SqliteDrafts
from states.actor import Actor
from states.application import Application
from workflow.commands import Malformed
from workflow.reviews import may_draft, owed, read_draft

_reviews = typer.Typer(
    help="评审：谁还欠评分，评分草稿 · reviews: who owes a score, and drafts of scores", no_args_is_help=True
)
_STATUS = {"invited": "未答复 invited", "accepted": "未评分 accepted"}

Of = Annotated[str, typer.Option("--application", "-a", help="申报件编号 · the application's id")]
By = Annotated[str, typer.Option("--actor", help="专家 · expert:ACCOUNT@UNIT")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(_reviews, name="reviews")


@_reviews.command("list")
def list_reviews(
    call: Annotated[str, typer.Option("--call", help="通知编号 · the call")],
    missing: Annotated[
        bool, typer.Option("--missing", help="全部未交（缺省） · all still to come (as without)")
    ] = False,
    late: Annotated[bool, typer.Option("--late", help="仅逾期 · only those past their time")] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """谁还欠评分、何时邀请、何时到期 · Who owes a score, since when, due when; what is due longest first."""
    if missing and late:
        fail("--missing 与 --late 只能选其一", "give one of --missing and --late")
    with opened(data) as system:
        if call not in system.calls:
            fail(f"没有申报通知“{call}”", f"no call {call!r}; there are {', '.join(system.calls)}")
        rules, now = system.calls[call].call, system.clock.now()
        found = [one for one in owed(system.ledger, call, now) if one.late or not late]
    if as_json:
        print_json([one._asdict() for one in found])
        return
    table(f"待交评分 · scores to come（{as_of(now, rules)}）", ("申报件 application", "专家 expert", "状态 status", "邀请 asked", "到期 due", "逾期 late"),
          [(one.application, one.expert, _STATUS[one.status], when(one.asked_at, rules),
            when(one.due_at, rules, due=True), "是 late" if one.late else "") for one in found])  # fmt: skip


@_reviews.command("draft")
def draft(
    application: Of,
    actor: By,
    body: Annotated[
        str | None,
        typer.Option(
            "--data", "-d", help="JSON对象（points、comment、comments），缺省为查看 · what to keep; shows it without"
        ),
    ] = None,
    folder: Annotated[Path | None, typer.Option("--data-dir", help="数据文件夹 · the data folder")] = None,
) -> None:
    """查看或保存本人的评分草稿 · The expert's own draft of a score: shown, or kept with --data; gone once the score is in."""
    who = actor_of(actor)
    with opened(folder) as system:
        found = _mine(system, application, who)
        drafts = SqliteDrafts(system.ledger)
        if body is not None:
            try:
                made = read_draft(system.calls[found.call_id].call, body.encode("utf-8", "surrogateescape"))
            except Malformed as wrong:
                _malformed(wrong)
            drafts.keep(application, who.id, made, system.clock.now())
        kept = drafts.draft(application, who.id)
    if kept is None:
        fail("没有草稿", "there is no draft", 1)
    print_json(kept.draft._asdict())


def _malformed(wrong: Malformed) -> NoReturn:
    for fault in wrong.faults:
        errors.print(f"✗ {fault.where or '--data'}: {fault.zh} / {fault.en}", markup=False, soft_wrap=True)
    raise typer.Exit(2)


def _mine(system: System, name: str, who: Actor) -> Application:
    found: Application | None = system.ledger.transact(lambda transaction: transaction.application(name))
    if found is None:
        fail(f"没有申报件“{name}”", f"no application {name!r}", 1)
    refusal = may_draft(who, found)
    if refusal is not None:
        print_refusals((refusal,))
        raise typer.Exit(1)
    return found
