"""Experts over HTTP: who may draw, what a draw tells, and that everybody else is kept out."""

from __future__ import annotations

from typing import Any

import pytest

from states.actor import Actor, Role
from states.experts import Expert
from tests.api.office import Office, ok
from tests.drive import A1, EXPERTS, F1, R1

AUDITOR = Actor("auditor-1", Role.AUDITOR)
APPLICANT = Actor("unit-1", Role.APPLICANT, "HAR00001")


@pytest.fixture
def waiting(office: Office) -> list[str]:
    """Three applications that wait for review, and a registry of six."""
    made = [office.submitted(n) for n in range(1, 4)]
    for application in made:
        ok(office.do(application, "ClaimFormatCheck", F1))
        ok(office.do(application, "PassFormatCheck", F1))
    experts = [Expert(f"e{n}", f"UNIT{n}", ("gardens",), 2, "王某", f"e{n}@u{n}.example") for n in range(6)]
    office.system.handler.experts.replace(experts)
    return made


def draws(office: Office) -> str:
    return f"/calls/{office.call.id}/draws"


def test_a_draw_is_made_verified_and_followed(office: Office, waiting: list[str]) -> None:
    asked = {"seed": 7, "per": 2}
    trial = ok(office.post(draws(office), R1, {**asked, "dry_run": True}))
    made = ok(office.post(draws(office), R1, asked, key="draw-1"))
    again = ok(office.post(draws(office), R1, asked, key="draw-1"))
    assert (trial["drawn"], trial["position"]) == (made["drawn"], None)
    assert again == made | {"repeated": True}
    assert (sorted(made["drawn"]), made["load_max"]) == (sorted(waiting), 1)
    where = f"{draws(office)}/{made['position']}"
    assert ok(office.get(f"/api/v1{where}/verification", AUDITOR))["differences"] == []
    assert ok(office.post(f"{where}/start", R1)) == {"started": 3, "refused": {}}
    assert ok(office.post(draws(office), R1, asked, key="draw-1")) == again
    assert [one["position"] for one in ok(office.get(f"/api/v1{draws(office)}", A1))] == [made["position"]]


def test_a_draw_that_cannot_be_is_a_conflict_that_says_why(office: Office, waiting: list[str]) -> None:
    answer = office.post(draws(office), R1, {"seed": 7, "per": 7})
    found: dict[str, Any] = answer.json()
    assert (answer.status_code, found["code"]) == (409, "no_assignment")
    assert str(len(waiting)) + " applications go short" in str(found)


def test_a_draw_is_refused_in_words(office: Office) -> None:
    answer = office.post(draws(office), R1, {"seed": 7})
    assert (answer.status_code, answer.json()["code"]) == (422, "draw_malformed")


@pytest.mark.parametrize("who", [F1, A1, AUDITOR, APPLICANT, EXPERTS[0], None])
def test_nobody_but_review_officers_may_draw(office: Office, who: Actor | None) -> None:
    answers = [office.post(draws(office), who, {"seed": 1}), office.post(f"{draws(office)}/1/start", who)]
    assert {answer.status_code for answer in answers} <= {401, 403}


@pytest.mark.parametrize("who", [APPLICANT, EXPERTS[0], None])
def test_neither_applicants_nor_experts_nor_the_public_read_of_experts(office: Office, who: Actor | None) -> None:
    asked = ["/experts", draws(office), f"{draws(office)}/1/verification"]
    assert {office.get(f"/api/v1{path}", who).status_code for path in asked} <= {401, 403}


def test_the_registry_is_read_without_names_and_addresses(office: Office, waiting: list[str]) -> None:
    found = ok(office.get("/api/v1/experts", AUDITOR))
    assert found[0] == {"id": "e0", "unit": "UNIT0", "topics": ["gardens"], "load_max": 2}
    assert len(found) == len(waiting) * 2


def test_an_expert_is_not_given_what_names_the_unit(office: Office, waiting: list[str]) -> None:
    expert = EXPERTS[0]
    refs = [{"id": expert.id, "unit": expert.unit}]
    office.system.handler.experts.replace([Expert(expert.id, expert.unit, ("gardens",), 2)])
    ok(office.do(waiting[0], "StartReview", R1, experts=refs, seed=7, reason="试点"))
    where = f"/api/v1/applications/{waiting[0]}"
    assert office.get(where, expert).status_code == 200
    for part in ("receipt", "receipt.pdf", "findings"):
        assert (office.get(f"{where}/{part}", expert).status_code, part) == (403, part)
        assert (office.get(f"{where}/{part}", office.unit(1)).status_code, part) == (200, part)


@pytest.mark.parametrize("body", [{}, {"seed": -1}, {"seed": "7"}, {"seed": 1, "per": 0}, {"seed": 1, "more": 2}])
def test_a_malformed_draw_is_told_where(office: Office, body: dict[str, Any]) -> None:
    answer = office.post(draws(office), R1, body)
    assert (answer.status_code, answer.json()["code"], len(answer.json()["faults"])) == (422, "malformed", 1)


def test_a_draw_that_is_not_there_is_not_found(office: Office) -> None:
    codes = [office.get(f"/api/v1{draws(office)}/{n}/verification", R1).status_code for n in ("1", "x")]
    assert (codes, office.post(f"{draws(office)}/1/start", R1).status_code) == ([404, 404], 404)
