"""The cut line: who is above it, what that costs, and what would be proposed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fundcall.calls.load import load
from states.commands.programme import Quota
from states.commands.review import ProposeAward
from states.envelope import Envelope
from tests.drive import EXPERTS, R1, World, world
from workflow.board import Board, drawn, proposals
from workflow.handle import Accepted
from workflow.projection import Reviewed
from workflow.scoring import ranked, read_scores, standings

CALL = load("shanghai-ai-plus-2025")
LEAD, OTHER = CALL.directions()
TOPICS = [next(t.id for t in CALL.topics.values() if t.direction == d) for d in (LEAD, OTHER)]


def board(
    totals: list[int], envelope: Envelope | None = None, cut: int | None = None, share: int = 100, **over: object
) -> Board:
    """A board of applications that each asked for 100 and were scored alike by three; directions take turns."""
    read = [
        (
            Reviewed(f"a{n}", "expert_review", "reviewing", TOPICS[n % 2], "", 100, 0, "")._replace(
                **(over if n == 0 else {})  # type: ignore[arg-type]
            ),
            [value for e in range(3) for value in (f"e{e}", total, n)],
        )
        for n, total in enumerate(totals)
    ]
    return drawn(CALL, envelope, ranked(CALL, standings(CALL, read)), cut=cut, share_percent=share)


def told(found: Board) -> dict[str, str]:
    return {line.place.standing.application.id: line.standing for line in found.lines}


def money(amount: int, *quotas: Quota) -> Envelope:
    return Envelope(amount, {quota.direction: quota for quota in quotas}, "a1")


def test_the_best_of_all_directions_come_first_while_the_money_lasts() -> None:
    found = board([90, 30, 70, 60, 50, 40], money(399))
    assert told(found) == {"a0": "above", "a2": "above", "a4": "over", "a3": "above", "a5": "over", "a1": "over"}
    assert (found.total.awards, found.total.amount_minor, found.left_minor) == (3, 300, 99)


def test_a_share_of_what_was_asked_lets_the_money_go_further() -> None:
    assert list(told(board([90, 80, 70, 60], money(200), share=50)).values()) == ["above"] * 4


@pytest.mark.parametrize(
    ("quota", "standing"),
    [
        (Quota(direction=LEAD, awards_max=1), ["above", "over"]),
        (Quota(direction=LEAD, amount_max_minor=199), ["above", "over"]),
        (Quota(direction=LEAD, awards_max=2, amount_max_minor=200), ["above", "above"]),
        (Quota(direction=OTHER, awards_max=0), ["above", "above"]),
    ],
)
def test_a_quota_ends_its_own_direction_alone(quota: Quota, standing: list[str]) -> None:
    found = board([90, 80, 70, 60], money(1000, quota))
    assert [line.standing for line in found.of(LEAD).lines] == standing
    assert not found.directions[quota.direction].exceeded


def test_a_cut_line_is_what_it_would_cost_whether_or_not_there_is_the_money() -> None:
    quota = Quota(direction=LEAD, awards_max=1)
    found = board([90, 80, 70, 60, 50, 40], money(250, quota), cut=2)
    assert (found.total.amount_minor, found.left_minor, found.total.exceeded) == (400, -150, True)
    assert {name: used.exceeded for name, used in found.directions.items()} == {LEAD: True, OTHER: False}
    assert board([90, 80], money(250), cut=0).total.awards == 0


def test_who_shares_the_rank_of_the_cut_line_is_above_it_too() -> None:
    found = board([90, 1, 80, 1, 80, 1, 70], cut=2).of(LEAD)
    assert told(found) == {"a0": "above", "a2": "above", "a4": "above", "a6": "below"}
    assert [(line.place.rank, line.place.tied) for line in found.lines] == [(1, 0), (2, 1), (2, 1), (4, 0)]


def test_what_is_bound_counts_before_anything_else_and_what_is_decided_does_not() -> None:
    bound = board([10, 80, 90, 70], money(200), phase="proposed", bound_minor=60)
    assert told(bound) == {"a2": "above", "a0": "proposed", "a1": "over", "a3": "over"}
    assert bound.total.amount_minor == 160
    assert told(board([99, 80, 90, 70], money(300), state="declined"))["a0"] == "decided"


def test_without_an_envelope_all_that_is_ranked_is_above_and_the_board_says_so() -> None:
    found = board([90, 80])
    assert (told(found), found.left_minor, found.plain()["envelope_minor"]) == (
        {"a0": "above", "a1": "above"},
        None,
        None,
    )


def test_targets_count_what_lines_above_the_cut_contribute_to() -> None:
    contributes = [CALL.topics[topic].contributes for topic in TOPICS]
    found = board([90, 80, 70, 60], cut=1).targets
    assert {name: n for name, (n, _) in found.items() if n} == {c: contributes.count(c) for c in contributes if c}
    assert [least for _, least in found.values()] == [10, 100, 200]


def test_proposals_name_the_rank_and_decline_what_is_below() -> None:
    asked = dict(proposals(CALL, board([90, 80, 70, 60], money(250), share=80), "预算安排"))
    assert {name: type(command).__name__ for name, command in asked.items()} == {
        "a0": "ProposeAward", "a1": "ProposeAward", "a2": "ProposeAward", "a3": "ProposeDecline",
    }  # fmt: skip
    assert isinstance(asked["a2"], ProposeAward)
    assert asked["a2"].amount_minor == 80
    assert asked["a2"].grounds.endswith("按专家评分平均分排序第2名；预算安排")


def scored(place: World, points: int) -> str:
    application = place.in_review()
    for expert in EXPERTS[:3]:
        place.do("AcceptInvitation", expert, application)
        place.do("SubmitScore", expert, application, points=place.points(points), comment="可行")
    return application


def test_what_the_board_proposes_is_accepted_and_leaves_the_board_as_it_was() -> None:
    place = world()
    names = [scored(place, points) for points in (60, 90, 80)]
    asked = int(place.profile.form["requested_minor"])
    place.money(2 * asked)

    def now() -> Board:
        found = ranked(place.call, standings(place.call, read_scores(place.call, place.ledger)))
        return drawn(place.call, place.programme().envelope, found)

    before = now()
    assert told(before) == {names[1]: "above", names[2]: "above", names[0]: "over"}
    requests = [place.request(type(c).__name__, R1, name, **{f: getattr(c, f) for f in c.__dataclass_fields__})
                for name, c in proposals(place.call, before, "x")]  # fmt: skip
    assert {type(outcome) for outcome in place.handler.handle_many(requests, place.now)} == {Accepted}
    after = now()
    assert told(after) == {names[1]: "proposed", names[2]: "proposed", names[0]: "proposed_decline"}
    assert (after.total, after.targets) == (before.total, before.targets)
    assert replace(after, lines=()) == replace(before, lines=())
