"""The shape of a call file: what stands at its top, its arrays of tables, and what a fault in it looks like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from states.funding_call import Criterion, Field, Material, Period, Rule, Target, Topic

Path = tuple[str | int, ...]
Values = dict[str, Any]
"""The values of one table that could be read, by key."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in a call file: where (keys and indices from the top), and why.

    A `warning` does not keep the call from being used: a notice may contradict itself, and is quoted as it stands.
    """

    path: Path
    zh: str
    en: str
    warning: bool = False


class CallFaults(Exception):
    """The file is no call; carries every fault found."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(f"{'.'.join(map(str, f.path))}: {f.zh} / {f.en}" for f in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Head:
    """The single values at the top of a call file."""

    id: str
    version: int
    title_zh: str
    title_en: str
    short_zh: str
    short_en: str
    authority_zh: str
    authority_en: str
    contact_zh: str
    contact_en: str
    portal_url: str
    timezone: str
    timezone_zh: str
    currency: str
    opens_at: datetime
    closes_at: datetime
    number_prefix: str
    unit_scheme: str
    correction_rounds_max: int
    extensions_max: int
    extension_months_max: int
    instalments_percent: tuple[int, ...]
    calendar: str
    execution_ends_by: date | None = None
    notice: str = ""
    legal_basis: tuple[str, ...] = ()
    change_cause_days: int | None = None
    change_before_end_days: int | None = None
    extension_notice_months: int = 3
    acceptance_experts_min: int = 0
    personal_kept_months: int | None = None
    clauses_en: Mapping[str, str] = field(default_factory=dict)


LISTS: Mapping[str, tuple[type[Any], str]] = {
    "criterion": (Criterion, "rubric"),
    "target": (Target, "targets"),
    "rule": (Rule, "rules"),
    "topic": (Topic, "topics"),
    "field": (Field, "fields"),
    "material": (Material, "materials"),
    "period": (Period, "periods"),
}
"""Name of an array of tables in the file to its class and the FundingCall's field."""


class Parts(NamedTuple):
    """What could be read of a call file, table by table; what could not is left out and stands among the faults.

    `notice` is None where it was not found in the places of `looked_at`.
    """

    head: Values
    review: Values
    lists: Mapping[str, list[Values]]
    notice: str | None
    looked_at: tuple[str, ...] = ()
