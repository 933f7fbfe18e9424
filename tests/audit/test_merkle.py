"""The tree is that of RFC 9162: the published vectors, the definition word for word, and another library, all agree."""

import hashlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from fundcall.audit.merkle import EMPTY, Tree, extends, root_by_path, root_of
from fundcall.audit.roots import FollowedRoots, Roots
from tests.leaves import Leaves
from workflow.record import leaf_hash

# The test data of RFC 6962 implementations: eight leaves, and the root after each of them.
LEAVES = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
# (leaf counted from 1, size, path)
INCLUSIONS = (
    (1, 1, ()),
    (1, 8, ("96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4")),
    (6, 8, ("bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7")),
    (3, 3, ("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",)),
    (2, 5, ("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b")),
)  # fmt: skip
# (size, larger size, proof)
CONSISTENCIES = (
    (1, 1, ()),
    (1, 8, INCLUSIONS[1][2]),
    (6, 8, ("0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7")),
    (2, 5, ("5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b")),
    (6, 7, ("0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7")),
)  # fmt: skip
SIZE_MAX = 300
ENTRIES = [n.to_bytes(2, "big") for n in range(SIZE_MAX)]
HASHED = [leaf_hash(entry) for entry in ENTRIES]
PUBLISHED = [leaf_hash(bytes.fromhex(leaf)) for leaf in LEAVES]


def roots_over(leaves: list[bytes]) -> Roots:
    return Roots(Leaves(leaves))


