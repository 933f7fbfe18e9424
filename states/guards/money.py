"""Guards of the call's money: what is proposed fits into the envelope and into the quota of its direction."""

from __future__ import annotations

from collections.abc import Callable

from states.context import Context
from states.envelope import Purse
from states.errors import Refusal
from states.labels import Pair
from states.money import major
from states.reasons import refuse


def within_envelope(ctx: Context) -> tuple[Refusal, ...]:
    """What is proposed is left, of the envelope and of its direction's quotas. Without an envelope nothing is asked."""
    purse, amount = ctx.facts.purse, ctx.command.amount_minor
    if purse is None:
        return ()
    of = ctx.call.directions().get(purse.direction, (purse.direction, purse.direction))
    refusals = (
        _of_envelope(purse, amount),
        _of_quota(of, ("件数配额", "awards"), purse.awards_max, purse.awards, 1),
        _of_quota(of, ("金额配额", "amount"), purse.amount_max_minor, purse.direction_minor, amount, major),
    )
    return tuple(refusal for refusal in refusals if refusal is not None)


def _of_envelope(purse: Purse, amount: int) -> Refusal | None:
    if amount <= purse.left_minor:
        return None
    return refuse(
        "envelope_exceeded",
        "amount_minor",
        amount=major(amount),
        left=major(max(0, purse.left_minor)),
        envelope=major(purse.envelope_minor),
        bound=major(purse.bound_minor),
    )


def _of_quota(
    direction: Pair, quota: Pair, most: int | None, taken: int, asked: int, told: Callable[[int], str] = str
) -> Refusal | None:
    if most is None or taken + asked <= most:
        return None
    return refuse(
        "quota_exceeded",
        "amount_minor",
        direction=direction[0],
        direction_en=direction[1],
        quota=quota[0],
        quota_en=quota[1],
        most=told(most),
        taken=told(taken),
        asked=told(asked),
    )
