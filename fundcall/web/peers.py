"""Whom a request comes from: the peer of the connection, or whom a proxy that we were told to trust says that it serves."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from starlette.types import Scope

THROUGH = "through"
"""Where the state of a request says whether it came through a trusted proxy."""
_FORWARDED = frozenset({b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip", b"via"})
Network = IPv4Network | IPv6Network


class Proxies:
    """The proxies whose word on whom they serve is taken; of everybody else those headers are ignored."""

    def __init__(self, trusted: Sequence[str]) -> None:
        self._trusted = [ip_network(one) for one in trusted]

    def settle(self, scope: Scope) -> None:
        """Put into the scope whom the request comes from."""
        peer = scope["client"][0] if scope.get("client") else ""
        through = scope["state"][THROUGH] = self._trusts(peer)
        if through:
            given = ",".join(v.decode("latin-1") for n, v in scope["headers"] if n == b"x-forwarded-for")
            hops = [hop.strip() for hop in given.split(",") if hop.strip()]
            scope["client"] = (next((hop for hop in reversed(hops) if not self._trusts(hop)), peer), 0)

    def _trusts(self, address: str) -> bool:
        try:
            found = ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in self._trusted)


def from_this_machine(scope: Scope) -> bool:
    """Whether a program on this machine asks for itself, and no proxy on it for somebody else."""
    try:
        local = ip_address(scope["client"][0]).is_loopback if scope.get("client") else False
    except ValueError:
        return False
    return local and not scope["state"].get(THROUGH) and not any(name in _FORWARDED for name, _ in scope["headers"])
