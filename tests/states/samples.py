"""The seventeen sample filings of tests/data/samples.json, as the call's rules look at them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from states.checks import DocumentFacts, Filing
from tests.filings import DECLARED

DATA: dict[str, list[dict[str, Any]]] = json.loads((Path(__file__).parents[1] / "data" / "samples.json").read_bytes())
SAMPLES = {sample["id"]: sample for sample in DATA["samples"]}
VECTORS = DATA["vectors"]
_MATERIALS = {"项目申报书": "application_form", "营业执照.pdf": "licence", "审计报告.pdf": "audit_report"}
_LEVELS = {"市级": "municipal", "国家级": "national", "区级": "district"}
_STATUS = {"已获得": "awarded", "申请中": "applied"}
_SECOND = {"A02b": ("A02",)}


def form_of(sample: dict[str, Any]) -> dict[str, Any]:
    """The application form of a sample."""
    figures = {name.replace("_fen", "_minor"): value for name, value in sample["figures"].items()}
    other = [f"{_LEVELS[fund['level']]}_{_STATUS[fund['status']]}" for fund in sample.get("other_funds", [])]
    form = {
        "topic": sample["topic"],
        "title": sample["title"],
        "start_on": sample["start_on"],
        "end_on": sample["end_on"],
        "total_investment_minor": sample["total_investment_fen"],
        "requested_minor": sample["requested_fen"],
        "completion_percent": sample.get("completion_pct", 0),
        **{f"declares_{name}": True for name in DECLARED},
        **figures,
    }
    if "game_model" in sample:
        form["game_model"] = sample["game_model"]
    return form | ({"other_funding": other} if other else {})


def documents_of(sample: dict[str, Any]) -> tuple[DocumentFacts, ...]:
    """Its documents; a seal whose name differs is valid and names somebody else."""
    return tuple(
        DocumentFacts(
            sha256=f"{n:064x}",
            material=_MATERIALS.get(document["name"], "evidence"),
            name=document["name"],
            size_bytes=document["size"],
            format=document["format"].lower(),
            seal="valid" if document["seal"] == "name_differs" else document["seal"],
            seal_subject="另一单位" if document["seal"] == "name_differs" else sample["unit"],
        )
        for n, document in enumerate(sample["documents"], 1)
    )


def filing_of(sample: dict[str, Any], **over: Any) -> Filing:
    """The whole filing, with what `over` replaces."""
    fields: dict[str, Any] = {
        "unit_code": sample["uscc"],
        "unit_name": sample["unit"],
        "unit_kind": sample["unit_kind"],
        "form": form_of(sample),
        "documents": documents_of(sample),
        "received_at": datetime.fromisoformat(sample["submit_at"]).astimezone(UTC),
        "others": _SECOND.get(sample["id"], ()),
        **over,
    }
    return Filing(**fields)
