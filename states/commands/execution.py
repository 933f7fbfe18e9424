"""What may be asked while a project is carried out, accepted, ended early or closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from states.commands.filing import CorrectionItem
from states.commands.review import ExpertRef


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitReport:
    """Hand in the progress report of a period such as 2026H1."""

    period: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkReportLate:
    """A progress report was due and is not there."""

    deadline: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateReport:
    """A late progress report goes to the officer's head."""

    deadline: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideMidTerm:
    """The mid-term check (中期检查): `outcome` is passed, rectify or failed."""

    outcome: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestChange:
    """Ask to change content, team, budget or the like (变更); `caused_on` is the day of what makes it necessary."""

    subject: str
    detail: str
    caused_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestExtension:
    """Ask for a later last day (延期)."""

    end_on: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideRequest:
    """Grant or refuse a request for change or extension; `request` counts from 1."""

    request: int
    granted: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeSuspension:
    """Propose to hold the project and its payments (暂停)."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspendProject:
    """Another officer confirms the suspension."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeProject:
    """End the suspension (恢复). The last day does not move."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndExecution:
    """The day after the last day of the execution period has begun: no more spending."""

    deadline: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestAcceptance:
    """Ask for acceptance (验收). `achieved` holds the indicators reached; `completed_on` the day of completion."""

    completed_on: date
    achieved: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnAcceptanceMaterials:
    """Acceptance materials are incomplete: one complete list of what is missing."""

    items: tuple[CorrectionItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequireRectification:
    """Acceptance found faults that can be mended (整改); allowed once."""

    items: tuple[CorrectionItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeOutcome:
    """Propose how the project closes: accepted, concluded (结题) or failed; `verified` holds confirmed indicators.

    `experts` are those of the acceptance meeting (验收专家).
    """

    outcome: str
    verified: Mapping[str, int]
    grounds: str
    recover_minor: int = 0
    experts: tuple[ExpertRef, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmOutcome:
    """Another officer confirms; the project is closed (结项)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluatePerformance:
    """The performance evaluation (绩效评价) of a closed project: `rating` is excellent, good, fair or poor."""

    rating: str
    findings: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkAcceptanceOverdue:
    """Acceptance was due to be asked for, or faults to be mended, and nothing came."""

    deadline: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateAcceptance:
    """An overdue acceptance goes to the officer's head."""

    deadline: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeTermination:
    """Tell the unit beforehand that the project is to be ended (拟终止), and what is to be paid back."""

    grounds: str
    recover_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeRevocation:
    """Tell the unit beforehand that the award is to be undone (拟撤销); all money paid comes back."""

    grounds: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitDefence:
    """The unit states its case (陈述申辩) against a proposed termination or revocation."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmTermination:
    """Another officer ends the project (终止)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmRevocation:
    """Another officer undoes the award (撤销)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRecovery:
    """Money came back (追回)."""

    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseRecovery:
    """Another finance officer confirms that all money due has come back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveApplication:
    """The dossier is closed for good."""

    deadline: str


COMMANDS = (
    SubmitReport,
    MarkReportLate,
    EscalateReport,
    DecideMidTerm,
    RequestChange,
    RequestExtension,
    DecideRequest,
    ProposeSuspension,
    SuspendProject,
    ResumeProject,
    EndExecution,
    RequestAcceptance,
    ReturnAcceptanceMaterials,
    RequireRectification,
    ProposeOutcome,
    ConfirmOutcome,
    EvaluatePerformance,
    MarkAcceptanceOverdue,
    EscalateAcceptance,
    ProposeTermination,
    ProposeRevocation,
    SubmitDefence,
    ConfirmTermination,
    ConfirmRevocation,
    RecordRecovery,
    CloseRecovery,
    ArchiveApplication,
)
