"""Commands of every kind, decided where they are accepted as they should be; nothing of it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache, partial

import orjson

from states.decide import body
from tests.drive import World, world
from tests.faults.scenarios import SCENARIOS
from tests.fuzzing.target import Target
from workflow import programme
from workflow.commands import Malformed, read_command
from workflow.handle import Accepted
from workflow.ports import Transaction
from workflow.record import decode, encode
from workflow.request import Request


class _Undone(Exception):
    """Nothing is to be kept."""


@cache
def _scene(name: str) -> tuple[World, Request]:
    """A world in which the command is accepted, and the request that gives it."""
    made = world()
    return made, SCENARIOS[name].request(made)


def _decision(content: bytes) -> None:
    """A line that names the command, and its fields."""
    name, _, rest = content.decode("utf-8", "replace").partition("\n")
    if name not in SCENARIOS:
        return
    place, request = _scene(name)
    asked = replace(request, command=read_command(name, rest.encode()))
    if request.application in place.handler.calls:
        with suppress(_Undone):
            place.ledger.transact(partial(_of_call, place=place, asked=asked))
        return
    (outcome,) = place.handler.foresee([asked], place.now)
    if isinstance(outcome, Accepted):
        assert decode(encode(outcome.event)) == outcome.event


def _of_call(transaction: Transaction, place: World, asked: Request) -> None:
    programme._one(transaction, place.handler, place.handler.calls[asked.application], asked, place.now)
    raise _Undone


def _samples() -> Sequence[bytes]:
    return [f"{name}\n{orjson.dumps(body(name, _scene(name)[1].command)).decode()}".encode() for name in SCENARIOS]


TARGETS = (Target("decisions", "commands of every kind, decided", _decision, _samples, (Malformed,)),)
