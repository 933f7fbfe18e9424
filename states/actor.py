"""Who acts: a pseudonymous account, in one role, for one unit."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What an actor acts as. One person may hold several roles, but acts in one at a time."""

    APPLICANT = "applicant"
    FORMAT_OFFICER = "format_officer"
    REVIEW_OFFICER = "review_officer"
    APPROVING_OFFICER = "approving_officer"
    FINANCE_OFFICER = "finance_officer"
    ACCEPTANCE_OFFICER = "acceptance_officer"
    HEAD = "head"
    EXPERT = "expert"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    SYSTEM = "system"
    PUBLIC = "public"


OFFICERS = frozenset(
    {
        Role.FORMAT_OFFICER,
        Role.REVIEW_OFFICER,
        Role.APPROVING_OFFICER,
        Role.FINANCE_OFFICER,
        Role.ACCEPTANCE_OFFICER,
        Role.HEAD,
    }
)


@dataclass(frozen=True, slots=True)
class Actor:
    """`id` is an account, never a name; `unit` the code of the unit acted for ("" for officers and the system)."""

    id: str
    role: Role
    unit: str = ""


SYSTEM = Actor("system", Role.SYSTEM)
