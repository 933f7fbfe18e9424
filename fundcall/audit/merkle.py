"""The Merkle tree over the ledger's leaves (RFC 9162, 2.1.1), kept as its right frontier: O(log n) memory."""

from __future__ import annotations

import hashlib

EMPTY = hashlib.sha256(b"").digest()


class Tree:
    """A tree that leaves are appended to. `size` is the number of leaves; hashes are 32 bytes."""

    def __init__(self) -> None:
        self.size = 0
        self._frontier: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Append the hash of a leaf."""
        node, size, sha256 = leaf, self.size, hashlib.sha256
        while size & 1:
            node = sha256(b"\x01" + self._frontier.pop() + node).digest()
            size >>= 1
        self._frontier.append(node)
        self.size += 1

    def copy(self) -> Tree:
        """The same tree, to be grown by itself."""
        found = Tree()
        found.size, found._frontier = self.size, list(self._frontier)
        return found

    def root(self) -> bytes:
        """The tree's root hash; that of no leaves is the hash of nothing."""
        if not self._frontier:
            return EMPTY
        node = self._frontier[-1]
        for left in reversed(self._frontier[:-1]):
            node = hashlib.sha256(b"\x01" + left + node).digest()
        return node
