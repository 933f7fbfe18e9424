"""In a blind review an expert reads nothing that names the unit; where the call is not blind, he does."""

from __future__ import annotations

import json
from typing import Any

from fundcall.dossier import dossier, upto_seen
from states.actor import Actor
from tests.drive import EXPERTS, F1, R1, World, world
from tests.filings import CLIMATE, SHANGHAI, document
from workflow.record import decode
from workflow.visible import happened, shown, unnamed

UNIT = "单位1"
EXPERT = EXPERTS[0]


def place_of(call: str) -> tuple[World, str]:
    """An application under review whose unit has put its name and code wherever it could."""
    place = world(call)
    application = place.draft(title=f"{UNIT}（{place.profile.unit_code(1)}）的项目")
    unit = place.unit(application)
    facts = document("evidence", f"{UNIT}-{unit.unit}.pdf", seal_subject=UNIT) if call == SHANGHAI.call else None
    if facts is not None:
        place.documents.put(facts)
        place.do("AddDocument", unit, application, material="evidence", name=facts.name, sha256=facts.sha256)
    place.do("SubmitApplication", unit, application)
    place.do("ClaimFormatCheck", F1, application)
    place.do("PassFormatCheck", F1, application)
    place.do("StartReview", R1, application, experts=place.experts(), seed=1, reason=f"{UNIT}指定")
    return place, application


def read(place: World, name: str, actor: Actor) -> list[Any]:
    """Everything that an actor can read of an application: as it stands, as it came about, and on paper."""
    application, stored = place.application(name), list(place.ledger.stored(application=name))
    events, leaves = [decode(one.body) for one in stored], [one.leaf for one in stored]
    history = [happened(actor, event, leaf) for event, leaf in zip(events, leaves, strict=True)]
    seen, told = upto_seen(actor, events, leaves)
    assert seen is not None
    return [
        shown(actor, application, place.call),
        unnamed(actor, application, place.call, history),
        dossier(actor, place.call, seen, told),
    ]


def named(place: World, name: str, actor: Actor) -> list[bool]:
    code = place.application(name).unit_code
    texts = [json.dumps(one, ensure_ascii=False) for one in read(place, name, actor)]
    return [UNIT in text or code in text for text in texts]


def test_in_a_blind_review_an_expert_reads_nothing_that_names_the_unit() -> None:
    place, application = place_of(SHANGHAI.call)
    assert named(place, application, EXPERT) == [False, False, False]


def test_the_office_reads_the_names_in_a_blind_review() -> None:
    place, application = place_of(SHANGHAI.call)
    assert named(place, application, R1) == [True, True, True]


def test_where_the_review_is_not_blind_an_expert_reads_the_unit() -> None:
    place, application = place_of(CLIMATE.call)
    assert named(place, application, EXPERT)[0]


def test_in_a_blind_review_a_document_is_named_by_its_material() -> None:
    place, application = place_of(SHANGHAI.call)
    whole = shown(EXPERT, place.application(application), place.call)
    assert [one["name"] for one in whole["documents"]] == [
        "application_form-1.pdf", "licence-2.pdf", "audit_report-3.pdf", "evidence-4.pdf",
    ]  # fmt: skip
    assert whole["form"]["title"] == "〔申报单位〕（〔申报单位〕）的项目"


def test_who_was_drawn_and_why_otherwise_is_the_offices_matter() -> None:
    place, application = place_of(SHANGHAI.call)
    for actor in (place.unit(application), EXPERT):
        text = json.dumps(read(place, application, actor)[1], ensure_ascii=False)
        assert ("指定" in text, "expert-2" in text, "seed" in text) == (False, False, False)
