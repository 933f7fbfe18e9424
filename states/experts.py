"""Experts as the office knows them, what binds one to an applying unit, and what was found of those named in a decision."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

FREE_MAIL = frozenset(
    {
        "qq.com", "vip.qq.com", "foxmail.com", "163.com", "vip.163.com", "126.com", "yeah.net", "188.com", "sina.com",
        "sina.cn", "vip.sina.com", "sohu.com", "139.com", "189.cn", "wo.cn", "aliyun.com", "tom.com", "21cn.com",
        "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "live.cn", "msn.com", "yahoo.com",
        "yahoo.com.cn", "yahoo.cn", "icloud.com", "me.com", "mac.com", "proton.me", "protonmail.com",
    }
)  # fmt: skip
"""Domains where anybody may have a mailbox: to share one says nothing."""

TIES: Mapping[str, tuple[str, str]] = {
    "same_unit": ("同一单位", "same unit"),
    "same_group": ("同一集团或母子单位", "same group of units"),
    "email_domain": ("同一电子邮箱域名", "same e-mail domain"),
    "cooperation": ("近期有合作", "recent co-operation"),
    "declared": ("专家事先申明", "declared beforehand"),
}
"""What may bind an expert to an applying unit. Who handled an application is kept from it too (`involved`, in draws)."""


class Span(NamedTuple):
    """Days from first to last, both counted."""

    first: date
    last: date


class Cooperation(NamedTuple):
    """An expert worked with a unit; it counts as a tie up to and with that day."""

    unit: str
    until: date


class Expert(NamedTuple):
    """An expert in the registry, by account. `topics` are ids of a call's topics or beginnings of such ids.

    `load_max` is how many applications of one call at most. `name` and `email` are personal and stay in the registry.
    """

    id: str
    unit: str
    topics: tuple[str, ...]
    load_max: int
    name: str = ""
    email: str = ""
    away: tuple[Span, ...] = ()
    declared: tuple[str, ...] = ()
    past: tuple[Cooperation, ...] = ()

    @property
    def domain(self) -> str:
        """The domain of the mailbox; "" for one that anybody may have."""
        return domain_of(self.email)

    def available(self, days: Span) -> bool:
        """Whether no time away falls into those days."""
        return all(span.last < days.first or days.last < span.first for span in self.away)


class Side(NamedTuple):
    """An applying unit as ties see it: its code, the other units of its group, and the domains of its contacts."""

    unit: str
    group: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Vetting:
    """What was found of the experts whom a decision names. `registered` is the size of the registry; 0 says that none
    was kept, and that nothing could be found.

    `against` holds what speaks against each: unknown, away, or the names of ties. `drawn` are the experts whom the
    draw gave to the application, `seed` is the draw's.
    """

    registered: int = 0
    against: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    drawn: tuple[str, ...] = ()
    seed: int = 0

    def plain(self) -> dict[str, Any]:
        """As plain JSON; only what there is."""
        found: dict[str, Any] = {"registered": self.registered}
        if self.against:
            found["against"] = {name: list(reasons) for name, reasons in sorted(self.against.items())}
        if self.drawn:
            found |= {"drawn": list(self.drawn), "seed": self.seed}
        return found

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Vetting:
        """What `plain` gave."""
        against = {name: tuple(reasons) for name, reasons in found.get("against", {}).items()}
        return cls(found["registered"], against, tuple(found.get("drawn", ())), found.get("seed", 0))

    def ties(self, expert: str) -> tuple[str, ...]:
        """The names of the ties of an expert."""
        return tuple(reason for reason in self.against.get(expert, ()) if reason in TIES)


def domain_of(email: str) -> str:
    """The domain of an address in lower case; "" where there is none, or where anybody may have a mailbox."""
    domain = email.rpartition("@")[2].strip().rstrip(".").lower() if "@" in email else ""
    return "" if domain in FREE_MAIL else domain


def within(domain: str) -> Iterator[str]:
    """The domain and those that it lies in, top-level ones left out."""
    while "." in domain:
        yield domain
        domain = domain.partition(".")[2]


def ties(expert: Expert, side: Side, on: date) -> tuple[str, ...]:
    """What binds an expert to an applying unit on a day, sorted. Of two domains one may lie in the other."""
    units = {side.unit} | side.group
    found = {
        "same_unit": expert.unit == side.unit,
        "same_group": expert.unit in side.group,
        "declared": not units.isdisjoint(expert.declared),
        "cooperation": any(past.unit in units and on <= past.until for past in expert.past),
        "email_domain": _related(expert.domain, side.domains),
    }
    return tuple(sorted(name for name, holds in found.items() if holds))


def _related(own: str, domains: Iterable[str]) -> bool:
    return bool(own) and any(own in within(other) or other in within(own) for other in domains)


def vetted(expert: Expert | None, unit: str, side: Side, days: Span) -> tuple[str, ...]:
    """What speaks against an expert said to be of that unit, for a review in those days."""
    if expert is None or expert.unit != unit:
        return ("unknown",)
    return (*(() if expert.available(days) else ("away",)), *ties(expert, side, days.first))
