"""The one `transitions.Machine`, built from the table; the only importer of that library.

It is used as it is safe to use: one shared synchronous machine without a model, triggered on a throw-away subject,
guards as function objects that raise, no callbacks at all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from transitions import Event, Machine

from states.application import FINAL, State
from states.context import Context
from states.errors import Refused
from states.table import ROWS
from states.table.row import Guard, Row


class Subject:
    """What the machine moves: a state and nothing else, thrown away after one trigger."""

    __slots__ = ("state",)

    def __init__(self, state: str) -> None:
        self.state = state


class PlainEvent(Event):
    """An event of a machine that calls nobody back: it asks the conditions, moves the subject, and does nothing else.

    The library's own spends five times as long on the callbacks that are not there.
    """

    def trigger(self, model: object, *args: object, **kwargs: object) -> bool:
        """Make the first transition whose conditions hold; as the library's, which is left to complain of none."""
        subject = cast("Subject", model)
        if subject.state not in self.transitions:
            return super().trigger(model, *args, **kwargs)
        for transition in self.transitions[subject.state]:
            if all(c.func(*args, **kwargs) == c.target for c in transition.conditions):  # type: ignore[operator]  # never a name
                subject.state = transition.dest or subject.state
                return True
        return False


class PlainMachine(Machine):
    """The machine of the table, without callbacks."""

    event_cls = PlainEvent


def _condition(guards: tuple[Guard, ...]) -> Callable[[Context], bool]:
    """All guards of a row as one condition: the library takes its time over each."""

    def condition(ctx: Context) -> bool:
        for guard in guards:
            found = guard(ctx)
            if found:
                raise Refused(*(found if isinstance(found, tuple) else (found,)))
        return True

    return condition


def _transition(row: Row) -> dict[str, object]:
    return {
        "trigger": row.command,
        "source": [source.value for source in row.sources],
        "dest": row.target.value if row.target else None,
        "conditions": _condition(row.guards),
    }


def build(rows: tuple[Row, ...] = ROWS, kind: type[Machine] = PlainMachine) -> Machine:
    """The machine of a table. Raises ValueError for what `faults` finds."""
    wrong = faults(rows)
    if wrong:
        raise ValueError("; ".join(wrong))
    return kind(
        model=None,
        states=[state.value for state in State],
        initial=State.DRAFT.value,
        transitions=[_transition(row) for row in rows],
        auto_transitions=False,
    )


def faults(rows: tuple[Row, ...]) -> list[str]:
    """What `transitions` would accept without a word: moves told twice, states out of reach, dead ends, no guards."""
    moves = [(source, row.command) for row in rows for source in row.sources]
    found = [
        f"{s.value}: {command} is told twice" for s, command in sorted(set(moves)) if moves.count((s, command)) > 1
    ]
    reached = {State.DRAFT}
    for _ in State:
        reached |= {row.target for row in rows if row.target and reached & set(row.sources)}
    found += [f"{state.value} cannot be reached" for state in State if state not in reached]
    left = {source for row in rows if row.target for source in row.sources if row.target != source}
    found += [f"{state.value} is a dead end" for state in State if state not in left and state not in FINAL]
    timed = {source for row in rows if any(g.__name__ == "deadline_due" for g in row.guards) for source in row.sources}
    found += [f"{state.value} has no deadline" for state in State if state not in timed and state not in FINAL]
    found += [f"{row.command} has no role" for row in rows if not row.roles]
    return found


MACHINE = build()
_EVENTS = MACHINE.events


def trigger(ctx: Context) -> None:
    """Ask every guard of the move. Raises Refused with every reason of the first guard that refuses; the move must be
    in the table.
    """
    _EVENTS[ctx.name].trigger(Subject(ctx.application.state.value), ctx)
