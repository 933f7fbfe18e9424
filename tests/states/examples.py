"""One well-shaped body for every command, for tests that look at who may ask and when, not at what is asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from states.commands import COMMANDS
from states.commands.filing import CorrectionItem
from states.commands.review import ExpertRef, Objector

_TEXTS = {
    "reason": "理由",
    "grounds": "依据",
    "clause": "四(一)1",
    "deadline": "submit",
    "rule": "period_within_two_years",
    "verdict": "override",
    "sha256": "ab" * 32,
    "material": "licence",
    "name": "licence.pdf",
    "topic": "ai_lead.foundations.corpus",
    "expert": "expert-1",
    "comment": "可行",
    "minutes": "会议纪要",
    "period": "2026H1",
    "summary": "进展顺利",
    "outcome": "accepted",
    "subject": "负责人",
    "detail": "变更为李子虚",
    "text": "陈述意见",
    "evidence": "测试报告",
    "rating": "good",
    "findings": "目标完成良好",
    "kind": "revocation",
    "unit_code": "91310000FAKE00013Y",
    "unit_name": "上海子虚有限公司",
    "unit_kind": "company",
}
_OTHERS: Mapping[str, Any] = {
    "objector": Objector(name="李子虚", email="li@zixu.example", address="上海市虚构路1号"),
    "contacts": (),
    "form": {},
    "items": (CorrectionItem(clause="四(二)1", field="title", remedy="请更正"),),
    "experts": tuple(ExpertRef(id=f"expert-{n}", unit=f"EMPLOYER{n}") for n in (1, 2, 3)),
    "seed": 7,
    "replacement": ExpertRef(id="expert-4", unit="EMPLOYER4"),
    "points": {},
    "comments": {},
    "votes_for": 3,
    "votes_against": 0,
    "amount_minor": 1,
    "grant_minor": 1,
    "recover_minor": 0,
    "objection": 1,
    "upheld": False,
    "request": 1,
    "granted": True,
    "instalment": 1,
    "instalments_minor": (1,),
    "milestones": (),
    "waits_for": (),
    "indicators": {},
    "milestone": 1,
    "entry": 1,
    "number": 1,
    "reached": True,
    "start_on": date(2026, 1, 1),
    "end_on": date(2027, 12, 31),
    "caused_on": None,
    "ended_on": date(2025, 9, 10),
    "completed_on": date(2027, 6, 30),
    "achieved": {},
    "verified": {},
}


def example(name: str) -> Any:
    """A command of that name."""
    kind = COMMANDS[name]
    return kind(**{field: {**_OTHERS, **_TEXTS}[field] for field in kind.__dataclass_fields__})
