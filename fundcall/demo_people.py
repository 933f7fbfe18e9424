"""Whom one may be in the demo: an account for each role, entered by an address that only the running process knows."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import NamedTuple

from fundcall.accounts.people import Account, Post
from fundcall.bootstrap import System
from states.actor import OFFICERS, Role


class Welcome(NamedTuple):
    """The secret of each role's address, and the account behind each secret."""

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
        keys[post.role.value], accounts[key] = key, account
    return Welcome(keys, accounts)


def _people(system: System) -> dict[str, Post]:
    """The unit of the application that has come furthest, its first expert, and one of each other role."""
    rows = system.ledger.rows("closed") or system.ledger.rows()
    application = system.ledger.transact(lambda transaction: transaction.application(rows[0].id)) if rows else None
    found: dict[str, Post] = {}
    if application is not None:
        found["applicant-01"] = Post(Role.APPLICANT, application.unit_code)
        for name, expert in list(application.experts.items())[:1]:
            found[name] = Post(Role.EXPERT, expert.unit)
    for role in sorted(OFFICERS | {Role.AUDITOR, Role.ADMINISTRATOR}):
        found[f"{role.value}-01"] = Post(role)
    return found
