"""Who still owes a score, since when and by when; and an expert's draft of one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from states.actor import Actor, Role
from states.application import Application
from states.calendar import instant_of
from states.errors import Refusal
from states.funding_call import FundingCall
from states.reasons import refuse
from workflow.commands import Fault, Malformed, read_json
from workflow.ports import Ledger
from workflow.projection import OWING, reviewing


class Owed(NamedTuple):
    """A score that is still to come: from whom, asked for when, due when (None: no term), and whether that is past."""

    application: str
    expert: str
    status: str
    asked_at: datetime | None
    due_at: datetime | None
    late: bool


def owed(ledger: Ledger, call_id: str, now: datetime) -> list[Owed]:
    """Every score of the call that is still to come, what has been due longest first."""
    found = [
        Owed(sheet.application, expert, status, _instant(asked), _instant(due), bool(due) and instant_of(due) <= now)
        for sheet in ledger.sheets(call_id)
        for expert, status, asked, due in orjson.loads(sheet.owed)
    ]
    return sorted(found, key=lambda one: (one.due_at is None, one.due_at or now, one.application, one.expert))


def _instant(text: str) -> datetime | None:
    return instant_of(text) if text else None


class ScoreDraft(NamedTuple):
    """What an expert has written down of a score so far: any part of what SubmitScore takes."""

    points: Mapping[str, int]
    comment: str
    comments: Mapping[str, str]


class KeptDraft(NamedTuple):
    """A draft as it was kept last; `saved_at` is the text that names this state of it."""

    draft: ScoreDraft
    saved_at: str


def assigned(ledger: Ledger, expert: str) -> list[Application]:
    """The applications of which this expert owes a score, or has given one, by id."""
    word = f'"{expert}"'
    names = [sheet.application for sheet in ledger.sheets() if word in sheet.owed or word in sheet.scores]
    read = ledger.transact(lambda transaction: [transaction.application(name) for name in names])
    return [one for one in read if one is not None and expert in one.experts]


def may_draft(actor: Actor, application: Application) -> Refusal | None:
    """Only an expert who still owes this application a score keeps a draft of one."""
    assignment = application.experts.get(actor.id) if actor.role is Role.EXPERT else None
    at_work = assignment is not None and assignment.status in OWING and reviewing(application)
    return None if at_work else refuse("not_assigned")


def read_draft(call: FundingCall, body: bytes) -> ScoreDraft:
    """The draft that a JSON object describes. Raises Malformed with every fault: nothing is kept that cannot be a score."""
    found = read_json(body)
    if not isinstance(found, dict):
        raise Malformed(Fault("", "应为JSON对象", "should be a JSON object"))
    points, comment, comments = found.get("points", {}), found.get("comment", ""), found.get("comments", {})
    shapes = ((points, dict), (comment, str), (comments, dict))
    if found.keys() - set(ScoreDraft._fields) or not all(isinstance(part, kind) for part, kind in shapes):
        raise Malformed(Fault("", "可用字段：points、comment、comments", "there are points, comment and comments"))
    most: dict[Any, int] = {criterion.id: criterion.points_max for criterion in call.rubric}
    faults = [
        Fault(
            f"points.{name}",
            f"应为 0 至 {most.get(name, 0)} 的整数",
            f"takes whole points from 0 to {most.get(name, 0)}",
        )
        for name, given in points.items()
        if name not in most or type(given) is not int or not 0 <= given <= most[name]
    ]
    faults += [
        Fault(f"comments.{name}", "没有该评分项，或不是文字", "no such criterion, or no text")
        for name, given in comments.items()
        if name not in most or not isinstance(given, str)
    ]
    if faults:
        raise Malformed(*faults)
    return ScoreDraft(points, comment, comments)
