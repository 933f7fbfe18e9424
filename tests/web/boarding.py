"""The Shanghai call on a real ledger behind the office's boards, with people of every role at their browsers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from fundcall.accounts.entrance import Entrance
from fundcall.accounts.people import Account
from fundcall.bootstrap import open_system, settings_for, web
from fundcall.clock import SteadyClock
from states.actor import OFFICERS, Actor, Role
from states.calendar import WorkingCalendar
from states.experts import Expert
from tests.api.office import Clock, Office
from tests.databases import fresh
from tests.drive import A1, A2, EXPERTS, R1, R2, World, world
from tests.straight import Client
from tests.web.people import Browser, account

BOARDS = "/boards/shanghai-ai-plus-2025"
PEOPLE: Mapping[str, Actor] = {
    **{one.id: one for one in (R1, R2, A1, A2)},
    **{
        role.value: Actor(role.value, role)
        for role in (
            Role.FORMAT_OFFICER,
            Role.FINANCE_OFFICER,
            Role.ACCEPTANCE_OFFICER,
            Role.HEAD,
            Role.AUDITOR,
            Role.ADMINISTRATOR,
        )
    },
    "expert": EXPERTS[0],
    "applicant": Actor("li", Role.APPLICANT, "91310000FAKE00021R"),
}
"""Whoever has a browser, by the name that tests use."""
READERS = [name for name, who in PEOPLE.items() if who.role in OFFICERS | {Role.AUDITOR}]
OTHERS = [name for name in PEOPLE if name not in READERS]


@dataclass
class Hall:
    """The office, the world of commands over the same ledger, and the browsers of people who act in it."""

    office: Office
    world: World
    app: Any
    people: dict[str, Browser]

    def synchronise(self) -> None:
        """Let the office's clock stand where the world's does."""
        self.office.clock.at = self.world.now

    def renew(self, who: str) -> None:
        """Sign somebody in again, whose session ended with the time that went by."""
        self.synchronise()
        made = self.office.system.accounts.by_id(PEOPLE[who].id)
        assert made is not None
        self.people[who] = _browser(self.office, self.app, made)

    def register(self, load_max: int = 20) -> None:
        """Put the seven experts into the registry, each for every topic."""
        topics = tuple(dict.fromkeys(topic.partition(".")[0] for topic in self.world.call.topics))
        self.world.handler.experts.replace([Expert(one.id, one.unit, topics, load_max) for one in EXPERTS])

    def get(self, who: str, path: str, **headers: str) -> Any:
        self.synchronise()
        return self.people[who].get(f"{BOARDS}{path}", **headers)

    def post(self, who: str, path: str, page: str, **fields: str) -> Any:
        """Fill in a form that stands on a page."""
        self.synchronise()
        return self.people[who].post(f"{BOARDS}{path}", fields, page=f"{BOARDS}{page}")

    def state(self, application: str) -> tuple[str, str]:
        found = self.world.application(application)
        return found.state.value, found.phase


@contextmanager
def hall(folder: Path, calendar: WorkingCalendar | None = None) -> Iterator[Hall]:
    """A new installation at the tenth day of the window, with nobody in the registry of experts."""
    settings = settings_for(folder, database_url="", mail_from="a@fund.example", public_url="https://fund.example")
    fresh(folder)
    system = open_system(settings)
    place = world(ledger=system.ledger, calendar=calendar)
    place.handler = replace(place.handler, experts=system.handler.experts)
    clock = Clock(place.now)
    system = replace(system, handler=place.handler, clock=cast("SteadyClock", clock))
    office, app = Office(system, clock, cast("Any", None)), web(system)
    people = {
        name: _browser(office, app, account(office, who.id, who.role, who.unit, second=who.role is not Role.APPLICANT))
        for name, who in PEOPLE.items()
    }
    yield Hall(office, place, app, people)
    system.close()


def _browser(office: Office, app: Any, who: Account) -> Browser:
    """The browser of somebody who is wholly signed in."""
    secret = Entrance(office.system.accounts).begin(who, "test", office.clock.at, second=True)
    return Browser(Client(app, cookies={"__Host-fundcall": secret}))
