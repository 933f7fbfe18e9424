"""The Merkle tree over the ledger's leaves (RFC 9162, 2.1): its root, appended to in O(log n), and what proofs prove."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence

EMPTY = hashlib.sha256(b"").digest()


def sha256(content: bytes) -> bytes:
    """The SHA-256 digest."""
    return hashlib.sha256(content).digest()


_NODE = b"\x01"


class Tree:
    """A tree that leaves are appended to, kept as its right frontier. `size` is the number of leaves; hashes are 32 bytes."""

    def __init__(self, digest: Callable[[bytes], bytes] = sha256) -> None:
        self.size, self._digest = 0, digest
        self._frontier: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Append the hash of a leaf."""
        node, size, digest = leaf, self.size, self._digest
        while size & 1:
            node = digest(_NODE + self._frontier.pop() + node)
            size >>= 1
        self._frontier.append(node)
        self.size += 1

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Append the hashes of many leaves: level by level, which takes half the time."""
        level, height, digest = list(leaves), 0, self._digest
        carried: list[bytes] = []
        after = self.size + len(level)
        while level:
            if self.size >> height & 1:
                level.insert(0, self._frontier.pop())
            if len(level) & 1:
                carried.append(level.pop())
            pairs = iter(level)
            level = [digest(_NODE + left + right) for left, right in zip(pairs, pairs, strict=True)]
            height += 1
        self._frontier += reversed(carried)
        self.size = after

    def copy(self) -> Tree:
        """The same tree, to be grown by itself."""
        found = Tree(self._digest)
        found.size, found._frontier = self.size, list(self._frontier)
        return found

    def root(self) -> bytes:
        """The tree's root hash; that of no leaves is the hash of nothing."""
        if not self._frontier:
            return self._digest(b"")
        node = self._frontier[-1]
        for left in reversed(self._frontier[:-1]):
            node = self._digest(_NODE + left + node)
        return node


def hash_of(left: bytes, right: bytes) -> bytes:
    """The hash of the node above two."""
    return hashlib.sha256(_NODE + left + right).digest()


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over so many leaves."""
    tree = Tree()
    tree.extend(leaves)
    return tree.root()


def split(size: int) -> int:
    """The largest power of two smaller than `size`, at which a tree of that size divides (size > 1)."""
    return 1 << (size - 1).bit_length() - 1


def root_by_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that an inclusion proof leads to (RFC 9162, 2.1.3.2); None where it is none. `index` counts from 0."""
    if not 0 <= index < size:
        return None
    node, at, last = leaf, index, size - 1
    for sibling in path:
        if last == 0:
            return None
        if at & 1 or at == last:
            node = hash_of(sibling, node)
            while not at & 1 and at:
                at >>= 1
                last >>= 1
        else:
            node = hash_of(node, sibling)
        at >>= 1
        last >>= 1
    return node if last == 0 else None


def extends(first: int, first_root: bytes, second: int, second_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a consistency proof shows that the larger tree begins with the smaller (RFC 9162, 2.1.4.2)."""
    if first == second:
        return not proof and first_root == second_root
    if not 0 < first < second:
        return first == 0 and not proof and first_root == EMPTY
    nodes = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    if not nodes:
        return False
    at, last = first - 1, second - 1
    while at & 1:
        at >>= 1
        last >>= 1
    one = other = nodes[0]
    for node in nodes[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            one, other = hash_of(node, one), hash_of(node, other)
            while not at & 1 and at:
                at >>= 1
                last >>= 1
        else:
            other = hash_of(other, node)
        at >>= 1
        last >>= 1
    return last == 0 and one == first_root and other == second_root
