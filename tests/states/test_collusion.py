"""Separation of duties as a number: the fewest people who together can get an application funded."""

from functools import cache

import pytest

from tests.states.people import DUTIES, casts, fewest, funds, kept_apart, without

NUMBER = 7
LOWERING = {
    ("of_neither_side",): 4,
    ("experts_uninvolved",): 6,
    ("other_person_than_ApplicationApproved",): 6,
    ("not_the_payer",): 6,
    ("experts_distinct", "invited", "accepted", "scores_enough"): 5,
}
"""Guards taken out together, and the number that is left."""
APART = {
    ("award_proposed", "other_person_than_AwardProposed"): {("proposes", "publishes"), ("proposes", "approves")},
    ("other_person_than_AwardProposed",): {("proposes", "approves")},
    ("other_person_than_FormatCheckPassed",): {("passes", "approves")},
    ("other_person_than_ApplicationApproved",): {("approves", "pays"), ("approves", "confirms")},
    ("not_the_payer",): {("pays", "confirms")},
}
"""Guards taken out together, and the pairs of duties that one person could then do."""


@cache
def shipped() -> frozenset[tuple[str, str]]:
    """The pairs of duties that the table as it ships keeps apart."""
    return kept_apart()


def test_fewer_than_six_people_cannot_fund_an_application() -> None:
    number, cast = fewest(shipped())
    print(f"collusion number: {number}; such as {cast}")
    assert number == NUMBER >= 6
    assert funds(cast)


def test_no_fewer_people_can_whatever_they_each_do() -> None:
    assert list(casts(NUMBER - 1, shipped())) == []


def test_everybody_doing_one_thing_can() -> None:
    assert funds({duty: duty for duty in DUTIES})


def test_one_person_doing_everything_cannot() -> None:
    assert not funds(dict.fromkeys(DUTIES, "one"))


def named(guards: object) -> str | None:
    return "-".join(guards) if isinstance(guards, tuple) else None


@pytest.mark.parametrize(("guards", "left"), LOWERING.items(), ids=named)
def test_a_guard_taken_out_of_the_table_lowers_the_number(
    monkeypatch: pytest.MonkeyPatch, guards: tuple[str, ...], left: int
) -> None:
    without(monkeypatch, *guards)
    number, cast = fewest(kept_apart())
    print(f"without {', '.join(guards)}: {number}")
    assert (number, funds(cast)) == (left, True)


@pytest.mark.parametrize(("guards", "pairs"), APART.items(), ids=named)
def test_guards_taken_out_of_the_table_let_one_person_do_two_duties(
    monkeypatch: pytest.MonkeyPatch, guards: tuple[str, ...], pairs: set[tuple[str, str]]
) -> None:
    whole = shipped()
    without(monkeypatch, *guards)
    assert whole - kept_apart() == pairs
