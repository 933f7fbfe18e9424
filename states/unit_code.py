"""The codes by which units are known, and their check characters (GB 32100-2015, GB 11714-1997)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # 31 characters: no I, O, S, V, Z
_OUTER_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))
_INNER_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_INNER_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_SPELLING = str.maketrans(
    {chr(0xFF01 + i): chr(0x21 + i).upper() for i in range(94)} | {chr(0x61 + i): chr(0x41 + i) for i in range(26)}
)


@lru_cache(maxsize=65536)
def normal(code: str) -> str:
    """The code in its one canonical spelling: half-width, upper-case (ASCII letters only), without blanks."""
    return "".join(code.translate(_SPELLING).split())


def outer_check(code: str) -> str:
    """The 18th character for the first 17 of a unified social credit code (GB 32100-2015)."""
    total = sum(_ALPHABET.index(c) * w for c, w in zip(code[:17], _OUTER_WEIGHTS, strict=True))
    return _ALPHABET[(31 - total % 31) % 31]


def inner_check(body: str) -> str:
    """The ninth character for the eight of an organisation code (GB 11714-1997)."""
    total = sum(_INNER_ALPHABET.index(c) * w for c, w in zip(body, _INNER_WEIGHTS, strict=True))
    rest = (11 - total % 11) % 11
    return "X" if rest == 10 else str(rest)


@lru_cache(maxsize=65536)
def uscc_valid(code: str) -> bool:
    """Whether a canonical unified social credit code has 18 legal characters and both check characters right."""
    if len(code) != 18 or any(c not in _ALPHABET for c in code):
        return False
    return outer_check(code) == code[17] and inner_check(code[8:16]) == code[16]


def registration_valid(code: str) -> bool:
    """Whether a canonical registration number is 4 to 20 ASCII letters and digits, one digit at least."""
    return 4 <= len(code) <= 20 and code.isascii() and code.isalnum() and any(c.isdigit() for c in code)


SCHEMES: Mapping[str, Callable[[str], bool]] = {"uscc": uscc_valid, "registration": registration_valid}
"""Scheme of a call to the validity of a canonical code in it."""
