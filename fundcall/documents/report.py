"""What was found in one document: its digest, its size, its pages, what is wrong inside it, and its seals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from states.checks import DocumentFacts

EXAMINER_VERSION = 1
"""Raised whenever the same bytes may be judged differently; reports of other versions are made anew."""
NO_PDF = frozenset({"empty", "too_large", "not_pdf", "encrypted"})
"""Findings that size and format say already; the others stand in the facts of a document by their code."""
_WORST_FIRST = ("broken", "changed", "expired", "unreadable", "untrusted", "cannot_verify", "valid")


@dataclass(frozen=True, slots=True)
class Seal:
    """One electronic seal. `verdict`: valid, broken, changed, expired, untrusted, cannot_verify or unreadable.

    `subject` is the organisation in the certificate, "" where none is named. `signed_at` is ISO 8601 in UTC, "" where
    none is told; `time_source` says by whom: "timestamp" (a trusted time-stamping authority) or "claimed" (the sealer).
    """

    verdict: str
    subject: str = ""
    signed_at: str = ""
    time_source: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What an examination found. `findings` are codes: those of `states.checks.dangers` and of `NO_PDF`, sorted.

    `format` is what the content is: pdf, pdf_encrypted, png, jpeg, zip, ofd or unknown. `pages` is 0 where none could be
    counted. `seals` stand in the order in which they were set.
    """

    sha256: str
    size_bytes: int
    format: str
    pages: int = 0
    findings: tuple[str, ...] = ()
    seals: tuple[Seal, ...] = ()

    @property
    def pdf(self) -> bool:
        """Whether the content is a PDF, encrypted or not."""
        return self.format in ("pdf", "pdf_encrypted")

    @property
    def seal(self) -> str:
        """The verdict on all seals together: the worst of them, or none."""
        verdicts = {seal.verdict for seal in self.seals}
        return next((verdict for verdict in _WORST_FIRST if verdict in verdicts), "none")

    def facts(self, material: str, name: str) -> DocumentFacts:
        """The report as facts for the rules. The seal's subject is that of the last seal, which covers the whole file."""
        inside = tuple(code for code in self.findings if code not in NO_PDF)
        subject = self.seals[-1].subject if self.seals else ""
        return DocumentFacts(self.sha256, material, name, self.size_bytes, self.format, self.seal, subject, inside)

    def plain(self) -> dict[str, Any]:
        """The report as plain JSON."""
        return asdict(self)


def report_of(found: Mapping[str, Any]) -> Report:
    """The report that `plain` gave. Raises KeyError or TypeError where it is none."""
    seals = tuple(Seal(**seal) for seal in found["seals"])
    return Report(**{**found, "findings": tuple(found["findings"]), "seals": seals})
