"""Documents by the SHA-256 of their bytes, in a folder: whole on the disk before anybody is told, never changed."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from states.checks import DocumentFacts

_HEADER_WITHIN = 1024


class DocumentStore:
    """`workflow.ports.Documents` over a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> str:
        """Store a document; its SHA-256 in hexadecimal. It is durable when this returns; twice is once."""
        digest = hashlib.sha256(content).hexdigest()
        path = self._path(digest)
        if path.exists():
            return digest
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        for folder in (path.parent, self._folder):
            _sync_folder(folder)
        return digest

    def get(self, digest: str) -> bytes | None:
        """The bytes of a document, if it is stored and still what it was. Raises OSError where it was altered."""
        path = self._path(digest)
        if not path.is_file():
            return None
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != digest:
            raise OSError(f"document {digest} is not what was stored")
        return content

    def facts(self, sha256: str, material: str, name: str) -> DocumentFacts | None:
        """Size and format by content. The seal is left to a person ("unchecked") until a verifier is at work."""
        if len(sha256) != 64 or not sha256.isalnum():
            return None
        content = self.get(sha256.lower())
        if content is None:
            return None
        return DocumentFacts(sha256.lower(), material, name, len(content), format_of(content), "unchecked")

    def _path(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest


def format_of(content: bytes) -> str:
    """pdf, png, zip (OFD and Office files are of that kind) or unknown, by the first bytes, never by a name."""
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-_HEADER_WITHIN:]:
        return "pdf_encrypted" if b"/Encrypt" in content else "pdf"
    if content.startswith(b"\x89PNG"):
        return "png"
    return "zip" if content.startswith(b"PK\x03\x04") else "unknown"


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
