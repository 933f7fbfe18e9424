"""Small worlds with crashes in them: nothing answered is lost, a seed is the same to the byte, planted faults are found."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache, partial
from typing import cast

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import fundcall.storage.ledger
from fundcall.cli import app
from fundcall.crashing.campaign import Live, ground, told
from fundcall.crashing.life import Lived
from fundcall.crashing.plan import JUMPS_SECONDS, LATE_HOURS, RELAY, Plan, Turn, drawn
from fundcall.crashing.points import CRASH, ERROR, Plant, Strike
from fundcall.crashing.shrink import shortest
from tests.faults.planted import EARLY, HALF, Hasty, Leaking
from tests.postgres import Cluster

CALL = "shanghai-ai-plus-2025"
RATE = 0.01
SEEDS = (2, 5)
PLANTED: dict[str, Plant] = {EARLY: Hasty, HALF: Leaking}

strikes = st.builds(Strike, st.integers(1, 60), st.sampled_from((CRASH, ERROR)))
turns = st.builds(
    Turn,
    strikes=st.lists(strikes, max_size=2).map(tuple),
    shuffled=st.integers(0, 9),
    together=st.booleans(),
    again=st.integers(0, 9),
    late_hours=st.sampled_from(sorted(set(LATE_HOURS))),
    jump_seconds=st.sampled_from(sorted(set(JUMPS_SECONDS), key=abs)),
    relay=st.sampled_from((None, *RELAY)),
)
plans = st.builds(
    Plan,
    seed=st.integers(0, 999),
    applicants=st.integers(1, 2),
    published=st.just(False),
    turns=st.lists(turns, min_size=1, max_size=5).map(tuple),
)
struck = st.builds(
    Plan,
    seed=st.just(1),
    turns=st.lists(st.builds(Turn, strikes=st.tuples(strikes)), min_size=1, max_size=3).map(tuple),
)
FEW = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), database=None)
LEAST = settings(FEW, max_examples=80, phases=[Phase.generate, Phase.shrink], derandomize=True)


@pytest.fixture(scope="module")
def in_memory() -> Iterator[Live]:
    with ground(CALL, "") as live:
        yield live


@pytest.fixture(scope="module")
def on_postgres(cluster: Cluster) -> Iterator[Live]:
    with ground(CALL, cluster.root) as live:
        yield live


@pytest.fixture(params=["in_memory", "on_postgres"])
def live(request: pytest.FixtureRequest) -> Live:
    return cast("Live", request.getfixturevalue(request.param))


def test_crashes_drawn_from_seeds_lose_nothing_and_a_seed_is_the_same_to_the_byte(live: Live) -> None:
    seeds, again = ([live(drawn(seed, RATE, 1)) for seed in SEEDS] for _ in range(2))
    assert [one.violations for one in seeds] == [()] * len(SEEDS)
    assert sum(one.figures["crashes"] for one in seeds) > 1
    assert [(one.trace, one.root, one.digest) for one in seeds] == [(one.trace, one.root, one.digest) for one in again]


def test_without_faults_both_databases_come_to_one_root(in_memory: Live, on_postgres: Live) -> None:
    plan = Plan(5, 2, turns=(Turn(),) * 6)
    assert in_memory(plan).digest == on_postgres(plan).digest


def found_on(live: Live, plant: str) -> Lived:
    """The first seed that finds a planted fault."""
    return next(one for n in range(2, 40) if (one := live(drawn(n, RATE, 1), plant=PLANTED[plant])).violations)


@pytest.mark.parametrize("plant", PLANTED)
def test_a_planted_fault_is_found_and_brought_down_to_one_strike(in_memory: Live, plant: str) -> None:
    planted, found = partial(in_memory, plant=PLANTED[plant]), found_on(in_memory, plant)
    least = planted(shortest(found.plan, lambda plan: bool(planted(plan).violations)))
    assert [len(turn.strikes) for turn in least.plan.turns if turn.strikes] == [1]
    assert least.violations
    assert in_memory(least.plan).violations == ()


@pytest.mark.parametrize("plant", PLANTED)
def test_a_planted_fault_is_found_on_postgresql(on_postgres: Live, plant: str) -> None:
    assert found_on(on_postgres, plant).violations


@FEW
@given(plan=plans)
def test_whatever_strikes_whenever_nothing_is_lost(in_memory: Live, plan: Plan) -> None:
    lived = in_memory(plan)
    assert lived.violations == (), "\n".join(told(lived))


def test_hypothesis_shrinks_to_the_least_that_finds_a_planted_fault(in_memory: Live) -> None:
    @cache
    def fails(plan: Plan) -> bool:
        return bool(in_memory(plan, plant=Leaking).violations)

    least = find(struck, fails, settings=LEAST)
    assert len(least.turns) == 1


def test_the_command_ends_with_1_and_shows_the_least_that_leads_to_a_violation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fundcall.storage.ledger, "deadline_changes", lambda _: ([], []))
    ended = CliRunner().invoke(app, ["simulate", "--crash-rate", "0", "--seed", "5", "--applications", "1"])
    assert ended.exit_code == 1
    assert "not armed" in json.loads(ended.stdout)["violations"][0]
    assert "→ fundcall simulate --crash-rate 0.0 --seed 5" in ended.stderr
    assert ended.stderr.count("Turn(strikes=()") == 1


def test_the_command_tells_what_it_found_and_the_same_again() -> None:
    asked = ["simulate", "--crash-rate", "0.02", "--seeds", "2", "--seed", "3"]
    first, again = (CliRunner().invoke(app, asked) for _ in range(2))
    assert (first.exit_code, again.exit_code) == (0, 0)
    found, same = (json.loads(one.stdout) for one in (first, again))
    assert (found["seeds"], found["violations"], found["digest"]) == (2, [], same["digest"])
