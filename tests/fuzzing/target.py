"""What is fuzzed: a parser of something that comes from outside, samples of it, and what it may answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
ROOMS = ("audit", "bundles", "calls", "decisions", "lists", "mails", "pages", "requests", "sign_in")
"""Modules beside this one, each with its TARGETS."""
PLANTED = "planted"
"""The module with faults of our own making."""


class Target(NamedTuple):
    """`parse` takes an input to pieces as the product does, and asserts what must hold of what it accepts. Raising one of
    `orderly` is an answer; anything else raised is a fault, and so is taking longer than `trial.SECONDS_MAX`. The tests of
    every change try so many `runs`.
    """

    name: str
    what: str
    parse: Callable[[bytes], object]
    seeds: Callable[[], Sequence[bytes]]
    orderly: tuple[type[Exception], ...] = ()
    runs: int = 400


def targets_in(room: str) -> tuple[Target, ...]:
    """The targets of a module."""
    found: tuple[Target, ...] = import_module(f"tests.fuzzing.{room}").TARGETS
    return found


def every(*rooms: str) -> dict[str, tuple[str, Target]]:
    """The targets of these modules by name, each with its module."""
    return {target.name: (room, target) for room in rooms for target in targets_in(room)}
