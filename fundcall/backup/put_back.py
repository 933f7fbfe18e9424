"""Put a backup back, and prove what came of it: the root, every fold, every checkpoint, every document."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from fundcall.audit.journal import Journal
from fundcall.audit.roots import Roots
from fundcall.audit.world import check_world
from fundcall.backup.afar import send
from fundcall.backup.make import Progress, verifier_of
from fundcall.backup.manifest import DOCUMENTS, KEY, Manifest, database_file, measure
from fundcall.backup.named import named
from fundcall.documents.bucket import open_bucket
from fundcall.documents.shelf import copy, place_of, stored
from fundcall.durable import sync_folder
from fundcall.settings import Settings
from fundcall.storage.copies import bring_back, is_empty, put_back, set_aside
from fundcall.storage.migrate import HEAD, upgrade
from fundcall.storage.opening import open_ledger

_OWN = ("checkpoints.txt", "witnesses")
"""What belongs to one ledger, beside the database and the documents."""


class Refused(Exception):
    """The backup cannot be put there; says it in both languages."""


class Restored(NamedTuple):
    """What came of it: events, root and documents as they were found, what is wrong with them, where that which was
    there before is now, and whether the key that signs is at hand.
    """

    events: int
    root: str
    documents: int
    faults: tuple[str, ...]
    set_aside: tuple[str, ...]
    key_at_hand: bool


def refuse(manifest: Manifest, settings: Settings, *, replace: bool) -> None:
    """Say why a backup must not be put into an installation. Raises Refused."""
    kind = "postgresql" if settings.postgres else "sqlite"
    if manifest.database != kind:
        raise Refused(
            f"备份来自 {manifest.database}，设置的是 {kind} / the backup is of {manifest.database}, the settings name {kind}"
        )
    if manifest.revision > HEAD:
        raise Refused(f"备份来自更新的版本 {manifest.version} / a newer version made this backup: {manifest.version}")
    there = _there(settings)
    if there and not replace:
        names = ", ".join(there)
        raise Refused(
            f"目标不是空的（{names}）；如要取代，请加 --replace，原有数据会移到一旁"
            f" / the target is not empty ({names}); with --replace what is there is set aside"
        )


def _there(settings: Settings) -> list[str]:
    found = [] if is_empty(settings.where) else [settings.database_name]
    found += [name for name in _OWN if (settings.data_dir / name).exists()]
    return [*found, *([DOCUMENTS] if next(stored(settings.data_dir / DOCUMENTS), None) else [])]


def restore(backup: Path, manifest: Manifest, settings: Settings, now: datetime, tell: Progress) -> Restored:
    """Put a backup back that has been read and found whole. Raises InUse before anything is changed, Unavailable,
    ProgramMissing, OSError.
    """
    former = set_aside(settings.where, now)
    try:
        put_back(backup / database_file(manifest), settings.where)
    except BaseException:
        if former:
            bring_back(settings.where, former)
        raise
    aside = [name for name in (former, *_set_aside(settings.data_dir, now)) if name]
    upgrade(settings.where)
    _put_files(backup, manifest, settings)
    shelf = settings.data_dir / DOCUMENTS
    for done, digest in enumerate(manifest.documents, 1):
        if not _whole(shelf, digest):
            copy(digest, backup.parent / DOCUMENTS, shelf)
        tell("documents", done, len(manifest.documents))
    bucket = open_bucket(settings.documents_url, settings.documents_key)
    if bucket is not None:
        send(bucket, shelf, manifest.documents.keys())
    for folder in (shelf, settings.data_dir):
        with suppress(FileNotFoundError):
            sync_folder(folder)
    return _proved(manifest, settings, tuple(aside), tell)


def _whole(shelf: Path, digest: str) -> bool:
    path = place_of(shelf, digest)
    return path.is_file() and measure(path).sha256 == digest


def _set_aside(data: Path, now: datetime) -> Iterator[str]:
    """Put away what belongs to the ledger that was there. Documents stay: their names say what they are."""
    folder = data / f"replaced-{now:%Y%m%dT%H%M%S.%fZ}"
    for path in (*(data / name for name in _OWN), *data.glob("sound-*.json")):
        if path.exists():
            folder.mkdir(exist_ok=True)
            path.replace(folder / path.name)
    if folder.exists():
        yield str(folder)


def _put_files(backup: Path, manifest: Manifest, settings: Settings) -> None:
    """Put back what lies beside the database. A key or a certificate that is there already is left as it is."""
    for name in manifest.files:
        first, *rest = Path(name).parts
        if name == KEY:
            to, mode = settings.signing_key_file, 0o600
        elif first == "trust":
            to, mode = settings.trust.joinpath(*rest), 0o644
        elif first in _OWN:
            to, mode = settings.data_dir / name, 0o644
        else:
            continue
        if not to.exists():
            to.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
                with (backup / name).open("rb") as source:
                    shutil.copyfileobj(source, file)
                file.flush()
                os.fsync(file.fileno())


def _proved(manifest: Manifest, settings: Settings, aside: tuple[str, ...], tell: Progress) -> Restored:
    """Fold the restored ledger anew, compare, and look at every document it names."""
    shelf = settings.data_dir / DOCUMENTS
    with closing(open_ledger(settings.where)) as ledger:
        verdict = check_world(ledger, tell=_counted(tell, manifest.events))
        wanted = named(ledger, verdict.events) | manifest.documents.keys()
        journal = Journal(settings.data_dir / "checkpoints.txt", manifest.verifier)
        kept = list(journal.check(Roots(ledger), verdict.events)) if manifest.verifier else []
    wrong = [f"{d.what}: 应为 expected {d.expected}; 实为 found {d.found}" for d in (*verdict.divergences, *kept)]
    if (verdict.events, verdict.root) != (manifest.events, manifest.root):
        said, found = f"{manifest.events} {manifest.root}", f"{verdict.events} {verdict.root}"
        wrong.append(f"台账根不符 the root is another: 应为 expected {said}; 实为 found {found}")
    lost = [digest for digest in sorted(wanted) if not _whole(shelf, digest)]
    wrong += [f"文件缺失或已损坏 a document is missing or broken: {digest}" for digest in lost]
    at_hand = manifest.verifier in ("", verifier_of(settings))
    return Restored(verdict.events, verdict.root, len(wanted) - len(lost), tuple(wrong), aside, at_hand)


def _counted(tell: Progress, whole: int) -> Callable[[int], None]:
    done = 0

    def count(events: int) -> None:
        nonlocal done
        done += events
        tell("ledger", done, whole)

    return count
