"""What a backup says of itself: every file with its size and SHA-256, the ledger's size and root; and whether that holds."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from fundcall.documents.shelf import DIGEST, place_of

MANIFEST = "manifest.json"
SUM = "manifest.json.sha256"
DOCUMENTS = "documents"
"""The folder of documents; all backups beside it share it."""
KEY = "signing.key"
_PIECE = 1 << 20

Tell = Callable[[int, int], None]
"""Told how much is done, and of how much."""


class BadBackup(Exception):
    """There is no backup to be read there; says it in both languages."""


class Measured(NamedTuple):
    """How a file was when it was copied."""

    size: int
    sha256: str


class Manifest(BaseModel):
    """The contents of a backup. `documents` are sizes by digest; `missing` the digests of documents that the ledger names
    and the installation had lost, `broken` of those that were no longer what had been stored. `verifier` is the public key
    that the ledger's checkpoints are signed with.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    made_at: datetime
    version: str
    database: Literal["sqlite", "postgresql"]
    revision: str
    events: int = Field(ge=0)
    root: str
    verifier: str
    files: Mapping[str, Measured]
    documents: Mapping[str, int]
    missing: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _inside(self) -> Manifest:
        for name in self.files:
            parts = PurePosixPath(name).parts
            if not parts or PurePosixPath(name).is_absolute() or {"..", "."} & {*parts}:
                raise ValueError(f"a name that leads elsewhere: {name!r}")
        if not all(map(DIGEST.fullmatch, self.documents)):
            raise ValueError("a document without a digest")
        return self

    @property
    def has_key(self) -> bool:
        """Whether the key that signs is in the backup."""
        return KEY in self.files

    @property
    def bytes(self) -> int:
        """How many bytes are in the backup."""
        return sum(one.size for one in self.files.values()) + sum(self.documents.values())


def database_file(manifest: Manifest) -> str:
    """The name of the file that holds the database."""
    return "fundcall.db" if manifest.database == "sqlite" else "fundcall.dump"


def measure(path: Path) -> Measured:
    """The size and SHA-256 of a file."""
    found = hashlib.sha256()
    size = 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            found.update(piece)
            size += len(piece)
    return Measured(size, found.hexdigest())


def backup_in(folder: Path) -> Path:
    """The backup that a folder is, or the newest one in it. Raises BadBackup."""
    if (folder / MANIFEST).is_file():
        return folder
    made = sorted(path.parent for path in folder.glob(f"*/{MANIFEST}") if not path.parent.name.startswith("."))
    if not made:
        raise BadBackup(f"{folder} 中没有备份 / there is no backup in {folder}")
    return made[-1]


def read_manifest(backup: Path) -> Manifest:
    """What a backup says of itself. Raises BadBackup where that is not what was written."""
    try:
        body = (backup / MANIFEST).read_bytes()
        said = (backup / SUM).read_text(encoding="ascii").split()
        if not said or said[0] != hashlib.sha256(body).hexdigest():
            raise BadBackup(
                f"备份清单已被改动：{backup / MANIFEST} / the manifest is not what was written: {backup / MANIFEST}"
            )
        return Manifest.model_validate_json(body)
    except (OSError, UnicodeDecodeError) as wrong:
        raise BadBackup(f"备份清单无法读取：{wrong} / the manifest cannot be read: {wrong}") from wrong
    except ValidationError as wrong:
        said_of = "; ".join(found["msg"] for found in wrong.errors(include_input=False, include_url=False))
        raise BadBackup(f"备份清单有误：{said_of} / the manifest is wrong: {said_of}") from wrong


def faults(backup: Path, manifest: Manifest, tell: Tell) -> Iterator[str]:
    """What in a backup is not as it was written, a sentence each in both languages. Everything is read."""
    done, whole = 0, manifest.bytes
    documents = backup.parent / DOCUMENTS
    for name, expected in [
        *((backup / name, measured) for name, measured in manifest.files.items()),
        *((place_of(documents, digest), Measured(size, digest)) for digest, size in manifest.documents.items()),
    ]:
        yield from _fault(name, expected)
        done += expected.size
        tell(done, whole)


def _fault(path: Path, expected: Measured) -> Iterator[str]:
    try:
        if not path.is_file():
            yield f"缺少文件：{path} / missing: {path}"
            return
        found = measure(path)
    except OSError as wrong:
        yield f"无法读取：{path}：{wrong.strerror} / cannot be read: {path}: {wrong.strerror}"
        return
    if found.size != expected.size:
        sizes = f"{found.size} ≠ {expected.size}"
        yield f"文件长度不符（{sizes}）：{path} / another length ({sizes} bytes): {path}"
    elif found.sha256 != expected.sha256:
        yield f"文件内容已改变：{path} / its bytes have changed: {path}"
