"""People at their browsers, before a real installation: cookies, forms with their tokens, letters out of a real mailbox."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any

from pyotp import TOTP

from fundcall.accounts.entrance import Entrance
from fundcall.accounts.people import Account, Post
from fundcall.accounts.proofs import hash_password, new_totp_secret
from states.actor import Role
from tests.api.office import Office
from tests.straight import Client

ONE_CLICK = "/public/news/leave"
"""What a mail program sends by itself (RFC 8058), without our token: the secret in the link is what it brings."""
PASSWORD = "correct horse battery staple"
TOKEN = re.compile(r'name="form_token" value="(\w+)"')
TAGS = re.compile(r"<(script|style)\b.*?</\1>|<[^>]+>", re.DOTALL)


@dataclass
class Browser:
    """One person's browser; `follow` is the default for redirections."""

    client: Client

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers=headers)

    def token(self, page: str = "/sign-in") -> str:
        found = TOKEN.search(self.get(page).text)
        assert found is not None, page
        return found.group(1)

    def post(self, path: str, fields: Mapping[str, str], page: str = "/sign-in", **headers: str) -> Any:
        """Fill in the form of a page and send it off, as a browser without JavaScript does."""
        return self.client.post(path, data={"form_token": self.token(page), **fields}, headers=headers)

    def sign_in(self, email: str, password: str = PASSWORD, on: str = "/") -> Any:
        return self.post("/sign-in", {"email": email, "password": password, "next": on})

    def in_english(self) -> None:
        self.get("/language/en")


def browser(office: Office) -> Browser:
    """A browser that has never been here."""
    return Browser(Client(office.client.app))


def account(office: Office, name: str, role: Role, unit: str = "", *, second: bool = False) -> Account:
    """Somebody with a password, and with a proved second factor if asked for."""
    made = Account(name, f"{name}@example.org", name.title())
    assert office.system.accounts.add(made, (Post(role, unit),), office.clock.at)
    office.system.accounts.set_password(made.id, hash_password(PASSWORD, made))
    if second:
        office.system.accounts.set_second(made.id, new_totp_secret())
        office.system.accounts.use_step(made.id, 0)
    found = office.system.accounts.by_id(made.id)
    assert found is not None
    return found


def code_now(office: Office, account_id: str) -> str:
    """What the authenticator shows at the office's clock."""
    found = office.system.accounts.by_id(account_id)
    assert found is not None
    return TOTP(found.totp_secret).at(office.clock.at)


def entered(office: Office, who: Account) -> Browser:
    """A browser in which somebody is wholly signed in."""
    found = browser(office)
    secret = Entrance(office.system.accounts).begin(who, "test", office.clock.at, second=True)
    found.client.cookies.set("__Host-fundcall", secret)
    return found


def words(page: str) -> str:
    """What a page says, without its tags."""
    return " ".join(unescape(TAGS.sub(" ", page)).split())
