"""The checkpoints that this installation has signed, kept beside its database: what the ledger may not fall behind of.

A database that is put back to yesterday's, cut short or rewritten no longer leads to the last checkpoint kept. A change of
the signing key is an entry too: a checkpoint that names both keys and is signed with both.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from fundcall.audit.checkpoint import BadNote, Checkpoint, Signer, opened
from fundcall.audit.merkle import Tree
from fundcall.audit.roots import Roots
from fundcall.durable import make_folder, sync_folder
from workflow.ports import Ledger
from workflow.record import leaf_hash, read
from workflow.replay import Divergence, check_spine

_TAIL = 256
_NEWEST_BYTES = 1 << 16
_BETWEEN = "\n\n\n"
_FROM, _TO = "rotated-from", "rotated-to"


class Journal:
    """Signed checkpoints in a file, one after the other, only ever appended to. `verifier` is the key of now."""

    def __init__(self, path: Path, verifier: str) -> None:
        self._path = path
        self._verifier = verifier

    def notes(self) -> list[str]:
        """The signed checkpoints kept, the oldest first."""
        return notes_in(self._path)

    def newest(self) -> list[str]:
        """The last one kept, if any."""
        return notes_in(self._path, _NEWEST_BYTES)[-1:]

    def keep(self, note: str) -> bool:
        """Keep a checkpoint, unless the last one kept is as large and it says nothing further. Whether it was kept.

        Raises BadNote where the last one kept was signed with another key: this one was retired meanwhile.
        """
        notes = notes_in(self._path, _NEWEST_BYTES)
        made = opened(note, self._verifier)
        last = opened(notes[-1], self._verifier) if notes else None
        if last is not None and last.extension(_FROM) == self._verifier != last.extension(_TO):
            raise BadNote("the signing key was changed; start anew")
        if note in notes or (last is not None and not made.extension("statutory") and last.size >= made.size):
            return False
        append(self._path, note)
        return True

    def rotate(self, old: Signer, new: Signer, size: int, root: bytes) -> None:
        """Enter that another key signs from here on."""
        note = old.sign(size, root, f"{_FROM} {old.verifier}", f"{_TO} {new.verifier}")
        append(self._path, new.cosign(note))

    def rotations(self) -> list[str]:
        """The changes of the key, the oldest first."""
        return [note for note in self.notes() if f"\n{_TO} " in note]

    def verifiers(self) -> tuple[str, ...]:
        """The key of now and, by way of what each pair of them signed, those before it; the newest first."""
        found = [self._verifier]
        for note in reversed(self.rotations()):
            found += filter(None, [_earlier(note, found[-1])])
        return tuple(found)

    def check(self, roots: Roots, head: int, *, last: bool = False) -> Iterator[Divergence]:
        """Checkpoints, or the last alone, that the ledger does not lead to."""
        notes = notes_in(self._path, _NEWEST_BYTES)[-1:] if last else self.notes()
        for note, verifier in _by_key(notes, self._verifier):
            try:
                kept = opened(note, verifier)
            except BadNote as wrong:
                yield Divergence(0, "", "checkpoint", "signed by this ledger", str(wrong))
                continue
            yield from led_to(kept, roots, head)


def notes_in(path: Path, newest: int = 0) -> list[str]:
    """The notes in a file, the oldest first; with `newest` those in so many bytes at its end."""
    if not path.exists():
        return []
    with path.open("rb") as file:
        skipped = max(path.stat().st_size - newest, 0) if newest else 0
        file.seek(skipped)
        text = _undamaged(file.read()).decode("utf-8", errors="replace")  # a damaged note's signature does not hold
    found = [f"{note}\n" for note in text.split(_BETWEEN) if note.strip()]
    return found[1:] if skipped else found


def append(path: Path, note: str) -> None:
    """Add a note to a file; it is on the disk before this returns."""
    make_folder(path.parent)
    with path.open("ab+") as file:
        start = max(file.tell() - _NEWEST_BYTES, 0)
        file.seek(start)
        file.truncate(start + len(_undamaged(file.read())))
        file.write(f"{note.rstrip()}{_BETWEEN}".encode())
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)


def whole_notes(body: bytes) -> bytes:
    """The bytes of a file of notes up to the end of its last whole one: another may be about to be written."""
    end = body.rfind(_BETWEEN.encode())
    return body[: end + len(_BETWEEN)] if end >= 0 else b""


def _undamaged(body: bytes) -> bytes:
    """Without what a cut of the power may have left of a note that was being written, as nobody was told that it is kept:
    a part of it, or nothing in its place (NUL bytes, which no note holds).
    """
    whole = whole_notes(body)
    before, between, last = whole.removesuffix(_BETWEEN.encode()).rpartition(_BETWEEN.encode())
    return before + between if b"\0" in last else whole


def _earlier(note: str, verifier: str) -> str:
    """The key before this one, where the note says so and both have signed it; "" otherwise."""
    try:
        said = opened(note, verifier)
        before = said.extension(_FROM)
        return before if said.extension(_TO) == verifier and opened(note, before) == said else ""
    except BadNote:
        return ""


def _by_key(notes: list[str], verifier: str) -> list[tuple[str, str]]:
    """Each note with the key that it has to be signed with, the oldest first: going back, keys change at rotations."""
    found: list[tuple[str, str]] = []
    for note in reversed(notes):
        found.append((note, verifier))
        verifier = _earlier(note, verifier) or verifier if f"\n{_TO} " in note else verifier
    return found[::-1]


def led_to(kept: Checkpoint, roots: Roots, head: int) -> Iterator[Divergence]:
    """What is wrong where a ledger of so many events does not lead to a checkpoint."""
    if kept.size > head:
        yield Divergence(
            kept.size, "", "checkpoint", f"{kept.size} events", f"{head}: the ledger was cut short or put back"
        )
    elif roots.at(kept.size) != kept.root:
        yield Divergence(
            kept.size, "", "checkpoint", kept.root.hex(), f"{roots.at(kept.size).hex()}: history was rewritten"
        )


def check_tail(ledger: Ledger, journal: Journal, roots: Roots) -> list[Divergence]:
    """What is wrong with the newest part of the ledger: its spine, its bytes, and the last checkpoint kept. `roots` reads
    every leaf hash once (a million a second), and later only those that are new.
    """
    head = ledger.head()
    after = max(head - _TAIL, 0)
    found = list(check_spine(ledger, after, head, Tree().extend))
    for stored in ledger.stored(after, head):
        try:
            event = read(stored.body)[0]
            hashed = leaf_hash(stored.body)
        except (ValueError, TypeError) as wrong:
            found.append(
                Divergence(stored.position, stored.application, "unreadable event", "canonical JSON", str(wrong))
            )
            continue
        if hashed != stored.leaf or event[:4] != stored[:4]:
            said = stored.leaf.hex() if type(stored.leaf) is bytes else type(stored.leaf).__name__
            found.append(Divergence(stored.position, stored.application, "leaf", hashed.hex(), said))
    try:
        return [*found, *journal.check(roots, head, last=True)]
    except (ValueError, TypeError) as gap:
        return [*found, Divergence(head, "", "gap", "every event", str(gap))]
