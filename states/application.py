"""The application as the ledger's events leave it: frozen, and never edited but by a fold over those events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from states.checks import DocumentFacts


class State(StrEnum):
    """Where an application stands: the eight states of the main line, then the exits."""

    __hash__ = str.__hash__  # the hash of its value, as a plain text key has it, and without a call into Python

    DRAFT = "draft"
    SUBMITTED = "submitted"
    FORMAT_CHECKED = "format_checked"
    EXPERT_REVIEW = "expert_review"
    APPROVED = "approved"
    FUNDED = "funded"
    IN_EXECUTION = "in_execution"
    CLOSED = "closed"
    RETURNED = "returned"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"
    DECLINED = "declined"
    TERMINATED = "terminated"
    REVOKED = "revoked"


MAIN_LINE = (
    State.DRAFT,
    State.SUBMITTED,
    State.FORMAT_CHECKED,
    State.EXPERT_REVIEW,
    State.APPROVED,
    State.FUNDED,
    State.IN_EXECUTION,
    State.CLOSED,
)
# An application in one of these holds its unit's one place in the call.
LIVE = frozenset(
    {
        State.SUBMITTED,
        State.RETURNED,
        State.FORMAT_CHECKED,
        State.EXPERT_REVIEW,
        State.APPROVED,
        State.FUNDED,
        State.IN_EXECUTION,
        State.CLOSED,
    }
)
_GRANTED = frozenset({State.APPROVED, State.FUNDED, State.IN_EXECUTION})
_ENDED = frozenset({State.CLOSED, State.TERMINATED, State.REVOKED})
FINAL = frozenset(
    {
        State.CLOSED,
        State.LAPSED,
        State.WITHDRAWN,
        State.REJECTED,
        State.DECLINED,
        State.TERMINATED,
        State.REVOKED,
    }
)


@dataclass(frozen=True, slots=True)
class Decided:
    """An officer's decision on a finding; `seconded_by` is "" until a second officer has agreed."""

    verdict: str
    reason: str
    by: str
    seconded_by: str = ""


@dataclass(frozen=True, slots=True)
class Assignment:
    """An expert on this application. `status`: invited, accepted, declined, conflicted, replaced or scored.

    `asked_at` and `due_at` say since when a score is owed and by when. `position` is the place on the ledger of the
    score, `total_ppm` its weighted total; None where it was recorded before totals were.
    """

    unit: str
    status: str
    points: Mapping[str, int] = field(default_factory=dict)
    comment: str = ""
    comments: Mapping[str, str] = field(default_factory=dict)
    total_ppm: int | None = None
    position: int = 0
    asked_at: datetime | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Objection:
    """An objection in the public notice. `status`: open, upheld or dismissed."""

    objector: str
    grounds: str
    status: str = "open"


@dataclass(frozen=True, slots=True)
class Payment:
    """An instalment paid, in minor units; `confirmed_by` is "" until another finance officer confirmed it."""

    instalment: int
    amount_minor: int
    recorded_by: str
    confirmed_by: str = ""


@dataclass(frozen=True, slots=True)
class PlannedMilestone:
    """A milestone of the agreement. `status`: planned, reported or reached; `evidence` is what the unit said of it."""

    title: str
    due_on: date
    status: str = "planned"
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Agreement:
    """One version of the agreement, instalments in minor units. `status`: signed, returned or in_force.

    `waits_for` holds for each instalment the milestone it waits for, 0 for none; `indicators` what is promised by the id of
    the form's field.
    """

    instalments_minor: tuple[int, ...]
    waits_for: tuple[int, ...]
    milestones: tuple[PlannedMilestone, ...]
    start_on: date
    end_on: date
    indicators: Mapping[str, int] = field(default_factory=dict)
    status: str = "signed"


@dataclass(frozen=True, slots=True)
class Request:
    """A request of the unit. `kind`: change or extension; `status`: open, granted or refused."""

    kind: str
    detail: str
    end_on: date | None = None
    status: str = "open"


