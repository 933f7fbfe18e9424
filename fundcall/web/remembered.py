"""What follows from the ledger alone, kept until something is written."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")
_KEPT_MAX = 256


class Remembered(Generic[T]):
    """Values by key as of one head of the ledger; those least lately asked for go first. Safe to use from many threads:
    at worst two make the same.
    """

    def __init__(self, head: Callable[[], int]) -> None:
        self._head = head
        self._as_of = -1
        self._values: OrderedDict[Hashable, T] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value of a key, made if it is not there. The head is read before the value is: it is never older."""
        head = self._head()
        if head != self._as_of:
            self._values, self._as_of = OrderedDict(), head
        values = self._values
        found = values.get(key)
        if found is None:
            found = values[key] = make()
            while len(values) > _KEPT_MAX:
                values.popitem(last=False)
        return found
