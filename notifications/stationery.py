"""What the bytes of notices rest on beside the ledger: kept from the position where it came into use, so that every notice
can be written again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import orjson

from workflow.record import canonical


class Stationery(NamedTuple):
    """Who sends, what links lead to, the office's mailboxes, whether receipts go along, and by which code it is written:
    its release, and a digest over its sources and templates.
    """

    sender: str
    public_url: str
    boxes: Mapping[str, str]
    papers: bool
    release: str
    code: str

    @property
    def body(self) -> bytes:
        """Its canonical bytes."""
        return canonical(self._asdict())


def stationery_of(body: bytes) -> Stationery:
    """What those bytes say. Raises ValueError, TypeError."""
    return Stationery(**orjson.loads(body))
