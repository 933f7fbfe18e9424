"""How documents lie in a folder, each under the SHA-256 of its bytes, and copying them from one such folder to another."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from fundcall.documents.store import DIGEST, INCOMING, Incoming

_PIECE = 1 << 20


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
    place.parent.mkdir(parents=True, exist_ok=True)
    return place
