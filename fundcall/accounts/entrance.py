"""Coming in and going out: every way in is throttled, and says the same to those who are known and those who are not."""

from __future__ import annotations

import secrets
from datetime import datetime

from fundcall.accounts import proofs
from fundcall.accounts.people import (
    SESSION_MAX,
    VALID_FOR,
    Account,
    Certificate,
    Denied,
    Guest,
    Post,
    Purpose,
    Reason,
    Session,
    Slip,
    Vouched,
)
from fundcall.accounts.store import Store
from states.actor import Role
from states.mailbox import is_mailbox
from states.unit_code import SCHEMES, normal

_TRIES_HERE, _TRIES_MAX, _CODES_MAX, _LETTERS_MAX = 10, 100, 10, 5
_NAME_MAX, _AGENT_MAX = 80, 200


class Entrance:
    """The ways in, over a store of accounts. Each raises Denied where somebody is not let in."""

    def __init__(self, store: Store) -> None:
        self.store = store

    # --- signing in ---------------------------------------------------------------------------------------------

    def sign_in(
        self, email: str, password: str, address: str, agent: str, now: datetime, shown: Certificate | None = None
    ) -> str:
        """The secret of a new session. Ten tries an hour for an address of mail from one of the network, a hundred for
        each of the two alone; a try that succeeds is not counted. `shown` is the certificate that came along.
        """
        email = _email(email)
        here = f"sign-in {email} {address}"
        self._throttle(here, _TRIES_HERE, now)
        self._throttle(f"sign-in {email}", _TRIES_MAX, now)
        self._throttle(f"sign-in from {address}", _TRIES_MAX, now)
        account = self.store.by_email(email)
        if not proofs.password_holds(account, password) or account is None or account.disabled:
            raise Denied(Reason.CREDENTIALS)
        self.store.forget(proofs.digest(here))
        self.store.uncount(proofs.digest(f"sign-in {email}"))
        self.let_in(address)
        return self.begin(account, agent, now, second=False, post=self._post_for(account, shown))

    def _post_for(self, account: Account, shown: Certificate | None) -> Post | None:
        """The post for the unit of the certificate that somebody shows, of those who act for units (四（二）1)."""
        posts = [one for one in self.store.posts(account.id) if one.role is Role.APPLICANT and not one.pending]
        if shown is None or not posts:
            return None
        if Post(Role.APPLICANT, shown.unit) not in posts:
            raise Denied(Reason.CERTIFICATE_UNIT)
        return Post(Role.APPLICANT, shown.unit)

    def knock(self, address: str, now: datetime) -> None:
        """Let somebody try who is known otherwise than by a password; counted with the tries from that address."""
        self._throttle(f"sign-in from {address}", _TRIES_MAX, now)

    def let_in(self, address: str) -> None:
        """Who is let in has not tried: a house full of people behind one address of the network shuts nobody out."""
        self.store.uncount(proofs.digest(f"sign-in from {address}"))

    def vouched(self, one: Vouched, agent: str, now: datetime, shown: Certificate | None = None) -> str:
        """The secret of a new session for whom a provider vouches. The account must be there, and keeps its roles."""
        account = self.store.by_email(_email(one.email))
        if account is None or account.disabled:
            raise Denied(Reason.UNKNOWN)
        return self.begin(account, agent, now, second=one.second, post=self._post_for(account, shown))

    def certified(self, one: Certificate, agent: str, now: datetime) -> str:
        """The secret of a new session for whoever linked this certificate, acting for its unit."""
        found = self.store.linked(one.subject)
        account = self.store.by_id(found[0]) if found else None
        if found is None or account is None or account.disabled:
            raise Denied(Reason.CERTIFICATE)
        post = Post(Role.APPLICANT, one.unit)
        if found[1].unit != one.unit or post not in self.store.posts(account.id):
            raise Denied(Reason.CERTIFICATE_UNIT)
        self.store.link_certificate(account.id, one, now)
        return self.begin(account, agent, now, second=False, post=post)

    def link_certificate(self, guest: Guest, one: Certificate, now: datetime) -> None:
        """Link a certificate to an account that acts for its unit."""
        if guest.session.post != Post(Role.APPLICANT, one.unit):
            raise Denied(Reason.CERTIFICATE_UNIT)
        self.store.link_certificate(guest.account.id, one, now)

    def show_code(self, guest: Guest, code: str, now: datetime) -> str:
        """The secret of the session that takes the place of the guest's, with the second factor shown (for the first
        time: proved).
        """
        key = f"code {guest.account.id}"
        self._throttle(key, _CODES_MAX, now)
        step = proofs.step_of(guest.account, code, now) if guest.account.totp_secret else None
        if step is None or not self.store.use_step(guest.account.id, step):
            raise Denied(Reason.CODE)
        self.store.forget(proofs.digest(key))
        self.store.end(guest.account.id, guest.session.digest)
        return self.begin(guest.account, guest.session.agent, now, second=True, post=guest.session.post)

    def begin(self, account: Account, agent: str, now: datetime, *, second: bool, post: Post | None = None) -> str:
        """The secret of a new session, in a post or in the first that the account has."""
        granted = [one for one in self.store.posts(account.id) if not one.pending]
        secret = proofs.new_secret()
        chosen = post or (granted[0] if granted else None)
        session = Session(proofs.digest(secret), account.id, chosen, second, agent[:_AGENT_MAX], now, now)
        self.store.begin(session, now + SESSION_MAX)
        return secret

    def guest(self, secret: str, now: datetime) -> Guest | None:
        """Who stands behind a cookie."""
        return self.store.guest(proofs.digest(secret), now) if secret else None

    def holds(self, account_id: str, post: Post) -> bool:
        """Whether an account is open and may act so now."""
        account = self.store.by_id(account_id)
        return account is not None and not account.disabled and post in self.store.posts(account_id)

    # --- accounts and links -------------------------------------------------------------------------------------

    def register(self, email: str, name: str, unit: str, address: str, now: datetime) -> None:
        """Ask for an account of an applicant for a unit. What follows stands in a letter, to the one who can read it."""
        email, unit = _email(email), normal(unit)
        if not is_mailbox(email):
            raise Denied(Reason.EMAIL)
        if not 0 < len(name) <= _NAME_MAX or not name.isprintable():
            raise Denied(Reason.NAME)
        if not any(valid(unit) for valid in SCHEMES.values()):
            raise Denied(Reason.UNIT)
        self._throttle(f"letters from {address}", _TRIES_MAX, now)
        self._throttle(f"letters to {email}", _LETTERS_MAX, now)
        asked = Post(Role.APPLICANT, unit, pending=True)
        fresh = Account(new_id(), email, name)
        if self.store.add(fresh, (asked,), now):
            self.store.ask_letter(fresh.id, Purpose.CONFIRM, now)
            return
        known = self.store.by_email(email)
        if known is None or known.disabled:
            return
        if known.password:
            self.store.ask_letter(known.id, Purpose.KNOWN, now)
        else:
            self.store.rename(known.id, name, asked)
            self.store.ask_letter(known.id, Purpose.CONFIRM, now)

    def forgot(self, email: str, address: str, now: datetime) -> None:
        """Ask for a link to choose another password; whether there is such an account is not said."""
        email = _email(email)
        self._throttle(f"letters from {address}", _TRIES_MAX, now)
        self._throttle(f"letters to {email}", _LETTERS_MAX, now)
        known = self.store.by_email(email)
        if known is not None and not known.disabled:
            self.store.ask_letter(known.id, Purpose.RESET if known.password else Purpose.CONFIRM, now)

    def link(self, account: Account, purpose: Purpose, now: datetime) -> str:
        """The secret of a link for an account; told this once."""
        secret = proofs.new_secret()
        self.store.give_slip(proofs.digest(secret), Slip(account.id, purpose, now + VALID_FOR[purpose]))
        return secret

    def behind(self, secret: str, now: datetime) -> tuple[Account, Slip]:
        """Whose link it is, without using it."""
        slip = self.store.slip(proofs.digest(secret), now)
        if slip is None:
            raise Denied(Reason.LINK)
        return self._whose(slip), slip

    def choose_password(self, secret: str, password: str, now: datetime) -> Account:
        """Use a link to choose a password, which ends every session of the account and, where it had a password, every
        key to the API. The account as it was before. The link stays where the password is no good.
        """
        account, _ = self.behind(secret, now)
        kept = proofs.hash_password(password, account)
        if self.store.take_slip(proofs.digest(secret), now) is None:
            raise Denied(Reason.LINK)
        self.store.set_password(account.id, kept)
        self.store.settle_in(account.id)
        return account

    def _whose(self, slip: Slip) -> Account:
        account = self.store.by_id(slip.account)
        if account is None or account.disabled:
            raise Denied(Reason.LINK)
        return account

    def objecting(self, email: str, address: str, now: datetime) -> None:
        """Let somebody object without an account: five times an hour from one mailbox, ten from one place on the network."""
        self._throttle(f"objections from {address}", _TRIES_HERE, now)
        self._throttle(f"objections by {_email(email)}", _LETTERS_MAX, now)

    def subscribing(self, email: str, address: str, now: datetime) -> str:
        """The address under which somebody may have a letter sent about news of calls: ten times an hour from one place on
        the network, and no more letters to one mailbox than of any other kind.
        """
        email = _email(email)
        if not is_mailbox(email):
            raise Denied(Reason.EMAIL)
        self._throttle(f"news from {address}", _TRIES_HERE, now)
        self._throttle(f"letters to {email}", _LETTERS_MAX, now)
        return email

    def _throttle(self, key: str, most: int, now: datetime) -> None:
        if self.store.count(proofs.digest(key), now) > most:
            raise Denied(Reason.TOO_MANY)


def new_id() -> str:
    """The id of a new account; says nothing of the person."""
    return f"u-{secrets.token_hex(8)}"


def _email(text: str) -> str:
    return text.strip().lower()
