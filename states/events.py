"""What has happened: one past-tense event type for each command, in one closed registry.

An event's data holds every field of its command under the same name, and what was derived when it was decided.
So an event says by itself what was asked and what followed, and the command can be rebuilt from it and decided again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, NamedTuple

from states.commands import COMMANDS


class Recorded(NamedTuple):
    """An event as it stands on the ledger. `data` and `facts` are plain JSON; instants are aware UTC.

    `version` counts the application's events from 1 without gaps; `position` counts the ledger's likewise.
    `effective_at` is when it took effect (a request's arrival, a deadline's due instant), `recorded_at` when written.
    """

    position: int
    application: str
    version: int
    type: str
    type_version: int
    rules_hash: str
    command_id: str
    actor: str
    role: str
    effective_at: datetime
    recorded_at: datetime
    facts: Mapping[str, Any]
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EventType:
    """A kind of event: its stored name and version, the command it answers, and the keys derived beside it."""

    name: str
    version: int
    command: str
    derived: frozenset[str]

    @property
    def keys(self) -> frozenset[str]:
        """Every key the data of this event has, `arms` and `clears` aside."""
        return frozenset(f.name for f in fields(COMMANDS[self.command])) | self.derived


REFUSED = "CommandRefused"
REFUSED_VERSION = 1

# command -> event, and the keys its derivation adds
_NAMES: Mapping[str, tuple[str, str]] = {
    "CreateDraft": ("DraftCreated", "call_id"),
    "EditDraft": ("DraftEdited", ""),
    "AddDocument": ("DocumentAdded", "document"),
    "RemoveDocument": ("DocumentRemoved", ""),
    "GrantSecondFiling": ("SecondFilingGranted", ""),
    "SubmitApplication": ("ApplicationSubmitted", "number findings received_at"),
    "LapseDraft": ("DraftLapsed", ""),
    "FollowWindow": ("WindowFollowed", "closes_at"),
    "NoteErratum": ("ErratumNoted", "clause before after reason"),
    "WithdrawApplication": ("ApplicationWithdrawn", "may_refile"),
    "ClaimFormatCheck": ("FormatCheckClaimed", ""),
    "DecideFinding": ("FindingDecided", ""),
    "SecondFinding": ("FindingSeconded", ""),
    "ReassignTopic": ("TopicReassigned", "topic_before findings"),
    "ReturnForCorrection": ("ReturnedForCorrection", "round due_at"),
    "ExtendCorrection": ("CorrectionExtended", "due_at"),
    "ResubmitApplication": ("ApplicationResubmitted", "findings received_at"),
    "LapseCorrection": ("CorrectionLapsed", ""),
    "ProposeRejection": ("RejectionProposed", ""),
    "RejectApplication": ("ApplicationRejected", "clause grounds"),
    "PassFormatCheck": ("FormatCheckPassed", ""),
    "ReopenFormatCheck": ("FormatCheckReopened", ""),
    "RequestReview": ("ReviewRequested", ""),
    "UpholdReview": ("ReviewUpheld", ""),
    "DismissReview": ("ReviewDismissed", ""),
    "PassDeadline": ("DeadlinePassed", ""),
    "RescheduleDeadlines": ("DeadlinesRescheduled", "moved"),
    "Remind": ("ReminderDue", "due_at"),
    "StartReview": ("ReviewStarted", ""),
    "AcceptInvitation": ("InvitationAccepted", ""),
    "DeclineInvitation": ("InvitationDeclined", ""),
    "DeclareConflict": ("ConflictDeclared", ""),
    "ReplaceExpert": ("ExpertReplaced", ""),
    "SubmitScore": ("ScoreSubmitted", "total_ppm"),
    "ReopenScore": ("ScoreReopened", ""),
    "RecordPanel": ("PanelRecorded", ""),
    "ProposeAward": ("AwardProposed", ""),
    "ProposeDecline": ("DeclineProposed", ""),
    "WithdrawProposal": ("ProposalWithdrawn", "kind"),
    "PublishProposal": ("ProposalPublished", "amount_minor ends_at"),
    "FileObjection": ("ObjectionFiled", ""),
    "DecideObjection": ("ObjectionDecided", ""),
    "ApproveApplication": ("ApplicationApproved", ""),
    "DeclineApplication": ("ApplicationDeclined", "opinions"),
    "ConfirmContacts": ("ContactsConfirmed", ""),
    "AskContacts": ("ContactsAsked", ""),
    "SignAgreement": ("AgreementSigned", ""),
    "ReturnAgreement": ("AgreementReturned", ""),
    "CountersignAgreement": ("AgreementCountersigned", ""),
    "WaiveAward": ("AwardWaived", ""),
    "LapseAward": ("AwardLapsed", ""),
    "RecordPayment": ("PaymentRecorded", ""),
    "ConfirmPayment": ("PaymentConfirmed", "amount_minor"),
    "VoidPayment": ("PaymentVoided", ""),
    "ReportMilestone": ("MilestoneReported", ""),
    "DecideMilestone": ("MilestoneDecided", ""),
    "StartExecution": ("ExecutionStarted", "end_on"),
    "SubmitReport": ("ReportSubmitted", ""),
    "MarkReportLate": ("ReportMarkedLate", ""),
    "EscalateReport": ("ReportEscalated", ""),
    "DecideMidTerm": ("MidTermDecided", ""),
    "RequestChange": ("ChangeRequested", "findings"),
    "RequestExtension": ("ExtensionRequested", "findings"),
    "DecideRequest": ("RequestDecided", "kind end_on"),
    "ProposeSuspension": ("SuspensionProposed", ""),
    "SuspendProject": ("ProjectSuspended", "reason"),
    "ResumeProject": ("ProjectResumed", ""),
    "EndExecution": ("ExecutionEnded", "end_on acceptance_due_at"),
    "RequestAcceptance": ("AcceptanceRequested", "findings"),
    "ReturnAcceptanceMaterials": ("AcceptanceMaterialsReturned", "due_at"),
    "RequireRectification": ("RectificationRequired", "due_at"),
    "ProposeOutcome": ("OutcomeProposed", ""),
    "ConfirmOutcome": ("ApplicationClosed", "outcome verified grounds recover_minor"),
    "EvaluatePerformance": ("PerformanceEvaluated", ""),
    "MarkAcceptanceOverdue": ("AcceptanceMarkedOverdue", ""),
    "EscalateAcceptance": ("AcceptanceEscalated", ""),
    "ProposeTermination": ("TerminationProposed", "heard_until"),
    "ProposeRevocation": ("RevocationProposed", "heard_until recover_minor"),
    "SubmitDefence": ("DefenceSubmitted", ""),
    "ConfirmTermination": ("ApplicationTerminated", "grounds recover_minor"),
    "ConfirmRevocation": ("ApplicationRevoked", "grounds recover_minor"),
    "RecordRecovery": ("RecoveryRecorded", ""),
    "CloseRecovery": ("RecoveryClosed", ""),
    "ArchiveApplication": ("ApplicationArchived", ""),
    "ProposeCredit": ("CreditProposed", ""),
    "EnterCredit": ("CreditEntered", "entry kind clause grounds ended_on until"),
    "ObjectToCredit": ("CreditObjectionFiled", "due_at"),
    "DecideCreditObjection": ("CreditObjectionDecided", ""),
    "ProposeCreditRepair": ("CreditRepairProposed", ""),
    "RepairCredit": ("CreditRepaired", "entry reason"),
    "ExpireCredit": ("CreditExpired", "entry"),
}


def _registered() -> dict[str, EventType]:
    """One event type for each command, or an error at import: nothing may be stored under an unknown name."""
    if _NAMES.keys() != COMMANDS.keys():
        raise TypeError(f"commands and events differ: {sorted(_NAMES.keys() ^ COMMANDS.keys())}")
    return {
        command: EventType(name, 1, command, frozenset(derived.split())) for command, (name, derived) in _NAMES.items()
    }


BY_COMMAND: Mapping[str, EventType] = _registered()
"""Command name to the event type that answers it."""

BY_NAME: Mapping[str, EventType] = {event.name: event for event in BY_COMMAND.values()}
"""Event name to event type; the recorded refusal is not among them."""
