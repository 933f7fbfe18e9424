"""Signing in by an OpenID Connect provider: authorization code with PKCE, state and nonce (OpenID Connect Core 1.0, RFC 7636).

Nothing is kept between leaving and coming back: state, nonce and verifier are made of the secret in the browser's cookie,
so what comes back counts in that browser alone, for ten minutes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple, cast

import httpx2
import orjson
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization

from fundcall.accounts.people import Denied, Reason, Vouched

BACK = "/sign-in/openid/back"
"""Where the provider sends people back to, after FUNDCALL_PUBLIC_URL."""
_SCOPE = "openid email"
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519"]
_BACK_WITHIN = timedelta(minutes=10)
_KNOWN_FOR, _AWAY_FOR = timedelta(hours=1), timedelta(seconds=10)
_TIMEOUT_SECONDS, _LEEWAY_SECONDS = 5, 60
_CERTIFICATES = httpx2.create_ssl_context()


class Client(NamedTuple):
    """What the provider and we have agreed on. `amr` and `acr` are values that tell of a second factor."""

    issuer: str
    id: str
    secret: str
    public_url: str
    amr: frozenset[str] = frozenset()
    acr: frozenset[str] = frozenset()


class OpenId:
    """One provider. Raises Denied: AWAY where it cannot be reached, PROVIDER where what comes back does not hold."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._known: tuple[datetime, dict[str, Any]] | None = None
        self._away_until: datetime | None = None

    def leave(self, secret: str, on: str, now: datetime) -> str:
        """The address at the provider for the holder of a cookie, who goes on to a page of ours afterwards."""
        client, endpoint = self._client, _answered(lambda: self._metadata(now)["authorization_endpoint"])
        state = _state(secret, on, now)
        more = {"acr_values": " ".join(sorted(client.acr))} if client.acr else {}
        return str(
            prepare_grant_uri(
                endpoint,
                client.id,
                "code",
                redirect_uri=client.public_url.rstrip("/") + BACK,
                scope=_SCOPE,
                state=state,
                nonce=_derived(secret, "nonce", state),
                code_challenge=create_s256_code_challenge(_derived(secret, "verifier", state)),
                code_challenge_method="S256",
                **more,
            )
        )

    def come_back(self, secret: str, query: Mapping[str, str], now: datetime) -> Vouched:
        """Whom the provider vouches for, by what the browser brought back."""
        state = query.get("state", "")
        on = _on(secret, state, now)
        if on is None or "code" not in query or query.get("iss", self._client.issuer) != self._client.issuer:
            raise Denied(Reason.PROVIDER)
        claims, second = _answered(lambda: self._claims(secret, state, query["code"], now))
        if claims.get("email_verified") is not True or not isinstance(claims.get("email"), str):
            raise Denied(Reason.UNVERIFIED)
        return Vouched(claims["email"], second, on)

    def _claims(self, secret: str, state: str, code: str, now: datetime) -> tuple[Mapping[str, Any], bool]:
        """What the provider says of the person, and whether a second factor was shown there."""
        client, known = self._client, self._metadata(now)
        supported = known.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        method = "client_secret_basic" if "client_secret_basic" in supported else "client_secret_post"
        back = client.public_url.rstrip("/") + BACK
        with OAuth2Client(
            client.id, client.secret, method, redirect_uri=back, timeout=_TIMEOUT_SECONDS, verify=_CERTIFICATES
        ) as http:
            verifier = _derived(secret, "verifier", state)
            token = http.fetch_token(known["token_endpoint"], code=code, code_verifier=verifier)
            keys = KeySet.import_key_set(
                cast(
                    "KeySetSerialization",
                    _json(httpx2.get(known["jwks_uri"], timeout=_TIMEOUT_SECONDS, verify=_CERTIFICATES)),
                )
            )
            found = self._checked(token, keys, _derived(secret, "nonce", state), now)
            told: Mapping[str, Any] = found
            if "email" not in found and "userinfo_endpoint" in known:
                told = _json(http.get(known["userinfo_endpoint"]))
                if told.get("sub") != found["sub"]:
                    raise Denied(Reason.PROVIDER)
        amr = found.get("amr") or []
        return told, bool(client.amr.intersection(amr)) or found.get("acr") in client.acr

    def _checked(self, token: Mapping[str, Any], keys: KeySet, nonce: str, now: datetime) -> dict[str, Any]:
        """The claims of an ID token that holds: signature, issuer, audience, times, nonce."""
        signed = jwt.decode(token["id_token"], keys, algorithms=_ALGORITHMS)
        issuer, client = self._client.issuer, self._client.id
        claims = CodeIDToken(
            signed.claims,
            signed.header,
            {"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": client}},
            {"nonce": nonce, "client_id": client, "access_token": token.get("access_token")},
        )
        claims.validate(int(now.timestamp()), _LEEWAY_SECONDS)
        return dict(claims)

    def _metadata(self, now: datetime) -> dict[str, Any]:
        """What the provider says of itself (OpenID Connect Discovery 1.0); asked again after an hour."""
        if self._known is None or now - self._known[0] > _KNOWN_FOR:
            if self._away_until is not None and now < self._away_until:
                raise Denied(Reason.AWAY)
            self._away_until = now + _AWAY_FOR  # nobody waits again at once for one that does not answer
            address = self._client.issuer.rstrip("/") + "/.well-known/openid-configuration"
            found = _json(httpx2.get(address, timeout=_TIMEOUT_SECONDS, verify=_CERTIFICATES))
            self._away_until = None
            if found["issuer"] != self._client.issuer:
                raise Denied(Reason.PROVIDER)
            self._known = (now, found)
        return self._known[1]


def _answered(ask: Callable[[], Any]) -> Any:
    """What the provider answers. Raises Denied."""
    try:
        return ask()
    except httpx2.HTTPError as away:
        raise Denied(Reason.AWAY) from away
    except (JoseError, AuthlibBaseError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as wrong:
        raise Denied(Reason.PROVIDER) from wrong


def _json(answer: httpx2.Response) -> dict[str, Any]:
    found: dict[str, Any] = answer.raise_for_status().json()
    return found


def _state(secret: str, on: str, now: datetime) -> str:
    """A new state: where to go on to, until when, and the proof that the holder of this cookie left with it."""
    until = int((now + _BACK_WITHIN).timestamp())
    told = base64.urlsafe_b64encode(orjson.dumps([on, until, secrets.token_urlsafe(12)])).decode()
    return f"{told}.{_derived(secret, 'state', told)}"


def _on(secret: str, state: str, now: datetime) -> str | None:
    """Where to go on to; None for a state that this browser did not leave with, or too long ago."""
    told, _, proof = state.partition(".")
    if not hmac.compare_digest(proof.encode("utf-8", "replace"), _derived(secret, "state", told).encode()):
        return None
    on, until, _ = orjson.loads(base64.urlsafe_b64decode(told))
    return str(on) if now.timestamp() <= until else None


def _derived(secret: str, use: str, text: str) -> str:
    return hmac.new(secret.encode("utf-8", "replace"), f"openid {use} {text}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()  # fmt: skip
