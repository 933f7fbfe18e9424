"""A call at one version, and the shape of a command about it as a whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from states.actor import Actor, Role
from states.envelope import Envelope
from states.errors import Refusal
from states.funding_call import FundingCall
from states.reasons import duty_of, refuse


class WindowProposal(NamedTuple):
    """A longer window that one officer has put forward."""

    closes_at: datetime
    reason: str
    evidence: str
    by: str


class Erratum(NamedTuple):
    """A correction of the notice (更正): at which place, what stood there and what stands there now; `published_at` is None
    while another officer has still to confirm it.
    """

    clause: str
    before: str
    after: str
    reason: str
    by: str
    published_at: datetime | None = None


class CalendarChange(NamedTuple):
    """Days that are off, and days that are worked, other than the published calendar has it; on what that rests."""

    days_off: frozenset[date]
    days_worked: frozenset[date]
    basis: str
    by: str


@dataclass(frozen=True, slots=True)
class Programme:
    """A call's course at one version; version 0 has no events yet. `closes_at` is None unless the window was extended.

    `told_upto` and `counted_upto` are the ledger positions that the last daily and monthly summaries reached;
    `verified` counts what accepted projects contributed to each target until then. `envelope` is the money in force. `errata` are the
    corrections of the notice published so far; `days_off` and `days_worked` are how its working calendar was changed. `drawn`
    holds the experts drawn for an application, by its id, and the seed of the draw.
    """

    id: str
    version: int = 0
    published: bool = False
    closes_at: datetime | None = None
    proposal: WindowProposal | None = None
    told_upto: int = 0
    counted_upto: int = 0
    verified: Mapping[str, int] = field(default_factory=dict)
    envelope: Envelope | None = None
    envelope_proposed: Envelope | None = None
    errata: tuple[Erratum, ...] = ()
    erratum_proposed: Erratum | None = None
    days_off: frozenset[date] = frozenset()
    days_worked: frozenset[date] = frozenset()
    calendar_proposed: CalendarChange | None = None
    drawn: Mapping[str, tuple[tuple[str, ...], int]] = field(default_factory=dict)
    deadlines: Mapping[str, datetime] = field(default_factory=dict)


class ProgrammeContext(NamedTuple):
    """One request about a call in its surroundings. `facts` is plain JSON, stored with the event."""

    call: FundingCall
    programme: Programme
    name: str
    command: Any
    actor: Actor
    facts: Mapping[str, Any]
    now: datetime


Guard = Callable[[ProgrammeContext], Refusal | tuple[Refusal, ...] | None]
Derived = dict[str, Any]


class ProgrammeRow(NamedTuple):
    """A command about a call: the event it gives, who may give it, and what must hold."""

    event: str
    roles: tuple[Role, ...]
    guards: tuple[Guard, ...]
    derive: Callable[[ProgrammeContext], Derived]
    basis: str


PROPOSED: Mapping[str, str] = {
    "ProposeExtension": "proposal",
    "ProposeErratum": "erratum_proposed",
    "ProposeCalendar": "calendar_proposed",
    "ProposeEnvelope": "envelope_proposed",
}
"""Where the course of a call keeps what each of these has proposed, until another officer confirms it."""


def proposed(programme: Programme, command: str) -> Any:
    """What that command has proposed and nobody has confirmed yet; None where nothing waits."""
    return getattr(programme, PROPOSED[command])


def by_another(ctx: ProgrammeContext, command: str) -> Refusal | None:
    """Something was proposed by that command, by somebody else."""
    proposal = proposed(ctx.programme, command)
    if proposal is None:
        return refuse("proposal_missing", commands=(command,))
    return refuse("same_person", **duty_of(command)) if proposal.by == ctx.actor.id else None
