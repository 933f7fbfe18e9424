"""One command for many applications: foreseen first, then done a batch at a time, gone on with after an interruption.

Each application is asked for under an id of its own within the run: asked again, it answers what it answered before, so
that a run that was cut off is gone on with by asking for all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from states.actor import Actor, Role
from states.errors import Refusal
from workflow.handle import Handler, Rejected, Request
from workflow.ports import Ledger
from workflow.record import decode

AT_ONCE = 500
"""Applications in one transaction."""


class Told(NamedTuple):
    """What became of one application, or would: `before` says that the run had come to it earlier."""

    application: str
    refusals: tuple[Refusal, ...]
    before: bool = False


class Run(NamedTuple):
    """A run as it is kept: what was asked for, by whom, on which applications, in this order, and how far it has come.

    `body` is the JSON of the command's fields, "" while they are not given; `started_at` and `finished_at` are None
    until then. `query` is the list that the applications were chosen from.
    """

    id: str
    account: str
    actor: Actor
    command: str
    body: str
    names: tuple[str, ...]
    query: str
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None


def prefix_of(run: str) -> str:
    """How the ids of a run's commands begin."""
    return f"bulk:{run}:"


def requests(
    prefix: str, command: str, given: Any, actor: Actor, names: Sequence[str], at: datetime, salt: Callable[[], str]
) -> list[Request]:
    """The command for each application."""
    return [Request(f"{prefix}{name}", name, command, given, actor, at, salt=salt()) for name in names]


def foreseen(handler: Handler, asked: Sequence[Request]) -> list[Told]:
    """What would become of each as it stands now; nothing is kept."""
    batches = (asked[i : i + AT_ONCE] for i in range(0, len(asked), AT_ONCE))
    refusals = [found for batch in batches for found in handler.would_many(batch)]
    return [Told(request.application, found) for request, found in zip(asked, refusals, strict=True)]


def done(
    handler: Handler, asked: Sequence[Request], now: Callable[[], datetime], at_once: int = AT_ONCE
) -> Iterator[list[Told]]:
    """What became of them, a batch after the other as each is durable."""
    for i in range(0, len(asked), at_once):
        batch = asked[i : i + at_once]
        outcomes = handler.handle_many(batch, now())
        yield [
            Told(request.application, outcome.refusals if isinstance(outcome, Rejected) else (), outcome.repeated)
            for request, outcome in zip(batch, outcomes, strict=True)
        ]


def by_whom(ledger: Ledger, run: str) -> dict[str, Actor]:
    """Who acted on the applications that a run has come to; asked again, each answers to nobody else."""
    events = (decode(stored.body) for stored in ledger.commanded(prefix_of(run)))
    return {event.application: Actor(event.actor, Role(event.role)) for event in events}


def come_to(ledger: Ledger, run: str) -> set[str]:
    """The applications that a run has come to."""
    return {stored.application for stored in ledger.commanded(prefix_of(run))}
