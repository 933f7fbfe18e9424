"""The checkpoints that this installation has signed, kept beside its database: what the ledger may not fall behind of.

A database that is put back to yesterday's, cut short or rewritten no longer leads to the last checkpoint kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from fundcall.audit.checkpoint import BadNote, Checkpoint, opened
from fundcall.audit.merkle import Tree
from fundcall.audit.roots import Roots
from workflow.ports import Ledger
from workflow.record import leaf_hash, read
from workflow.replay import Divergence, check_spine

_TAIL = 256


class Journal:
    """Signed checkpoints in a file, one after the other, only ever appended to. `verifier` is the key they hold under."""

    def __init__(self, path: Path, verifier: str) -> None:
        self._path = path
        self._verifier = verifier

    def notes(self) -> list[str]:
        """The signed checkpoints kept, the oldest first."""
        text = self._path.read_text("utf-8") if self._path.exists() else ""
        return [f"{note}\n" for note in text.split("\n\n\n") if note.strip()]

    def keep(self, note: str) -> bool:
        """Keep a checkpoint, unless the last one kept is as large. Whether it was kept."""
        notes = self.notes()
        if notes and opened(notes[-1], self._verifier).size >= opened(note, self._verifier).size:
            return False
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{note.rstrip()}\n\n\n")
        return True

    def check(self, roots: Roots, head: int, *, last: bool = False) -> Iterator[Divergence]:
        """Checkpoints, or the last alone, that the ledger does not lead to."""
        for note in self.notes()[-1:] if last else self.notes():
            try:
                kept = opened(note, self._verifier)
            except BadNote as wrong:
                yield Divergence(0, "", "checkpoint", "signed by this ledger", str(wrong))
                continue
            yield from _led_to(kept, roots, head)


def _led_to(kept: Checkpoint, roots: Roots, head: int) -> Iterator[Divergence]:
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
        except ValueError as wrong:
            found.append(
                Divergence(stored.position, stored.application, "unreadable event", "canonical JSON", str(wrong))
            )
            continue
        if leaf_hash(stored.body) != stored.leaf or event[:4] != stored[:4]:
            found.append(
                Divergence(stored.position, stored.application, "leaf", leaf_hash(stored.body).hex(), stored.leaf.hex())
            )
    try:
        return [*found, *journal.check(roots, head, last=True)]
    except ValueError as gap:
        return [*found, Divergence(head, "", "gap", "every event", str(gap))]
