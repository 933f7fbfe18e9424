"""The seventeen sample filings of the 2025 Shanghai call and its boundary values, as the rules look at them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from states.checks import CertificateFacts, DocumentFacts, Filing

_DATA: Mapping[str, Any] = json.loads((Path(__file__).parent / "data" / "samples.json").read_text(encoding="utf-8"))
SAMPLES: tuple[Mapping[str, Any], ...] = tuple(_DATA["samples"])
VECTORS: tuple[Mapping[str, Any], ...] = tuple(_DATA["vectors"])

MATERIALS = {"项目申报书": "application_form", "营业执照.pdf": "licence", "审计报告.pdf": "audit_report"}
DECLARED = ("governance", "finance", "capacity", "builder", "owner", "domestic")
LEVELS = {"市级": "municipal", "区级": "district", "国家级": "national"}
STATUSES = {"已获得": "awarded", "申请中": "applied"}
PARENT = "上海子虚数据集团有限公司"


def sample(name: str) -> Mapping[str, Any]:
    """The sample of that id."""
    return next(found for found in SAMPLES if found["id"] == name)


def form_of(found: Mapping[str, Any]) -> dict[str, Any]:
    """The application form of a sample; what no sample speaks of is declared."""
    figures = {name.replace("_fen", "_minor"): value for name, value in found["figures"].items()}
    funds = [f"{LEVELS[fund['level']]}_{STATUSES[fund['status']]}" for fund in found.get("other_funds", ())]
    model = {"game_model": found["game_model"]} if "game_model" in found else {}
    return {
        **{name: found[name] for name in ("topic", "title", "start_on", "end_on")},
        "total_investment_minor": found["total_investment_fen"],
        "requested_minor": found["requested_fen"],
        "completion_percent": found.get("completion_pct", 0),
        "other_funding": funds,
        **{f"declares_{name}": True for name in DECLARED},
        **figures,
        **model,
    }


def documents_of(found: Mapping[str, Any]) -> tuple[DocumentFacts, ...]:
    """The documents of a sample; those of the usual list that its story does not name are there as well."""
    named = tuple(document(found["unit"], **given) for given in found["documents"])
    present = {facts.material for facts in named}
    rest = (name for name, material in MATERIALS.items() if material not in present)
    return (*named, *(document(found["unit"], name, "PDF", 1_000_000, "valid") for name in rest))


def document(unit: str, name: str, format: str, size: int, seal: str) -> DocumentFacts:  # noqa: A002 - the sample's key
    subject, verdict = (PARENT, "valid") if seal == "name_differs" else (unit, seal)
    return DocumentFacts(name, MATERIALS.get(name, "evidence"), name, size, format.lower(), verdict, subject)


def filing_of(found: Mapping[str, Any], **over: Any) -> Filing:
    """A sample as a filing; the second one of a unit knows of the first."""
    fields: dict[str, Any] = {
        "unit_code": found["uscc"],
        "unit_name": found["unit"],
        "unit_kind": found["unit_kind"],
        "form": form_of(found),
        "documents": documents_of(found),
        "received_at": datetime.fromisoformat(found["submit_at"]),
        "certificate": CertificateFacts(found["uscc"], found["unit"]),
        "others": ("A02",) if found["id"] == "A02b" else (),
    }
    return Filing(**{**fields, **over})
