"""Documents between a bucket and the folder that backups are made from and put back into."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from fundcall.documents.bucket import Bucket
from fundcall.documents.shelf import keep, place_of
from workflow.ports import Unavailable


def fetch(bucket: Bucket, folder: Path, wanted: Collection[str]) -> None:
    """Bring what only the bucket has into the folder, durably; what it has not, or has altered, is left out. Raises
    Unavailable.
    """
    for digest in sorted(wanted):
        if not place_of(folder, digest).is_file():
            try:
                content = bucket.get(digest)
            except Unavailable:
                raise
            except OSError:  # altered: it is told as missing
                continue
            if content is not None:
                keep(content, folder)


def send(bucket: Bucket, folder: Path, wanted: Collection[str]) -> None:
    """Store in the bucket what is put back into the folder. Raises Unavailable."""
    for digest in sorted(wanted):
        if place_of(folder, digest).is_file():
            bucket.put(digest, place_of(folder, digest).read_bytes())
