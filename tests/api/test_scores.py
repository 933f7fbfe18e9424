"""Scores over HTTP: a draft is its expert's alone, who owes what, the ranking, and the board with its money."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from states.actor import Actor, Role
from tests.api.office import Office, code, ok
from tests.drive import A1, A2, CITIZEN, EXPERTS, F1, R1

E1, E2 = EXPERTS[:2]
AUDITOR = Actor("auditor-1", Role.AUDITOR)


def in_review(office: Office, n: int = 1, *experts: Actor) -> str:
    application = office.submitted(n)
    ok(office.do(application, "ClaimFormatCheck", F1))
    ok(office.do(application, "PassFormatCheck", F1))
    refs = [{"id": e.id, "unit": e.unit} for e in experts or (E1,)]
    ok(office.do(application, "StartReview", R1, experts=refs, seed=7))
    return application


def score(office: Office, application: str, expert: Actor, points: int) -> None:
    ok(office.do(application, "AcceptInvitation", expert))
    given = {criterion.id: points for criterion in office.call.rubric}
    ok(office.do(application, "SubmitScore", expert, points=given, comment="feasible"))


def put(office: Office, application: str, actor: Actor, body: Any) -> Any:
    path = f"/api/v1/applications/{application}/score-draft"
    return office.client.put(path, headers=office.headers(actor), json=body)


def draft(office: Office, application: str, actor: Actor) -> Any:
    return office.get(f"/api/v1/applications/{application}/score-draft", actor)


def test_a_draft_is_kept_for_its_expert_alone_until_the_score_is_in(office: Office) -> None:
    application = in_review(office, 1, E1, E2)
    first = office.call.rubric[0].id
    assert code(draft(office, application, E1)) == (404, "not_found")
    ok(put(office, application, E1, {"points": {first: 3}}))
    kept = ok(put(office, application, E1, {"points": {first: 4}, "comment": "half"}))
    assert kept == {"points": {first: 4}, "comment": "half", "comments": {}}
    assert ok(draft(office, application, E1)) == kept
    assert code(draft(office, application, E2)) == (404, "not_found")
    for other in (R1, A1, AUDITOR, office.unit(1)):
        assert draft(office, application, other).status_code == 403
    assert code(draft(office, application, EXPERTS[3])) == (404, "not_found")
    score(office, application, E1, 5)
    assert code(draft(office, application, E1)) == (403, "not_assigned")
    assert office.system.ledger.query("SELECT count(*) FROM score_drafts").fetchone() == (0,)


def test_no_draft_is_left_by_experts_who_leave_or_whom_the_decision_overtakes(office: Office) -> None:
    application = in_review(office, 1, *EXPERTS[:3])
    for expert in EXPERTS[:3]:
        ok(put(office, application, expert, {"comment": "so far"}))
    ok(office.do(application, "DeclineInvitation", E1, reason="no time"))
    assert kept(office) == [E2.id, EXPERTS[2].id]
    score(office, application, E2, 5)
    assert kept(office) == [EXPERTS[2].id]
    ok(office.do(application, "ProposeDecline", R1, grounds="x"))
    assert kept(office) == []


def kept(office: Office) -> list[str]:
    return [name for (name,) in office.system.ledger.query("SELECT expert FROM score_drafts ORDER BY expert")]


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"points": {"charm": 1}}, "points.charm"),
        ({"points": {"benefit": 11}}, "points.benefit"),
        ({"points": {"benefit": True}}, "points.benefit"),
        ({"comments": {"charm": "x"}}, "comments.charm"),
        ({"comments": {"benefit": 1}}, "comments.benefit"),
        ({"total": 1}, ""),
        ([], ""),
    ],
)
def test_a_draft_that_could_not_become_a_score_is_refused(office: Office, body: Any, where: str) -> None:
    application = in_review(office)
    answer = put(office, application, E1, body)
    assert code(answer) == (422, "malformed")
    assert [fault["where"] for fault in answer.json()["faults"]] == [where]


def test_the_office_sees_who_owes_a_score_since_when_and_who_is_late(office: Office) -> None:
    application = in_review(office, 1, *EXPERTS[:3])
    score(office, application, E1, 5)
    path = f"/api/v1/calls/{office.call.id}/reviews"
    found = ok(office.get(path, R1))
    due = office.system.ledger.transact(lambda t: t.application(application)).deadlines["score"]  # type: ignore[union-attr]
    assert [(one["expert"], one["status"], one["late"]) for one in found] == [
        (E2.id, "invited", False), (EXPERTS[2].id, "invited", False),
    ]  # fmt: skip
    assert ok(office.get(f"{path}?late=true", R1)) == []
    office.clock.at = due
    office.sweep()
    assert [one["expert"] for one in ok(office.get(f"{path}?late=true", R1))] == [E2.id, EXPERTS[2].id]
    assert code(office.get(path, office.unit(1))) == (403, "role_not_allowed")


def test_the_ranking_and_the_board_say_what_the_cut_line_costs(office: Office) -> None:
    names = [in_review(office, n) for n in (1, 2, 3)]
    for name, points in zip(names, (6, 9, 9), strict=True):
        score(office, name, E1, points)
    base = f"/api/v1/calls/{office.call.id}"
    ranking = ok(office.get(f"{base}/ranking?limit=2", R1))
    assert ranking["places_in_all"] == 3
    assert {(p["application"], p["rank"], p["tied"], p["mean_ppm"]) for p in ranking["places"]} == {
        (names[1], 1, 1, 900_000), (names[2], 1, 1, 900_000),
    }  # fmt: skip
    assert code(office.get(f"{base}/ranking", office.unit(1))) == (403, "role_not_allowed")
    without = ok(office.get(f"{base}/board", R1))
    assert (without["envelope_minor"], without["total"]["awards"]) == (None, 3)
    asked = ranking["places"][0]["requested_minor"]
    envelope = {"envelope_minor": 2 * asked, "reason": "budget"}
    ok(office.post(f"/calls/{office.call.id}/commands/ProposeEnvelope", A1, envelope))
    ok(office.post(f"/calls/{office.call.id}/commands/SetEnvelope", A2))
    board = ok(office.get(f"{base}/board", R1))
    assert (board["left_minor"], board["total"]["awards"]) == (0, 2)
    cut = ok(office.get(f"{base}/board?cut=3&share_percent=50&limit=1", R1))
    assert (cut["left_minor"], len(cut["lines"]), cut["lines_in_all"]) == (2 * asked - 3 * (asked // 2), 1, 3)
    assert code(office.get(f"{base}/board", CITIZEN)) == (403, "role_not_allowed")
    assert [ok(office.get(f"{base}/{page}?measure=z", R1))["measure"] for page in ("ranking", "board")] == ["z", "z"]


def test_nothing_is_ranked_by_z_while_an_expert_has_given_no_scores_that_differ(office: Office) -> None:
    score(office, in_review(office, 1), E1, 8)
    base = f"/api/v1/calls/{office.call.id}"
    for page in ("ranking", "board"):
        assert code(office.get(f"{base}/{page}?measure=z", R1)) == (409, "not_comparable")
        assert ok(office.get(f"{base}/{page}?measure=trimmed", R1))["measure"] == "trimmed"


def test_what_the_money_does_not_cover_is_refused_with_the_figures(office: Office) -> None:
    first, second = in_review(office, 1), in_review(office, 2)
    for name in (first, second):
        score(office, name, E1, 9)
    ok(office.post(f"/calls/{office.call.id}/commands/ProposeEnvelope", A1, {"envelope_minor": 1000, "reason": "x"}))
    ok(office.post(f"/calls/{office.call.id}/commands/SetEnvelope", A2))
    office.clock.at += timedelta(seconds=1)
    ok(office.do(first, "ProposeAward", R1, amount_minor=900, grounds="x"))
    answer = office.do(second, "ProposeAward", R1, amount_minor=101, grounds="x")
    assert code(answer) == (422, "envelope_exceeded")
    assert "is more than the 1.00 left (envelope 10.00, bound by others 9.00)" in answer.json()["detail_en"]
