"""Whom one may be in the demo: an account for each role, entered by an address that only the running process knows."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import NamedTuple

from fundcall.accounts.people import Account, Post
from fundcall.bootstrap import System
from states.actor import OFFICERS, Actor, Role
from states.application import Application
from workflow.tasks import tasks


class Welcome(NamedTuple):
    """The secret of each role's address (of a second person of a role by account), and the account behind each secret."""

    keys: Mapping[str, str]
    accounts: Mapping[str, Account]


def welcome(system: System) -> Welcome:
    """Open the accounts in a demo's data: those who acted in it, one of a role. They have no password, so nobody can
    come in but by these addresses, which end with the process.
    """
    keys, accounts = {}, {}
    for actor_id, post in _people(system).items():
        account = Account(actor_id, f"{actor_id}@demo.example.org", actor_id)
        system.accounts.add(account, (post,), system.clock.now())
        key = secrets.token_urlsafe(24)
        keys[actor_id if post.role.value in keys else post.role.value], accounts[key] = key, account
    return Welcome(keys, accounts)


def _people(system: System) -> dict[str, Post]:
    """A unit, an expert, and one of each other role: those who have something to do, where there are any."""
    rows = system.ledger.rows("closed") + system.ledger.rows()
    units = [Actor("applicant-01", Role.APPLICANT, row.unit_code) for row in rows]
    experts = [
        Actor(name, Role.EXPERT, assigned.unit)
        for application in filter(None, (_application(system, row.id) for row in rows))
        for name, assigned in application.experts.items()
    ]
    found = {}
    for actors in (units, experts):
        busy = next((one for one in actors if tasks(system.ledger, system.calls, one)), actors[0] if actors else None)
        if busy is not None:
            found[busy.id] = Post(busy.role, busy.unit)
    for role in sorted(OFFICERS | {Role.AUDITOR, Role.ADMINISTRATOR}):
        found[f"{role.value}-01"] = Post(role)
    found["approving_officer-02"] = Post(Role.APPROVING_OFFICER)  # money is set by two
    return found


def _application(system: System, name: str) -> Application | None:
    return system.ledger.transact(lambda transaction: transaction.application(name))
