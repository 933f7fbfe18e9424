"""A report in the light of a call: which findings a submission would get, under which clause, and how grave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from fundcall.documents.report import Report
from states.checks import CHECKS, DocumentFacts, Filing
from states.checks.facts import Found
from states.funding_call import FundingCall, Rule, Severity


@dataclass(frozen=True, slots=True)
class Judged:
    """A finding as an applicant reads it. `severity` is refuse, officer, declare, expert or info."""

    code: str
    severity: str
    clause: str
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str

    def plain(self) -> dict[str, str]:
        """The finding as plain JSON; its message in Chinese, then English."""
        message = f"{self.zh} / {self.en}"
        return {"code": self.code, "severity": self.severity, "clause": self.clause, "message": message}


def judged(report: Report, call: FundingCall, name: str) -> tuple[Judged, ...]:
    """What the call's rules on documents find, in the call's order. The seal may name any unit: whose the document is
    to be, nobody has said. It is judged as a material that must be sealed, where the call has one.
    """
    material = next((m.id for m in call.materials.values() if m.sealed), next(iter(call.materials), ""))
    facts = report.facts(material, name)
    return tuple(
        _judged(rule, found, code)
        for rule in call.rules.values()
        for part, code in _parts(rule, report, facts)
        for found in CHECKS[rule.check](call, rule, _filing(call, part))
    )


def plain(report: Report, call: FundingCall, name: str) -> dict[str, Any]:
    """The report with its findings under a call, as plain JSON; `name` is how findings name the document."""
    return {
        "sha256": report.sha256,
        "size_bytes": report.size_bytes,
        "pdf": report.pdf,
        "pages": report.pages,
        "findings": [finding.plain() for finding in judged(report, call, name)],
        "seals": report.plain()["seals"],
    }


def _parts(rule: Rule, report: Report, facts: DocumentFacts) -> Iterator[tuple[DocumentFacts, str]]:
    """The facts that a rule is asked about, with the code of what it would find."""
    if rule.check == "document_safe":
        yield from ((replace(facts, findings=(code,)), code) for code in facts.findings)
    elif rule.check == "sealed":
        yield facts, f"seal_{facts.seal}"
    elif rule.check == "document_format":
        yield facts, "encrypted" if report.format == "pdf_encrypted" else "not_pdf"
    elif rule.check == "document_size":
        yield facts, "too_large" if report.size_bytes else "empty"


def _filing(call: FundingCall, facts: DocumentFacts) -> Filing:
    return Filing("", facts.seal_subject, "", {}, (facts,), call.opens_at)


def _judged(rule: Rule, found: Found, code: str) -> Judged:
    severity = Severity.OFFICER if found.softened else rule.severity
    zh, en = f"{rule.zh}（{found.zh}）", f"{rule.en} ({found.en})"
    return Judged(code, severity.value, rule.clause, zh, en, rule.remedy_zh, rule.remedy_en)
