"""What may be asked during expert review, up to the decision to fund."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpertRef:
    """An expert by account, and the code of the unit that employs the expert."""

    id: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StartReview:
    """Begin expert review with the experts drawn; `seed` is the recorded seed of the draw, `reason` why it is departed
    from, where it is.
    """

    experts: tuple[ExpertRef, ...]
    seed: int
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptInvitation:
    """The expert will review and declares no conflict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineInvitation:
    """The expert cannot review."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclareConflict:
    """The expert declares a conflict of interest (回避)."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceExpert:
    """Put another expert in the place of one who declined, is late or must recuse."""

    expert: str
    replacement: ExpertRef
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitScore:
    """The expert's points per criterion, comment on the whole, and comments on criteria where the call asks for them."""

    points: Mapping[str, int]
    comment: str
    comments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenScore:
    """Give an expert's submitted score back for revision."""

    expert: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPanel:
    """The panel's vote and minutes."""

    votes_for: int
    votes_against: int
    minutes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeAward:
    """Propose the application for funding (拟支持) with an amount."""

    amount_minor: int
    grounds: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeDecline:
    """Propose not to fund the application."""

    grounds: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawProposal:
    """Take back a proposal of the office that nobody has confirmed, at whatever stage."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishProposal:
    """Put the proposed award out for public notice (公示)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Objector:
    """Who objects, by real name (实名); a unit gives its own. Personal: only a commitment to it reaches the ledger."""

    name: str
    email: str
    address: str
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileObjection:
    """Object to a published proposal, by real name (实名). `objector` is personal; once concealed, a commitment."""

    objector: Objector | str
    grounds: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideObjection:
    """Uphold or dismiss an objection; `objection` counts from 1."""

    objection: int
    upheld: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveApplication:
    """Approve the award (立项)."""

    grant_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineApplication:
    """Decide not to fund (不予立项), with grounds; the experts' opinions go to the unit."""

    grounds: str


COMMANDS = (
    StartReview,
    AcceptInvitation,
    DeclineInvitation,
    DeclareConflict,
    ReplaceExpert,
    SubmitScore,
    ReopenScore,
    RecordPanel,
    ProposeAward,
    ProposeDecline,
    WithdrawProposal,
    PublishProposal,
    FileObjection,
    DecideObjection,
    ApproveApplication,
    DeclineApplication,
)
