"""A driven world behind the real HTTP API: what `tests.drive` asks of the handler is asked as a request here."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any, cast

from fastapi import FastAPI

from fundcall.web.access import Gate
from fundcall.web.api import mount
from fundcall.web.api.asking import PREFIX, Api
from fundcall.web.edge import Edge
from states.actor import Actor, Role
from states.decide import body
from tests.drive import World, world
from tests.straight import Client
from workflow.handle import Request


class Door:
    """The API before a world. A key says outright who somebody is; a request arrives at `received_at`."""

    def __init__(self, world: World) -> None:
        self.world, self.received_at = world, world.now
        nothing = cast("Any", None)  # documents, proofs, drafts and the solver are not asked here
        self._api = Api(world.handler, Gate(_actor), nothing, nothing, nothing, lambda: self.world.now, nothing)
        app = FastAPI()
        mount(app, self._api)
        self.client = Client(Edge(app, lambda: self.received_at, None, lambda _: 256 * 1024, [], lambda _: None))

    def before(self, world: World) -> Door:
        """The same API before another world: to build one takes longer than to live in it."""
        self.world, self._api.handler = world, world.handler
        return self

    def give(self, request: Request) -> Any:
        """Post what the request says; the answer."""
        return self.post(request.actor, request.application, request.name, body(request.name, request.command),
                         request.command_id, request.received_at)  # fmt: skip

    def post(self, by: Actor, application: str, name: str, fields: Any, key: str, at: datetime | None = None) -> Any:
        """Post any fields under a command's name."""
        self.received_at = at or self.world.now
        headers = {"Authorization": f"Bearer {by.role}|{by.id}|{by.unit}", "Idempotency-Key": key}
        return self.client.post(f"{PREFIX}/applications/{application}/commands/{name}", json=fields, headers=headers)


@cache
def _built() -> Door:
    return Door(world())


def door(place: World) -> Door:
    """The API before a world; there is one, and it stands before the latest."""
    return _built().before(place)


def _actor(key: str) -> Actor:
    role, account, unit = key.split("|")
    return Actor(account, Role(role), unit)


def reasons(answer: Any) -> tuple[tuple[str, str], ...]:
    """Code and clause of every refusal in an answer; none for one that was accepted."""
    if answer.is_success:
        return ()
    told = answer.json()
    return tuple((one["code"], one["clause"]) for one in told.get("refusals", (told,)))
