"""Documents by the SHA-256 of their bytes, in a folder: whole on the disk before anybody is told, never changed."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Container, Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from fundcall.documents.bucket import Bucket
from fundcall.documents.examiner import Examiner
from fundcall.documents.report import Report, report_of
from fundcall.documents.shelf import BYTES_MAX, DIGEST, INCOMING, Incoming, place_of, stored
from fundcall.durable import make_folder, sync_folder
from states.checks import DocumentFacts


class DocumentStore:
    """`workflow.ports.Documents` over a folder. The report on a document lies beside it, for each version of examiner
    and anchors; it is made by `report`, best before a command asks for facts, since an examination takes a while.

    Where there is a bucket, documents are kept there before they are in the folder, and come back from it when they are
    asked for on another machine.
    """

    def __init__(self, folder: Path, examiner: Examiner, bucket: Bucket | None = None) -> None:
        self._folder = folder
        self._examiner = examiner
        self._bucket = bucket
        self._shelved = False

    def children(self) -> dict[str, float]:
        """How many processes examine documents, at work and in all."""
        return self._examiner.children()

    def receive(self, bytes_max: int = BYTES_MAX) -> Incoming:
        """A document about to come in pieces."""
        self._shelve()
        return Incoming(self._folder / INCOMING, self._path, bytes_max, self._bucket)

    def put(self, content: bytes | Iterable[bytes], bytes_max: int = BYTES_MAX) -> str:
        """Store a document given whole or in pieces; its SHA-256 in hexadecimal. It is durable when this returns.

        Raises TooLarge as soon as more than `bytes_max` came.
        """
        with self.receive(bytes_max) as incoming:
            for piece in (content,) if isinstance(content, bytes) else content:
                incoming.write(piece)
            return incoming.keep()

    def sweep(self, before: datetime) -> int:
        """Remove what interrupted uploads left behind before an instant (aware); how many files that were."""
        swept = 0
        folder = self._folder / INCOMING
        for path in folder.iterdir() if folder.is_dir() else ():
            try:
                if path.stat().st_mtime < before.timestamp():
                    path.unlink()
                    swept += 1
            except FileNotFoundError:  # kept or given up meanwhile
                continue
        return swept

    def orphans(self, named: Container[str], before: datetime) -> list[str]:
        """The documents, here or in the bucket, that came before an instant (aware) and are not among the `named`."""
        here = (digest for digest, _ in stored(self._folder))
        found = {digest for digest in here if self._path(digest).stat().st_mtime < before.timestamp()}
        if self._bucket is not None:
            kept = {one.digest: one.came_at for one in self._bucket.kept()}
            found = {digest for digest in found if kept.get(digest, before) <= before}
            found |= {digest for digest, came_at in kept.items() if came_at < before}
        return sorted(digest for digest in found if digest not in named)

    def remove(self, digest: str) -> None:
        """Remove a document with what lies beside it."""
        if self._bucket is not None:
            self._bucket.remove(digest)
        for path in self._path(digest).parent.glob(f"{digest}*"):
            path.unlink(missing_ok=True)

    def get(self, digest: str) -> bytes | None:
        """The bytes of a document, if it is stored and still what it was. Raises OSError where it was altered."""
        if not self._held(digest):
            return None
        content = self._path(digest).read_bytes()
        if hashlib.sha256(content).hexdigest() != digest:
            raise OSError(f"document {digest} is not what was stored")
        return content

    def report(self, digest: str) -> Report | None:
        """What the examination of a stored document found, made now where there is none of this version; None where
        no such document is stored. Raises OSError where it was altered, AnchorFault.
        """
        if not self._held(digest):
            return None
        kept = self._kept(digest)
        if kept is not None:
            return kept
        found = self._examiner.examine(self._path(digest))
        if found.sha256 != digest:
            raise OSError(f"document {digest} is not what was stored")
        self._keep(found)
        return found

    def facts(self, sha256: str, material: str, name: str) -> DocumentFacts | None:
        """What is known of a document; None when it is not stored whole."""
        found = self.report(sha256.lower())
        return None if found is None else found.facts(material, name)

    def preview(self, digest: str) -> bytes:
        """The first page of a stored document as PNG, drawn once and kept beside it; b"" where none can be drawn. Raises
        OSError where the document was altered.
        """
        if not self._held(digest):
            return b""
        kept = self._path(digest).with_name(f"{digest}.first.png")
        with suppress(FileNotFoundError):
            return kept.read_bytes()
        content = self.get(digest)
        png = self._examiner.draw(content) if content is not None else b""
        self._put(kept, png, lasting=True)
        return png

    def start(self) -> None:
        """Start the processes that examine. Raises AnchorFault, OSError."""
        self._examiner.start()

    def close(self) -> None:
        """End the processes that examine."""
        self._examiner.close()

    def _held(self, digest: str) -> bool:
        """Whether a document is stored; one that only the bucket has is brought into the folder. Raises OSError."""
        if not DIGEST.fullmatch(digest):
            return False
        if self._bucket is None or self._path(digest).is_file():
            return self._path(digest).is_file()
        content = self._bucket.get(digest)
        if content is not None:
            make_folder(self._path(digest).parent)
            self._put(self._path(digest), content, lasting=True)
        return content is not None

    def _shelve(self) -> None:
        """Make the folders that documents go to, once, so that a document waits for its own alone to be durable."""
        if self._shelved:
            return
        for first in range(256):
            (self._folder / f"{first:02x}").mkdir(parents=True, exist_ok=True)
        for folder in (self._folder, self._folder.parent):
            sync_folder(folder)
        self._shelved = True

    def _kept(self, digest: str) -> Report | None:
        """The report of this version, if it lies there and is of the document that lies there."""
        try:
            found = report_of(json.loads(self._report_path(digest).read_bytes()))
        except (FileNotFoundError, ValueError, KeyError, TypeError):  # none yet, or not whole: it is made anew
            return None
        whole = (found.sha256, found.size_bytes) == (digest, self._path(digest).stat().st_size)
        return found if whole else None

    def _keep(self, report: Report) -> None:
        """Put the report beside its document."""
        body = json.dumps(report.plain(), ensure_ascii=False, sort_keys=True).encode()
        self._put(self._report_path(report.sha256), body)

    def _put(self, path: Path, body: bytes, *, lasting: bool = False) -> None:
        """Put something there that can be made again. `lasting`: a cut of the power leaves the whole of it or nothing; else
        nobody waits for the disk, and whoever reads it has to see whether it is whole.
        """
        folder = self._folder / INCOMING
        folder.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=folder)
        with os.fdopen(descriptor, "wb") as file:
            file.write(body)
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        Path(name).replace(path)

    def _path(self, digest: str) -> Path:
        return place_of(self._folder, digest)

    def _report_path(self, digest: str) -> Path:
        return self._path(digest).with_name(f"{digest}.{self._examiner.anchors.version}.json")
