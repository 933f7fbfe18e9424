"""A second digest beside SHA-256 where it is asked for: the root of the same tree by SM3 (GB/T 32905), over the same bytes."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator

from cryptography.hazmat.primitives import hashes

from fundcall.audit.merkle import Tree
from fundcall.audit.statutory import line_of
from workflow.following import Events
from workflow.replay import Divergence

SM3 = "sm3"


def sm3(content: bytes) -> bytes:
    """The SM3 digest."""
    found = hashes.Hash(hashes.SM3())
    found.update(content)
    return found.finalize()


class SecondRoots:
    """The SM3 root over growing numbers of events: what is new is read and hashed once."""

    def __init__(self, ledger: Events) -> None:
        self._ledger, self._tree = ledger, Tree(sm3)

    def text(self, size: int) -> str:
        """The root over so many events in base64."""
        if size < self._tree.size:
            self._tree = Tree(sm3)
        for stored in self._ledger.stored(self._tree.size, size):
            self._tree.append(sm3(b"\x00" + stored.body))
        return base64.b64encode(self._tree.root()).decode()

    def check(self, notes: Iterable[str]) -> Iterator[Divergence]:
        """Checkpoints whose second digest is not that of the ledger."""
        held = sorted((int(note.split("\n", 2)[1]), said) for note in notes if (said := line_of(note, SM3)))
        for size, said in held:
            found = self.text(size)
            if found != said:
                yield Divergence(size, "", "SM3 digest of a checkpoint", said, f"{found}: history was rewritten")
