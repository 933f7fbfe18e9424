"""What is read of a ledger by those who follow it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from workflow.ports import Stored
from workflow.privacy import Personal


class Events(Protocol):
    """The events of a ledger, and the values behind their commitments."""

    def head(self) -> int:
        """The position of the last event; 0 when there is none."""

    def stored(self, after: int = 0, upto: int | None = None, application: str | None = None) -> Iterator[Stored]:
        """Events in order of position, of one application or of all, with after < position <= upto."""

    def leaves(self, after: int, upto: int) -> Iterator[bytes]:
        """The leaf hashes with after < position <= upto in order."""

    def personal(self, commitment: str) -> Personal | None:
        """The personal value behind a commitment; None once erased."""
