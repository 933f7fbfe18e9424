"""The rules of a call as pure checks: each looks at a filing and finds nothing, or what does not hold.

A check is general; what it is asked with (which field, which bound, which list) stands in the call's data.
"""

from __future__ import annotations

from collections.abc import Mapping

from states.checks import documents, form, period, unit
from states.checks.facts import CertificateFacts as CertificateFacts
from states.checks.facts import Check, Found
from states.checks.facts import DocumentFacts as DocumentFacts
from states.checks.facts import Filing as Filing
from states.checks.facts import Finding as Finding
from states.checks.form import well_typed as well_typed
from states.checks.params import PARAMS as PARAMS
from states.funding_call import FundingCall, Rule, Severity

CHECKS: Mapping[str, Check] = {
    check.__name__: check
    for check in (
        period.window, period.period_well_formed, period.period_years, period.ends_by, period.not_completed,
        form.required, form.typed, form.topic, form.threshold, form.cap, form.flag, form.excludes,
        unit.account, unit.certificate, unit.unit_code, unit.unit_region, unit.unit_kind, unit.standing, unit.one_per_unit,
        documents.document_format, documents.document_size, documents.document_safe, documents.document_count,
        documents.form_document, documents.materials, documents.sealed,
    )
}  # fmt: skip
"""Name of a check, as a call's rules use it, to the check."""


def findings(call: FundingCall, filing: Filing, stage: str) -> tuple[Finding, ...]:
    """Everything that does not hold at a stage, in the call's order; nothing is changed.

    A document check finds each document that fails; rules without a check are for people and find nothing.
    """
    asked = call.rules_at(stage, str(filing.form.get("topic") or ""))
    return tuple(
        _finding(rule, found)
        for rule in asked
        if rule.check != "none"
        for found in CHECKS[rule.check](call, rule, filing)
    )


def _finding(rule: Rule, found: Found) -> Finding:
    severity = Severity.OFFICER if found.softened else rule.severity
    zh = f"{rule.zh}（{found.zh}）" if found.zh else rule.zh
    en = f"{rule.en} ({found.en})" if found.en else rule.en
    blocks = severity is Severity.REFUSE or rule.beforehand
    return Finding(rule.id, severity, rule.clause, zh, en, rule.remedy_zh, rule.remedy_en, found.where, blocks)
