"""Roots read each leaf as seldom as they may, and ask for none that is not there; the tree itself is in test_merkle.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from fundcall.audit.merkle import root_by_path, root_of
from fundcall.audit.roots import FollowedRoots, Roots
from tests.leaves import Leaves

TILE, AT_ONCE = 256, 65_536
LEAVES = [n.to_bytes(32, "big") for n in range(1_000)]


class Watched(Leaves):
    """Leaves that note which of them are asked for."""

    def __init__(self, leaves: list[bytes]) -> None:
        super().__init__(leaves)
        self.asked: list[tuple[int, int]] = []

    def leaves(self, after: int, upto: int) -> Iterator[bytes]:
        self.asked.append((after, upto))
        return super().leaves(after, upto)

    def since(self) -> list[tuple[int, int]]:
        """What was asked for since one last looked."""
        found, self.asked = self.asked, []
        return found


def test_whole_tiles_are_read_once_and_the_last_part_again_only_after_another() -> None:
    ledger = Watched(LEAVES)
    roots = Roots(ledger)
    assert (roots.at(1_000), ledger.since()) == (root_of(LEAVES), [(0, 768), (768, 1_024)])
    assert (roots.at(1_000), ledger.since()) == (root_of(LEAVES), [])
    assert (roots.at(768), ledger.since()) == (root_of(LEAVES[:768]), [])
    assert (roots.at(TILE), ledger.since()) == (root_of(LEAVES[:TILE]), [])
    roots.inclusion(5, 1_000)
    assert ledger.since() == [(0, TILE)]
    roots.inclusion(6, 768)
    assert ledger.since() == []
    roots.inclusion(300, 768)
    assert ledger.since() == [(TILE, 2 * TILE)]


def test_a_tile_that_was_not_full_is_read_again_when_more_of_it_is_needed() -> None:
    ledger = Watched(LEAVES[:100])
    roots = Roots(ledger)
    assert (roots.at(100), ledger.since()) == (root_of(LEAVES[:100]), [(0, TILE)])
    assert (roots.at(99), ledger.since()) == (root_of(LEAVES[:99]), [])
    with pytest.raises(ValueError, match="the ledger has 100 events, not 101"):
        roots.at(101)
    assert ledger.since() == [(0, TILE)]


def test_a_long_ledger_is_read_in_whole_tiles_at_once() -> None:
    leaves = [n.to_bytes(32, "big") for n in range(AT_ONCE + 300)]
    ledger = Watched(leaves)
    assert Roots(ledger).at(len(leaves)) == root_of(leaves)
    assert ledger.since() == [(0, AT_ONCE), (AT_ONCE, AT_ONCE + TILE), (AT_ONCE + TILE, AT_ONCE + 2 * TILE)]
    assert FollowedRoots(ledger).at(10) == root_of(leaves[:10])
    assert ledger.since() == [(0, AT_ONCE)]


@pytest.mark.parametrize("size", [1, 2, 3, TILE - 1, TILE, TILE + 1, TILE + 2, 600])
def test_nothing_is_said_of_a_tree_larger_than_the_ledger(size: int) -> None:
    asks: tuple[Callable[[Roots], object], ...] = (
        lambda roots: roots.at(size),
        lambda roots: roots.inclusion(0, size),
        lambda roots: roots.consistency(0, size),
        lambda roots: roots.consistency(1, size),
        lambda roots: roots.consistency(size, size),
    )
    for ask in asks:
        with pytest.raises(ValueError, match=f"the ledger has {size - 1} events, not {size}"):
            ask(Roots(Watched(LEAVES[: size - 1])))


def test_a_consistency_proof_needs_no_root_to_be_asked_before() -> None:
    asked_before = Roots(Watched(LEAVES))
    asked_before.at(1_000)
    assert Roots(Watched(LEAVES)).consistency(700, 1_000) == asked_before.consistency(700, 1_000)


def test_whoever_follows_reads_on_and_asks_for_nothing_twice() -> None:
    ledger = Watched(LEAVES)
    followed = FollowedRoots(ledger)
    for size in (1, 2, 2, 700, 700):
        assert followed.at(size) == root_of(LEAVES[:size])
    assert ledger.since() == [(0, AT_ONCE)]


def test_no_leaf_stands_behind_the_last() -> None:
    (leaf,) = LEAVES[:1]
    assert [root_by_path(leaf, index, 1, []) for index in (-1, 0, 1)] == [None, leaf, None]
