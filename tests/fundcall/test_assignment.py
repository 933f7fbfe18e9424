"""Experts are drawn as well as they can be, the same for the same seed, and it is said where they cannot."""

from __future__ import annotations

from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fundcall.assignment import SOLVER, assign
from states.commands.programme import Candidacy, Candidate, DrawExperts, Drawn, Tie
from states.draw import Basis, fit, fits, loads
from workflow.draws import Impossible

TOPICS = ("a.one", "a.two", "b.one", "c.one")


def basis(experts: int = 12, applications: int = 8, units: int = 6, load_max: int = 4) -> Basis:
    return Basis(
        tuple(
            Candidate(id=f"e{i:02d}", unit=f"u{i % units}", topics=(TOPICS[i % 4], TOPICS[i % 3]), load_max=load_max)
            for i in range(experts)
        ),
        tuple(Candidacy(id=f"a{i:02d}", unit=f"v{i}", topic=TOPICS[i % 4]) for i in range(applications)),
        tuple(Tie(application=f"a{i:02d}", expert=f"e{i:02d}", ties=("declared",)) for i in range(applications)),
    )


def given_to(problem: Basis, drawn: tuple[Drawn, ...], per: int, seed: int = 1) -> DrawExperts:
    return DrawExperts(per=per, seed=seed, drawn=drawn, solver=SOLVER, **problem._asdict())


def test_the_same_seed_gives_the_same_draw_and_another_seed_another() -> None:
    problem = basis()
    first, again, other = (assign(problem, 3, seed) for seed in (1, 1, 2))
    assert first == again != other


def test_the_draw_is_as_good_as_the_best_of_all_there_are() -> None:
    problem = basis(experts=6, applications=3, units=3, load_max=2)
    wanted = fits(given_to(problem, assign(problem, 2, 5), 2))
    worth = sum(level * count for level, count in enumerate(wanted))
    assert worth == _best(problem, 2)


def _best(problem: Basis, per: int) -> int:
    """The best that any draw can come to, by trying every one."""
    people = {one.id: one for one in problem.experts}
    tied = {(tie.application, tie.expert) for tie in problem.ties}
    choices = [
        [
            chosen
            for chosen in combinations(sorted(people), per)
            if len({people[who].unit for who in chosen}) == per and not any((one.id, who) in tied for who in chosen)
        ]
        for one in problem.applications
    ]
    best = -1
    for every in product(*choices):
        given_each = [who for chosen in every for who in chosen]
        if all(given_each.count(who) <= people[who].load_max for who in people):
            pairs = zip(problem.applications, every, strict=True)
            best = max(best, sum(fit(people[who].topics, one.topic) for one, chosen in pairs for who in chosen))
    return best


def test_loads_are_level_among_experts_who_fit_alike() -> None:
    experts = tuple(Candidate(id=f"e{i}", unit=f"u{i}", topics=("a",), load_max=9) for i in range(6))
    waiting = tuple(Candidacy(id=f"a{i}", unit=f"v{i}", topic="a") for i in range(6))
    problem = Basis(experts, waiting, ())
    assert loads(given_to(problem, assign(problem, 3, 4), 3)) == [3, 3, 3, 3, 3, 3]


def test_who_fits_the_topic_goes_before_who_has_less_to_do() -> None:
    fitting = tuple(Candidate(id=f"e{i}", unit=f"u{i}", topics=("a.one",), load_max=5) for i in range(3))
    others = tuple(Candidate(id=f"o{i}", unit=f"w{i}", topics=("b",), load_max=5) for i in range(9))
    waiting = tuple(Candidacy(id=f"a{i}", unit=f"v{i}", topic="a.one") for i in range(5))
    drawn = assign(Basis(fitting + others, waiting, ()), 3, 4)
    assert {one.experts for one in drawn} == {("e0", "e1", "e2")}


def test_an_application_without_enough_experts_is_named_with_what_is_missing() -> None:
    problem = basis(experts=4, applications=2, units=2, load_max=9)
    with pytest.raises(Impossible) as found:
        assign(problem, 3, 1)
    assert [tuple(short) for short in found.value.short] == [("a00", 1, 3, 2), ("a01", 1, 3, 2)]
    assert str(found.value).startswith("无法为每件抽取 3 名专家：共需 6 人次，专家最多可承担 36 人次；2 件不足")


def test_too_few_places_in_all_are_told() -> None:
    with pytest.raises(Impossible, match="24 reviews are needed and 12 can be taken"):
        assign(basis(load_max=1), 3, 1)


def test_an_application_that_others_leave_too_few_for_is_named() -> None:
    """Each could have three of five; together they need six places of the two whom both need, and there are four."""
    scarce = tuple(Candidate(id=f"s{i}", unit=f"u{i}", topics=("a",), load_max=1) for i in range(2))
    others = tuple(Candidate(id=f"o{i}", unit=f"w{i}", topics=("a",), load_max=5) for i in range(3))
    waiting = tuple(Candidacy(id=f"a{i}", unit=f"v{i}", topic="a") for i in range(2))
    ties = tuple(Tie(application=one.id, expert=who, ties=("declared",)) for one in waiting for who in ("o1", "o2"))
    with pytest.raises(Impossible) as found:
        assign(Basis(scarce + others, waiting, ties), 3, 1)
    assert [(short.missing, short.eligible, short.units) for short in found.value.short] in (
        [(1, 3, 3)] * 2,
        [(2, 3, 3)],
    )


def test_nobody_to_draw_from_is_told() -> None:
    with pytest.raises(Impossible, match="24 reviews are needed and 0 can be taken"):
        assign(basis()._replace(experts=(), ties=()), 3, 1)


def test_candidates_are_sought_further_where_the_best_do_not_suffice() -> None:
    """Forty experts know the topic and can take one each; a hundred others must help out."""
    knowing = tuple(Candidate(id=f"k{i:03d}", unit=f"u{i}", topics=("a",), load_max=1) for i in range(40))
    others = tuple(Candidate(id=f"o{i:03d}", unit=f"w{i}", topics=("b",), load_max=1) for i in range(100))
    waiting = tuple(Candidacy(id=f"a{i:02d}", unit=f"v{i}", topic="a") for i in range(40))
    problem = Basis(knowing + others, waiting, ())
    assert fits(given_to(problem, assign(problem, 3, 1), 3)) == [80, 0, 0, 40]


@settings(max_examples=60, deadline=None)
@given(
    experts=st.integers(3, 14), applications=st.integers(1, 8), units=st.integers(1, 14), load_max=st.integers(0, 5),
    per=st.sampled_from((1, 3, 5)), seed=st.integers(0, 2**62),
)  # fmt: skip
def test_every_draw_keeps_the_rules_or_is_said_to_be_impossible(
    experts: int, applications: int, units: int, load_max: int, per: int, seed: int
) -> None:
    problem = basis(experts, min(applications, experts), units, load_max)
    missing: list[int] = []
    drawn: tuple[Drawn, ...] | None
    try:
        drawn = assign(problem, per, seed)
    except Impossible as wrong:
        missing = [short.missing for short in wrong.short]
        drawn = None
    if drawn is None:
        assert min(missing, default=1) > 0
        assert missing or experts * load_max < len(problem.applications) * per
        return
    people, tied = {one.id: one for one in problem.experts}, {(tie.application, tie.expert) for tie in problem.ties}
    for one in drawn:
        assert len({people[who].unit for who in one.experts}) == per == len(one.experts)
        assert not any((one.application, who) in tied for who in one.experts)
    assert max(loads(given_to(problem, drawn, per))) <= load_max
