"""Checks of documents: their format, size and number, what is missing, and their seals."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from states.checks.dangers import DANGERS
from states.checks.facts import DocumentFacts, Filing, Found, one
from states.funding_call import FundingCall, Rule

SEALS: Mapping[str, tuple[str, str]] = {
    "none": ("未加盖电子签章", "no electronic seal"),
    "broken": ("电子签章已损坏", "the seal is broken"),
    "changed": ("签章后文件被修改", "changed after sealing"),
    "expired": ("签章时证书已过期", "the certificate had expired at sealing"),
    "untrusted": ("签章证书未能溯至受信机构", "the certificate leads to no trusted authority"),
    "cannot_verify": ("签章算法无法由系统验证", "a seal that cannot be verified by machine"),
    "unreadable": ("签章无法读取", "an unreadable seal"),
    "unchecked": ("签章尚未查验", "the seal is not yet checked"),
}
"""What is said of a seal that is not valid."""
_BAD_SEALS = frozenset({"none", "broken", "changed", "expired"})
_BRACKETS = str.maketrans("[]{}〔〕【】〈〉《》", "()()()()()()")


def document_format(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """Every document has a content format among `formats`, whatever its name says."""
    return tuple(
        Found(d.name, f"{d.name}：{d.format}", f"{d.name}: {d.format}")
        for d in filing.documents
        if d.format not in rule.params["formats"]
    )


def document_size(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """No document is empty or larger than `bytes_max`."""
    return tuple(
        Found(d.name, f"{d.name}：{d.size_bytes} 字节", f"{d.name}: {d.size_bytes} bytes")
        for d in filing.documents
        if not 0 < d.size_bytes <= rule.params["bytes_max"]
    )


def document_safe(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """Nothing dangerous or broken was found inside any document; what is named in `officer` goes to an officer."""
    lenient = rule.params.get("officer", ())
    return tuple(
        Found(d.name, f"{d.name}：{zh}", f"{d.name}: {en}", softened=code in lenient)
        for d in filing.documents
        for code in d.findings
        for zh, en in (DANGERS.get(code, (code, code)),)
    )


def document_count(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """There are at most `count_max` documents."""
    count = len(filing.documents)
    return () if count <= rule.params["count_max"] else one("documents", count)


def form_document(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """A document is attached as the material `material`."""
    wanted = rule.params["material"]
    if any(d.material == wanted for d in filing.documents):
        return ()
    material = call.materials[wanted]
    return one("documents", f"缺少：{material.zh}", f"missing: {material.en}")


def materials(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """Every material that the call marks as required is attached."""
    present = {d.material for d in filing.documents}
    return tuple(
        Found("documents", f"缺少：{m.zh}", f"missing: {m.en}")
        for m in call.materials.values()
        if m.required and m.id not in present
    )


def sealed(call: FundingCall, rule: Rule, filing: Filing) -> tuple[Found, ...]:
    """Every sealed material in scope bears a valid electronic seal of the unit.

    No seal, a broken or an expired one, or a file changed after sealing fails the rule; what cannot be verified by
    machine, or names somebody else, goes to an officer. `only` restricts to one material, `others` leaves it out.
    """
    only, leave = rule.params.get("only"), rule.params.get("others")
    unit = plain_name(filing.unit_name)
    found = (_seal(d, unit) for d in filing.documents if _in_scope(call, d.material, only, leave))
    return tuple(f for f in found if f is not None)


def _in_scope(call: FundingCall, material: str, only: str | None, leave: str | None) -> bool:
    if (only and material != only) or (leave and material == leave):
        return False
    known = call.materials.get(material)
    return known is None or known.sealed


def _seal(document: DocumentFacts, unit: str) -> Found | None:
    seal, subject, name = document.seal, document.seal_subject, document.name
    if seal != "valid":
        zh, en = SEALS.get(seal, (seal, seal))
        return Found(name, f"{name}：{zh}", f"{name}: {en}", softened=seal not in _BAD_SEALS)
    if not subject or plain_name(subject) == unit:
        return None
    return Found(name, f"{name}：印章名称为“{subject}”", f"{name}: the seal names {subject}", softened=True)


@lru_cache(maxsize=4096)
def plain_name(name: str) -> str:
    """A unit's name without differences of width, kind of brackets, case and blanks."""
    return "".join(unicodedata.normalize("NFKC", name).translate(_BRACKETS).split()).casefold()