HEARD_FIRST = ("termination", "revocation")
"""The kinds of proposals on which the unit is heard before they are confirmed; of others it learns by what is decided."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What one officer has put forward and another has still to confirm."""

    kind: str
    grounds: str
    by: str
    amount_minor: int = 0
    verified: Mapping[str, int] = field(default_factory=dict)
    detail: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CreditEntry:
    """An entry in the unit's credit record, made by two officers `by` and running until an instant.

    `kind`: one of `states.credit.KINDS`; `ended_on` is when the act ended. `status`: live, disputed, struck, repaired or
    expired. `objection` is what the unit said against it last.
    """

    kind: str
    clause: str
    grounds: str
    ended_on: date
    until: datetime
    by: tuple[str, ...]
    status: str = "live"
    objection: str = ""


@dataclass(frozen=True)
class Application:
    """One application at one version. Amounts are in the currency's minor unit; deadlines are aware UTC instants.

    `changed_version` is the version of the last event that changed anything (recorded refusals do not).
    `acts` holds, for each kind of event, the account that caused the latest one: separation of duties rests on it.
    """

    id: str
    call_id: str
    state: State
    phase: str
    version: int
    changed_version: int
    unit_code: str
    unit_name: str
    unit_kind: str
    contacts: tuple[str, ...]
    created_at: datetime
    form: Mapping[str, Any] = field(default_factory=dict)
    documents: tuple[DocumentFacts, ...] = ()
    number: str = ""
    submitted_at: datetime | None = None
    certified: bool = False
    exception_granted: bool = False
    errata_told: int = 0
    contacts_before: tuple[str, ...] = ()
    findings: tuple[Mapping[str, Any], ...] = ()
    decided: Mapping[str, Decided] = field(default_factory=dict)
    correction_rounds: int = 0
    correction_items: tuple[Mapping[str, Any], ...] = ()
    correction_extended: bool = False
    lapsed_at: datetime | None = None
    experts: Mapping[str, Assignment] = field(default_factory=dict)
    panel: Mapping[str, Any] | None = None
    proposal: Proposal | None = None
    objections: tuple[Objection, ...] = ()
    grounds: str = ""
    grant_minor: int = 0
    instalments_minor: tuple[int, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    milestones: tuple[PlannedMilestone, ...] = ()
    payments: tuple[Payment, ...] = ()
    start_on: date | None = None
    end_on: date | None = None
    reports: Mapping[str, str] = field(default_factory=dict)
    midterm: str = ""
    requests: tuple[Request, ...] = ()
    rectifications: int = 0
    completed_on: date | None = None
    verified: Mapping[str, int] = field(default_factory=dict)
    outcome: str = ""
    performance: str = ""
    recover_minor: int = 0
    recovered_minor: int = 0
    credits: tuple[CreditEntry, ...] = ()
    flags: frozenset[str] = frozenset()
    deadlines: Mapping[str, datetime] = field(default_factory=dict)
    acts: Mapping[str, str] = field(default_factory=dict)
    refused_at: tuple[datetime, ...] = ()

    @property
    def topic(self) -> str:
        """The topic chosen, "" while none is."""
        return str(self.form.get("topic") or "")

    @property
    def title(self) -> str:
        """The project's title, "" while none is given."""
        return str(self.form.get("title") or "")

    @property
    def bound_minor(self) -> int:
        """What the application takes of the call's money: the sum proposed, then the grant, in the end what was kept."""
        if self.state is State.EXPERT_REVIEW:
            return self.proposal.amount_minor if self.proposal is not None and self.proposal.kind == "award" else 0
        if self.state in _GRANTED:
            return self.grant_minor
        return max(0, self.paid_minor - self.recovered_minor) if self.state in _ENDED else 0

    @property
    def live(self) -> bool:
        """Whether this application holds its unit's one place in the call."""
        return self.state in LIVE

    @property
    def next_instalment(self) -> int | None:
        """The first instalment of the agreement that is not recorded as paid, counted from 1; None where all are."""
        recorded = {payment.instalment for payment in self.payments}
        return next((n for n in range(1, len(self.instalments_minor) + 1) if n not in recorded), None)

    @property
    def paid_minor(self) -> int:
        """What has been recorded as paid so far."""
        return sum(payment.amount_minor for payment in self.payments)

    @property
    def extensions(self) -> int:
        """How many extensions were granted."""
        return sum(one.kind == "extension" and one.status == "granted" for one in self.requests)

    @property
    def confirmed_minor(self) -> int:
        """What of it a second officer has confirmed."""
        return sum(payment.amount_minor for payment in self.payments if payment.confirmed_by)
