"""A small OpenID provider that really runs: discovery, authorize, token with PKCE, keys, over loopback HTTP."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

CLIENT, SECRET = "fundcall", "a secret that the two share"


@dataclass
class Provider:
    """The provider, and whom it has signed in. `claims` go over those of its ID tokens; `key` signs in the place of its own."""

    now: Callable[[], datetime]
    issuer: str = ""
    own: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "1", "alg": "ES256", "use": "sig"}))
    key: ECKey | None = None
    claims: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def answer(self, handler: BaseHTTPRequestHandler, path: str, given: dict[str, str]) -> tuple[int, Any]:
        self.asked.append(path)
        if path == "/.well-known/openid-configuration":
            names = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
            ends = {f"{name}_endpoint": f"{self.issuer}/{path}" for name, path in names.items()}
            return 200, {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks", **ends}
        if path == "/jwks":
            return 200, KeySet([self.own]).as_dict(private=False)
        if path == "/authorize":
            code = f"code{len(self.codes)}"
            self.codes[code] = given
            return 302, f"{given['redirect_uri']}?{urlencode({'code': code, 'state': given['state']})}"
        if path == "/userinfo":
            return (200, self.userinfo) if handler.headers["authorization"] == "Bearer access" else (401, {})
        return self.token(handler, given) if path == "/token" else (404, {})

    def token(self, handler: BaseHTTPRequestHandler, given: dict[str, str]) -> tuple[int, Any]:
        basic = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        asked = self.codes.pop(given.get("code", ""), None)
        verified = base64.urlsafe_b64encode(hashlib.sha256(given.get("code_verifier", "").encode()).digest()).rstrip(
            b"="
        )
        if handler.headers["authorization"] != basic:
            return 401, {"error": "invalid_client"}
        if (
            asked is None
            or verified.decode() != asked["code_challenge"]
            or given["redirect_uri"] != asked["redirect_uri"]
        ):
            return 400, {"error": "invalid_grant"}
        now = int(self.now().timestamp())
        claims = {"iss": self.issuer, "aud": CLIENT, "sub": "subject", "iat": now, "exp": now + 300, "email_verified": True,
                  "nonce": asked["nonce"], **self.claims}  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        signed = jwt.encode({"alg": "ES256", "kid": "1"}, claims, self.key or self.own)
        return 200, {"access_token": "access", "token_type": "Bearer", "expires_in": 300, "id_token": signed}


@contextmanager
def running(now: Callable[[], datetime]) -> Iterator[Provider]:
    """A provider that runs while this lasts, by the clock of an installation."""
    provider = Provider(now)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            self.tell(parts.path, parts.query)

        def do_POST(self) -> None:
            self.tell(self.path, self.rfile.read(int(self.headers["content-length"])).decode())

        def tell(self, path: str, given: str) -> None:
            status, told = provider.answer(self, path, {name: one[0] for name, one in parse_qs(given).items()})
            self.send_response(status)
            if status == 302:
                self.send_header("location", told)
            body = b"" if status == 302 else json.dumps(told).encode()
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name in the standard library
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        provider.issuer = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield provider
        server.shutdown()
        thread.join()
