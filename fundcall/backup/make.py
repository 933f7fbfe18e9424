"""Make a backup while the system runs: first what is signed, then the database at one instant, then the documents it names.

In that order, whatever is written meanwhile: no checkpoint goes beyond the database, no document that it names comes later.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple, Protocol

from fundcall.audit.checkpoint import signer
from fundcall.audit.journal import whole_notes
from fundcall.audit.roots import Roots
from fundcall.backup.afar import fetch
from fundcall.backup.manifest import DOCUMENTS, KEY, MANIFEST, SUM, Manifest, database_file, measure
from fundcall.backup.named import named
from fundcall.documents.bucket import open_bucket
from fundcall.documents.shelf import copy, place_of, stored
from fundcall.durable import sync_folder
from fundcall.settings import Settings
from fundcall.storage.copies import take
from fundcall.storage.migrate import revision
from fundcall.storage.opening import open_reader

_UNFINISHED = ".unfinished-"


class Progress(Protocol):
    """Told what is being done, how much of it is done, and of how much."""

    def __call__(self, what: str, done: int, whole: int) -> None: ...


class Made(NamedTuple):
    """A backup: its folder, its manifest, and how many of its documents had not been in the folder before."""

    folder: Path
    manifest: Manifest
    new_documents: int


def make(settings: Settings, into: Path, now: datetime, tell: Progress, *, with_key: bool) -> Made:
    """Make a backup in a folder, beside those that are there. Raises Unavailable, ProgramMissing, OSError; nothing but
    documents is left of it then.
    """
    into.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in into.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(left)
    folder = into / f"{now:%Y%m%dT%H%M%S.%fZ}"
    unfinished = into / f"{_UNFINISHED}{folder.name}"
    unfinished.mkdir(mode=0o700)
    try:
        manifest, new = _fill(settings, unfinished, into / DOCUMENTS, now, tell, with_key=with_key)
        write_manifest(unfinished, manifest)
        unfinished.rename(folder)
        sync_folder(into)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    return Made(folder, manifest, new)


def _fill(
    settings: Settings, folder: Path, shelf: Path, now: datetime, tell: Progress, *, with_key: bool
) -> tuple[Manifest, int]:
    _copy_files(settings, folder, with_key=with_key)
    verifier = verifier_of(settings)
    begun = Manifest(made_at=now, version=version("fundcall"), database="postgresql" if settings.postgres else "sqlite",
                     revision=revision(settings.where) or "", events=0, root="", verifier=verifier, files={}, documents={})  # fmt: skip
    file = folder / database_file(begun)
    events = take(settings.where, file, lambda done, whole: tell("database", done, whole))
    file.chmod(0o600)
    with closing(open_reader(settings.postgres or file)) as ledger:
        root, wanted = Roots(ledger).at(events).hex(), named(ledger, events)
    bucket = open_bucket(settings.documents_url, settings.documents_key)
    if bucket is not None:
        fetch(bucket, settings.data_dir / DOCUMENTS, wanted)
    documents, new, broken = _copy_documents(settings.data_dir / DOCUMENTS, shelf, tell)
    files = {path.relative_to(folder).as_posix(): measure(path) for path in _files(folder)}
    missing = tuple(sorted(wanted - documents.keys() - {*broken}))
    told = {
        "events": events,
        "root": root,
        "files": files,
        "documents": documents,
        "missing": missing,
        "broken": broken,
    }
    return begun.model_copy(update=told), new


def verifier_of(settings: Settings) -> str:
    """The public key of the installation's signatures, "" where it has no key (yet)."""
    path = settings.signing_key_file
    return signer(path, settings.origin).verifier if path.exists() else ""


def _copy_files(settings: Settings, folder: Path, *, with_key: bool) -> None:
    """What lies beside the database and is no document: checkpoints, what witnesses signed, trusted certificates."""
    for path in (settings.data_dir / "checkpoints.txt", *sorted((settings.data_dir / "witnesses").glob("*.txt"))):
        if path.is_file():
            to = folder / path.relative_to(settings.data_dir)
            to.parent.mkdir(exist_ok=True)
            to.write_bytes(whole_notes(path.read_bytes()))
    for path in sorted(settings.trust.glob("*")):
        if path.is_file():
            (folder / "trust").mkdir(exist_ok=True)
            shutil.copyfile(path, folder / "trust" / path.name)
    if with_key:
        with os.fdopen(os.open(folder / KEY, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as key:
            key.write(settings.signing_key_file.read_bytes())


def _copy_documents(source: Path, shelf: Path, tell: Progress) -> tuple[dict[str, int], int, tuple[str, ...]]:
    """Copy the documents that the shelf has not got: all that are there then, how many came, and which are broken."""
    there, found = dict(stored(source)), dict(stored(shelf))
    wanted = {digest: size for digest, size in there.items() if found.get(digest) != size}
    broken: list[str] = []
    for done, digest in enumerate(wanted, 1):
        if not copy(digest, source, shelf):
            broken.append(digest)
        tell("documents", done, len(wanted))
    lost = {*broken} - found.keys()
    kept = {digest: place_of(shelf, digest).stat().st_size for digest in there if digest not in lost}
    return kept, len(wanted) - len(broken), tuple(broken)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest, and see to it that all is on the disk."""
    body = manifest.model_dump_json(indent=1).encode()
    (folder / MANIFEST).write_bytes(body)
    (folder / SUM).write_text(f"{hashlib.sha256(body).hexdigest()}  {MANIFEST}\n", encoding="ascii")
    for path in _files(folder):
        with path.open("rb") as file:
            os.fsync(file.fileno())
    for path in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
        sync_folder(path)
    with suppress(FileNotFoundError):
        sync_folder(folder.parent / DOCUMENTS)


def left_out(made: Made) -> list[tuple[str, str]]:
    """What a backup has not got and a new machine needs, in both languages."""
    key = [] if made.manifest.has_key else [
        ("检查点签名密钥：请另行保管，没有它就不能以同一身份签名（--with-key 可一并备份）",
         "the key that signs checkpoints: keep it elsewhere; without it nothing can be signed as before (--with-key takes it along)")
    ]  # fmt: skip
    return [
        *key,
        ("设置 FUNDCALL_*，其中有数据库、邮件与身份提供方的口令", "settings FUNDCALL_*, with the passwords of database, relay and identity provider"),
        ("FUNDCALL_CALLS 所列的通知文件", "call files that FUNDCALL_CALLS names"),
    ]  # fmt: skip
