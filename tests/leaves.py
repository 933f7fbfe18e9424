"""Leaves without a ledger: all that a tree reads of one."""

from __future__ import annotations

from collections.abc import Iterator

from workflow.memory import MemoryLedger


class Leaves(MemoryLedger):
    """A ledger that has leaves alone."""

    def __init__(self, leaves: list[bytes]) -> None:
        super().__init__()
        self._leaves = leaves

    def leaves(self, after: int, upto: int) -> Iterator[bytes]:
        return iter(self._leaves[after:upto])
