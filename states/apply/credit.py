"""What the events of the credit record change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from states.application import Application, CreditEntry, Proposal
from states.apply.change import Apply, Changes, Data
from states.calendar import instant_of
from states.credit import FLAG, IN_FORCE
from states.events import Recorded


def _proposed(a: Application, d: Data, e: Recorded) -> Changes:
    detail = {name: d[name] for name in ("kind", "clause", "ended_on")}
    return {"proposal": Proposal("credit", d["grounds"], e.actor, detail=detail)}


def _entered(a: Application, d: Data, e: Recorded) -> Changes:
    by = (a.proposal.by, e.actor) if a.proposal is not None else (e.actor,)
    ended, until = date.fromisoformat(d["ended_on"]), instant_of(d["until"])
    entry = CreditEntry(d["kind"], d["clause"], d["grounds"], ended, until, by)
    return {"proposal": None, **_entries((*a.credits, entry), a)}


def _entries(entries: tuple[CreditEntry, ...], a: Application) -> Changes:
    """The entries, and the flag that one of them is in force."""
    in_force = any(entry.status in IN_FORCE for entry in entries)
    return {"credits": entries, "flags": a.flags | {FLAG} if in_force else a.flags - {FLAG}}


def _changed(a: Application, number: int, status: str, objection: str | None = None) -> Changes:
    entry = a.credits[number - 1]
    entry = replace(entry, status=status, objection=entry.objection if objection is None else objection)
    changes = _entries((*a.credits[: number - 1], entry, *a.credits[number:]), a)
    proposal = a.proposal
    repairs = proposal is not None and proposal.kind == "credit_repair" and proposal.detail["entry"] == str(number)
    return changes if status in IN_FORCE or not repairs else {**changes, "proposal": None}


def _objected(a: Application, d: Data, e: Recorded) -> Changes:
    return _changed(a, d["entry"], "disputed", d["grounds"])


def _decided(a: Application, d: Data, e: Recorded) -> Changes:
    return _changed(a, d["entry"], "struck" if d["upheld"] else "live")


def _repair_proposed(a: Application, d: Data, e: Recorded) -> Changes:
    return {"proposal": Proposal("credit_repair", d["reason"], e.actor, detail={"entry": str(d["entry"])})}


def _repaired(a: Application, d: Data, e: Recorded) -> Changes:
    return _changed(a, d["entry"], "repaired")


def _expired(a: Application, d: Data, e: Recorded) -> Changes:
    return _changed(a, int(d["deadline"].partition(":")[2]), "expired")


APPLY: Mapping[str, Apply] = {
    "CreditProposed": _proposed,
    "CreditEntered": _entered,
    "CreditObjectionFiled": _objected,
    "CreditObjectionDecided": _decided,
    "CreditRepairProposed": _repair_proposed,
    "CreditRepaired": _repaired,
    "CreditExpired": _expired,
}
