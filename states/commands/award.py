"""What may be asked between the approval and the start of execution."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from states.commands.filing import Contact, CorrectionItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """Something to be reached by a day."""

    title: str
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SignAgreement:
    """The unit signs the agreement (项目协议): instalments in minor units, milestones and the execution period.

    `waits_for` names for each instalment the milestone (counted from 1) that it waits for, 0 for none; empty: none waits.
    `indicators` (考核指标) holds what is promised by the id of the form's field; what is left out is as it was filed.
    """

    instalments_minor: tuple[int, ...]
    milestones: tuple[Milestone, ...]
    start_on: date
    end_on: date
    waits_for: tuple[int, ...] = ()
    indicators: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnAgreement:
    """The authority does not sign yet: one complete list of what to mend; the unit signs another version."""

    items: tuple[CorrectionItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountersignAgreement:
    """The authority signs; the agreement is in force."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiveAward:
    """The unit gives the award up (放弃立项)."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LapseAward:
    """The agreement was never signed, the extra days included: the award counts as given up."""

    deadline: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPayment:
    """A finance officer records the payment of an instalment (counted from 1)."""

    instalment: int
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmPayment:
    """Another finance officer confirms a recorded payment."""

    instalment: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidPayment:
    """Take back a recorded payment that nobody has confirmed."""

    instalment: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportMilestone:
    """The unit reports a milestone (counted from 1) as reached, with its evidence in words."""

    milestone: int
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideMilestone:
    """Confirm that a reported milestone is reached, or give it back."""

    milestone: int
    reached: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StartExecution:
    """The execution period has begun."""

    deadline: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmContacts:
    """Say who the unit's contacts are now (联系人确认): those given take the place of those before. People, or, once
    concealed, the commitments to them.
    """

    contacts: tuple[Contact | str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskContacts:
    """Half a year is over: the unit is asked whether its contacts are still the right people."""

    deadline: str


COMMANDS = (
    ConfirmContacts,
    AskContacts,
    SignAgreement,
    ReturnAgreement,
    CountersignAgreement,
    WaiveAward,
    LapseAward,
    RecordPayment,
    ConfirmPayment,
    VoidPayment,
    ReportMilestone,
    DecideMilestone,
    StartExecution,
)
