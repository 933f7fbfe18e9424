"""The hash that names the rules an event was decided under: the state table and the call's data as they stood."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from states.funding_call import FundingCall
from states.programme import programme_table
from states.table import described
from workflow.record import canonical


@dataclass(frozen=True, slots=True)
class Rules:
    """A call with the hash and the bytes of its rules."""

    call: FundingCall
    hash: str
    body: bytes


def rules_of(call: FundingCall) -> Rules:
    """The rules of a call under today's table."""
    body = canonical({"table": described(), "programme": programme_table(), "call": call.source})
    return Rules(call, hashlib.sha256(body).hexdigest(), body)
