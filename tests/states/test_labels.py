"""Everything stored that a refusal may speak of has words, and no refusal speaks in stored names."""

import re

import pytest

from states.actor import Role
from states.application import State
from states.commands import COMMANDS, PROGRAMME_COMMANDS
from states.errors import Refusal
from states.labels import FIELDS, MOVES, PHASES, ROLES, STATES
from states.reasons import refuse
from states.table import ROWS
from tests.drive import world
from tests.states.case import Case
from tests.states.test_guards import CASES, request_of

_COMMANDS = (*COMMANDS.values(), *PROGRAMME_COMMANDS.values())
_PHASES = {phase for row in ROWS for phase in (*row.phases, row.to_phase or "") if phase}
STORED = re.compile(r"\b([A-Z][a-z]+){2,}\b|\b[a-z]+(_[a-z]+)+\b")
"""A command by its stored name, and any name with an underscore."""
ECHOED = ("no_such_item", "unknown_field", "value_not_allowed")
"""Reasons that say back what was given, or what may be."""


def spoken(refusal: Refusal) -> str:
    return f"{refusal.zh} {refusal.en} {refusal.remedy_zh} {refusal.remedy_en}"


def test_every_state_phase_role_command_and_field_has_words() -> None:
    assert ({*STATES}, {*PHASES}, {*ROLES}) == ({*map(str, State)}, _PHASES, {*map(str, Role)})
    assert MOVES.keys() == COMMANDS.keys() | PROGRAMME_COMMANDS.keys()
    assert {name for kind in _COMMANDS for name in kind.__dataclass_fields__} - FIELDS.keys() == set()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_no_refusal_of_a_guard_speaks_in_stored_names(case: Case) -> None:
    place = world()
    refusals = place.handler.would(request_of(case, place, good=False))
    assert [one for one in refusals if one.code not in ECHOED and STORED.search(spoken(one))] == []


def test_a_refused_move_names_state_command_and_what_is_possible_in_words() -> None:
    refusal = refuse("not_allowed_in_state", state=State.FORMAT_CHECKED, command="ApproveApplication",
                     commands=("StartReview", "WithdrawApplication"))  # fmt: skip
    assert (refusal.code, refusal.zh, refusal.remedy_zh, refusal.en, refusal.remedy_en) == (
        "not_allowed_in_state",
        "申报件当前为“形式审查通过”，不能办理“立项”。",
        "请查看当前状态，您现在可以办理：开始专家评审、撤回申报。",
        "The application is in the state “format checked”; “Approve” is not possible from there.",
        "See where it stands now; possible for you: Start expert review, Withdraw.",
    )


def test_a_refused_role_names_who_may_in_words_and_nothing_where_nobody_may() -> None:
    refusal = refuse("role_not_allowed", role=Role.EXPERT, command="RecordPayment", roles=(Role.FINANCE_OFFICER,))
    nothing = refuse("not_allowed_in_state", state=State.CLOSED, command="RecordPayment", commands=())
    assert (refusal.zh, refusal.remedy_en, nothing.remedy_zh, nothing.remedy_en) == (
        "专家无权办理“登记拨付”。",
        "Ask one of: finance officer.",
        "请查看当前状态，您现在可以办理：无。",
        "See where it stands now; possible for you: nothing.",
    )
