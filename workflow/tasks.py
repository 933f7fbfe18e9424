"""What somebody has to do, on which application and by when: the armed deadlines, each with the roles that meet it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from states.actor import Actor, Role
from states.application import Application
from states.unit_code import normal
from workflow.ports import Due, Ledger
from workflow.rules import Rules

_UNIT, _NOBODY = frozenset({Role.APPLICANT}), frozenset[Role]()
_EXPERT = frozenset({Role.EXPERT})
_APPROVING = frozenset({Role.APPROVING_OFFICER})
_REVIEWING = frozenset({Role.REVIEW_OFFICER})
_ACCEPTANCE = frozenset({Role.ACCEPTANCE_OFFICER})

MET_BY: Mapping[str, frozenset[Role]] = {
    "submit": _UNIT,
    "correction": _UNIT,
    "review_request": _UNIT,
    "agreement": _UNIT,
    "agreement_grace": _UNIT,
    "report": _UNIT,
    "milestone": _UNIT,
    "execution_end": _UNIT,
    "acceptance_request": _UNIT,
    "materials": _UNIT,
    "rectification": _UNIT,
    "hearing": _UNIT,
    "recovery": _UNIT,
    "contacts": _UNIT,
    "format_check": frozenset({Role.FORMAT_OFFICER}),
    "invitation": _EXPERT,
    "score": _EXPERT,
    "review_decision": _APPROVING,
    "decision": _APPROVING | _REVIEWING,
    "public_notice": _APPROVING,
    "objection": _APPROVING,
    "first_payment": frozenset({Role.FINANCE_OFFICER}),
    "acceptance_decision": _ACCEPTANCE,
    "acceptance_escalation": frozenset({Role.HEAD}),
    "report_escalation": frozenset({Role.HEAD}),
    "milestone_escalation": frozenset({Role.HEAD}),
    "credit_objection": _APPROVING,
    "credit": _NOBODY,
    "start": _NOBODY,
    "archive": _NOBODY,
}
"""The kinds of deadlines and who has to act before they fall due; nobody for what comes about by itself."""


_UNDER_REVIEW = ("", "reviewing")
"""The phases from the format check on in which the review officers have a case; then it is the approving officers'."""


class Task(NamedTuple):
    """Something to be done on an application before `due_at`: `words` are what the call calls it, in Chinese and English,
    `detail` is what the deadline says beyond its kind (the period of a report). `unit_name` is "" in a blind review.
    """

    due_at: datetime
    application: str
    kind: str
    detail: str
    words: tuple[str, str]
    title: str
    unit_name: str
    state: str
    call_id: str


def tasks(ledger: Ledger, calls: Mapping[str, Rules], actor: Actor) -> list[Task]:
    """What this actor has to do, what falls due first first."""
    kinds = {kind for kind, roles in MET_BY.items() if actor.role in roles}
    armed = _of_unit(ledger, actor) if actor.role is Role.APPLICANT else ledger.deadlines() if kinds else []
    found = [due for due in armed if kind_of(due.name) in kinds and "~" not in due.name]
    if actor.role is Role.EXPERT:
        found = _of_expert(ledger, actor, found)
    return sorted(task for due in found if (task := _task(ledger, calls, actor, due)) is not None)


def kind_of(deadline: str) -> str:
    """The kind of a deadline: report:2026H1~7d is a report."""
    return deadline.partition("~")[0].partition(":")[0]


def _of_unit(ledger: Ledger, actor: Actor) -> list[Due]:
    found = []
    for row in ledger.rows(unit_code=normal(actor.unit)) if actor.unit else ():
        application = _application(ledger, row.id)
        found += [Due(at, row.id, name) for name, at in application.deadlines.items()]
    return found


def _of_expert(ledger: Ledger, actor: Actor, armed: list[Due]) -> list[Due]:
    """Those of an expert: to answer an invitation that is one's own (invitation:N is of the Nth), and to score."""
    cases = {name: _application(ledger, name) for name in dict.fromkeys(due.application for due in armed)}
    found = []
    for due in armed:
        experts = cases[due.application].experts
        assigned = experts.get(actor.id)
        if assigned is None:
            continue
        if kind_of(due.name) == "score":
            mine = assigned.status in ("invited", "accepted")
        else:
            mine = assigned.status == "invited" and due.name == f"invitation:{[*experts].index(actor.id) + 1}"
        if mine:
            found.append(due)
    return found


def _task(ledger: Ledger, calls: Mapping[str, Rules], actor: Actor, due: Due) -> Task | None:
    row = ledger.row(due.application)
    if row is None or row.call_id not in calls:  # a call's own deadline: of the system
        return None
    call, kind = calls[row.call_id].call, kind_of(due.name)
    if kind == "decision" and actor.role not in (_REVIEWING if row.phase in _UNDER_REVIEW else _APPROVING):
        return None
    period = call.periods.get(kind)
    blind = actor.role is Role.EXPERT and call.review.blind
    detail = due.name.partition(":")[2] if kind in ("report", "milestone") else ""
    words = (period.zh, period.en) if period is not None else (kind, kind)
    return Task(
        due.due_at, row.id, kind, detail, words, row.title, "" if blind else row.unit_name, row.state, row.call_id
    )


def _application(ledger: Ledger, name: str) -> Application:
    found = ledger.transact(lambda transaction: transaction.application(name))
    if found is None:
        raise LookupError(f"a deadline of no application: {name}")
    return found
