"""What the rules look at, and what they find: the plain values that every check shares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from states.credit import LiveEntry
from states.errors import Refusal
from states.funding_call import FundingCall, Rule, Severity


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """What is known of a stored document. `seal`: valid, broken, changed, untrusted, expired, none, unreadable,
    cannot_verify or unchecked; `seal_subject` is the unit named in the seal, "" where none is.

    A seal that is sound but names nobody is cannot_verify, not valid: who reads seals must say so.
    `findings` are codes of what is dangerous or broken inside the file (`states.checks.dangers`), in order.
    """

    sha256: str
    material: str
    name: str
    size_bytes: int
    format: str
    seal: str
    seal_subject: str = ""
    findings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """JSON has no tuples: facts read back from an event equal those that were written."""
        object.__setattr__(self, "findings", tuple(self.findings))


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """The unit's certificate (法人一证通) that came with a request and was valid then, as whoever verified it says: the code
    of its unit, "" where none came, and the unit's name on it, "" where it has none.
    """

    unit: str = ""
    name: str = ""

    def plain(self) -> dict[str, str]:
        """The same as plain JSON."""
        return {"unit": self.unit, "name": self.name}


@dataclass(frozen=True, slots=True)
class Filing:
    """An application as the rules look at it, with what was looked up beside it. Without a `certificate` nobody has looked
    for one.
    """

    unit_code: str
    unit_name: str
    unit_kind: str
    form: Mapping[str, Any]
    documents: tuple[DocumentFacts, ...]
    received_at: datetime
    others: tuple[str, ...] = ()
    exception_granted: bool = False
    standing: tuple[str, ...] = ()
    account_confirmed: bool = True
    credit: tuple[LiveEntry, ...] = ()
    certificate: CertificateFacts | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that does not hold, and where: a field, a document's name, or "" for the whole application.

    `blocks` findings stand in the way of a filing; the others go to an officer.
    """

    rule: str
    severity: Severity
    clause: str
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str
    where: str = ""
    blocks: bool = False

    def plain(self) -> dict[str, str]:
        """The finding as plain JSON."""
        return {name: str(getattr(self, name)) for name in self.__dataclass_fields__ if name != "blocks"}

    def refusal(self) -> Refusal:
        """The finding as the reason of a refusal."""
        return Refusal(self.rule, self.clause, self.zh, self.en, self.remedy_zh, self.remedy_en, self.where)


@dataclass(frozen=True, slots=True)
class Found:
    """What a check found: where, and in a few words what is there. `softened` findings go to an officer."""

    where: str = ""
    zh: str = ""
    en: str = ""
    softened: bool = False


Check = Callable[[FundingCall, Rule, Filing], tuple[Found, ...]]


def one(where: str = "", zh: object = "", en: object = "", *, softened: bool = False) -> tuple[Found, ...]:
    """A single thing found; one text serves both languages where `en` is left out."""
    return (Found(where, str(zh), str(en if en != "" else zh), softened),)
