"""What the events between approval and execution change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from states.application import Agreement, Application, Payment, PlannedMilestone
from states.apply.change import Apply, Changes, Data, flagged, unflagged
from states.events import Recorded


def _signed(a: Application, d: Data, e: Recorded) -> Changes:
    milestones = tuple(PlannedMilestone(m["title"], date.fromisoformat(m["due_on"])) for m in d["milestones"])
    parts, waits = tuple(d["instalments_minor"]), tuple(d.get("waits_for", ()))
    start_on, end_on = date.fromisoformat(d["start_on"]), date.fromisoformat(d["end_on"])
    agreement = Agreement(parts, waits, milestones, start_on, end_on, d.get("indicators", {}))
    return {
        "instalments_minor": parts,
        "milestones": milestones,
        "start_on": start_on,
        "end_on": end_on,
        "agreements": (*a.agreements, agreement),
    }


def _agreement_returned(a: Application, d: Data, e: Recorded) -> Changes:
    return _latest(a, "returned")


def _in_force(a: Application, d: Data, e: Recorded) -> Changes:
    return _latest(a, "in_force")


def _latest(a: Application, status: str) -> Changes:
    return {"agreements": (*a.agreements[:-1], replace(a.agreements[-1], status=status))}


def _voided(a: Application, d: Data, e: Recorded) -> Changes:
    return {"payments": tuple(p for p in a.payments if p.instalment != d["instalment"])}


def _milestone(a: Application, n: int, status: str, evidence: str) -> Changes:
    changed = (replace(m, status=status, evidence=evidence) if i == n else m for i, m in enumerate(a.milestones, 1))
    return {"milestones": tuple(changed)}


def _reported(a: Application, d: Data, e: Recorded) -> Changes:
    others = (i for i, m in enumerate(a.milestones, 1) if m.status == "planned" and i != d["milestone"])
    late = any(f"milestone:{i}" not in a.deadlines for i in others)
    flags = {} if late else unflagged(a, "milestone_late")
    return {**_milestone(a, d["milestone"], "reported", d["evidence"]), **flags}


def _decided(a: Application, d: Data, e: Recorded) -> Changes:
    n: int = d["milestone"]
    late = f"milestone_escalation:{n}" in d.get("arms", {})
    flags = flagged(a, "milestone_late") if late else {}
    return {**_milestone(a, n, "reached" if d["reached"] else "planned", a.milestones[n - 1].evidence), **flags}


def _given_up(a: Application, d: Data, e: Recorded) -> Changes:
    return {"outcome": "waived", "proposal": None}


def _paid(a: Application, d: Data, e: Recorded) -> Changes:
    return {"payments": (*a.payments, Payment(d["instalment"], d["amount_minor"], e.actor))}


def _confirmed(a: Application, d: Data, e: Recorded) -> Changes:
    return {
        "payments": tuple(
            replace(p, confirmed_by=e.actor) if p.instalment == d["instalment"] else p for p in a.payments
        )
    }


def _contacts(a: Application, d: Data, e: Recorded) -> Changes:
    before = dict.fromkeys((*a.contacts_before, *a.contacts))
    return {"contacts": tuple(d["contacts"]), "contacts_before": tuple(before)}


APPLY: Mapping[str, Apply] = {
    "ContactsConfirmed": _contacts,
    "AgreementSigned": _signed,
    "AgreementReturned": _agreement_returned,
    "AgreementCountersigned": _in_force,
    "AwardWaived": _given_up,
    "AwardLapsed": _given_up,
    "PaymentRecorded": _paid,
    "PaymentConfirmed": _confirmed,
    "PaymentVoided": _voided,
    "MilestoneReported": _reported,
    "MilestoneDecided": _decided,
}
