"""The ledger as of an instant: the one position that an instant of recording leads to."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from states.calendar import stamp
from workflow.ports import Ledger


class At(NamedTuple):
    """A position that an instant leads to. `final`: no later event can come to stand before that instant."""

    position: int
    final: bool


def position_at(ledger: Ledger, instant: datetime) -> At:
    """The last position recorded by an instant; 0 where none was. Found by halving, since no event is recorded before
    the one that stands before it. Events of now may still be recorded with an instant not before the last one's: an
    instant before the last event's is final.
    """
    text, low, high = stamp(instant), 0, ledger.head()
    final = high > 0 and text < _recorded_at(ledger, high)
    while low < high:
        middle = (low + high + 1) // 2
        if _recorded_at(ledger, middle) <= text:
            low = middle
        else:
            high = middle - 1
    return At(low, final)


def _recorded_at(ledger: Ledger, position: int) -> str:
    """When the event at a position was recorded, "" where none stands there."""
    return next((at for _, at, _ in ledger.spine(position - 1, position)), "")
