"""A draw rests on what is known when it is recorded, keeps every rule, and is what reviews begin with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fundcall.assignment import SOLVER, assign
from states.application import State
from states.commands.programme import DrawExperts, Drawn
from states.draw import Basis
from states.experts import Span
from tests.databases import durable_ledger
from tests.drive import R1, World, world
from tests.states.cases_experts import register
from workflow.draws import starts
from workflow.handle import Accepted, Rejected, Request
from workflow.programme import drawn_from, would_call


def place_of(*units_tied: int) -> World:
    """Five applications that wait, seven experts; those of `units_tied` are bound to the first application's unit."""
    place = world()
    applications = [place.format_checked() for _ in range(5)]
    register(place)
    unit = place.application(applications[0]).unit_code
    for n in units_tied:
        name = f"expert-{n}"
        place.registry.known[name] = place.registry.known[name]._replace(declared=(unit,))
    return place


def rests_on(place: World) -> Basis:
    return place.ledger.transact(lambda transaction: drawn_from(transaction, place.handler, place.call, place.now))


def solved(place: World, per: int = 3, seed: int = 7) -> dict[str, Any]:
    """The fields of a draw as the solver makes it."""
    found = rests_on(place)
    return {"per": per, "seed": seed, **found._asdict(), "drawn": assign(found, per, seed), "solver": SOLVER}


def codes(place: World, **fields: Any) -> tuple[str, ...]:
    outcome = place.ask_call("DrawExperts", R1, **fields)
    return tuple(r.code for r in outcome.refusals) if isinstance(outcome, Rejected) else ()


def test_what_a_draw_rests_on_holds_no_name_and_no_address() -> None:
    place = place_of(2)
    place.registry.known["expert-1"] = place.registry.known["expert-1"]._replace(
        name="王某", email="wang@secret.example"
    )
    place.do_call("DrawExperts", R1, **solved(place))
    written = b"".join(stored.body for stored in place.ledger.stored())
    assert [word for word in ("王某", "secret.example", "employer.example") if word.encode() in written] == []


def test_ties_and_times_away_are_found_for_a_draw() -> None:
    place = place_of(2)
    known = place.registry.known
    known["expert-3"] = known["expert-3"]._replace(away=(Span(place.now.date(), place.now.date()),))
    known["expert-4"] = known["expert-4"]._replace(email="someone@zixu.example")
    found = rests_on(place)
    assert [one.id for one in found.experts] == [f"expert-{n}" for n in (1, 2, 4, 5, 6, 7)]
    first = found.applications[0].id
    assert [(tie.expert, tie.ties) for tie in found.ties if tie.application == first] == [
        ("expert-2", ("declared",)), ("expert-4", ("email_domain",)),
    ]  # fmt: skip


def test_what_an_expert_reviews_already_is_counted() -> None:
    place = place_of()
    application = rests_on(place).applications[0].id
    place.do("StartReview", R1, application, experts=place.experts(), seed=1, reason="试点")
    found = {one.id: one.load_max for one in rests_on(place).experts}
    assert found == {f"expert-{n}": 4 if n <= 3 else 5 for n in range(1, 8)}


def test_reviews_begin_with_the_experts_drawn() -> None:
    place = place_of(2)
    fields = solved(place)
    position = place.do_call("DrawExperts", R1, **fields).event.position
    requests = starts(DrawExperts(**fields), R1, place.now, position)
    assert all(isinstance(outcome, Accepted) for outcome in place.handler.handle_many(requests, place.now))
    for one in fields["drawn"]:
        application = place.application(one.application)
        assert (application.state, sorted(application.experts)) == (State.EXPERT_REVIEW, list(one.experts))
    again = place.handler.handle_many(requests, place.now)
    assert [isinstance(one, Accepted) and one.repeated for one in again] == [True] * 5


def test_a_draw_that_rests_on_something_else_is_refused() -> None:
    place = place_of()
    fields = solved(place)
    richer = (replace(fields["experts"][0], load_max=99), *fields["experts"][1:])
    assert codes(place, **fields | {"experts": richer}) == ("draw_outdated",)
    place.registry.known.pop("expert-7")
    assert codes(place, **fields) == ("draw_outdated",)


@pytest.mark.parametrize("what", ["twice", "unit", "tied", "stranger", "missing", "order", "load"])
def test_a_draw_that_breaks_a_rule_is_refused(what: str) -> None:
    place = place_of(2)
    if what == "unit":
        place.registry.known["expert-3"] = place.registry.known["expert-3"]._replace(unit="EMPLOYER1")
    if what == "load":
        place.registry.known["expert-1"] = place.registry.known["expert-1"]._replace(load_max=0)
    fields = solved(place)
    first, *rest = fields["drawn"]
    wrong = {
        "twice": ("expert-1", "expert-1", "expert-3"),
        "unit": ("expert-1", "expert-3", "expert-4"),
        "tied": ("expert-1", "expert-2", "expert-4"),
        "stranger": ("expert-1", "expert-4", "expert-99"),
        "missing": ("expert-1", "expert-4"),
        "load": ("expert-1", "expert-4", "expert-5"),
    }
    made = (*rest, first) if what == "order" else (Drawn(application=first.application, experts=wrong[what]), *rest)
    assert codes(place, **fields | {"drawn": tuple(made)}) == ("draw_malformed",)
    assert codes(place, **fields) == ()


def test_a_draw_of_too_few_is_refused() -> None:
    place = place_of()
    assert codes(place, **solved(place, per=1)) == ("too_few_experts",)
    assert codes(place, **solved(place, per=4)) == ("too_few_experts",)


def test_a_draw_for_nobody_is_refused() -> None:
    place = world()
    register(place)
    assert codes(place, **solved(place)) == ("draw_malformed",)


def test_a_dry_run_of_a_draw_says_what_would_come_of_it() -> None:
    place = place_of()
    fields = solved(place)
    for changed, expected in (({"per": 5}, "draw_malformed"), ({"experts": ()}, "draw_outdated")):
        command = DrawExperts(**fields | changed)
        request = Request("dry", place.call_id, "DrawExperts", command, R1, place.now)
        assert [r.code for r in would_call(place.handler, request)] == [expected]
    assert place.events(place.call_id) == []


def test_a_later_draw_takes_the_place_of_the_one_before() -> None:
    place = place_of()
    place.do_call("DrawExperts", R1, **solved(place, seed=7))
    place.do_call("DrawExperts", R1, **solved(place, seed=8))
    assert {seed for _, seed in place.programme().drawn.values()} == {8}


def test_the_database_remembers_a_draw_as_memory_does(tmp_path: Path) -> None:
    ledger = durable_ledger(tmp_path)
    place = world(ledger=ledger)
    place.format_checked()
    register(place)
    place.do_call("DrawExperts", R1, **solved(place))
    assert ledger.transact(lambda transaction: transaction.programme(place.call_id)).drawn == place.programme().drawn
    ledger.close()
