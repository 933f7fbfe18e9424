"""Personal values never reach the ledger: a salted commitment does, and the value stands in an erasable side table."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
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


def same_values(name: str, command: Any, said: Mapping[str, Any], behind: Callable[[str], Personal | None]) -> bool:
    """Whether a command brings the personal values whose commitments an event has; of one that is erased, or that was never
    kept, nobody can say, and it counts as the same.
    """
    field = PERSONAL.get(name)
    if field is None:
        return True
    given, known = getattr(command, field), said[field]
    values, names = (given, known) if isinstance(given, tuple) else ((given,), [known])
    return len(values) == len(names) and all(
        held is None or held.value == canonical(plain(value)) or value == held.commitment
        for value, held in zip(values, map(behind, names), strict=True)
    )


def _concealed(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("sha256:")


def _personal(salt: str, i: int, value: Any) -> Personal:
    own = hashlib.sha256(f"{salt}:{i}".encode()).hexdigest()
    body = canonical(plain(value))
    return Personal(commitment(own, body), own, body)
