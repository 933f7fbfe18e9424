"""The ledger's roots and proofs at any size: the hashes of its whole subtrees are kept, its leaves are read where needed."""

from __future__ import annotations

import hashlib
import threading

from fundcall.audit.merkle import EMPTY, Tree, hash_of, root_of, split
from workflow.following import Events

_HEIGHT = 8
_TILE = 1 << _HEIGHT
_WIDTH = 32
_READ_AT_ONCE = 65_536


class Roots:
    """Roots, inclusion and consistency proofs. Kept are the nodes over 256 leaves and more (0.3 bytes a leaf), so a
    proof reads a few hundred leaves; what was appended meanwhile is read once, when it is first asked about.
    """

    def __init__(self, ledger: Events) -> None:
        self._ledger = ledger
        self._lock = threading.Lock()
        self._levels: list[bytearray] = []
        self._tiles = 0
        self._read: tuple[int, list[bytes]] = (-1, [])

    def at(self, size: int) -> bytes:
        """The root over the first `size` events. Raises ValueError where there are not so many."""
        with self._lock:
            self._grow(size)
            return self._span(0, size) if size else EMPTY

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """The path from leaf `index` (from 0) to the root over `size` events (RFC 9162, 2.1.3.1). Raises ValueError."""
        if not 0 <= index < size:
            raise ValueError(f"no leaf {index} among {size}")
        with self._lock:
            self._grow(size)
            low, high = 0, size
            path: list[bytes] = []
            while high - low > 1:
                middle = low + split(high - low)
                if index < middle:
                    path.append(self._span(middle, high))
                    high = middle
                else:
                    path.append(self._span(low, middle))
                    low = middle
            return path[::-1]

    def consistency(self, first: int, second: int) -> list[bytes]:
        """The proof that the tree over `second` events begins with that over `first` (RFC 9162, 2.1.4.1). Raises
        ValueError.
        """
        if not 0 <= first <= second:
            raise ValueError(f"no tree of {first} in one of {second}")
        with self._lock:
            self._grow(second)
            if first in (0, second):
                return []
            low, high, whole = 0, second, True
            proof: list[bytes] = []
            while high != first:
                middle = low + split(high - low)
                if first <= middle:
                    proof.append(self._span(middle, high))
                    high = middle
                else:
                    proof.append(self._span(low, middle))
                    low, whole = middle, False
            return [*([] if whole else [self._span(low, high)]), *proof[::-1]]

    def _span(self, low: int, high: int) -> bytes:
        """The hash over the leaves low <= index < high; `low` is a multiple of the power of two that holds them."""
        size = high - low
        if size < _TILE:
            return root_of(self._leaves(low, high))
        height = size.bit_length() - 1
        if size == 1 << height:
            level, at = self._levels[height - _HEIGHT], (low >> height) * _WIDTH
            return bytes(level[at : at + _WIDTH])
        middle = low + split(size)
        return hash_of(self._span(low, middle), self._span(middle, high))

    def _leaves(self, low: int, high: int) -> list[bytes]:
        """The leaves of a span within one tile; the last tile read is at hand."""
        tile, start = low >> _HEIGHT, low >> _HEIGHT << _HEIGHT
        known, leaves = self._read
        if known != tile or start + len(leaves) < high:
            leaves = list(self._ledger.leaves(start, start + _TILE))
            self._read = tile, leaves
        if start + len(leaves) < high:
            raise ValueError(f"the ledger has {start + len(leaves)} events, not {high}")
        return leaves[low - start : high - start]

    def _grow(self, size: int) -> None:
        """Keep the nodes over every whole tile up to that size."""
        while self._tiles < size >> _HEIGHT:
            low = self._tiles << _HEIGHT
            high = min(size >> _HEIGHT << _HEIGHT, low + _READ_AT_ONCE)
            level = list(self._ledger.leaves(low, high))
            if len(level) != high - low:
                raise ValueError(f"the ledger has {low + len(level)} events, not {size}")
            for _ in range(_HEIGHT):
                level = _above(level)
            self._tiles += len(level)
            self._keep(level)
        if size & _TILE - 1:
            self._leaves(size & -_TILE, size)

    def _keep(self, nodes: list[bytes]) -> None:
        """Append nodes over whole tiles, and those above them that become whole."""
        height = 0
        while nodes:
            if height == len(self._levels):
                self._levels.append(bytearray())
            level = self._levels[height]
            odd = len(level) // _WIDTH & 1
            level += b"".join(nodes)
            if odd:
                nodes = [bytes(level[-_WIDTH * (len(nodes) + 1) : -_WIDTH * len(nodes)]), *nodes]
            nodes = _above(nodes)
            height += 1


class FollowedRoots:
    """The ledger's root after one event and the next, for whoever follows it: a few hashes each. Earlier ones cost more."""

    def __init__(self, ledger: Events) -> None:
        self._ledger = ledger
        self._tree = Tree()
        self._ahead: list[bytes] = []
        self._any = Roots(ledger)

    def at(self, size: int) -> bytes:
        """The root over the first `size` events. Raises ValueError where there are not so many."""
        if size < self._tree.size:
            return self._any.at(size)
        while self._tree.size < size:
            if not self._ahead:
                self._ahead = list(self._ledger.leaves(self._tree.size, self._tree.size + _READ_AT_ONCE))[::-1]
            if not self._ahead:
                raise ValueError(f"the ledger has {self._tree.size} events, not {size}")
            self._tree.append(self._ahead.pop())
        return self._tree.root()


def _above(nodes: list[bytes]) -> list[bytes]:
    """The nodes above pairs of neighbours; one without a neighbour is left out."""
    sha256, pairs = hashlib.sha256, iter(nodes)
    return [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=False)]
