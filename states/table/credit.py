"""Moves of a unit's credit record: an entry after a final decision, an objection to it, its repair and its end."""

from __future__ import annotations

from states.actor import Role
from states.application import State
from states.guards import any_stage as g
from states.guards import credit as c
from states.table.row import Row

_ENDED = (State.CLOSED, State.TERMINATED, State.REVOKED)
_U, _A, _SYS = (Role.APPLICANT,), (Role.APPROVING_OFFICER,), (Role.SYSTEM,)
_ENTRY, _OBJECTION, _REPAIR = (
    "{credit}、项目管理规则（信用）",
    "{credit_objection}、项目管理规则（信用）",
    "项目管理规则（信用）",
)

ROWS = (
    Row(
        "ProposeCredit",
        _ENDED,
        None,
        _A,
        _ENTRY,
        (g.of_neither_side, c.nothing_pending, c.ground_given, c.not_entered_for_it, c.clause_and_grounds, c.act_well_dated),
    ),
    Row("EnterCredit", _ENDED, None, _A, _ENTRY, (g.of_neither_side, c.credit_proposed, c.ground_left), arms=("credit",)),
    Row("ObjectToCredit", _ENDED, None, _U, _OBJECTION, (g.own_unit, c.entry_live, g.grounds_given), arms=("credit_objection",)),
    Row(
        "DecideCreditObjection",
        _ENDED,
        None,
        _A,
        _OBJECTION,
        (g.of_neither_side, g.reasoned, c.entry_disputed, c.not_who_entered),
    ),
    Row(
        "ProposeCreditRepair",
        _ENDED,
        None,
        _A,
        _REPAIR,
        (g.of_neither_side, g.reasoned, c.nothing_pending, c.entry_in_force),
    ),
    Row("RepairCredit", _ENDED, None, _A, _REPAIR, (g.of_neither_side, c.repair_proposed)),
    Row("ExpireCredit", _ENDED, None, _SYS, "{credit}", (g.deadline_due,)),
)  # fmt: skip
