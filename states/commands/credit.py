"""What may be asked about a unit's credit record (信用记录) once a project has ended in a way that gives grounds for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeCredit:
    """Propose to enter the unit's dishonesty in the credit record: `kind` is revocation, termination, failure or
    late_recovery; `ended_on` is the day on which the act ended, from which the entry's years are counted.
    """

    kind: str
    clause: str
    grounds: str
    ended_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterCredit:
    """Another officer confirms: the entry is made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectToCredit:
    """The unit objects to an entry (异议), which is marked so until that is decided; `entry` counts from 1."""

    entry: int
    grounds: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideCreditObjection:
    """Decide the unit's objection; one that is upheld strikes the entry out."""

    entry: int
    upheld: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeCreditRepair:
    """Propose to end an entry early, the unit having made good what it did (信用修复)."""

    entry: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairCredit:
    """Another officer confirms: the entry is taken off the record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireCredit:
    """The years of an entry are over."""

    deadline: str


COMMANDS = (
    ProposeCredit,
    EnterCredit,
    ObjectToCredit,
    DecideCreditObjection,
    ProposeCreditRepair,
    RepairCredit,
    ExpireCredit,
)
