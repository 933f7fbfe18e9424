"""The instants that a checkpoint is kept of by name: when each call's window opens and, as extended, closes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from states.calendar import stamp
from states.funding_call import FundingCall
from workflow.ports import Ledger

STATUTORY = "statutory"


def statutory(ledger: Ledger, calls: Iterable[FundingCall]) -> Iterator[tuple[datetime, str]]:
    """Each such instant of the calls that have been published, and its name."""
    for call in calls:
        course = ledger.transact(lambda transaction, call=call: transaction.programme(call.id))  # type: ignore[misc]
        if course.version:
            closes_at = course.closes_at or call.closes_at
            yield call.opens_at, f"{call.id} opens {stamp(call.opens_at)}"
            yield closes_at, f"{call.id} closes {stamp(closes_at)}"


def line_of(note: str, name: str) -> str:
    """What a note's further line of that name says, "" where it has none."""
    body, _, _ = note.partition("\n\n")
    return next((line[len(name) + 1 :] for line in body.split("\n")[3:] if line.startswith(f"{name} ")), "")
