"""Entries in a unit's credit record: what gives grounds for one, and what is known of those in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

KINDS = ("revocation", "termination", "failure", "late_recovery")
"""What a unit may be entered for: an award undone, a project ended for cause, one that failed, money not paid back."""
IN_FORCE = frozenset({"live", "disputed"})
"""The statuses of an entry that counts; one that the unit objects to counts and is marked, until that is decided."""
FLAG = "credit_entered"
"""The flag of an application with an entry in force."""


@dataclass(frozen=True, slots=True)
class LiveEntry:
    """An entry in force of a unit: on which application, the how-maniest there, and whether the unit objects to it."""

    application: str
    entry: int
    disputed: bool = False

    def plain(self) -> dict[str, Any]:
        """The entry as plain JSON."""
        return {"application": self.application, "entry": self.entry, "disputed": self.disputed}

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> LiveEntry:
        """The entry that `plain` wrote."""
        return cls(found["application"], found["entry"], found["disputed"])
