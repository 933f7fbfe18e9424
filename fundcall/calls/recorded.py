"""Calls as they stood when events were decided, read from the rules that the ledger keeps."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache

import orjson

from states.events import Recorded
from states.funding_call import FundingCall


class RecordedRules:
    """Calls by the hash of the rules that an event was decided under, read from beside the ledger."""

    def __init__(self, rules: Callable[[str], bytes | None]) -> None:
        self._rules = rules
        self._read: dict[str, FundingCall] = {}

    def __call__(self, event: Recorded) -> FundingCall:
        """Raises LookupError where the rules are not kept, are not those that the event names, or tell of no call."""
        return self.by_hash(event.rules_hash)

    def by_hash(self, wanted: str) -> FundingCall:
        """The call of the rules of a hash. Raises LookupError likewise."""
        if wanted not in self._read:
            body = self._rules(wanted)
            if body is None or hashlib.sha256(body).hexdigest() != wanted:
                raise LookupError(f"rules {wanted}: {'none are kept' if body is None else 'altered'}")
            try:
                self._read[wanted] = _call_of(body)
            except Exception as wrong:  # whoever alters rules may write anything
                raise LookupError(f"rules {wanted}: {type(wrong).__name__}: {wrong}") from wrong
        return self._read[wanted]


@lru_cache(maxsize=16)
def _call_of(body: bytes) -> FundingCall:
    from fundcall.calls.read import recorded_call  # noqa: PLC0415 - a check at depth 1 reads none, and starts sooner

    return recorded_call(orjson.loads(body)["call"])
