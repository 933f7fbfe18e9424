"""Every guard of the table: refused just beyond what it allows, with code and clause, and accepted just within."""

from dataclasses import replace
from datetime import date

import pytest
from transitions import Machine, MachineError

from fundcall.calls.load import load
from states.application import Request as Asked
from states.context import Context
from states.decide import would
from states.errors import Refused
from states.guards.any_stage import other_person_than
from states.machine import MACHINE, Subject, build
from states.reasons import CODES
from states.table import ROWS
from states.table.row import Guard
from tests.drive import A1, R1, World, world
from tests.states import (
    cases_credit,
    cases_edges,
    cases_execution,
    cases_experts,
    cases_filing,
    cases_review,
    cases_undo,
)
from tests.states.case import Case, told, whom
from workflow.handle import Request

CASES = (
    *cases_filing.CASES,
    *cases_review.CASES,
    *cases_experts.CASES,
    *cases_execution.CASES,
    *cases_undo.CASES,
    *cases_credit.CASES,
    *cases_edges.CASES,
)
LIBRARYS_OWN = build(ROWS, Machine)
NAMES: dict[str, str] = {
    "not_the_proposer": "other_person_than_AwardProposed",
    "not_the_publisher": "other_person_than_ProposalPublished",
    "not_the_approver": "other_person_than_ApplicationApproved",
    "not_the_format_officer": "other_person_than_FormatCheckPassed",
}
ELSEWHERE = {
    "unknown_application": "tests/workflow/test_handle.py",
    "application_exists": "tests/states/test_matrix.py",
    "not_allowed_in_state": "tests/states/test_matrix.py",
    "role_not_allowed": "tests/states/test_matrix.py",
    "stale_version": "tests/workflow/test_handle.py",
    "command_id_reused": "tests/workflow/test_handle.py",
    "calendar_missing": "tests/workflow/test_deadlines.py",
    "unknown_call": "tests/workflow/test_programme.py",
    "call_missing": "tests/workflow/test_handle.py",
    "call_not_loaded": "tests/workflow/test_handle.py",
    "comment_missing": "tests/workflow/test_scoring_rules.py",
    "not_longer": "tests/workflow/test_programme.py",
    "close_past_execution": "tests/workflow/test_programme.py",
    "draw_outdated": "tests/workflow/test_draws.py",
    "draw_malformed": "tests/workflow/test_draws.py",
}
"""Reasons that no guard gives, and where they are tested."""
BEHIND = {
    "other_person_than_DeclineProposed": "decline_proposed asks the same before it",
}
"""Guards that no command reaches as the first to refuse, each with its reason."""


def request_of(case: Case, place: World, *, good: bool) -> Request:
    start = case.good_from or case.start if good else case.start
    by = case.good_by or case.by if good else case.by
    application = start(place)
    fields = told(case.good if good else case.bad, place, application)
    return place.request(case.command, whom(by, place, application), application, **fields)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_guard_refuses_what_lies_beyond_it_with_its_code_and_clause(case: Case) -> None:
    place = world()
    request = request_of(case, place, good=False)
    context = place.context(request)
    refusing = [guard.__name__ for guard in place.row(request).guards if guard(context)]
    assert refusing[:1] == [NAMES.get(case.guard, case.guard)]
    refusals = place.handler.would(request)
    assert (tuple(r.code for r in refusals), refusals[0].clause) == (case.codes, case.clause)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_guard_lets_through_what_lies_just_within(case: Case) -> None:
    place = world()
    assert place.handler.would(request_of(case, place, good=True)) == ()


def answer(context: Context, machine: Machine) -> str | tuple[str, ...]:
    """The state after the move, or why not."""
    subject = Subject(context.application.state.value)
    try:
        machine.events[context.name].trigger(subject, replace(context))
    except Refused as refused:
        return tuple(refusal.code for refusal in refused.refusals)
    return subject.state


@pytest.mark.parametrize("good", [True, False])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_our_machine_answers_as_the_librarys_own_does(case: Case, *, good: bool) -> None:
    place = world()
    context = place.context(request_of(case, place, good=good))
    assert answer(context, MACHINE) == answer(context, LIBRARYS_OWN)


@pytest.mark.parametrize("machine", [MACHINE, LIBRARYS_OWN])
def test_a_move_that_is_not_in_the_table_is_an_error(machine: Machine) -> None:
    place = world()
    context = place.context(place.request("RecordPanel", R1, place.draft(), votes_for=1, votes_against=0, minutes="x"))
    with pytest.raises(MachineError, match="Can't trigger event RecordPanel from state draft"):
        answer(context, machine)


def test_every_guard_of_the_table_has_a_case() -> None:
    guards = {guard.__name__ for row in ROWS for guard in row.guards}
    assert {NAMES.get(case.guard, case.guard) for case in CASES} == guards - BEHIND.keys()


def test_every_reason_of_the_catalogue_is_given_by_some_case() -> None:
    given = {code for case in CASES for code in case.codes}
    assert given & CODES == CODES - ELSEWHERE.keys()


def test_every_other_reason_given_is_a_rule_of_the_call() -> None:
    given = {code for case in CASES for code in case.codes}
    assert given - CODES <= load("shanghai-ai-plus-2025").rules.keys()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_refusal_says_what_was_wrong_and_what_to_do_in_both_languages(case: Case) -> None:
    place = world()
    for refusal in place.handler.would(request_of(case, place, good=False)):
        texts = (refusal.zh, refusal.en, refusal.remedy_zh, refusal.remedy_en)
        assert (all(texts), [text for text in texts if "{" in text]) == (True, [])


@pytest.mark.parametrize(("end", "codes"), [(date(2027, 12, 31), ()), (date(2028, 1, 1), ("ends_by_2027",))])
def test_no_extension_past_2027_is_granted_even_if_one_was_asked_for(end: date, codes: tuple[str, ...]) -> None:
    place = world()
    application = place.in_execution(end_on="2027-10-31")
    fields = {"request": 1, "granted": True, "reason": "x"}
    context = place.context(place.request("DecideRequest", A1, application, **fields))
    asked = replace(context.application, requests=(Asked("extension", "x", end),))
    assert tuple(r.code for r in would(replace(context, application=asked))) == codes


def test_refusing_an_extension_past_2027_is_always_possible() -> None:
    place = world()
    application = place.in_execution()
    context = place.context(place.request("DecideRequest", A1, application, request=1, granted=False, reason="x"))
    asked = replace(context.application, requests=(Asked("extension", "x", date(2030, 1, 1)),))
    assert would(replace(context, application=asked)) == ()


def test_who_proposed_to_decline_is_told_apart_by_a_guard_of_its_own() -> None:
    place = world()
    application = place.scored()
    place.do("ProposeDecline", R1, application, grounds="x")
    guard: Guard = other_person_than("DeclineProposed", "甲", "a")
    by = [place.context(place.request("DeclineApplication", actor, application, grounds="x")) for actor in (R1, A1)]
    assert [bool(guard(context)) for context in by] == [True, False]
