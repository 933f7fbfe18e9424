"""Who may do what from where, over HTTP: every cell of role x command x state, and every guard's case."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from states.actor import OFFICERS, Actor, Role
from states.application import State
from states.commands import COMMANDS
from states.events import REFUSED
from states.table import BY_MOVE, CREATE
from tests.drive import CITIZEN, EXPERTS, F1, OBJECTOR, World, world
from tests.over_http import Door, door, reasons
from tests.states.case import Case
from tests.states.examples import example
from tests.states.test_guards import CASES, request_of
from tests.states.test_matrix import MAY, MOVES

PEOPLE = tuple(role for role in Role if role is not Role.SYSTEM)
GIVEN_BY_PEOPLE = tuple(name for name in MOVES if MAY[name] != {Role.SYSTEM})
READS = OFFICERS | {Role.AUDITOR, Role.APPLICANT}
OTHERWISE: dict[State, Any] = {
    State.DRAFT: World.draft,
    State.SUBMITTED: World.submitted,
    State.FORMAT_CHECKED: World.format_checked,
    State.EXPERT_REVIEW: World.in_review,
    State.APPROVED: World.approved,
    State.FUNDED: World.funded,
    State.IN_EXECUTION: World.in_execution,
    State.CLOSED: World.closed,
    State.RETURNED: World.returned,
    State.REJECTED: World.rejected,
    State.DECLINED: World.declined,
    State.TERMINATED: World.terminated,
    State.REVOKED: World.revoked,
}
"""How a world comes to hold an application in each state; lapsed and withdrawn below."""
OUTSIDE = {State.LAPSED: (422, "within_window")}
"""Who comes to a draft that lapsed is told of the close, which is why it did."""


def held(place: World, state: State) -> str:
    """An application in a state."""
    if state is State.LAPSED:
        application = place.draft()
        place.at(place.call.closes_at)
    elif state is State.WITHDRAWN:
        application = place.submitted()
        place.do("WithdrawApplication", place.unit(application), application, reason="改期")
    else:
        application = OTHERWISE[state](place)
    assert place.state(application) == state
    return application


def somebody(place: World, application: str, role: Role) -> Actor:
    """Of the unit itself for applicants, one of the experts drawn where there are any, else a stranger to the case."""
    if role is Role.APPLICANT:
        return place.unit(application)
    drawn = place.application(application).experts
    return EXPERTS[0] if role is Role.EXPERT and EXPERTS[0].id in drawn else Actor(f"any-{role}", role)


def asked(at: Door, application: str, name: str, by: Actor) -> tuple[int, str]:
    """Status and code of the answer to a well-shaped command."""
    request = at.world.request(name, by, application, **fields(name))
    answer = at.give(request)
    found = reasons(answer)
    return answer.status_code, found[0][0] if found else ""


def fields(name: str) -> dict[str, Any]:
    command = example(name)
    return {field: getattr(command, field) for field in command.__dataclass_fields__}


@pytest.mark.parametrize("state", State)
def test_a_cell_that_the_table_does_not_have_is_refused_over_http_and_changes_nothing(state: State) -> None:
    place = world()
    at_the_door, application = door(place), held(place, state)
    expert_reads = EXPERTS[0].id in place.application(application).experts
    before, wrong = place.application(application), []
    people = {role: somebody(place, application, role) for role in PEOPLE}
    for name, role in product(GIVEN_BY_PEOPLE, PEOPLE):
        if (state, name) in BY_MOVE and role in MAY[name]:
            continue
        outside = OUTSIDE.get(state, (409, "not_allowed_in_state"))
        if (state, name) in BY_MOVE:
            outside = (403, "role_not_allowed")
        seen = role in READS or (role is Role.EXPERT and expert_reads)
        if asked(at_the_door, application, name, people[role]) != (outside if seen else (404, "not_found")):
            wrong.append((name, role))
    assert wrong == []
    after = place.application(application)
    assert (after.changed_version, after.state, after.form) == (before.changed_version, state, before.form)
    assert set(place.events(application)[before.version :]) <= {REFUSED}


@pytest.mark.parametrize("state", State)
def test_a_cell_of_the_table_comes_to_its_guards_over_http(state: State) -> None:
    barred = {"not_allowed_in_state", "role_not_allowed", "not_found", "unauthenticated", "malformed"}
    wrong = []
    for name, role in product(GIVEN_BY_PEOPLE, PEOPLE):
        if (state, name) not in BY_MOVE or role not in MAY[name] or role is Role.PUBLIC:  # objects on a page of its own
            continue
        place = world()
        application = held(place, state)
        if asked(door(place), application, name, somebody(place, application, role))[1] in barred:
            wrong.append((name, role))
    assert wrong == []


@pytest.mark.parametrize("role", PEOPLE)
def test_nobody_gives_a_command_of_the_clock(role: Role) -> None:
    place = world()
    application = place.submitted()
    clock = [name for name in COMMANDS if name != CREATE and MAY[name] == {Role.SYSTEM}]
    by = somebody(place, application, role)
    assert {door(place).post(by, application, name, {}, f"k-{name}").status_code for name in clock} == {404}


OVER_HTTP = [
    case
    for case in CASES
    if case.command != CREATE
    and MAY[case.command] != {Role.SYSTEM}
    and not {"other_unit", "certificate_linked"}.intersection(case.codes)
    and CITIZEN not in (case.by, case.good_by)
]
"""The cases that people bring about here. What another unit asks is answered 404 before any guard (test_access.py), a
certificate is what a trusted proxy tells of (tests/web), and
the public's door is the public notice (tests/web/test_objections.py).
"""


@pytest.mark.parametrize("case", OVER_HTTP, ids=lambda case: case.id)
def test_a_guard_refuses_over_http_with_code_clause_and_remedy_and_changes_nothing(case: Case) -> None:
    place = world()
    request = request_of(case, place, good=False)
    before = place.application(request.application)
    answer = door(place).give(request)
    if request.actor.role is Role.EXPERT and request.actor.id not in before.experts:
        assert answer.status_code == 404  # who has no part in it does not learn that it exists
        return
    assert (tuple(code for code, _ in reasons(answer)), reasons(answer)[0][1]) == (case.codes, case.clause)
    for refusal in answer.json()["refusals"]:
        assert all(refusal[text] for text in ("zh", "en", "remedy_zh", "remedy_en"))
    assert place.application(request.application).changed_version == before.changed_version


@pytest.mark.parametrize("case", OVER_HTTP, ids=lambda case: case.id)
def test_what_lies_just_within_a_guard_is_accepted_over_http(case: Case) -> None:
    place = world()
    request = request_of(case, place, good=True)
    answer = door(place).give(request)
    assert (answer.status_code, reasons(answer)) == (200, ())
    assert answer.json()["version"] == place.application(request.application).version


WITHOUT_A_CASE: dict[str, tuple[Any, Actor, dict[str, Any]]] = {
    "FileObjection": (World.published, F1, {"objector": OBJECTOR, "grounds": "权属争议"}),
}
"""What no case above accepts: no guard stands alone before it, or its cases are the public's."""


@pytest.mark.parametrize("command", WITHOUT_A_CASE)
def test_a_command_without_a_case_is_accepted_over_http(command: str) -> None:
    place = world()
    start, by, given = WITHOUT_A_CASE[command]
    assert door(place).give(place.request(command, by, start(place), **given)).status_code == 200


def test_every_command_that_people_give_is_accepted_here_at_least_once() -> None:
    assert set(GIVEN_BY_PEOPLE) - {case.command for case in OVER_HTTP} == set(WITHOUT_A_CASE)
