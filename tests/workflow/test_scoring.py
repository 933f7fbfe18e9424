"""Measures are those of the textbook, ranks are exact, ties share one, and every figure leads back to its events."""

from __future__ import annotations

import statistics
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fundcall.calls.load import load
from states.funding_call import FundingCall
from tests.drive import EXPERTS, R1, World, world
from workflow.projection import Reviewed
from workflow.record import decode
from workflow.scoring import MEASURES, Place, Read, habits, ranked, read_scores, standings

CALL = load("shanghai-ai-plus-2025")
TOPIC = "ai_lead.foundations.corpus"
Given = list[list[tuple[int, int]]]
"""Of each application the expert's number and the points of each of its scores."""
GIVEN = st.lists(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 1_000_000)), min_size=3, max_size=7, unique_by=lambda s: s[0]),
    min_size=1,
    max_size=12,
)


def read(scores: Given, topics: tuple[str, ...] = (TOPIC,), state: str = "expert_review") -> Read:
    return [
        (
            Reviewed(f"app-{n:03d}", state, "reviewing", topics[n % len(topics)], "", 100, 0, ""),
            [value for i, (e, ppm) in enumerate(of_one) for value in (f"e{e}", ppm, 10 * n + i)],
        )
        for n, of_one in enumerate(scores)
    ]


def places(scores: Given, measure: str = "mean", call: FundingCall = CALL) -> list[Place]:
    (found,) = ranked(call, standings(call, read(scores)), measure).values()
    return found


def told(found: list[Place]) -> list[tuple[str, int, int]]:
    return [(place.standing.application.id, place.rank, place.tied) for place in found]


@given(GIVEN)
def test_the_mean_and_the_trimmed_mean_are_those_of_fractions(scores: Given) -> None:
    for place in places(scores):
        totals = sorted(place.standing.scores[1::3])
        for measure, kept in (("mean", totals), ("trimmed", totals[1:-1])):
            total, count = MEASURES[measure](place.standing.scores, place.standing.table)
            assert Fraction(total, count) == Fraction(sum(kept), len(kept))


