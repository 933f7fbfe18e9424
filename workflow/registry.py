"""What the workflow needs of the registry of experts, as a protocol; with a memory twin in `workflow/memory_experts.py`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from states.experts import Expert


class Experts(Protocol):
    """The registry of experts, and the register of units that belong together."""

    def registered(self) -> int:
        """How many experts there are."""

    def everyone(self) -> list[Expert]:
        """Every expert, by id."""

    def named(self, ids: Sequence[str]) -> dict[str, Expert]:
        """The experts of these ids, as far as they are known."""

    def groups(self, unit_codes: Sequence[str]) -> dict[str, frozenset[str]]:
        """The other units of the groups of these units; units of no group are left out."""

    def replace(self, experts: Iterable[Expert]) -> int:
        """Put these experts in the place of those before, at once; how many there are."""

    def replace_groups(self, members: Iterable[tuple[str, str]]) -> int:
        """Put these groups (name, unit code) in the place of those before, at once; how many units they hold."""
