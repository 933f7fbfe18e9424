"""The fictional units of the 2025 Shanghai call, each there for what it meets; other calls have none."""

from __future__ import annotations

from states.funding_call import FundingCall
from fundcall.simulate.profile import Profile


def samples(call: FundingCall, seed: int) -> list[Profile]:
    return []
