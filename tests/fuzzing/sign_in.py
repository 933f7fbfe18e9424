"""What a provider of sign-ins answers, and what browsers bring back from it."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, cast

import httpx2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from joserfc.jwk import KeySet, KeySetSerialization

from fundcall.accounts import openid
from fundcall.accounts.openid import Client, OpenId
from fundcall.accounts.people import Denied
from tests.fuzzing.target import Target

_NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
_CLIENT = Client("https://provider.example", "fundcall", "secret", "https://fund.example", frozenset({"mfa"}))


_KEY = ec.derive_private_key(7, ec.SECP256R1())
_POINT = _KEY.public_key().public_numbers()


def _words(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _answers(content: bytes) -> None:
    """A line each: what the provider says of itself, its keys, the head and the claims of a token that it signs."""
    metadata, keys, header, claims = [*content.split(b"\n"), b"", b"", b"", b""][:4]
    with suppress(Denied):
        openid._answered(lambda: openid._json(_answer(metadata))["issuer"])
    openid._answered(lambda: _checked(keys, _signed(header, claims)))


def _checked(keys: bytes, token: str) -> dict[str, Any]:
    known = KeySet.import_key_set(cast("KeySetSerialization", openid._json(_answer(keys))))
    return OpenId(_CLIENT)._checked({"id_token": token}, known, "nonce", _NOW)


def _answer(body: bytes) -> httpx2.Response:
    return httpx2.Response(200, content=body, request=httpx2.Request("GET", "https://provider.example/"))


def _signed(header: bytes, claims: bytes) -> str:
    said = f"{_words(header)}.{_words(claims)}"
    numbers = decode_dss_signature(_KEY.sign(said.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{said}.{_words(b''.join(one.to_bytes(32, 'big') for one in numbers))}"


def _answered() -> Sequence[bytes]:
    x, y = (_words(one.to_bytes(32, "big")) for one in (_POINT.x, _POINT.y))
    keys = {"keys": [{"kty": "EC", "crv": "P-256", "kid": "1", "alg": "ES256", "use": "sig", "x": x, "y": y}]}
    now = int(_NOW.timestamp())
    claims = {"iss": _CLIENT.issuer, "aud": _CLIENT.id, "sub": "a", "iat": now, "exp": now + 300, "nonce": "nonce", "amr": ["mfa"]}  # fmt: skip
    lines = ({"issuer": _CLIENT.issuer, "jwks_uri": "x"}, keys, {"alg": "ES256", "kid": "1"}, claims)
    return ["\n".join(map(json.dumps, lines)).encode()]


def _back(content: bytes) -> None:
    """A state that comes back: one of this browser's own goes on to where it was made for."""
    text = content.decode("utf-8", "replace")
    assert openid._on("secret", openid._state("secret", text, _NOW), _NOW) == text
    openid._on("secret", text, _NOW)


TARGETS = (
    Target("providers", "what a provider of sign-ins answers", _answers, _answered, (Denied,), runs=60),
    Target("states", "what comes back from it", _back, lambda: [openid._state("secret", "/a?b", _NOW).encode()]),
)
