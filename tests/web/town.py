"""A call with units in several states, accounts and keys for every role, and a clock that stands: what is asked of every
address as everybody stands in here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from fundcall.accounts.people import SESSION_MAX, Account, Post, Session
from fundcall.accounts.proofs import digest, form_token
from fundcall.bootstrap import System, open_simulation, settings_for, web
from fundcall.calls.load import load
from fundcall.clock import SteadyClock
from fundcall.web.policy import Door, Route, inventory
from states.actor import OFFICERS, Actor, Role
from tests.api.office import Clock
from tests.drive import A1, C1, EXPERTS, F1, M1, R1, World
from tests.filings import CLIMATE
from tests.straight import Answer, Straight
from workflow.memory import FixedCalendars, MemoryDocuments, MemoryRegisters

NOBODY = "nobody"
HEADERS = {"sec-fetch-site": "same-origin"}


@dataclass
class Town:
    """The system, a browser and a key for each of its people, and the applications by what they are to the first unit."""

    system: System
    world: World
    clock: Clock
    straight: Straight
    routes: list[Route]
    people: Mapping[str, Actor]
    own: str = ""
    other: str = ""
    keys: dict[str, str] = field(default_factory=dict)
    inside: set[str] = field(default_factory=set)
    """Whose sessions nothing has happened to."""

    def cookie(self, who: str) -> dict[str, str]:
        """The cookie of somebody wholly signed in; of a visitor for nobody."""
        actor, secret = self.people.get(who), f"secret-of-{who}"
        if actor is not None and who not in self.inside:
            self.inside.add(who)
            self.system.accounts.end(actor.id)
            now, post = self.clock.at, Post(actor.role, actor.unit)
            session = Session(digest(secret), actor.id, post, True, "test", now, now)
            self.system.accounts.begin(session, now + SESSION_MAX)
        return {"cookie": f"__Host-fundcall={secret}", **HEADERS}

    def token(self, who: str) -> str:
        return form_token(f"secret-of-{who}")

    def key(self, who: str) -> dict[str, str]:
        """The headers of a program with the key of somebody."""
        if who not in self.people:
            return {"idempotency-key": "same"}
        if who not in self.keys:
            now = self.clock.at
            self.keys[who] = self.system.tokens.issue(self.people[who], now, now + timedelta(days=1))
        return {
            "authorization": f"Bearer {self.keys[who]}",
            "idempotency-key": "same",
            "content-type": "application/json",
        }

    def ask(self, route: Route, path: str, who: str, headers: Mapping[str, str], fields: Mapping[str, str]) -> Answer:
        """Ask for an address of that route as somebody."""
        by_form = route.method == "POST" and route.policy.door in (Door.OPEN, Door.GUEST, Door.INSIDE)
        if by_form and not route.path.startswith("/api/"):
            self.inside.discard(who)  # it may have signed out
            return self.straight.form(path, {"form_token": self.token(who), **fields}, headers)
        return self.straight.ask(route.method, path, headers, b"" if route.method == "GET" else b"{}")


def open_town(folder: Path) -> Town:
    """A new one, at the start of the climate call."""
    settings = settings_for(folder, database_url="", public_url="https://fund.example", calls="")
    folder.mkdir(parents=True, exist_ok=True)
    system = open_simulation(settings, load(CLIMATE.call))
    clock = Clock(system.calls[CLIMATE.call].call.opens_at + timedelta(days=9))
    system = replace(system, clock=cast("SteadyClock", clock))
    handler = system.handler
    world = World(CLIMATE.call, system.ledger, handler, cast("MemoryDocuments", handler.documents),
                  cast("MemoryRegisters", handler.registers), cast("FixedCalendars", handler.calendars), clock.at)  # fmt: skip
    app = web(system)
    people = _people(1, 2)
    for actor in people.values():
        account = Account(actor.id, f"{actor.id}@example.org", actor.id.title())
        assert system.accounts.add(account, (Post(actor.role, actor.unit),), clock.at)
    return Town(system, world, clock, Straight(app), inventory(app.app), people)


def _people(*units: int) -> dict[str, Actor]:
    """One of each role; the stranger is of the second unit, and the outsider an expert who reviews nothing."""
    first, second = (CLIMATE.unit_code(n) for n in units)
    found = {actor.role.value: actor for actor in (F1, R1, A1, M1, C1)}
    assert OFFICERS - {actor.role for actor in found.values()} == {Role.HEAD}
    return {
        "applicant": Actor(f"unit-{first}", Role.APPLICANT, first),
        "stranger": Actor(f"unit-{second}", Role.APPLICANT, second),
        "expert": EXPERTS[0],
        "outsider": EXPERTS[6],
        **found,
        "head": Actor("head-1", Role.HEAD),
        "auditor": Actor("auditor-1", Role.AUDITOR),
        "administrator": Actor("administrator-1", Role.ADMINISTRATOR),
    }


def settle(town: Town, until: datetime) -> None:
    """Let it be that instant, with every notice recorded."""
    town.clock.at = until
    while town.system.dispatcher.record():
        pass


def values(town: Town, application: str) -> dict[str, Any]:
    """What stands in the addresses' places. Places that nobody told us of hold the application's id, to be sure."""
    notice = next(iter(town.system.notices.notices(town.own)), None)
    return {
        "application_id": application,
        "call_id": CLIMATE.call,
        "command": "WithdrawApplication",
        "code": "en",
        "key": "x",
        "number": town.system.ledger.row(town.own).number,  # type: ignore[union-attr]
        "what": "applications",
        "position": notice.position if notice else 1,
        "template": notice.template if notice else "x",
        "recipient": notice.recipient if notice else "x",
        "path": "style.css",
    }
