"""Whom a request comes from: the peer of the connection, or whom a proxy that we were told to trust says that it serves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from urllib.parse import unquote

from starlette.types import Scope

from fundcall.accounts.people import Certificate
from fundcall.accounts.proofs import digest
from states.checks import CertificateFacts
from states.unit_code import SCHEMES, normal

THROUGH = "through"
"""Where the state of a request says whether it came through a trusted proxy."""
CERTIFICATE = "certificate"
"""Where it holds the certificate that the browser has shown to a trusted proxy."""
_LOOKED_FOR = "certificate looked for"
_FORWARDED = frozenset({b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip", b"via"})
_NAME_MAX = 200
Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Headers:
    """The headers by which a proxy tells of a certificate that it has verified; without a subject there are none."""

    subject: str = ""
    unit: str = ""
    name: str = ""

    def certificate(self, scope: Scope) -> Certificate | None:
        """The certificate; None where there is none, or a header stands there twice, or no code of a unit."""
        subject, unit = self._told(scope, self.subject), normal(self._told(scope, self.unit))
        if not subject or not any(valid(unit) for valid in SCHEMES.values()):
            return None
        return Certificate(digest(f"{unit} {subject}"), unit, self._told(scope, self.name)[:_NAME_MAX])

    def _told(self, scope: Scope, header: str) -> str:
        """What a header says, in UTF-8 or written with percent signs."""
        found = [value for name, value in scope["headers"] if header and name == header.lower().encode()]
        return unquote(found[0].decode("utf-8", "replace")).strip() if len(found) == 1 else ""


class Proxies:
    """The proxies whose word on whom they serve is taken; of everybody else those headers are ignored."""

    def __init__(self, trusted: Sequence[str], headers: Headers | None = None) -> None:
        self._trusted = [ip_network(one) for one in trusted]
        self._headers = headers or Headers()

    def settle(self, scope: Scope) -> None:
        """Put into the scope whom the request comes from."""
        peer = scope["client"][0] if scope.get("client") else ""
        through = scope["state"][THROUGH] = self._trusts(peer)
        scope["state"][_LOOKED_FOR] = bool(self._headers.subject)
        if through:
            scope["state"][CERTIFICATE] = self._headers.certificate(scope)
            given = ",".join(v.decode("latin-1") for n, v in scope["headers"] if n == b"x-forwarded-for")
            hops = [hop.strip() for hop in given.split(",") if hop.strip()]
            scope["client"] = (next((hop for hop in reversed(hops) if not self._trusts(hop)), peer), 0)

    def _trusts(self, address: str) -> bool:
        try:
            found = ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in self._trusted)


def certificate_facts(scope: Scope) -> CertificateFacts | None:
    """What came with a request of a unit's certificate; None where the settings look for none."""
    state = scope["state"]
    if not state.get(_LOOKED_FOR):
        return None
    one: Certificate | None = state.get(CERTIFICATE)
    return CertificateFacts(one.unit, one.name) if one is not None else CertificateFacts()


def from_this_machine(scope: Scope) -> bool:
    """Whether a program on this machine asks for itself, and no proxy on it for somebody else."""
    try:
        local = ip_address(scope["client"][0]).is_loopback if scope.get("client") else False
    except ValueError:
        return False
    return local and not scope["state"].get(THROUGH) and not any(name in _FORWARDED for name, _ in scope["headers"])
