"""What the events of filing and the format check change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from states.application import Application, Decided, Proposal
from states.apply.change import Apply, Changes, Data, flagged
from states.checks import DocumentFacts
from states.events import Recorded


def _edited(a: Application, d: Data, e: Recorded) -> Changes:
    return {"form": {name: value for name, value in {**a.form, **d["form"]}.items() if value is not None}}


def _document_added(a: Application, d: Data, e: Recorded) -> Changes:
    document = DocumentFacts(**d["document"])
    return {"documents": (*(old for old in a.documents if old.sha256 != document.sha256), document)}


def _document_removed(a: Application, d: Data, e: Recorded) -> Changes:
    return {"documents": tuple(old for old in a.documents if old.sha256 != d["sha256"])}


def _second_filing(a: Application, d: Data, e: Recorded) -> Changes:
    return {"exception_granted": True}


def _correction_lapsed(a: Application, d: Data, e: Recorded) -> Changes:
    return {"lapsed_at": e.effective_at}


def _submitted(a: Application, d: Data, e: Recorded) -> Changes:
    return {"number": d["number"], "findings": tuple(d["findings"]), **_arrived(a, e)}


def _arrived(a: Application, e: Recorded) -> Changes:
    return {"submitted_at": e.effective_at, "certified": "certificate" in e.facts, **_dates(a)}


def _dates(a: Application) -> Changes:
    return {name: date.fromisoformat(a.form[name]) if a.form.get(name) else None for name in ("start_on", "end_on")}


def _resubmitted(a: Application, d: Data, e: Recorded) -> Changes:
    return {"findings": tuple(d["findings"]), "decided": _kept(a, d), **_arrived(a, e)}


def _kept(a: Application, d: Data) -> dict[str, Decided]:
    """The decisions on findings that are still there."""
    still = {f["rule"] for f in d["findings"]}
    return {rule: decided for rule, decided in a.decided.items() if rule in still}


def _finding_decided(a: Application, d: Data, e: Recorded) -> Changes:
    return {"decided": {**a.decided, d["rule"]: Decided(d["verdict"], d["reason"], e.actor)}}


def _finding_seconded(a: Application, d: Data, e: Recorded) -> Changes:
    return {"decided": {**a.decided, d["rule"]: replace(a.decided[d["rule"]], seconded_by=e.actor)}}


def _topic_reassigned(a: Application, d: Data, e: Recorded) -> Changes:
    return {"form": {**a.form, "topic": d["topic"]}, "findings": tuple(d["findings"]), "decided": _kept(a, d)}


def _returned(a: Application, d: Data, e: Recorded) -> Changes:
    return {
        "correction_items": tuple(d["items"]),
        "correction_rounds": d["round"],
        "correction_extended": False,
        "proposal": None,
    }


def _passed(a: Application, d: Data, e: Recorded) -> Changes:
    """Who passes or returns an application has decided otherwise than a rejection that was proposed of it."""
    return {"proposal": None}


def _correction_extended(a: Application, d: Data, e: Recorded) -> Changes:
    return {"correction_extended": True}


def _erratum_noted(a: Application, d: Data, e: Recorded) -> Changes:
    return {"errata_told": d["number"]}


def _rejection_proposed(a: Application, d: Data, e: Recorded) -> Changes:
    return {"proposal": Proposal("rejection", f"{d['clause']}\n{d['grounds']}", e.actor)}


def _rejected(a: Application, d: Data, e: Recorded) -> Changes:
    return {"proposal": None, "grounds": f"{d['clause']}：{d['grounds']}"}


def _withdrawn(a: Application, d: Data, e: Recorded) -> Changes:
    return {"proposal": None, "grounds": d["reason"]}


def _review_upheld(a: Application, d: Data, e: Recorded) -> Changes:
    """The decision is set aside, with the objections on which it rested."""
    objections = tuple(replace(o, status="dismissed") if o.status == "upheld" else o for o in a.objections)
    return {"proposal": None, "grounds": "", "objections": objections}


def _passed_deadline(a: Application, d: Data, e: Recorded) -> Changes:
    kind = d["deadline"].partition(":")[0]
    return flagged(a, f"{kind}_late") if kind in _FLAGGED else {}


_FLAGGED = frozenset(
    {
        "format_check",
        "score",
        "decision",
        "milestone",
        "objection",
        "review_decision",
        "first_payment",
        "acceptance_decision",
    }
)

APPLY: Mapping[str, Apply] = {
    "DraftEdited": _edited,
    "DocumentAdded": _document_added,
    "DocumentRemoved": _document_removed,
    "ErratumNoted": _erratum_noted,
    "SecondFilingGranted": _second_filing,
    "ApplicationSubmitted": _submitted,
    "ApplicationResubmitted": _resubmitted,
    "ApplicationWithdrawn": _withdrawn,
    "FindingDecided": _finding_decided,
    "FindingSeconded": _finding_seconded,
    "TopicReassigned": _topic_reassigned,
    "CorrectionLapsed": _correction_lapsed,
    "ReturnedForCorrection": _returned,
    "FormatCheckPassed": _passed,
    "CorrectionExtended": _correction_extended,
    "RejectionProposed": _rejection_proposed,
    "ApplicationRejected": _rejected,
    "ReviewUpheld": _review_upheld,
    "DeadlinePassed": _passed_deadline,
}
