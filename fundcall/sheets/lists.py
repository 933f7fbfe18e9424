"""JSON of a table in pieces: one array, one object a row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson

from fundcall.sheets.columns import Column, record

_AT_ONCE = 500


def json_bytes(columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """The table in pieces, each row on a line of its own."""
    pieces, before = [b"["], b"\n"
    for row in rows:
        pieces += (before, orjson.dumps(record(columns, row)))
        before = b",\n"
        if len(pieces) > _AT_ONCE:
            yield b"".join(pieces)
            pieces.clear()
    yield b"".join([*pieces, b"\n]\n"])
