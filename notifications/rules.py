"""Which event tells whom what: one table from event types to notices. Nothing here writes or sends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from states.actor import Role
from states.application import HEARD_FIRST, Application
from states.events import BY_NAME, REFUSED, Recorded
from workflow.tasks import MET_BY, kind_of

UNIT, OFFICERS, HEAD, PUBLIC, OBJECTOR = "unit", "officers", "head", "public", "objector"
# Experts by their part in the event: still to score; who acts; who comes in; who is named; whose answer is due.
EXPERTS, ACTOR, REPLACEMENT, REPLACED, INVITED = "experts", "actor", "replacement", "replaced", "invited"
STATUTORY, REMINDER, INFORMATION = "statutory", "reminder", "information"


class Planned(NamedTuple):
    """A notice to be made: by which template (a file in templates/mail), to which audience, and of what kind.

    `ref` is the notice's number in the catalogue. Statutory notices go out at least once, reminders at most once.
    """

    template: str
    ref: str
    audience: str
    kind: str


When = Callable[[Recorded, Application], bool]


class Rule(NamedTuple):
    """A notice that an event of some type gives, where `when` holds."""

    planned: Planned
    when: When | None = None


def _kind(event: Recorded) -> str:
    return str(event.data["deadline"]).partition("~")[0].partition(":")[0]


def _on(kind: str) -> When:
    return lambda event, _: _kind(event) == kind


def _of_the_office(event: Recorded, _: Application) -> bool:
    """Whether a reminder is of a deadline that neither the unit nor the experts are reminded of."""
    return _kind(event) not in _REMINDED


_REMINDED = frozenset(
    [
        "submit",
        "correction",
        "score",
        "invitation",
        "agreement",
        "report",
        "milestone",
        "execution_end",
        "acceptance_request",
        "materials",
        "rectification",
        "recovery",
    ]
)


def _moved_for(role: Role) -> When:
    """Whether a deadline that this role has to meet was moved."""
    return lambda event, _: any(role in MET_BY[kind_of(one["deadline"])] for one in event.data["moved"])


def _filed(_: Recorded, application: Application) -> bool:
    return bool(application.number)


def _owing(event: Recorded, _: Application) -> bool:
    return bool(event.data["recover_minor"])


def _heard(event: Recorded, _: Application) -> bool:
    """Whether the unit had been told of the proposal, to state its case."""
    return event.data["kind"] in HEARD_FIRST


def _data(key: str, value: object) -> When:
    return lambda event, _: bool(event.data.get(key) == value)


def _attempt_to_file(event: Recorded, _: Application) -> bool:
    return event.data["command"] in ("SubmitApplication", "ResubmitApplication")


def _n(ref: str, template: str, kind: str, *audiences: str, when: When | None = None) -> tuple[Rule, ...]:
    return tuple(Rule(Planned(template, ref, audience, kind), when) for audience in audiences)


TABLE: Mapping[str, tuple[Rule, ...]] = {
    "DraftCreated": _n("N02", "draft_created", INFORMATION, UNIT),
    "DraftLapsed": _n("N04", "draft_lapsed", STATUTORY, UNIT),
    "ErratumNoted": _n("N54", "erratum", STATUTORY, UNIT),
    "WindowFollowed": _n("N53", "window_extended", STATUTORY, UNIT),
    "ApplicationSubmitted": _n("N05", "submission_receipt", STATUTORY, UNIT),
    "SecondFilingGranted": _n("N07", "second_filing_granted", STATUTORY, UNIT),
    "ApplicationWithdrawn": _n("N08", "withdrawn", STATUTORY, UNIT)
    + _n("N08", "withdrawn", INFORMATION, OFFICERS, when=_filed),
    "ReturnedForCorrection": _n("N09", "correction_notice", STATUTORY, UNIT),
    "CorrectionExtended": _n("N09", "correction_extended", STATUTORY, UNIT),
    "ApplicationResubmitted": _n("N11", "correction_received", STATUTORY, UNIT)
    + _n("N11", "correction_received", INFORMATION, OFFICERS),
    "CorrectionLapsed": _n("N12", "correction_lapsed", STATUTORY, UNIT),
    "ApplicationRejected": _n("N12", "rejected", STATUTORY, UNIT),
    "TopicReassigned": _n("N13", "topic_reassigned", STATUTORY, UNIT),
    "FormatCheckPassed": _n("N14", "format_check_passed", STATUTORY, UNIT),
    "FormatCheckReopened": _n("N14", "format_check_reopened", STATUTORY, UNIT),
    "ReviewRequested": _n("N27", "review_requested", STATUTORY, UNIT),
    "ReviewUpheld": _n("N28", "review_upheld", STATUTORY, UNIT),
    "ReviewDismissed": _n("N28", "review_dismissed", STATUTORY, UNIT),
    "ReviewStarted": _n("N15", "review_started", INFORMATION, UNIT)
    + _n("N16", "expert_invitation", STATUTORY, EXPERTS),
    "ExpertReplaced": _n("N16", "expert_invitation", STATUTORY, REPLACEMENT)
    + _n("N18", "expert_released", INFORMATION, REPLACED),
    "InvitationDeclined": _n("N18", "expert_left", INFORMATION, OFFICERS),
    "ConflictDeclared": _n("N18", "expert_left", INFORMATION, OFFICERS),
    "ScoreReopened": _n("N18", "score_reopened", INFORMATION, REPLACED),
    "ScoreSubmitted": _n("N19", "score_receipt", INFORMATION, ACTOR),
    "ProposalPublished": _n("N21", "public_notice", STATUTORY, PUBLIC)
    + _n("N22", "proposal_published", INFORMATION, UNIT),
    "ObjectionFiled": _n("N23", "objection_filed", STATUTORY, OBJECTOR, UNIT),
    "ObjectionDecided": _n("N24", "objection_decided", STATUTORY, OBJECTOR, UNIT),
    "ApplicationApproved": _n("N25", "approved", STATUTORY, UNIT),
    "ApplicationDeclined": _n("N26", "declined", STATUTORY, UNIT),
    "ContactsAsked": _n("N58", "confirm_contacts", REMINDER, UNIT),
    "AgreementReturned": _n("N29", "agreement_returned", STATUTORY, UNIT),
    "AgreementCountersigned": _n("N29", "agreement_in_force", STATUTORY, UNIT)
    + _n("N29", "agreement_in_force", INFORMATION, OFFICERS),
    "AwardLapsed": _n("N30", "award_lapsed", STATUTORY, UNIT),
    "AwardWaived": _n("N30", "award_waived", STATUTORY, UNIT),
    "PaymentConfirmed": _n("N31", "payment_confirmed", STATUTORY, UNIT),
    "MilestoneReported": _n("N35", "milestone_reported", INFORMATION, UNIT, OFFICERS),
    "MilestoneDecided": _n("N36", "milestone_decided", STATUTORY, UNIT),
    "ExecutionStarted": _n("N32", "execution_started", INFORMATION, UNIT),
    "ReportMarkedLate": _n("N34", "report_late", STATUTORY, UNIT),
    "ReportEscalated": _n("N34", "report_escalated", STATUTORY, UNIT, OFFICERS, HEAD),
    "ReportSubmitted": _n("N35", "report_receipt", INFORMATION, UNIT),
    "MidTermDecided": _n("N36", "midterm_decided", STATUTORY, UNIT),
    "ChangeRequested": _n("N37", "request_received", INFORMATION, UNIT, OFFICERS),
    "ExtensionRequested": _n("N37", "request_received", INFORMATION, UNIT, OFFICERS),
    "RequestDecided": _n("N38", "change_decided", STATUTORY, UNIT, when=_data("kind", "change"))
    + _n("N39", "extension_decided", STATUTORY, UNIT, when=_data("kind", "extension")),
    "ProjectSuspended": _n("N40", "suspended", STATUTORY, UNIT),
    "ProjectResumed": _n("N40", "resumed", STATUTORY, UNIT),
    "ExecutionEnded": _n("N42", "execution_ended", STATUTORY, UNIT),
    "AcceptanceRequested": _n("N43", "acceptance_requested", STATUTORY, UNIT),
    "AcceptanceMaterialsReturned": _n("N44", "acceptance_materials", STATUTORY, UNIT),
    "RectificationRequired": _n("N46", "rectification", STATUTORY, UNIT),
    "ApplicationClosed": _n("N45", "closed_accepted", STATUTORY, UNIT, when=_data("outcome", "accepted"))
    + _n("N47", "closed_concluded", STATUTORY, UNIT, when=_data("outcome", "concluded"))
    + _n("N47", "closed_failed", STATUTORY, UNIT, when=_data("outcome", "failed"))
    + _n("N50", "recovery_demanded", STATUTORY, UNIT, when=_owing),
    "PerformanceEvaluated": _n("N45", "performance_evaluated", INFORMATION, UNIT),
    "AcceptanceMarkedOverdue": _n("N48", "acceptance_overdue", STATUTORY, UNIT, OFFICERS, HEAD),
    "AcceptanceEscalated": _n("N48", "acceptance_escalated", STATUTORY, UNIT, OFFICERS, HEAD),
    "TerminationProposed": _n("N49", "termination_proposed", STATUTORY, UNIT),
    "RevocationProposed": _n("N49", "revocation_proposed", STATUTORY, UNIT),
    "ProposalWithdrawn": _n("N49", "proposal_withdrawn", STATUTORY, UNIT, when=_heard),
    "DefenceSubmitted": _n("N49", "defence_received", INFORMATION, UNIT),
    "ApplicationTerminated": _n("N50", "terminated", STATUTORY, UNIT),
    "ApplicationRevoked": _n("N50", "revoked", STATUTORY, UNIT),
    "RecoveryRecorded": _n("N51", "recovery_recorded", STATUTORY, UNIT)
    + _n("N51", "recovery_recorded", INFORMATION, OFFICERS),
    "RecoveryClosed": _n("N51", "recovery_closed", STATUTORY, UNIT),
    "CreditEntered": _n("N52", "credit_entered", STATUTORY, UNIT),
    "CreditObjectionFiled": _n("N52", "credit_objection_received", STATUTORY, UNIT)
    + _n("N52", "credit_objection_received", INFORMATION, OFFICERS),
    "CreditObjectionDecided": _n("N52", "credit_objection_decided", STATUTORY, UNIT),
    "CreditRepaired": _n("N52", "credit_repaired", STATUTORY, UNIT),
    "CreditExpired": _n("N52", "credit_expired", STATUTORY, UNIT),
    "DeadlinesRescheduled": _n("N55", "deadlines_moved", STATUTORY, UNIT, when=_moved_for(Role.APPLICANT))
    + _n("N55", "deadlines_moved", STATUTORY, EXPERTS, when=_moved_for(Role.EXPERT)),
    "ReminderDue": _n("N03", "remind_submit", REMINDER, UNIT, when=_on("submit"))
    + _n("N10", "remind_correction", REMINDER, UNIT, when=_on("correction"))
    + _n("N17", "remind_invitation", REMINDER, INVITED, when=_on("invitation"))
    + _n("N17", "remind_score", REMINDER, EXPERTS, when=_on("score"))
    + _n("N30", "remind_agreement", REMINDER, UNIT, when=_on("agreement"))
    + _n("N33", "remind_report", REMINDER, UNIT, when=_on("report"))
    + _n("N33", "remind_milestone", REMINDER, UNIT, when=_on("milestone"))
    + _n("N41", "remind_execution_end", REMINDER, UNIT, OFFICERS, when=_on("execution_end"))
    + _n("N42", "remind_acceptance", REMINDER, UNIT, when=_on("acceptance_request"))
    + _n("N44", "remind_materials", REMINDER, UNIT, when=_on("materials"))
    + _n("N46", "remind_rectification", REMINDER, UNIT, when=_on("rectification"))
    + _n("N50", "remind_recovery", REMINDER, UNIT, when=_on("recovery"))
    + _n("N20", "remind_office", REMINDER, OFFICERS, when=_of_the_office),
    "DeadlinePassed": _n("N30", "agreement_late", STATUTORY, UNIT, when=_on("agreement"))
    + _n("N17", "invitation_late", REMINDER, INVITED, when=_on("invitation"))
    + _n("N20", "officers_late", REMINDER, OFFICERS, when=_on("invitation"))
    + _n("N17", "score_late", REMINDER, EXPERTS, when=_on("score"))
    + _n("N20", "officers_late", REMINDER, OFFICERS, when=_on("score"))
    + _n("N20", "officers_late", REMINDER, OFFICERS, HEAD, when=_on("decision"))
    + _n("N20", "officers_late", REMINDER, HEAD, when=_on("objection"))
    + _n("N20", "officers_late", REMINDER, HEAD, when=_on("review_decision"))
    + _n("N20", "officers_late", REMINDER, OFFICERS, when=_on("first_payment"))
    + _n("N20", "officers_late", REMINDER, OFFICERS, when=_on("acceptance_decision"))
    + _n("N20", "officers_late", REMINDER, OFFICERS, HEAD, when=_on("credit_objection"))
    + _n("N34", "milestone_late", STATUTORY, UNIT, when=_on("milestone"))
    + _n("N34", "milestone_escalated", STATUTORY, UNIT, OFFICERS, HEAD, when=_on("milestone_escalation"))
    + _n("N50", "recovery_late", STATUTORY, UNIT, OFFICERS, when=_on("recovery")),
    REFUSED: _n("N60", "attempt_refused", INFORMATION, UNIT, when=_attempt_to_file),
}
"""Event type to the notices it gives."""


def _anything(event: Recorded) -> bool:
    return bool(event.data["events"])


CALL_TABLE: Mapping[str, tuple[tuple[Planned, Callable[[Recorded], bool] | None], ...]] = {
    "DaySummarised": ((Planned("daily_digest", "N06", OFFICERS, INFORMATION), _anything),),
    "MonthSummarised": (
        (Planned("monthly_progress", "N59", OFFICERS, INFORMATION), None),
        (Planned("monthly_progress", "N59", HEAD, INFORMATION), None),
    ),
}
"""Event of a call as a whole to the notices it gives; its other events tell nobody by mail."""


def planned_of_call(event: Recorded) -> tuple[Planned, ...]:
    """The notices of an event of a call as a whole."""
    return tuple(plan for plan, when in CALL_TABLE.get(event.type, ()) if when is None or when(event))


SILENT: Mapping[str, str] = {
    "DraftEdited": "the unit did it itself, on screen",
    "DocumentAdded": "the unit did it itself, on screen",
    "DocumentRemoved": "the unit did it itself, on screen",
    "FormatCheckClaimed": "shown in the status line",
    "FindingDecided": "told with the result of the format check",
    "FindingSeconded": "told with the result of the format check",
    "RejectionProposed": "a proposal within the office",
    "InvitationAccepted": "the expert did it, on screen",
    "PanelRecorded": "told with the decision",
    "AwardProposed": "a proposal within the office",
    "DeclineProposed": "a proposal within the office",
    "ContactsConfirmed": "the unit did it itself, on screen",
    "AgreementSigned": "told once both sides have signed",
    "PaymentRecorded": "told once it is confirmed",
    "PaymentVoided": "its recording had told nobody",
    "SuspensionProposed": "a proposal within the office",
    "OutcomeProposed": "a proposal within the office",
    "ApplicationArchived": "nothing is asked of anybody",
    "CreditProposed": "a proposal within the office",
    "CreditRepairProposed": "a proposal within the office",
}
"""Event types that tell nobody by mail, and why."""

if TABLE.keys() - {REFUSED} | SILENT.keys() != BY_NAME.keys():
    raise TypeError(f"events without a word on notices: {sorted(BY_NAME.keys() - TABLE.keys() - SILENT.keys())}")


def planned(event: Recorded, application: Application) -> tuple[Planned, ...]:
    """The notices of an event; `application` is as it stands right after it."""
    rules = TABLE.get(event.type, ())
    return tuple(rule.planned for rule in rules if rule.when is None or rule.when(event, application))