@given(GIVEN)
def test_z_is_the_textbooks_within_a_few_millionths(scores: Given) -> None:
    of_expert: dict[str, list[int]] = {}
    for _, flat in read(scores):
        for expert, ppm in zip(flat[::3], flat[1::3], strict=True):
            of_expert.setdefault(expert, []).append(ppm)
    for place in places(scores, "z"):
        flat, z = place.standing.scores, 0.0
        for expert, ppm in zip(flat[::3], flat[1::3], strict=True):
            totals = of_expert[expert]
            spread = statistics.pstdev(totals)
            z += (ppm - statistics.fmean(totals)) / spread if spread else 0
        # spread is taken down to a whole number of millionths: little for a real expert, more for one who hardly differs
        least = min((h.spread for h in place.standing.table.habits.values() if h.spread > 1), default=1)
        assert abs(place.standing.ppm("z") / 1e6 - z / (len(flat) // 3)) < 4e-6 + 12 / least


@pytest.mark.parametrize("scores", [[[(0, 700_000)] * 1], [[(0, 700_000)], [(0, 700_000)]]])
def test_an_expert_with_one_score_or_no_spread_counts_neither_for_nor_against(scores: Given) -> None:
    found = habits(read(scores))["e0"]
    assert [(found.times * ppm - found.mean) // found.spread for ppm in (0, 700_000, 1_000_000)] == [0, 0, 0]


def test_z_lifts_what_strict_experts_praised_over_what_lenient_ones_did_not() -> None:
    strict, lenient = ((0, 1, 2), (3, 4, 5))
    praised = [(e, 600_000) for e in strict]
    dull = [(e, 800_000) for e in lenient]
    others = [[(e, 400_000) for e in strict], [(e, 900_000) for e in lenient]]
    scores = [praised, dull, *others]
    assert [one[0] for one in told(places(scores))] == ["app-003", "app-001", "app-000", "app-002"]
    assert told(places(scores, "z")) == [
        ("app-000", 1, 1), ("app-003", 1, 1), ("app-001", 3, 1), ("app-002", 3, 1),
    ]  # fmt: skip


def test_a_third_of_a_millionth_decides_and_equal_means_of_three_and_five_tie() -> None:
    scores = [
        [(0, 500_000), (1, 500_000), (2, 500_001)],
        [(0, 500_000), (1, 500_000), (2, 500_000)],
        [(e, 500_000) for e in range(5)],
    ]
    assert told(places(scores)) == [("app-000", 1, 0), ("app-001", 2, 1), ("app-002", 2, 1)]


@given(GIVEN, st.sampled_from(sorted(MEASURES)))
def test_ranks_are_one_more_than_the_number_of_those_before(scores: Given, measure: str) -> None:
    found = places(scores, measure)
    exact = [Fraction(*MEASURES[measure](p.standing.scores, p.standing.table)) for p in found]
    assert [p.rank for p in found] == [1 + sum(other > own for other in exact) for own in exact]
    assert [p.tied for p in found] == [exact.count(own) - 1 for own in exact]


def test_each_direction_has_a_ranking_of_its_own_and_too_few_scores_have_no_rank() -> None:
    other = next(t.id for t in CALL.topics.values() if t.direction != CALL.direction_of(TOPIC))
    scores = [[(e, 100 * n) for e in range(3)] for n in range(4)] + [[(0, 9)], [(1, 9)]]
    found = ranked(CALL, standings(CALL, read(scores, (TOPIC, other))))
    assert [told(those) for those in found.values()] == [
        [("app-002", 1, 0), ("app-000", 2, 0), ("app-004", 0, 0)],
        [("app-003", 1, 0), ("app-001", 2, 0), ("app-005", 0, 0)],
    ]


def test_a_withdrawn_application_has_no_place_but_its_scores_say_how_its_experts_score() -> None:
    mixed = [*read([[(0, 1), (1, 2), (2, 3)]]), *read([[(0, 9), (1, 9), (2, 9)]], state="withdrawn")]
    assert [one.application.state for one in standings(CALL, mixed)] == ["expert_review"]
    assert habits(mixed)["e0"].times == 2_000_000


@pytest.mark.parametrize(("apart", "flagged"), [(200_000, False), (200_001, True)])
def test_experts_further_apart_than_the_call_lets_pass_are_flagged(apart: int, *, flagged: bool) -> None:
    (place,) = places([[(0, 500_000), (1, 500_000), (2, 500_000 + apart)]])
    assert (place.standing.spread_ppm, place.standing.flagged) == (apart, flagged)


def test_there_is_no_measure_but_those_named() -> None:
    with pytest.raises(ValueError, match="no measure 'median'"):
        ranked(CALL, [], "median")


def scored(place: World, *points: int) -> str:
    application = place.in_review()
    for expert, given_points in zip(EXPERTS[:3], points, strict=True):
        place.do("AcceptInvitation", expert, application)
        place.do("SubmitScore", expert, application, points=place.points(given_points), comment="可行")
    return application


def by_id(place: World) -> dict[str, dict[str, Any]]:
    found = ranked(place.call, standings(place.call, read_scores(place.call, place.ledger)))
    return {p.standing.application.id: p.plain() for places in found.values() for p in places}


def test_every_figure_names_the_events_that_it_came_from() -> None:
    place = world()
    application = scored(place, 80, 70, 60)
    found = by_id(place)[application]
    assert (found["mean_ppm"], found["trimmed_ppm"], found["spread_ppm"]) == (700_000, 700_000, 200_000)
    for score in found["scores"]:
        event = decode(next(iter(place.ledger.stored(score["position"] - 1, score["position"]))).body)
        assert (event.type, event.actor, event.data["total_ppm"]) == (
            "ScoreSubmitted",
            score["expert"],
            score["total_ppm"],
        )


def test_a_score_given_back_is_out_of_the_ranking_until_it_comes_again() -> None:
    place = world()
    application = scored(place, 80, 70, 60)
    place.do("ReopenScore", R1, application, expert=EXPERTS[0].id, reason="笔误")
    assert by_id(place)[application]["rank"] == 0
    place.do("SubmitScore", EXPERTS[0], application, points=place.points(50), comment="可行")
    assert (by_id(place)[application]["rank"], by_id(place)[application]["mean_ppm"]) == (1, 600_000)


def test_scores_recorded_before_totals_were_are_weighed_when_they_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    place = world()
    application = scored(place, 80, 70, 60)
    whole = by_id(place)[application]
    (before,) = place.ledger.reviews(place.call_id)
    monkeypatch.setattr(
        place.ledger, "reviews", lambda _: [before._replace(scores=before.scores.replace("800000", "null"))]
    )
    assert by_id(place)[application] == whole
