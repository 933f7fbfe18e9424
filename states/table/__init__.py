"""Every legal move, one row each. What is not here cannot happen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from states.actor import Role
from states.application import State
from states.events import BY_COMMAND
from states.table import award, credit, execution, filing, review
from states.table.row import Row

CREATE = "CreateDraft"
"""The one command that needs no application: it makes one. Its guards stand in `states.guards.filing`."""

ROWS: tuple[Row, ...] = (*filing.ROWS, *review.ROWS, *award.ROWS, *execution.ROWS, *credit.ROWS)

BY_MOVE: Mapping[tuple[State, str], Row] = {(source, row.command): row for row in ROWS for source in row.sources}
"""(state, command) to its one row."""

TWIN: Mapping[tuple[State, str], tuple[State, str | None]] = {
    (source, BY_COMMAND[row.command].name): (row.target or source, row.to_phase)
    for row in ROWS
    for source in row.sources
}
"""(state, event) to (state after, phase after or None): what a fold needs of the table, as a plain dict."""


def commands_from(state: State, role: Role | None = None) -> tuple[str, ...]:
    """The commands that may be given in a state, by a role or by anybody, in the table's order."""
    return tuple(
        row.command
        for row in ROWS
        if state in row.sources and state not in row.late and (role is None or role in row.roles)
    )


def described() -> list[dict[str, Any]]:
    """The table as plain JSON: what the rules hash covers and what `call show` and the diagram draw from."""
    return [
        {
            "command": row.command,
            "event": BY_COMMAND[row.command].name,
            "sources": [source.value for source in row.sources],
            "target": row.target.value if row.target else "",
            "roles": [role.value for role in row.roles],
            "guards": [guard.__name__ for guard in row.guards],
            "phases": list(row.phases),
            "to_phase": row.to_phase,
            "arms": list(row.arms),
            "clears": list(row.clears),
            "basis": row.basis,
            **({"late": [state.value for state in row.late]} if row.late else {}),
        }
        for row in ROWS
    ]