def naive(leaves: list[bytes]) -> bytes:
    """The definition of RFC 9162, 2.1.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + naive(leaves[:k]) + naive(leaves[k:])).digest()


def naive_proof(m: int, leaves: list[bytes], *, whole: bool = True) -> list[bytes]:
    """SUBPROOF of RFC 9162, 2.1.4.1, word for word."""
    if m == len(leaves):
        return [] if whole else [naive(leaves)]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m <= k:
        return [*naive_proof(m, leaves[:k], whole=whole), naive(leaves[k:])]
    return [*naive_proof(m - k, leaves[k:], whole=False), naive(leaves[:k])]


@pytest.mark.parametrize("size", range(1, 9))
def test_the_published_roots_come_out(size: int) -> None:
    tree = Tree()
    for leaf in PUBLISHED[:size]:
        tree.append(leaf)
    assert (tree.root().hex(), root_of(PUBLISHED[:size]).hex()) == (ROOTS[size - 1], ROOTS[size - 1])


@pytest.mark.parametrize(("leaf", "size", "path"), INCLUSIONS)
def test_the_published_inclusion_proofs_come_out_and_hold(leaf: int, size: int, path: tuple[str, ...]) -> None:
    made = roots_over(PUBLISHED).inclusion(leaf - 1, size)
    assert [node.hex() for node in made] == list(path)
    assert root_by_path(PUBLISHED[leaf - 1], leaf - 1, size, made) == bytes.fromhex(ROOTS[size - 1])


@pytest.mark.parametrize(("first", "second", "proof"), CONSISTENCIES)
def test_the_published_consistency_proofs_come_out_and_hold(first: int, second: int, proof: tuple[str, ...]) -> None:
    made = roots_over(PUBLISHED).consistency(first, second)
    assert [node.hex() for node in made] == list(proof)
    assert extends(first, bytes.fromhex(ROOTS[first - 1]), second, bytes.fromhex(ROOTS[second - 1]), made)


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    assert Tree().root() == EMPTY == root_of([]) == roots_over([]).at(0) == hashlib.sha256(b"").digest()


@given(st.lists(st.lists(st.binary(max_size=4), max_size=40), max_size=5))
def test_leaves_come_one_by_one_or_in_heaps_to_the_same_tree(heaps: list[list[bytes]]) -> None:
    slow, fast = Tree(), Tree()
    for heap in heaps:
        leaves = [leaf_hash(entry) for entry in heap]
        fast.extend(leaves)
        for leaf in leaves:
            slow.append(leaf)
    every = [leaf_hash(entry) for heap in heaps for entry in heap]
    assert slow.root() == fast.root() == naive(every)
    assert (slow.size, slow.__dict__) == (len(every), fast.__dict__)


def test_roots_and_paths_agree_with_another_library_at_every_size_and_leaf() -> None:
    other, ours = InmemoryTree(algorithm="sha256"), roots_over(HASHED)
    assert ours.at(0) == EMPTY
    for size, entry in enumerate(ENTRIES, 1):
        other.append_entry(entry)
        assert ours.at(size) == other.get_root(size)
        step = 1 if size <= 40 or size >= SIZE_MAX - 1 else 7
        for index in range(size % step, size, step):
            path = ours.inclusion(index, size)
            assert path == [
                bytes.fromhex(node) for node in other.prove_inclusion(index + 1, size).serialize()["path"][1:]
            ]
            assert root_by_path(HASHED[index], index, size, path) == ours.at(size)


def test_consistency_proofs_agree_with_the_definition_for_all_pairs_of_sizes() -> None:
    ours = roots_over(HASHED)
    known = {size: ours.at(size) for size in range(SIZE_MAX + 1)}
    for second in range(SIZE_MAX + 1):
        for first in range(second + 1):
            proof = ours.consistency(first, second)
            assert extends(first, known[first], second, known[second], proof)
            if first and (second <= 40 or second >= SIZE_MAX - 1) and first % 3 == 0:
                assert proof == naive_proof(first, HASHED[:second])


@given(st.integers(1, 700), st.data())
def test_a_proof_changed_anywhere_does_not_hold(size: int, data: st.DataObject) -> None:
    leaves = [leaf_hash(n.to_bytes(2, "big")) for n in range(700)]
    ours = roots_over(leaves)
    index, first = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    path, proof = ours.inclusion(index, size), ours.consistency(first, size)
    root, before = ours.at(size), ours.at(first)
    assert (root_by_path(leaves[index], index, size, path), extends(first, before, size, root, proof)) == (root, True)
    for changed in _changed(path):
        assert root_by_path(leaves[index], index, size, changed) != root
    for changed in _changed(proof):
        assert not extends(first, before, size, root, changed)
    for wrong in range(size):
        if wrong != index:
            assert root_by_path(leaves[index], wrong, size, path) != root


def _changed(nodes: list[bytes]) -> list[list[bytes]]:
    flipped = [[*nodes[:i], bytes([node[0] ^ 8]) + node[1:], *nodes[i + 1 :]] for i, node in enumerate(nodes)]
    return [*flipped, *([nodes[:-1], nodes[1:]] if nodes else []), [*nodes, EMPTY], [EMPTY, *nodes]]


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda ours: ours.at(301), "the ledger has 300 events, not 301"),
        (lambda ours: ours.at(5000), "the ledger has 300 events, not 5000"),
        (lambda ours: ours.inclusion(3, 3), "no leaf 3 among 3"),
        (lambda ours: ours.inclusion(-1, 3), "no leaf -1 among 3"),
        (lambda ours: ours.inclusion(0, 301), "the ledger has 300 events, not 301"),
        (lambda ours: ours.consistency(4, 3), "no tree of 4 in one of 3"),
        (lambda ours: ours.consistency(-1, 3), "no tree of -1 in one of 3"),
        (lambda ours: ours.consistency(3, 301), "the ledger has 300 events, not 301"),
    ],
)
def test_sizes_that_are_not_there_are_refused(ask: Callable[[Roots], object], said: str) -> None:
    with pytest.raises(ValueError, match=f"^{said}$"):
        ask(roots_over(HASHED))


def test_a_path_beside_the_tree_proves_nothing() -> None:
    path, root = roots_over(HASHED).inclusion(2, 5), roots_over(HASHED).at(5)
    assert root_by_path(HASHED[2], 2, 5, path) == root
    for index, size in ((-1, 5), (5, 5), (2, 2), (0, 0)):
        assert root_by_path(HASHED[2], index, size, path) is None
    assert root_by_path(HASHED[2], 2, 5, path[:-1]) is None
    assert root_by_path(HASHED[2], 2, 5, [*path, EMPTY]) is None
    assert root_by_path(HASHED[0], 0, 1, []) == HASHED[0]
    assert root_by_path(HASHED[0], 0, 1, [EMPTY]) is None


def test_a_tree_extends_itself_and_nothing_and_no_other() -> None:
    ours = roots_over(HASHED)
    three, five, proof = ours.at(3), ours.at(5), ours.consistency(3, 5)
    assert [extends(3, three, 3, root, proof) for root, proof in ((three, []), (three, [EMPTY]), (five, []))] == [
        True,
        False,
        False,
    ]
    assert [extends(0, root, 5, five, proof) for root, proof in ((EMPTY, []), (EMPTY, [EMPTY]), (three, []))] == [
        True,
        False,
        False,
    ]
    assert [extends(first, three, second, five, proof) for first, second in ((3, 5), (5, 3), (-1, 5))] == [
        True,
        False,
        False,
    ]
    assert [extends(3, three, 5, five, proof) for proof in ([], proof[:-1], [*proof, EMPTY])] == [False] * 3
    assert [extends(3, one, 5, other, proof) for one, other in ((five, five), (three, three))] == [False, False]
    assert [extends(1, HASHED[0], 2, ours.at(2), proof) for proof in ([HASHED[1]], [], [HASHED[1], EMPTY])] == [
        True,
        False,
        False,
    ]


def test_a_copy_of_a_tree_grows_by_itself() -> None:
    tree = Tree()
    tree.extend(HASHED[:3])
    copy = tree.copy()
    copy.append(HASHED[3])
    tree.extend(HASHED[4:5])
    assert (copy.size, copy.root()) == (4, root_of(HASHED[:4]))
    assert (tree.size, tree.root()) == (4, root_of([*HASHED[:3], HASHED[4]]))


def test_a_tree_may_be_made_with_another_digest() -> None:
    tree = Tree(lambda content: content[-2:] or b"no")
    assert tree.root() == b"no"
    tree.extend([b"ab", b"cd"])
    assert tree.copy().root() == b"cd"
    tree.append(b"ef")
    assert tree.root() == b"ef"


def test_whoever_follows_a_ledger_has_its_root_at_every_size_and_at_earlier_ones() -> None:
    leaves = Leaves(HASHED[:270])
    followed, ours = FollowedRoots(leaves), roots_over(HASHED)
    assert followed.at(0) == EMPTY
    for size in (1, 2, 5, 5, 257, 3, 258, 270):
        assert followed.at(size) == ours.at(size)
    for _ in range(2):
        with pytest.raises(ValueError, match="the ledger has 270 events, not 271"):
            followed.at(271)
    assert followed.at(270) == ours.at(270)


def test_a_ledger_longer_than_is_read_at_once_has_the_root_of_its_leaves() -> None:
    leaves = [n.to_bytes(32, "big") for n in range(65_536 + 700)]
    ours = roots_over(leaves)
    assert ours.at(len(leaves)) == root_of(leaves) == FollowedRoots(Leaves(leaves)).at(len(leaves))
    assert ours.inclusion(65_536, len(leaves))[-1] == root_of(leaves[:65_536])
    grown = roots_over(leaves)
    assert [grown.at(size) for size in (300, 66_000, len(leaves))] == [
        root_of(leaves[:300]),
        root_of(leaves[:66_000]),
        root_of(leaves),
    ]
