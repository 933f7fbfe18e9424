"""The administrator's desk: accounts and what they may act as. Whoever could decide of an application comes by a role only
through two administrators, neither of whom is the person; everything done here is written down.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from fundcall.accounts.entrance import new_id
from fundcall.accounts.people import STAFF, Account, Denied, Post, Purpose, Reason
from fundcall.accounts.store import Store
from states.actor import Role
from states.mailbox import is_mailbox
from states.unit_code import SCHEMES, normal

NAME_MAX = 80
GRANTED = tuple(role for role in Role if role not in (Role.SYSTEM, Role.PUBLIC))
"""Roles that an account may have."""


class Asked(NamedTuple):
    """A post that an administrator asks for somebody, until another one decides."""

    number: int
    account: str
    post: Post
    asked_by: str
    asked_at: datetime


class Act(NamedTuple):
    """Something done at the desk: by whom, what, to which account or key, with what detail. Nothing personal."""

    at: datetime
    administrator: str
    what: str
    subject: str
    detail: str = ""


class Book(Protocol):
    """Where the desk keeps what waits and what was done."""

    def find(self, words: str, after: str, limit: int) -> Sequence[tuple[Account, tuple[Post, ...]]]:
        """Accounts by id after one, with these words in id, name or address, or with such a role or unit."""

    def strike(self, account: str, post: Post) -> bool:
        """Take a post away; whether it was there."""

    def waiting(self) -> Sequence[tuple[Account, Post]]:
        """Who asks to act for a unit."""

    def ask(self, account: str, post: Post, by: str, now: datetime) -> None:
        """Write down that a post is asked for; one that waits already is not doubled."""

    def asked(self) -> Sequence[Asked]:
        """The posts that wait for a second administrator, the oldest first."""

    def settle(self, number: int) -> bool:
        """Take one off the list; of two who come at once one gets it."""

    def write(self, act: Act) -> None:
        """Write down what was done."""

    def acts(self, limit: int) -> Sequence[Act]:
        """What was done, the newest first."""


class Desk:
    """What an administrator may do, over the store of accounts. `by` is the administrator's account."""

    def __init__(self, store: Store, book: Book) -> None:
        self.store, self.book = store, book

    def open(self, by: str, email: str, name: str, post: Post, now: datetime, account_id: str = "") -> Account:
        """An account for an address, with an invitation by letter; one that is there is given the post. Raises Denied."""
        email, name, post = email.strip().lower(), name.strip(), post._replace(unit=normal(post.unit))
        if not is_mailbox(email):
            raise Denied(Reason.EMAIL)
        if len(name) > NAME_MAX or not name.isprintable():
            raise Denied(Reason.NAME)
        _check(post)
        found = self.store.by_email(email)
        if found is None:
            found = Account(account_id or new_id(), email, name)
            if not self.store.add(found, (), now):
                raise Denied(Reason.EMAIL)
            self.store.ask_letter(found.id, Purpose.INVITE, now)
            self._write(now, by, "opened", found.id)
        self.grant(by, found.id, post, now)
        return found

    def grant(self, by: str, account: str, post: Post, now: datetime) -> bool:
        """Give an account a post, or ask for it where it takes two administrators; whether it was given. Raises Denied."""
        post = post._replace(unit=normal(post.unit))
        _check(post)
        if post.role in STAFF:
            self.book.ask(account, post, by, now)
            self._write(now, by, "asked", account, f"{post.role} {post.unit}".strip())
            return False
        self.store.grant(account, post)
        self._write(now, by, "granted", account, f"{post.role} {post.unit}".strip())
        return True

    def decide(self, by: str, number: int, now: datetime, *, yes: bool) -> None:
        """Give or refuse a post that another administrator asked for. Raises Denied for whoever asked, and for oneself."""
        found = next((one for one in self.book.asked() if one.number == number), None)
        if found is None:
            raise Denied(Reason.LINK)
        if yes and by in (found.asked_by, found.account):
            raise Denied(Reason.SECOND)
        if not self.book.settle(number):
            raise Denied(Reason.LINK)
        if yes:
            self.store.grant(found.account, found.post)
        detail = f"{found.post.role} {found.post.unit}".strip()
        self._write(now, by, "confirmed" if yes else "refused", found.account, detail)

    def strike(self, by: str, account: str, post: Post, now: datetime) -> None:
        """Take a post away, at once. Raises Denied for one's own, so that nobody shuts the desk from within."""
        if by == account:
            raise Denied(Reason.SECOND)
        if self.book.strike(account, post):
            self._write(now, by, "struck", account, f"{post.role} {post.unit}".strip())

    def shut(self, by: str, account: str, now: datetime, *, disabled: bool) -> None:
        """Shut an account, which ends its sessions, or open it again. Raises Denied for one's own."""
        if by == account:
            raise Denied(Reason.SECOND)
        self.store.set_disabled(account, disabled=disabled)
        self._write(now, by, "shut" if disabled else "opened again", account)

    def forget_second(self, by: str, account: str, now: datetime) -> None:
        """Take a lost second factor away, and end the sessions. Raises Denied for one's own."""
        if by == account:
            raise Denied(Reason.SECOND)
        self.store.set_second(account, "")
        self.store.end(account)
        self._write(now, by, "second factor forgotten", account)

    def end(self, by: str, account: str, session: str, now: datetime) -> None:
        """End one session of an account, or all."""
        self.store.end(account, session)
        self._write(now, by, "session ended", account, session[:12])

    def invite(self, by: str, account: str, now: datetime) -> None:
        """Have an invitation sent (again)."""
        self.store.ask_letter(account, Purpose.INVITE, now)
        self._write(now, by, "invited", account)

    def admit(self, by: str, account: str, unit: str, now: datetime, *, yes: bool) -> bool:
        """Let somebody act for a unit, or not; whether they asked to."""
        done = self.store.admit(account, unit, yes=yes)
        if done:
            self._write(now, by, "admitted" if yes else "not admitted", account, unit)
        return done

    def note(self, by: str, what: str, subject: str, now: datetime) -> None:
        """Write down something that was done elsewhere."""
        self._write(now, by, what, subject)

    def _write(self, now: datetime, by: str, what: str, subject: str, detail: str = "") -> None:
        self.book.write(Act(now, by, what, subject, detail))


def _check(post: Post) -> None:
    """Raises Denied for a post that nobody can have."""
    coded = any(valid(post.unit) for valid in SCHEMES.values())
    if post.role not in GRANTED or (post.role is Role.APPLICANT and not coded) or len(post.unit) > NAME_MAX:
        raise Denied(Reason.UNIT)
