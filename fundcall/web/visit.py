"""One request for a page: who asks, in which language, at what instant by the server's clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from fastapi import Request

from fundcall.accounts.people import Certificate, Guest
from fundcall.accounts.proofs import form_token
from fundcall.web.language import translations
from fundcall.web.peers import CERTIFICATE, certificate_facts
from states.actor import Actor
from states.checks import CertificateFacts


@dataclass(frozen=True, slots=True)
class Visit:
    """A request for a page. `secret` is what the cookie holds: of a session, or of a visitor nobody knows."""

    request: Request
    now: datetime
    received_at: datetime
    language: str
    secret: str
    guest: Guest | None

    @property
    def actor(self) -> Actor | None:
        """Who acts; None for somebody who is not, or not wholly, signed in."""
        return self.guest.actor if self.guest is not None else None

    @property
    def signed_in(self) -> Guest:
        """Who gave a password at least, on pages that the frame opens to nobody else."""
        assert self.guest is not None  # noqa: S101 - as the frame sees to
        return self.guest

    @property
    def insider(self) -> Actor:
        """Who acts, on pages that the frame opens to nobody else."""
        assert self.actor is not None  # noqa: S101 - as the frame sees to
        return self.actor

    @property
    def form_token(self) -> str:
        """What every form of this page brings back."""
        return form_token(self.secret)

    @property
    def here(self) -> str:
        """The address of this page, for coming back to it."""
        url = self.request.url
        return f"{url.path}?{url.query}" if url.query else url.path

    @property
    def agent(self) -> str:
        """What the browser calls itself."""
        return self.request.headers.get("user-agent", "")

    @property
    def address(self) -> str:
        """Where on the network it comes from."""
        return self.request.client.host if self.request.client else ""

    @property
    def certificate(self) -> Certificate | None:
        """The unit's certificate that the browser has shown to a trusted proxy."""
        found: Certificate | None = self.request.scope["state"].get(CERTIFICATE)
        return found

    @property
    def certificate_facts(self) -> CertificateFacts | None:
        """The same for a decision; None where the settings look for no certificates."""
        return certificate_facts(self.request.scope)

    @property
    def same_origin(self) -> bool:
        """Whether the browser itself says that a page of ours sent this."""
        headers = self.request.headers
        origin = host_of(headers.get("origin", ""))
        return bool(origin) and origin == headers.get("host") and headers.get("sec-fetch-site") == "same-origin"

    def path(self, name: str) -> str:
        """A part of the address."""
        return str(self.request.path_params[name])

    def query(self, name: str) -> str:
        """A parameter of the address, "" where it is not there."""
        return self.request.query_params.get(name, "")

    def wants_part(self) -> bool:
        """Whether htmx asks for a part of the page to put in the place of another."""
        headers = self.request.headers
        return "hx-request" in headers and "hx-history-restore-request" not in headers

    def say(self, message: str) -> str:
        """A message in the language of the visit."""
        return translations(self.language).gettext(message)


def host_of(address: str) -> str | None:
    """The host in an address, "" where it has none; None where it is no address at all."""
    try:
        return urlsplit(address).netloc
    except ValueError:
        return None


def local(target: str) -> str:
    """An address to go on to if it is one of ours, else the home page's."""
    ours = target.startswith("/") and not target.startswith("//") and host_of(target) == "" and "\\" not in target
    return target if ours and target.isprintable() else "/"
