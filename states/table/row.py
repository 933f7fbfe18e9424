"""The shape of one legal move."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from states.actor import Role
from states.application import State
from states.context import Context
from states.errors import Refusal

Guard = Callable[[Context], "Refusal | tuple[Refusal, ...] | None"]


@dataclass(frozen=True, slots=True)
class Row:
    """Who may do what from where, what must hold, and which deadlines it sets and clears.

    `target` None leaves the state as it is; `phases` empty allows every phase; `to_phase` None leaves the phase.
    `arms` and `clears` name kinds of deadlines of the call; `clears` of "*" clears all. `basis` is the clause.

    `late` are those sources that a deadline led to: from there only what arrived before it is taken, which the guards see
    to, so that what waited in a queue is not made late by a job that was quicker. Nobody is offered the move there.
    """

    command: str
    sources: tuple[State, ...]
    target: State | None
    roles: tuple[Role, ...]
    basis: str
    guards: tuple[Guard, ...] = ()
    phases: tuple[str, ...] = ()
    to_phase: str | None = None
    arms: tuple[str, ...] = ()
    clears: tuple[str, ...] = ()
    late: tuple[State, ...] = ()


PROPOSERS = (Role.FORMAT_OFFICER, Role.REVIEW_OFFICER, Role.APPROVING_OFFICER, Role.ACCEPTANCE_OFFICER)
"""Whose proposals wait for somebody else's word; any of them may ask to take one back, the guard says which."""
