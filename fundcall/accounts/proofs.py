"""What a person proves to be himself with: a password (argon2), a code of the moment (TOTP, RFC 6238), a secret of ours."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pyotp import TOTP, random_base32

from fundcall.accounts.people import Account, Denied, Reason

PASSWORD_MIN, PASSWORD_MAX = 12, 128
_STEP_SECONDS = 30
_DIFFERENT_MIN = 5
_hasher = PasswordHasher()


@cache
def _nobodys() -> str:
    """The hash of a password that nobody has; made when first needed, for it takes as long as any."""
    return _hasher.hash(secrets.token_urlsafe(16))


def new_secret() -> str:
    """A secret of 256 bits, for a cookie or a link."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is kept of such a secret: from this it cannot be found again."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def form_token(secret: str) -> str:
    """What a form must bring to prove that it is ours, for whoever holds the cookie; tells nothing of the cookie."""
    return hmac.new(secret.encode("utf-8", "replace"), b"form", hashlib.sha256).hexdigest()


def hash_password(password: str, account: Account) -> str:
    """The hash of a new password. Raises Denied for one too short, too long or too plain."""
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise Denied(Reason.PASSWORD_LENGTH)
    local = account.email.partition("@")[0]
    if len(set(password)) < _DIFFERENT_MIN or (len(local) > 3 and local in password.lower()):
        raise Denied(Reason.PASSWORD_PLAIN)
    return _hasher.hash(password)


def password_holds(account: Account | None, password: str) -> bool:
    """Whether this is the account's password. Takes as long where there is no account, or none with a password."""
    known = account is not None and account.password != ""
    kept = account.password if account is not None and known else _nobodys()
    try:
        _hasher.verify(kept, password[: PASSWORD_MAX + 1])
    except (VerificationError, InvalidHashError):
        return False
    return known


def new_totp_secret() -> str:
    """The secret of a second factor."""
    return random_base32()


def totp_address(account: Account, issuer: str) -> str:
    """What an authenticator application reads from the picture."""
    return TOTP(account.totp_secret).provisioning_uri(name=account.email, issuer_name=issuer)


def step_of(account: Account, code: str, now: datetime) -> int | None:
    """The time step whose code this is, one before or after now included; None for a wrong code or one used before."""
    totp, step = TOTP(account.totp_secret), int(now.timestamp()) // _STEP_SECONDS
    given = "".join(code.split()).encode("utf-8", "replace")
    fits = [s for s in (step - 1, step, step + 1) if hmac.compare_digest(totp.generate_otp(s).encode(), given)]
    return next((s for s in fits if s > account.totp_step), None)
