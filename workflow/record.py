"""The canonical bytes of an event: JSON (RFC 8259), UTF-8, sorted ASCII keys, no spaces, no floats."""

from __future__ import annotations

import hashlib
from operator import itemgetter
from typing import Any

import orjson

from states.calendar import instant_of, stamp
from states.events import Recorded

_FIELDS = itemgetter(*Recorded._fields)


def encode(event: Recorded) -> bytes:
    """The bytes that are stored and hashed as they stand. Equal events have equal bytes."""
    fields = dict(zip(Recorded._fields, event, strict=True))
    fields["effective_at"] = stamp(event.effective_at)
    fields["recorded_at"] = stamp(event.recorded_at)
    return orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)


def decode(body: bytes) -> Recorded:
    """The event of those bytes. Raises ValueError where they are none."""
    return read(body)[0]


def read(body: bytes) -> tuple[Recorded, str]:
    """The event of those bytes, and the very text of when it was recorded. Raises ValueError where they are none."""
    try:
        fields = orjson.loads(body)
        if len(fields) != len(Recorded._fields):
            raise ValueError(f"not an event: it has {len(fields)} fields")
        text = fields["recorded_at"]
        fields["effective_at"] = instant_of(fields["effective_at"])
        fields["recorded_at"] = instant_of(text)
        return tuple.__new__(Recorded, _FIELDS(fields)), text
    except (KeyError, TypeError) as wrong:
        raise ValueError(f"not an event: {wrong}") from wrong


def leaf_hash(body: bytes) -> bytes:
    """The hash of a leaf of the ledger's Merkle tree: SHA-256 of 0x00 and the bytes (RFC 9162, 2.1.1)."""
    return hashlib.sha256(b"\x00" + body).digest()


def canonical(value: Any) -> bytes:
    """Plain JSON as canonical bytes."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
