"""What is asked of a score, when it is due, and when a panel must meet."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from states.envelope import Bound
from states.events import Recorded
from states.fold import fold
from tests.drive import A1, A2, EXPERTS, R1, World, world
from workflow.handle import Accepted, Rejected
from workflow.record import decode
from workflow.rules import Rules
from workflow.writing import same

E1, E2, E3, E4 = EXPERTS[:4]
SCALES = pytest.mark.parametrize(("points", "ppm"), [(0, 0), (1, 142_857), (3, 428_571), (4, 571_429), (7, 1_000_000)])


def commenting(place: World) -> World:
    """The same world, where the first criterion asks for a comment."""
    rubric = (replace(place.call.rubric[0], comment=True), *place.call.rubric[1:])
    rules = place.handler.calls[place.call_id]
    changed = Rules(replace(place.call, rubric=rubric), rules.hash, rules.body)
    place.handler = replace(place.handler, calls={place.call_id: changed})
    return place


def refusals(place: World, application: str, **fields: Any) -> list[tuple[str, str]]:
    given = {"points": place.points(), "comment": "可行", **fields}
    return [(r.code, r.where) for r in place.would("SubmitScore", E1, application, **given)]


def test_a_criterion_that_asks_for_a_comment_is_named_where_it_has_none() -> None:
    place = commenting(world())
    application = place.in_review()
    place.do("AcceptInvitation", E1, application)
    first = place.call.rubric[0].id
    assert refusals(place, application) == [("comment_missing", first)]
    assert refusals(place, application, comments={first: " \n"}) == [("comment_missing", first)]
    assert refusals(place, application, comments={first: "新颖", "charm": "x"}) == [("no_such_item", "charm")]
    assert refusals(place, application, comments={first: "新颖"}) == []
    place.do("SubmitScore", E1, application, points=place.points(), comment="可行", comments={first: "新颖"})
    assert place.application(application).experts[E1.id].comments == {first: "新颖"}


@SCALES
def test_a_scale_of_seven_is_weighed_to_the_nearest_millionth(points: int, ppm: int) -> None:
    call = world().call
    sevenths = replace(call, rubric=tuple(replace(c, points_max=7) for c in call.rubric))
    assert sevenths.weighted_ppm({c.id: points for c in call.rubric}) == ppm


def test_the_weights_decide_the_total_and_the_event_says_it() -> None:
    place = world()
    application = place.in_review()
    place.do("AcceptInvitation", E1, application)
    points = dict(zip((c.id for c in place.call.rubric), (90, 80, 70, 60), strict=True))
    accepted = place.do("SubmitScore", E1, application, points=points, comment="可行")
    assert accepted.event.data["total_ppm"] == (30 * 90 + 25 * 80 + 30 * 70 + 15 * 60) * 100 == 770_000
    score = place.application(application).experts[E1.id]
    assert (score.total_ppm, score.position) == (770_000, accepted.event.position)


def test_who_comes_in_after_the_time_for_scores_has_run_out_has_the_whole_time_anew() -> None:
    place = world()
    application = place.in_review()
    place.do("AcceptInvitation", E2, application)
    first_due = place.application(application).deadlines["score"]
    place.at(first_due)
    assert "score" not in place.application(application).deadlines
    replacement = place.experts((E4,))[0]
    place.do("ReplaceExpert", R1, application, expert=E1.id, replacement=replacement, reason="逾期未评")
    found = place.application(application)
    assert found.deadlines["score"] > first_due
    assert found.experts[E4.id].due_at == found.deadlines["score"]
    assert found.experts[E4.id].asked_at == place.now
    assert found.experts[E2.id].due_at == first_due


def test_a_score_given_back_is_due_again_though_all_were_in() -> None:
    place = world()
    application = place.scored()
    assert "score" not in place.application(application).deadlines
    place.do("ReopenScore", R1, application, expert=E1.id, reason="笔误")
    found = place.application(application)
    assert found.experts[E1.id].due_at == found.deadlines["score"]


def test_a_score_told_before_comments_and_totals_were_recorded_still_folds_and_answers_its_own_request() -> None:
    place = world()
    application = place.in_review()
    place.do("AcceptInvitation", E1, application)
    request = place.request("SubmitScore", E1, application, points=place.points(), comment="可行")
    place.handler.handle(request, place.now)
    events = [decode(stored.body) for stored in place.ledger.stored(application=application)]
    old = {key: value for key, value in events[-1].data.items() if key not in ("comments", "total_ppm")}
    earlier: Recorded = events[-1]._replace(data=old)
    folded = fold([*events[:-1], earlier])
    assert folded is not None
    assert (folded.experts[E1.id].comments, folded.experts[E1.id].total_ppm) == ({}, None)
    assert same(request, earlier, place.ledger.personal)


# --- money ------------------------------------------------------------------------------------------------------------


def test_an_envelope_takes_two_officers_and_a_reason() -> None:
    place = world()
    assert isinstance(place.ask_call("SetEnvelope", A2), Rejected)
    for bad in ({"envelope_minor": 0}, {"reason": " "}):
        assert isinstance(
            place.ask_call("ProposeEnvelope", A1, **{"envelope_minor": 5, "reason": "x", **bad}), Rejected
        )
    place.do_call("ProposeEnvelope", A1, envelope_minor=5, reason="年度预算")
    alone = place.ask_call("SetEnvelope", A1)
    assert isinstance(alone, Rejected)
    assert alone.code == "same_person"
    assert place.programme().envelope is None
    place.do_call("SetEnvelope", A2)
    found = place.programme().envelope
    assert found is not None
    assert (found.amount_minor, found.by) == (5, A1.id)


def test_a_proposal_says_what_money_it_found_and_decides_again_from_that() -> None:
    place = world()
    place.money(10**12)
    first, second = place.proposed(), place.scored()
    accepted = place.do("ProposeAward", R1, second, amount_minor=7, grounds="评审通过")
    purse = accepted.event.facts["purse"]
    taken = place.application(first).bound_minor
    assert purse == {"envelope_minor": 10**12, "bound_minor": taken, "direction": "ai_lead", "awards": 1,
                     "direction_minor": taken}  # fmt: skip


def test_without_an_envelope_nothing_is_refused_and_nothing_said_of_money() -> None:
    place = world()
    accepted = place.do("ProposeAward", R1, place.scored(), amount_minor=7, grounds="评审通过")
    assert "purse" not in accepted.event.facts


def test_proposing_another_amount_for_the_same_application_counts_it_once() -> None:
    place = world()
    place.money(place.profile.grant_minor)
    application = place.proposed()
    again = place.ask("ProposeAward", R1, application, amount_minor=place.profile.grant_minor, grounds="评审通过")
    assert isinstance(again, Accepted)


def test_money_is_free_again_once_the_application_is_proposed_for_decline() -> None:
    place = world()
    place.money(place.profile.grant_minor)
    first, second = place.proposed(), place.scored()
    asked = {"amount_minor": place.profile.grant_minor, "grounds": "评审通过"}
    assert place.codes("ProposeAward", R1, second, **asked) == ("envelope_exceeded",)
    place.do("ProposeDecline", R1, first, grounds="综合平衡")
    assert place.codes("ProposeAward", R1, second, **asked) == ()
    topic = place.profile.form["topic"]
    bound = place.ledger.transact(lambda transaction: transaction.bound(place.call_id))
    assert bound == {topic: Bound(1, place.profile.grant_minor)}
