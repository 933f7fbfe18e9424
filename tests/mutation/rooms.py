"""What is mutated, room by room, and the tests that guard it, the quick ones first."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple


class Room(NamedTuple):
    """Modules (patterns from the root), files of tests, and those of them that judge what is made by importing, data above all."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]
    data_tests: tuple[str, ...]

    def paths(self) -> list[Path]:
        """The modules' files."""
        return [path for pattern in self.modules for path in sorted(Path().glob(pattern))]


_STATES = (
    "tests/states/test_table_duties.py",
    "tests/states/test_table_moves.py",
    "tests/states/test_table.py",
    "tests/states/test_unit_code.py",
    "tests/states/test_finding_words.py",
    "tests/states/test_guard_edges.py",
    "tests/states/test_checks.py",
    "tests/states/test_clauses.py",
    "tests/states/test_refusal_words.py",
    "tests/states/test_boundaries.py",
    "tests/states/test_guards.py",
    "tests/states/test_matrix.py",
)
_WORKFLOW = (
    "tests/workflow/test_main_line.py",
    "tests/workflow/test_window.py",
    "tests/workflow/test_early_ends.py",
    "tests/workflow/test_credit.py",
    "tests/workflow/test_late.py",
    "tests/workflow/test_invitations.py",
    "tests/workflow/test_progress.py",
    "tests/workflow/test_unit_identity.py",
    "tests/workflow/test_contacts.py",
    "tests/workflow/test_handle.py",
    "tests/workflow/test_scoring_rules.py",
    "tests/workflow/test_draws.py",
    "tests/workflow/test_deadlines.py",
)
ROOMS: dict[str, Room] = {
    "rules": Room(
        (
            "states/checks/*.py",
            "states/guards/*.py",
            "states/decide.py",
            "states/machine.py",
            "states/late.py",
            "workflow/rules.py",
        ),
        (*_STATES, *_WORKFLOW),
        _STATES,
    ),
    "table": Room(("states/table/*.py",), (*_STATES, *_WORKFLOW), _STATES),
    "deadlines": Room(
        (
            "states/calendar.py",
            "states/deadlines.py",
            "states/timetable.py",
            "states/reschedule.py",
            "workflow/deadlines.py",
            "workflow/calendar.py",
        ),
        (
            "tests/states/test_lengths.py",
            "tests/states/test_reschedule.py",
            "tests/workflow/test_timetable.py",
            "tests/states/test_calendar.py",
            "tests/states/test_boundaries.py",
            "tests/workflow/test_calendar.py",
            *_WORKFLOW,
            "tests/workflow/test_calendar_change.py",
        ),
        ("tests/states/test_lengths.py", "tests/workflow/test_timetable.py", "tests/workflow/test_calendar.py"),
    ),
    "authority": Room(
        ("states/actor.py", "workflow/visible.py"),
        (
            "tests/workflow/test_visible.py",
            "tests/states/test_matrix.py",
            "tests/workflow/test_inner_work.py",
            "tests/workflow/test_blind.py",
            "tests/workflow/test_course.py",
        ),
        ("tests/workflow/test_visible.py", "tests/states/test_matrix.py"),
    ),
    "merkle": Room(
        ("fundcall/audit/merkle.py", "fundcall/audit/roots.py"),
        ("tests/audit/test_roots.py", "tests/audit/test_merkle.py"),
        ("tests/audit/test_roots.py", "tests/audit/test_merkle.py"),
    ),
    "verifier": Room(
        ("fundcall/audit/verify_bundle.py",),
        (
            "tests/audit/test_verifier_arithmetic.py",
            "tests/audit/test_verifier_edges.py",
            "tests/audit/test_verifier.py",
        ),
        (
            "tests/audit/test_verifier_arithmetic.py",
            "tests/audit/test_verifier_edges.py",
            "tests/audit/test_verifier.py",
        ),
    ),
}
