"""The shape of a guard's case: the same command just beyond what the guard allows, and just within."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from states.actor import Actor, Role
from tests.drive import DAY, World

SetUp = Callable[[World], str]
By = Actor | Callable[[World, str], Actor]
TICK = timedelta(microseconds=1)
STRANGER = Actor("unit-other", Role.APPLICANT, "91310000FAKE99990A")


@dataclass(frozen=True)
class Case:
    """`bad` is refused by `guard` with `codes`, `good` is accepted; fields that are functions are asked of the world.

    `good_from` and `good_by` say where the good one starts and who asks, where that differs.
    """

    guard: str
    command: str
    start: SetUp
    by: By
    bad: dict[str, Any]
    codes: tuple[str, ...]
    clause: str
    good: dict[str, Any] = field(default_factory=dict)
    good_from: SetUp | None = None
    good_by: By | None = None

    @property
    def id(self) -> str:
        return f"{self.command}-{self.guard}-{'-'.join(self.codes)}"


def told(fields: dict[str, Any], world: World, application: str) -> dict[str, Any]:
    """The fields with their functions answered."""
    return {name: value(world, application) if callable(value) else value for name, value in fields.items()}


def whom(by: By, world: World, application: str) -> Actor:
    return by(world, application) if callable(by) else by


def unit(world: World, application: str) -> Actor:
    return world.unit(application)


def due(deadline: str, ahead: timedelta = timedelta()) -> Callable[[World, str], datetime]:
    """The instant so long before a deadline of the application."""
    return lambda world, application: world.application(application).deadlines[deadline] - ahead


def after_close(world: World) -> World:
    """The world two days after the close, where a correction may change only what was named."""
    world.at(world.call.closes_at + 2 * DAY)
    return world
