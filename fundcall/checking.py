"""What a process that checks streams needs, and no more: it starts in a third of a second."""

from __future__ import annotations

import gc
from pathlib import Path

from fundcall.audit.duties import duties
from fundcall.audit.spread import Place
from fundcall.audit.streams import Check, Remembered
from fundcall.calls.recorded import RecordedRules
from fundcall.storage.opening import open_reader
from fundcall.storage.reader import Reader

_GARBAGE_AFTER = 50_000


def place(database: Path | str, depth: int, remembered: Remembered | None, verifiers: tuple[str, ...] = ()) -> Place:
    """The ledger in a database, with the checks of a depth. `verifiers` are the keys that receipts may be signed with."""
    gc.set_threshold(_GARBAGE_AFTER, 20, 50)  # many objects are made and hardly any cycles
    ledger = open_reader(database)
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
