"""The hash that names the rules an event was decided under: the state table and the call's data as they stood."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

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


class NotLoaded(LookupError):
    """An application or an event belongs to a call that is not loaded."""


class Loaded(dict[str, Rules]):
    """The rules in force by call. Asking for one that is not there raises NotLoaded, which says how to load it."""

    def __missing__(self, call_id: str) -> Rules:
        known = ", ".join(sorted(self)) or "—"
        raise NotLoaded(
            f"申报通知“{call_id}”未载入（已载入：{known}），请在 FUNDCALL_CALLS 中列出其文件"
            f" / the call {call_id} is not loaded (loaded: {known}); name its file in FUNDCALL_CALLS"
        )


@cache
def _tables() -> Mapping[str, Any]:
    return {"table": described(), "programme": programme_table()}


def rules_of(call: FundingCall) -> Rules:
    """The rules of a call under today's table."""
    body = canonical({**_tables(), "call": call.source})
    return Rules(call, hashlib.sha256(body).hexdigest(), body)
