"""What may be asked while an application is filed and checked for form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Scalar = str | int | bool | None | list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A person of the unit. Personal: only a commitment to it reaches the ledger."""

    name: str
    email: str
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateDraft:
    """Open a draft for a unit. `contacts` are people, or, once concealed, the commitments to them."""

    unit_code: str
    unit_name: str
    unit_kind: str
    contacts: tuple[Contact | str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EditDraft:
    """Set fields of the application form (field id to value); fields not named stay as they are."""

    form: Mapping[str, Scalar]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddDocument:
    """Attach a stored document, known by the SHA-256 of its bytes, as one of the call's materials."""

    material: str
    name: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveDocument:
    """Detach a document."""

    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantSecondFiling:
    """Allow this draft beside another live application of the same unit (原则上只能申报一个项目), given beforehand."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitApplication:
    """File the application as it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LapseDraft:
    """The window closed on an unsubmitted draft."""

    deadline: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowWindow:
    """The window was extended for all: a draft, also one that has lapsed, may be filed until the new close."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteErratum:
    """The notice was corrected while an application is being filled in or mended; `number` counts corrections from 1."""

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawApplication:
    """The unit takes its application back (撤回)."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimFormatCheck:
    """An officer takes the case on (形式审查)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideFinding:
    """Decide a finding that the notice leaves to an officer. `verdict` is override or uphold."""

    rule: str
    verdict: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFinding:
    """Another officer confirms an override that needs two."""

    rule: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReassignTopic:
    """Move the application to another topic of the call instead of rejecting it."""

    topic: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionItem:
    """One thing to mend: the clause it rests on, the field or document it concerns, and what would cure it."""

    clause: str
    field: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnForCorrection:
    """Send the application back with everything that must be mended, told once and completely (一次性告知)."""

    items: tuple[CorrectionItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendCorrection:
    """Give the correction period once more, for a reason such as an outage."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResubmitApplication:
    """Hand the corrected application in again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LapseCorrection:
    """The correction period ended without an answer."""

    deadline: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeRejection:
    """Propose not to take the application in (不予受理), with clause and grounds."""

    clause: str
    grounds: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectApplication:
    """Another officer confirms the proposed rejection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassFormatCheck:
    """The application is taken in (受理)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenFormatCheck:
    """Undo the passing of the format check, before review begins."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestReview:
    """The unit asks for a review (复核) of a rejection or of a decision not to fund."""

    grounds: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UpholdReview:
    """The review finds for the unit: the case goes back to where it was decided."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DismissReview:
    """The review confirms the decision."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PassDeadline:
    """A deadline that moves no state has passed."""

    deadline: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RescheduleDeadlines:
    """The working calendar was changed: deadlines that fall later by it are moved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remind:
    """A reminder ahead of a deadline has fallen due."""

    deadline: str


COMMANDS = (
    CreateDraft,
    EditDraft,
    AddDocument,
    RemoveDocument,
    GrantSecondFiling,
    SubmitApplication,
    LapseDraft,
    FollowWindow,
    NoteErratum,
    WithdrawApplication,
    ClaimFormatCheck,
    DecideFinding,
    SecondFinding,
    ReassignTopic,
    ReturnForCorrection,
    ExtendCorrection,
    ResubmitApplication,
    LapseCorrection,
    ProposeRejection,
    RejectApplication,
    PassFormatCheck,
    ReopenFormatCheck,
    RequestReview,
    UpholdReview,
    DismissReview,
    PassDeadline,
    RescheduleDeadlines,
    Remind,
)
