"""How pages name states, instants, money and events."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from states.application import State
from states.calendar import zone
from states.events import REFUSED, Recorded
from states.funding_call import FundingCall
from states.table import ROWS
from states.events import BY_COMMAND

STATES: Mapping[str, tuple[str, str]] = {
    State.DRAFT: ("草稿", "draft"),
    State.SUBMITTED: ("已提交", "submitted"),
    State.FORMAT_CHECKED: ("形式审查通过", "format checked"),
    State.EXPERT_REVIEW: ("专家评审", "expert review"),
    State.APPROVED: ("已立项", "approved"),
    State.FUNDED: ("已拨款", "funded"),
    State.IN_EXECUTION: ("执行中", "in execution"),
    State.CLOSED: ("已结项", "closed"),
    State.RETURNED: ("退回补正", "returned"),
    State.LAPSED: ("逾期未提交", "lapsed"),
    State.WITHDRAWN: ("已撤回", "withdrawn"),
    State.REJECTED: ("不予受理", "rejected"),
    State.DECLINED: ("不予立项", "declined"),
    State.TERMINATED: ("已终止", "terminated"),
    State.REVOKED: ("已撤销", "revoked"),
}
_CLAUSES = {BY_COMMAND[row.command].name: row.basis for row in ROWS}
_SHOWN = ("reason", "grounds", "clause", "comment", "summary", "deadline", "period", "outcome", "name", "rule", "verdict",
          "amount_minor", "grant_minor", "instalment", "number", "end_on", "completed_on", "detail", "text")  # fmt: skip


def local_time(instant: datetime, call: FundingCall) -> str:
    """An instant on the call's wall, with the zone."""
    return f"{instant.astimezone(zone(call.timezone)):%Y-%m-%d %H:%M:%S} {call.timezone_zh}"


def money(minor: int, currency: str) -> str:
    """An amount in minor units, written out."""
    return f"{minor // 100:,}.{minor % 100:02d} {currency}"


def describe(event: Recorded, call: FundingCall) -> dict[str, object]:
    """An event in words: its clause, what it said, and for a refusal its reasons."""
    if event.type == REFUSED:
        reasons = event.data["refusals"]
        return {"clause": "、".join(dict.fromkeys(r["clause"] for r in reasons)), "lines": [], "reasons": reasons,
                "command": event.data["command"]}  # fmt: skip
    clause = _CLAUSES.get(event.type, call.period("submit").basis)
    if "deadline" in event.data:
        clause = call.period(event.data["deadline"].partition("~")[0]).basis
    lines = [(name, _value(name, event.data[name], call)) for name in _SHOWN if event.data.get(name) not in (None, "")]
    return {"clause": clause, "lines": lines, "reasons": [], "command": ""}


def _value(name: str, value: object, call: FundingCall) -> str:
    return money(value, call.currency) if name.endswith("_minor") and isinstance(value, int) else str(value)
