"""Who may ask for each address: said where a route is added, held by the frame and the gate, listed for everybody."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from enum import Enum
from typing import Any, NamedTuple, TypeVar

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from states.actor import Role

_NAME = "policy"
T = TypeVar("T")


class Door(Enum):
    """How somebody comes to an address."""

    OPEN = "open"  # anybody
    GUEST = "guest"  # whoever gave a password, even if something is lacking still
    INSIDE = "inside"  # whoever is wholly signed in
    KEY = "key"  # a program with a key
    WATCH = "watch"  # a program on this machine, or with an administrator's or auditor's key


class Policy(NamedTuple):
    """The door of an address, and the roles that are let through; none named: every role."""

    door: Door
    roles: frozenset[Role] = frozenset()

    def admits(self, role: Role) -> bool:
        """Whether a role is let through."""
        return not self.roles or role in self.roles


class Route(NamedTuple):
    """An address that is answered, and who may ask for it."""

    path: str
    method: str
    policy: Policy
    endpoint: Any


def asks(door: Door = Door.KEY, roles: Collection[Role] = ()) -> Callable[[T], T]:
    """Say who may ask for the address that a function (or mounted application) answers."""

    def marked(endpoint: T) -> T:
        endpoint.__dict__[_NAME] = Policy(door, frozenset(roles))
        return endpoint

    return marked


def policy_of(endpoint: Any) -> Policy:
    """Who may ask for what it answers. Raises TypeError where nobody said so."""
    found = getattr(endpoint, "__dict__", {}).get(_NAME)
    if not isinstance(found, Policy):
        raise TypeError(f"{endpoint} answers an address of which nobody said who may ask for it: mark it with @asks(…)")
    return found


def inventory(app: FastAPI) -> list[Route]:
    """Every address of the application, in order of path and method. Raises TypeError for one without a policy."""
    return sorted(_routes(app), key=lambda route: (route.path, route.method))


def _routes(app: FastAPI) -> Iterator[Route]:
    for found in iter_route_contexts(app.routes):
        endpoint = found.endpoint if found.endpoint is not None else getattr(found.original_route, "app", None)
        path = found.path or ""
        if found.methods is None:
            yield Route(f"{path}/{{path}}", "GET", policy_of(endpoint), endpoint)
        for method in (found.methods or set()) - {"HEAD"}:
            yield Route(path, method, policy_of(endpoint), endpoint)
