"""Documents as the web takes them in (`fundcall.web.api.asking.Uploads`)."""

from __future__ import annotations

from typing import Any

from fundcall.documents.shelf import Incoming
from fundcall.documents.store import DocumentStore


class Uploads:
    """Documents as the API takes them in (`fundcall.web.api.asking.Uploads`)."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    def receive(self, bytes_max: int) -> Incoming:
        """A document about to come in pieces."""
        return self._store.receive(bytes_max)

    def content(self, digest: str) -> bytes | None:
        """The bytes of a stored document; None where it is not there. Raises OSError where it was altered."""
        return self._store.get(digest)

    def examined(self, digest: str) -> dict[str, Any]:
        """What the examination of a stored document found, as plain JSON."""
        found = self._store.report(digest)
        return found.plain() if found is not None else {}

    def preview(self, digest: str) -> bytes:
        """The first page of a stored document as PNG; b"" where there is none."""
        return self._store.preview(digest)
