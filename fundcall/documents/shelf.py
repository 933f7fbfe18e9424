"""How documents lie in a folder, each under the SHA-256 of its bytes: coming in whole or not at all, listed, and copied from
one such folder to another.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from fundcall.documents.bucket import Bucket
from fundcall.durable import make_folder, sync_folder

_PIECE = 1 << 20
BYTES_MAX = 5 * 1024 * 1024
"""What one document may have where nobody says otherwise."""
DIGEST = re.compile(r"[0-9a-f]{64}")
INCOMING = "incoming"


class TooLarge(Exception):
    """More bytes came than a document may have; nothing of it is kept."""

    def __init__(self, bytes_max: int) -> None:
        super().__init__(f"文件超过{bytes_max}字节 / the file is larger than {bytes_max} bytes")
        self.bytes_max = bytes_max


class Incoming:
    """A document on its way in: written piece by piece, counted and hashed meanwhile, and kept only by `keep`.

    As a context manager it leaves nothing behind where it was not kept. A file that a dead process left is found by
    `fundcall.documents.store.DocumentStore.sweep`.
    """

    def __init__(
        self, folder: Path, place: Callable[[str], Path], bytes_max: int, bucket: Bucket | None = None
    ) -> None:
        self._bucket = bucket
        folder.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=folder)
        self._file: BinaryIO = os.fdopen(descriptor, "wb")
        self._path = Path(name)
        self._place = place
        self._bytes_max = bytes_max
        self._hash = hashlib.sha256()
        self.size_bytes = 0

    def write(self, piece: bytes) -> None:
        """Take the next piece. Raises TooLarge before anything beyond the limit is written."""
        self.size_bytes += len(piece)
        if self.size_bytes > self._bytes_max:
            raise TooLarge(self._bytes_max)
        self._hash.update(piece)
        self._file.write(piece)

    @property
    def digest(self) -> str:
        """The SHA-256 of what has come, in hexadecimal."""
        return self._hash.hexdigest()

    def keep(self) -> str:
        """Store what came; its SHA-256 in hexadecimal. It is durable when this returns; twice is once."""
        digest = self.digest
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        if self._bucket is not None:
            self._bucket.put(digest, self._path.read_bytes())
        target = self._place(digest)
        self._path.replace(target)  # the same bytes may stand there already, or what a failing disk made of them
        sync_folder(target.parent)
        return digest

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, wrong: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)


def place_of(folder: Path, digest: str) -> Path:
    """Where a document lies."""
    return folder / digest[:2] / digest


def stored(folder: Path) -> Iterator[tuple[str, int]]:
    """The digests and sizes of the documents in a folder, as it is listed; what lies beside them can be made again."""
    for shelf in sorted(folder.glob("[0-9a-f][0-9a-f]")):
        for path in sorted(shelf.iterdir()):
            if DIGEST.fullmatch(path.name) and path.is_file():
                yield path.name, path.stat().st_size


def copy(digest: str, source: Path, target: Path) -> bool:
    """Copy a document into another folder, durably; whether it is what was stored. Nothing else is ever copied."""
    try:
        with (
            place_of(source, digest).open("rb") as file,
            Incoming(target / INCOMING, partial(_shelf, target), place_of(source, digest).stat().st_size) as incoming,
        ):
            while piece := file.read(_PIECE):
                incoming.write(piece)
            return incoming.digest == digest and bool(incoming.keep())
    except FileNotFoundError:
        return False


def keep(content: bytes, folder: Path) -> str:
    """Put a document into a folder, durably; its digest."""
    with Incoming(folder / INCOMING, partial(_shelf, folder), len(content)) as incoming:
        incoming.write(content)
        return incoming.keep()


def _shelf(folder: Path, digest: str) -> Path:
    place = place_of(folder, digest)
    make_folder(place.parent)
    return place
