"""The table of moves: every row is legal, the machine built from it agrees, and planted faults are seen."""

import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Any, cast

import pytest

from states.actor import Role
from states.application import FINAL, LIVE, MAIN_LINE, State
from states.apply import APPLY
from states.commands import COMMANDS
from states.events import BY_COMMAND, BY_NAME, REFUSED
from states.guards.any_stage import deadline_due
from states.guards.filing import window_shut
from states.machine import MACHINE, build, faults
from states.table import BY_MOVE, CREATE, ROWS, TWIN, commands_from, described
from states.table.row import Row

CELLS = [(state, command) for state in State for command in COMMANDS]


def toy(*without: str) -> tuple[Row, ...]:
    """A small table without faults, but for the commands left out: all states on one line, each with a deadline."""
    moves = [Row(f"go-{a.value}", (a,), b, (Role.SYSTEM,), "", (deadline_due,)) for a, b in pairwise(State)]
    return tuple(row for row in moves if row.command not in without)


def test_the_shipped_table_has_no_faults() -> None:
    assert faults(ROWS) == []


def test_the_toy_table_has_no_faults() -> None:
    assert faults(toy()) == []


def test_no_move_stands_in_the_table_twice() -> None:
    assert len(BY_MOVE) == sum(len(row.sources) for row in ROWS)


def test_every_command_but_the_first_has_a_row_and_every_row_a_command() -> None:
    assert {row.command for row in ROWS} == set(COMMANDS) - {CREATE}


def test_every_row_has_roles_a_basis_and_sources() -> None:
    assert [row.command for row in ROWS if not (row.roles and row.basis.strip() and row.sources)] == []


def test_a_row_of_the_system_fires_a_deadline_and_only_such_a_row_does() -> None:
    of_system = {row.command for row in ROWS if row.roles == (Role.SYSTEM,)}
    firing = {row.command for row in ROWS if deadline_due in row.guards}
    with_deadline = {name for name, command in COMMANDS.items() if "deadline" in command.__dataclass_fields__}
    assert (
        of_system - {"FollowWindow", "NoteErratum", "RescheduleDeadlines"} == firing == with_deadline
    )  # they follow from what was decided for all


def test_the_main_line_is_made_of_moves_of_the_table() -> None:
    steps = {(source, row.target) for row in ROWS for source in row.sources}
    assert [step for step in pairwise(MAIN_LINE) if step not in steps] == []


def test_a_final_state_is_left_only_by_a_review_a_revocation_a_longer_window_or_what_came_in_time() -> None:
    left = {
        (row.command, row.target) for row in ROWS for s in row.sources if s in FINAL and row.target not in (None, s)
    }
    assert left == {
        ("UpholdReview", State.SUBMITTED),
        ("UpholdReview", State.EXPERT_REVIEW),
        ("ConfirmRevocation", State.REVOKED),
        ("FollowWindow", State.DRAFT),
        ("SubmitApplication", State.SUBMITTED),
        ("ResubmitApplication", State.SUBMITTED),
    }


def test_the_states_that_hold_a_units_place_are_those_between_filing_and_an_unhappy_end() -> None:
    assert set(State) - LIVE == (FINAL - {State.CLOSED}) | {State.DRAFT}


def told(wrong: str, states: Iterable[State]) -> list[str]:
    return [f"{state.value} {wrong}" for state in states]


BEYOND_CLOSED = [state for state in State if state not in MAIN_LINE]
UNDER_TWO = tuple(replace(row, guards=(deadline_due, window_shut)) for row in toy())


@pytest.mark.parametrize(
    ("rows", "wrong"),
    [
        ((*toy(), toy()[0]), ["draft: go-draft is told twice"]),
        (toy("go-closed"), told("cannot be reached", BEYOND_CLOSED)),
        (toy("go-returned"), [*told("cannot be reached", BEYOND_CLOSED[1:]), "returned is a dead end", "returned has no deadline"]),
        ((*toy("go-submitted"), replace(toy()[1], target=None)),
         [*told("cannot be reached", [s for s in State if s not in (State.DRAFT, State.SUBMITTED)]), "submitted is a dead end"]),
        ((*toy("go-submitted"), replace(toy()[1], target=State.SUBMITTED), replace(toy()[2], command="x", sources=(State.DRAFT,), target=State.FORMAT_CHECKED)),
         ["submitted is a dead end"]),
        ((replace(toy()[0], guards=()), *toy()[1:]), ["draft has no deadline"]),
        ((replace(toy()[0], roles=()), *toy()[1:]), ["go-draft has no role"]),
        (UNDER_TWO, []),
    ],
)  # fmt: skip
def test_a_planted_fault_of_the_table_is_found_and_nothing_is_built(rows: tuple[Row, ...], wrong: list[str]) -> None:
    assert faults(rows) == wrong
    if wrong:
        with pytest.raises(ValueError, match=f"^{re.escape('; '.join(wrong))}$"):
            build(rows)


def after_by_machine(state: State, command: str) -> str | None:
    """Where the machine leads from a state, None where it knows no such move."""
    event = MACHINE.events.get(command)
    moves = event.transitions.get(state.value, []) if event else []
    assert len(moves) <= 1
    return (moves[0].dest or moves[0].source) if moves else None


def after_by_twin(state: State, command: str) -> str | None:
    move = TWIN.get((state, BY_COMMAND[command].name))
    return move[0] if move else None


def test_the_plain_dict_of_moves_agrees_with_the_machine_in_every_cell() -> None:
    assert [c for c in CELLS if after_by_machine(*c) != after_by_twin(*c)] == []


def test_a_move_knocked_out_of_the_dict_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(cast("dict[Any, Any]", TWIN), (State.DRAFT, "ApplicationSubmitted"))
    assert [c for c in CELLS if after_by_machine(*c) != after_by_twin(*c)] == [(State.DRAFT, "SubmitApplication")]


def test_the_machine_knows_no_trigger_beside_the_commands() -> None:
    assert set(MACHINE.events) == set(build().events) == set(COMMANDS) - {CREATE}


def test_the_commands_possible_in_a_state_are_those_of_its_rows() -> None:
    assert {s: set(commands_from(s)) for s in State} == {
        s: {c for (q, c), row in BY_MOVE.items() if q is s and s not in row.late} for s in State
    }


def test_what_is_taken_late_is_what_units_do_until_a_deadline_and_nothing_else() -> None:
    assert {row.command: set(row.late) for row in ROWS if row.late} == {
        **{name: {State.LAPSED, State.REJECTED} for name in ("EditDraft", "AddDocument", "RemoveDocument")},
        "SubmitApplication": {State.LAPSED},
        "ResubmitApplication": {State.REJECTED},
    }


def test_every_event_answers_one_command_and_the_refusal_none() -> None:
    assert {event.command for event in BY_NAME.values()} == set(COMMANDS)
    assert REFUSED not in BY_NAME


def test_everything_that_is_applied_is_an_event() -> None:
    assert set(APPLY) <= set(BY_NAME)


def test_the_table_told_as_data_has_a_line_for_each_row() -> None:
    assert [(line["command"], line["target"]) for line in described()] == [
        (row.command, row.target.value if row.target else "") for row in ROWS
    ]
