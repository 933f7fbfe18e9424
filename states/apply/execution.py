"""What the events of execution, acceptance and early endings change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from states.application import Application, Proposal, Request
from states.apply.change import Apply, Changes, Data, flagged, unflagged
from states.events import Recorded


def _reported(a: Application, d: Data, e: Recorded) -> Changes:
    reports = {**a.reports, d["period"]: "submitted"}
    late = {"report_late"} if "late" not in reports.values() else set()
    return {"reports": reports, "flags": a.flags - late}


def _report_late(a: Application, d: Data, e: Recorded) -> Changes:
    period = d["deadline"].partition(":")[2]
    return {"reports": {**a.reports, period: "late"}, **flagged(a, "report_late")}


def _midterm(a: Application, d: Data, e: Recorded) -> Changes:
    return {"midterm": d["outcome"]}


def _change_requested(a: Application, d: Data, e: Recorded) -> Changes:
    return {"requests": (*a.requests, Request("change", f"{d['subject']}：{d['detail']}"))}


def _extension_requested(a: Application, d: Data, e: Recorded) -> Changes:
    return {"requests": (*a.requests, Request("extension", d["reason"], date.fromisoformat(d["end_on"])))}


def _request_decided(a: Application, d: Data, e: Recorded) -> Changes:
    requests, n = list(a.requests), d["request"] - 1
    requests[n] = replace(requests[n], status="granted" if d["granted"] else "refused")
    changes: Changes = {"requests": tuple(requests)}
    if d["granted"] and requests[n].end_on:
        changes["end_on"] = requests[n].end_on
        if a.phase == "ended":  # the office answered after the last day: the project goes on
            changes |= {"phase": "running", **unflagged(a, "execution_ended", "acceptance_overdue")}
    return changes


def _suspension_proposed(a: Application, d: Data, e: Recorded) -> Changes:
    return {"proposal": Proposal("suspension", d["reason"], e.actor)}


def _suspended(a: Application, d: Data, e: Recorded) -> Changes:
    return {"proposal": None, **flagged(a, "suspended")}


def _resumed(a: Application, d: Data, e: Recorded) -> Changes:
    return unflagged(a, "suspended")


def _ended(a: Application, d: Data, e: Recorded) -> Changes:
    return flagged(a, "execution_ended")


def _acceptance_requested(a: Application, d: Data, e: Recorded) -> Changes:
    flags = (a.flags | {"completed"}) - {"acceptance_overdue"}
    return {"completed_on": date.fromisoformat(d["completed_on"]), "flags": flags}


def _rectification(a: Application, d: Data, e: Recorded) -> Changes:
    return {"rectifications": a.rectifications + 1}


def _outcome_proposed(a: Application, d: Data, e: Recorded) -> Changes:
    proposal = Proposal(f"outcome.{d['outcome']}", d["grounds"], e.actor, d["recover_minor"], d["verified"])
    return {"proposal": proposal}


def _closed(a: Application, d: Data, e: Recorded) -> Changes:
    return {
        "outcome": d["outcome"],
        "verified": d["verified"],
        "grounds": d["grounds"],
        "recover_minor": d["recover_minor"],
        "proposal": None,
    }


def _evaluated(a: Application, d: Data, e: Recorded) -> Changes:
    return {"performance": d["rating"]}


def _overdue(a: Application, d: Data, e: Recorded) -> Changes:
    return flagged(a, "acceptance_overdue")


def _termination_proposed(a: Application, d: Data, e: Recorded) -> Changes:
    return {"proposal": Proposal("termination", d["grounds"], e.actor, d["recover_minor"]), **unflagged(a, "defended")}


def _revocation_proposed(a: Application, d: Data, e: Recorded) -> Changes:
    return {"proposal": Proposal("revocation", d["grounds"], e.actor, d["recover_minor"]), **unflagged(a, "defended")}


def _defended(a: Application, d: Data, e: Recorded) -> Changes:
    return flagged(a, "defended")


def _terminated(a: Application, d: Data, e: Recorded) -> Changes:
    return {"outcome": "for_cause", "grounds": d["grounds"], "recover_minor": d["recover_minor"], "proposal": None}


def _revoked(a: Application, d: Data, e: Recorded) -> Changes:
    changes = {"outcome": "revoked", "grounds": d["grounds"], "recover_minor": d["recover_minor"], "proposal": None}
    return changes | (unflagged(a, "recovered") if d["recover_minor"] > a.recovered_minor else {})


def _recovered(a: Application, d: Data, e: Recorded) -> Changes:
    return {"recovered_minor": a.recovered_minor + d["amount_minor"]}


def _recovery_closed(a: Application, d: Data, e: Recorded) -> Changes:
    return flagged(a, "recovered")


def _archived(a: Application, d: Data, e: Recorded) -> Changes:
    return flagged(a, "archived")


APPLY: Mapping[str, Apply] = {
    "ReportSubmitted": _reported,
    "ReportMarkedLate": _report_late,
    "MidTermDecided": _midterm,
    "ChangeRequested": _change_requested,
    "ExtensionRequested": _extension_requested,
    "RequestDecided": _request_decided,
    "SuspensionProposed": _suspension_proposed,
    "ProjectSuspended": _suspended,
    "ProjectResumed": _resumed,
    "ExecutionEnded": _ended,
    "AcceptanceRequested": _acceptance_requested,
    "RectificationRequired": _rectification,
    "OutcomeProposed": _outcome_proposed,
    "ApplicationClosed": _closed,
    "PerformanceEvaluated": _evaluated,
    "AcceptanceMarkedOverdue": _overdue,
    "TerminationProposed": _termination_proposed,
    "RevocationProposed": _revocation_proposed,
    "DefenceSubmitted": _defended,
    "ApplicationTerminated": _terminated,
    "ApplicationRevoked": _revoked,
    "RecoveryRecorded": _recovered,
    "RecoveryClosed": _recovery_closed,
    "ApplicationArchived": _archived,
}
