"""What a process that checks streams needs, and no more: it starts in a third of a second."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable
from pathlib import Path

import orjson

from fundcall.audit.duties import duties
from fundcall.audit.spread import Place
from fundcall.audit.streams import Check, Remembered
from fundcall.storage.reader import Reader
from states.events import Recorded
from states.funding_call import FundingCall

_GARBAGE_AFTER = 50_000


class RecordedRules:
    """Calls by the hash of the rules that an event was decided under, read from beside the ledger."""

    def __init__(self, rules: Callable[[str], bytes | None]) -> None:
        self._rules = rules
        self._read: dict[str, FundingCall] = {}

    def __call__(self, event: Recorded) -> FundingCall:
        """Raises LookupError where the rules are not kept, or are not those that the event names."""
        return self.by_hash(event.rules_hash)

    def by_hash(self, wanted: str) -> FundingCall:
        """The call of the rules of a hash. Raises LookupError likewise."""
        if wanted not in self._read:
            body = self._rules(wanted)
            if body is None or hashlib.sha256(body).hexdigest() != wanted:
                raise LookupError(f"rules {wanted}: {'none are kept' if body is None else 'altered'}")
            from fundcall.calls.read import recorded_call  # noqa: PLC0415 - as below

            self._read[wanted] = recorded_call(orjson.loads(body)["call"])
        return self._read[wanted]


def place(database: Path, depth: int, remembered: Remembered | None, verifiers: tuple[str, ...] = ()) -> Place:
    """The ledger in a database, with the checks of a depth. `verifiers` are the keys that receipts may be signed with."""
    gc.set_threshold(_GARBAGE_AFTER, 20, 50)  # many objects are made and hardly any cycles
    ledger = Reader(database)
    return Place(ledger, (duties, *_deeper(ledger, depth, verifiers)), remembered)


def _deeper(ledger: Reader, depth: int, verifiers: tuple[str, ...]) -> tuple[Check, ...]:
    if depth < 2:
        return ()
    from fundcall.calls.calendars import Published  # noqa: PLC0415 - depth 1 does without, and starts sooner
    from workflow.redecide import Redecider  # noqa: PLC0415

    rules = RecordedRules(ledger.rules)
    again = Redecider(rules, Published()).check
    if depth == 2:
        return (again,)
    from fundcall.retelling import Retelling  # noqa: PLC0415

    return again, Retelling(ledger, rules, verifiers)
