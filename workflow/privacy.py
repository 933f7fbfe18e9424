"""Personal values never reach the ledger: a salted commitment does, and the value stands in an erasable side table."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any, NamedTuple

from states.commands import PERSONAL
from states.decide import plain
from workflow.record import canonical


class Personal(NamedTuple):
    """A personal value beside its commitment. Erasing the row leaves the commitment, which then says nothing."""

    commitment: str
    salt: str
    value: bytes


def commitment(salt: str, value: bytes) -> str:
    """SHA-256 over the salt (32 bytes, given in hexadecimal) and the value's canonical bytes."""
    return "sha256:" + hashlib.sha256(bytes.fromhex(salt) + value).hexdigest()


def conceal(name: str, command: Any, salt: str) -> tuple[Any, tuple[Personal, ...]]:
    """The command with commitments in place of its personal values, and those values.

    `salt` is fresh randomness of the request; each value gets its own salt from it.
    """
    field = PERSONAL.get(name)
    if field is None:
        return command, ()
    value = getattr(command, field)
    values = value if isinstance(value, tuple) else (value,)
    rows = tuple(_personal(salt, i, item) for i, item in enumerate(values) if not _concealed(item))
    if not rows:
        return command, ()
    hidden = tuple(row.commitment for row in rows)
    return replace(command, **{field: hidden if isinstance(value, tuple) else hidden[0]}), rows


def _concealed(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("sha256:")


def _personal(salt: str, i: int, value: Any) -> Personal:
    own = hashlib.sha256(f"{salt}:{i}".encode()).hexdigest()
    body = canonical(plain(value))
    return Personal(commitment(own, body), own, body)
