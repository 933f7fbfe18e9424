"""What a blameless applicant files, for each shipped call: unit codes, form, documents, money."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fundcall.calls.load import load
from states.checks import DocumentFacts
from states.commands.filing import Contact, CorrectionItem
from states.commands.review import ExpertRef
from states.unit_code import inner_check, outer_check


def uscc(n: int, region: str = "310000", kind: str = "91") -> str:
    """A well-formed unified social credit code of an invented unit."""
    body = f"FAKE{n:04d}"
    code = f"{kind}{region}{body}{inner_check(body)}"
    return code + outer_check(code)


def document(material: str, name: str, size_bytes: int = 1_800_000, **over: Any) -> DocumentFacts:
    """A sealed PDF, or what `over` makes of it."""
    digest = hashlib.sha256(f"{material}/{name}".encode()).hexdigest()
    fields: dict[str, Any] = {"format": "pdf", "seal": "valid", **over}
    return DocumentFacts(digest, material, name, size_bytes, **fields)


@dataclass(frozen=True)
class Profile:
    """A filing that passes every rule of its call."""

    call: str
    unit_code: Callable[[int], str]
    unit_kind: str
    form: Mapping[str, Any]
    documents: tuple[DocumentFacts, ...]
    grant_minor: int
    contacts: tuple[Contact, ...] = (Contact(name="张乌有", email="zhang@zixu.example", phone="021-00000000"),)

    def instalments(self, grant_minor: int) -> tuple[int, ...]:
        """The grant in the shares that the call foresees."""
        parts = [grant_minor * percent // 100 for percent in load(self.call).instalments_percent]
        return (*parts[:-1], grant_minor - sum(parts[:-1]))

    def item(self, field: str) -> CorrectionItem:
        return CorrectionItem(clause="四(二)1", field=field, remedy="请更正")

    def expert(self, name: str, unit: str) -> ExpertRef:
        return ExpertRef(id=name, unit=unit)


DECLARED = ("governance", "finance", "capacity", "builder", "owner")

SHANGHAI = Profile(
    call="shanghai-ai-plus-2025",
    unit_code=uscc,
    unit_kind="company",
    form={
        "topic": "ai_lead.foundations.corpus",
        "title": "行业高质量语料库",
        "start_on": "2026-01-01",
        "end_on": "2027-12-31",
        "total_investment_minor": 2_000_000_000,
        "requested_minor": 600_000_000,
        "completion_percent": 10,
        **{f"declares_{name}": True for name in DECLARED},
    },
    documents=(
        document("application_form", "项目申报书.pdf"),
        document("licence", "营业执照.pdf"),
        document("audit_report", "审计报告.pdf"),
    ),
    grant_minor=500_000_000,
)

CLIMATE = Profile(
    call="community-climate-2026",
    unit_code=lambda n: f"HAR{n:05d}",
    unit_kind="association",
    form={
        "topic": "gardens",
        "title": "Rooftop garden",
        "start_on": "2026-06-01",
        "end_on": "2026-10-31",
        "requested_minor": 2_000_000,
        "people_reached": 120,
    },
    documents=(document("plan", "plan.pdf", seal="none"),),
    grant_minor=1_500_000,
)
