"""Guards of the call's money: what is proposed fits into the envelope and into the quota of its direction."""

from __future__ import annotations

from states.context import Context
from states.envelope import Purse
from states.errors import Refusal
from states.reasons import refuse


def within_envelope(ctx: Context) -> tuple[Refusal, ...]:
    """What is proposed is left, of the envelope and of its direction's quotas. Without an envelope nothing is asked."""
    purse, amount = ctx.facts.purse, ctx.command.amount_minor
    if purse is None:
        return ()
    refusals = (
        _of_envelope(purse, amount),
        _of_quota(purse, ("件数配额", "awards"), purse.awards_max, purse.awards, 1),
        _of_quota(purse, ("金额配额", "minor units"), purse.amount_max_minor, purse.direction_minor, amount),
    )
    return tuple(refusal for refusal in refusals if refusal is not None)


def _of_envelope(purse: Purse, amount: int) -> Refusal | None:
    if amount <= purse.left_minor:
        return None
    return refuse(
        "envelope_exceeded",
        "amount_minor",
        amount=amount,
        left=max(0, purse.left_minor),
        envelope=purse.envelope_minor,
        bound=purse.bound_minor,
    )


def _of_quota(purse: Purse, quota: tuple[str, str], most: int | None, taken: int, asked: int) -> Refusal | None:
    if most is None or taken + asked <= most:
        return None
    return refuse(
        "quota_exceeded",
        "amount_minor",
        direction=purse.direction,
        quota=quota[0],
        quota_en=quota[1],
        most=most,
        taken=taken,
        asked=asked,
    )
