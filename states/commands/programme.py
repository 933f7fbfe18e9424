"""What may be asked of a call as a whole, not of one application."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishCall:
    """The call is published; the office is told day by day and month by month what becomes of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeExtension:
    """Propose that the window stays open for all until `closes_at`, on evidence of an outage, say."""

    closes_at: datetime
    reason: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendWindow:
    """Another officer confirms: the window stays open for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TellExtension:
    """Every draft has been moved to the new close."""

    deadline: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeErratum:
    """Propose a correction of the notice (更正): at which place, what stands there, and what is to stand there."""

    clause: str
    before: str
    after: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishErratum:
    """Another officer confirms: the correction is published and told to every draft."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TellErratum:
    """Every draft has been told of the corrections."""

    deadline: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeCalendar:
    """Propose that days yet to come are off, or worked, other than the published working calendar has it (调整工作日历)."""

    basis: str
    days_off: tuple[date, ...] = ()
    days_worked: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendCalendar:
    """Another officer confirms: from now on the call counts by the changed calendar, and deadlines move accordingly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TellCalendar:
    """Every deadline has been moved by the changed calendar."""

    deadline: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SummariseDay:
    """What came in since the last summary, for the officers."""

    deadline: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SummariseMonth:
    """How far the programme is from its targets."""

    deadline: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """At most so many awards, or so much money, for one direction of the call."""

    direction: str
    awards_max: int | None = None
    amount_max_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeEnvelope:
    """Propose how much money the call has to award, and quotas of directions; it takes the place of what was set."""

    envelope_minor: int
    reason: str
    quotas: tuple[Quota, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SetEnvelope:
    """Another officer confirms the envelope: from now on no proposal may exceed what is left of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An expert who may be drawn, for at most so many applications. `topics` are topic ids or beginnings of them."""

    id: str
    unit: str
    topics: tuple[str, ...]
    load_max: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidacy:
    """An application for which experts are drawn."""

    id: str
    unit: str
    topic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """What keeps an expert from an application."""

    application: str
    expert: str
    ties: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """The experts drawn for an application."""

    application: str
    experts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawExperts:
    """Draw experts for the applications that wait for review: `per` for each, by a seed. The command carries what the
    draw rests on and what came of it, so that anybody can draw again; `solver` says by what it was solved.
    """

    per: int
    seed: int
    experts: tuple[Candidate, ...]
    applications: tuple[Candidacy, ...]
    ties: tuple[Tie, ...]
    drawn: tuple[Drawn, ...]
    solver: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawChange:
    """Take back what waits for another officer's word. `of` is the command that proposed it, ProposeExtension say."""

    of: str
    reason: str


COMMANDS = (
    PublishCall,
    ProposeExtension,
    ExtendWindow,
    TellExtension,
    ProposeErratum,
    PublishErratum,
    TellErratum,
    ProposeCalendar,
    AmendCalendar,
    TellCalendar,
    SummariseDay,
    SummariseMonth,
    ProposeEnvelope,
    SetEnvelope,
    WithdrawChange,
    DrawExperts,
)
