"""The money of a call: the envelope, quotas of directions, and how much of both a proposal finds left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from states.commands.programme import ProposeEnvelope, Quota
from states.errors import Refusal
from states.funding_call import FundingCall
from states.money import major
from states.reasons import refuse


class Bound(NamedTuple):
    """What applications take of the money: how many of them, and how much in minor units."""

    awards: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Envelope:
    """The money of a call in minor units, and the quotas of directions that have one. `by` put it forward."""

    amount_minor: int
    quotas: Mapping[str, Quota]
    by: str

    @classmethod
    def of(cls, data: Mapping[str, Any], by: str) -> Envelope:
        """The envelope that an event's data says."""
        return cls(data["envelope_minor"], {q["direction"]: Quota(**q) for q in data["quotas"]}, by)


@dataclass(frozen=True, slots=True)
class Purse:
    """The call's money as one proposal finds it: what was set, and what other applications take. Minor units.

    `awards_max` and `amount_max_minor` are the quotas of the application's direction; None where it has none.
    """

    envelope_minor: int
    bound_minor: int
    direction: str
    awards: int = 0
    direction_minor: int = 0
    awards_max: int | None = None
    amount_max_minor: int | None = None

    @property
    def left_minor(self) -> int:
        """What is left of the envelope; negative where it was cut below what is bound."""
        return self.envelope_minor - self.bound_minor

    def plain(self) -> dict[str, Any]:
        """The figures as plain JSON; quotas only where there are any."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def by_direction(call: FundingCall, bound: Mapping[str, Bound]) -> dict[str, Bound]:
    """What is bound by topic, summed up by direction."""
    found: dict[str, Bound] = {}
    for topic, (awards, minor) in bound.items():
        direction = call.direction_of(topic)
        before = found.get(direction, Bound(0, 0))
        found[direction] = Bound(before.awards + awards, before.amount_minor + minor)
    return found


def purse_of(call: FundingCall, envelope: Envelope, bound: Mapping[str, Bound], topic: str, own_minor: int) -> Purse:
    """The money as an application on that topic finds it; `own_minor` is what it takes already, which is left out."""
    direction, taken = call.direction_of(topic), by_direction(call, bound)
    awards, minor = taken.get(direction, Bound(0, 0))
    quota = envelope.quotas.get(direction)
    return Purse(
        envelope.amount_minor,
        sum(one.amount_minor for one in taken.values()) - own_minor,
        direction,
        awards - bool(own_minor),
        minor - own_minor,
        quota.awards_max if quota else None,
        quota.amount_max_minor if quota else None,
    )


def ill_formed(call: FundingCall, command: ProposeEnvelope) -> Refusal | None:
    """Amounts are positive, and each quota is of a direction of the call, once, and limits something."""
    if command.envelope_minor <= 0:
        return refuse(
            "amount_not_allowed", "envelope_minor", amount=major(command.envelope_minor), allowed=f">= {major(1)}"
        )
    known, seen = call.directions(), set[str]()
    for i, quota in enumerate(command.quotas):
        where = f"quotas.{i}"
        if quota.direction not in known or quota.direction in seen:
            told = {"field": "direction", "value": quota.direction, "allowed": ", ".join(known)}
            return refuse("value_not_allowed", where, **told)
        limits = [limit for limit in (quota.awards_max, quota.amount_max_minor) if limit is not None]
        if not limits or min(limits) < 0:
            return refuse("amount_not_allowed", where, amount=min(limits, default="—"), allowed=">= 0")
        seen.add(quota.direction)
    return None
