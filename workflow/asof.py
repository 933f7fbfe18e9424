"""The ledger as of an instant: the one position that an instant of recording leads to, and what differs between two."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

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


class Difference(NamedTuple):
    """A value that is another at two instants, by its dotted path; "" where there is none."""

    path: str
    before: str
    after: str


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """What differs between two plain values, place by place."""
    one, other = dict(_leaves(before)), dict(_leaves(after))
    paths = [*one, *(path for path in other if path not in one)]
    return [
        Difference(path, one.get(path, ""), other.get(path, ""))
        for path in paths
        if one.get(path, "") != other.get(path, "")
    ]


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every value that holds no others, as text, by its path."""
    inner: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, Mapping):
        inner = value.items()
    elif isinstance(value, list | tuple):
        inner = enumerate(value, 1)
    elif value not in (None, ""):
        yield path, str(value)
    for key, one in inner:
        yield from _leaves(one, f"{path}.{key}" if path else str(key))
