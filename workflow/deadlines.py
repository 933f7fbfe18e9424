"""What has fallen due by a given instant, as commands of the system, each application's in the order it fell due."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from states.actor import SYSTEM
from states.calendar import stamp
from states.commands import COMMANDS
from states.deadlines import fires
from workflow.handle import Accepted, Handler, Rejected, Request
from workflow.ports import Due
from workflow.programme import CallMoved, fire

_BATCH = 500


class Swept(NamedTuple):
    """What a sweep did: deadlines fired, and those that could not be (a missing calendar, say) and stay armed."""

    fired: int
    failed: tuple[Due, ...]


def request_of(handler: Handler, due: Due, call_id: str) -> Request:
    """The command that a deadline gives. Its id follows from the deadline, so it cannot be given twice."""
    name = fires(handler.calls[call_id].call, due.name)
    return Request(
        command_id=f"deadline:{due.application}:{due.name}:{stamp(due.due_at)}",
        application=due.application,
        name=name,
        command=COMMANDS[name](deadline=due.name),
        actor=SYSTEM,
        received_at=due.due_at,
    )


def sweep(
    handler: Handler, now: datetime, progress: Callable[[int], None] | None = None, behind: timedelta = timedelta(0)
) -> Swept:
    """Fire everything due by `now`, what firing itself makes due included; `behind`: what was due so long before.

    An event's time is when its deadline fell due, however late the sweep comes; firing twice is not possible, since
    the first firing clears the deadline in the same transaction. A call's own deadlines come before its applications'.
    """
    fired, stuck = 0, set[Due]()
    while True:
        found = handler.ledger.due(now - behind, _BATCH + len(stuck))
        due = _firsts(d for d in found if d not in stuck)
        if not due:
            return Swept(fired, tuple(found))
        of_calls = [d for d in due if d.application in handler.calls]
        others = [d for d in due if d.application not in handler.calls]
        outcomes: list[Accepted | CallMoved | Rejected] = [fire(handler, d, now) for d in of_calls]
        outcomes += handler.handle_many([request_of(handler, d, _call_of(handler, d)) for d in others], now)
        for d, outcome in zip((*of_calls, *others), outcomes, strict=True):
            if not isinstance(outcome, Rejected):
                fired += not outcome.repeated
            elif outcome.event is None:
                stuck.add(d)  # the very one: it may have been moved meanwhile and come again
        if progress is not None:
            progress(len(due))


def _firsts(found: Iterable[Due]) -> list[Due]:
    """The first of each application: what it sets may fall due before that application's next."""
    first: dict[str, Due] = {}
    for due in found:
        first.setdefault(due.application, due)
    return list(first.values())


def _call_of(handler: Handler, due: Due) -> str:
    row = handler.ledger.row(due.application)
    if row is None:
        raise LookupError(f"a deadline of no application: {due}")
    return row.call_id
