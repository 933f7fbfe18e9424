"""What of a call waits for a second approving officer: on which board it stands, and whether it is still what was read."""

from __future__ import annotations

from collections.abc import Mapping

from states.events import Recorded
from states.programme import PROGRAMME_TABLE
from states.programme_row import PROPOSED, proposed
from workflow.ports import Ledger
from workflow.record import decode

BOARDS: Mapping[str, str] = dict.fromkeys(PROPOSED, "changes") | {"ProposeEnvelope": "money"}
"""The board on which each proposal stands, by the command that makes it."""


def waiting(ledger: Ledger, call_id: str) -> dict[str, Recorded]:
    """The proposals that wait for another officer, as they stand on the ledger, by the command that made them."""
    programme = ledger.transact(lambda transaction: transaction.programme(call_id))
    names = {PROGRAMME_TABLE[name].event: name for name in PROPOSED if proposed(programme, name) is not None}
    return {names[one.type]: decode(one.body) for one in ledger.stored(application=call_id) if one.type in names}


def another_waits(ledger: Ledger, call_id: str, command: str, seen: str) -> bool:
    """Whether another proposal of that command waits than the one that was read, which stood at that position."""
    stands = waiting(ledger, call_id).get(command)
    return stands is not None and str(stands.position) != seen
