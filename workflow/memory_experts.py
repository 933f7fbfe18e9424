"""The memory twin of the registry of experts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from states.experts import Expert


class MemoryExperts:
    """Experts by id, and groups of units."""

    def __init__(self) -> None:
        self.known: dict[str, Expert] = {}
        self.together: list[frozenset[str]] = []

    def registered(self) -> int:
        return len(self.known)

    def everyone(self) -> list[Expert]:
        return [self.known[name] for name in sorted(self.known)]

    def named(self, ids: Sequence[str]) -> dict[str, Expert]:
        return {name: self.known[name] for name in ids if name in self.known}

    def groups(self, unit_codes: Sequence[str]) -> dict[str, frozenset[str]]:
        found = {code: frozenset[str]().union(*(g for g in self.together if code in g)) - {code} for code in unit_codes}
        return {code: others for code, others in found.items() if others}

    def replace(self, experts: Iterable[Expert]) -> int:
        self.known = {expert.id: expert for expert in experts}
        return len(self.known)

    def replace_groups(self, members: Iterable[tuple[str, str]]) -> int:
        found: dict[str, set[str]] = {}
        for name, unit in members:
            found.setdefault(name, set()).add(unit)
        self.together = [frozenset(units) for units in found.values()]
        return sum(map(len, self.together))
