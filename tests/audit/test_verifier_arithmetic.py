"""The trees, paths, curve and signatures of the script beside a bundle are those of the ledger and of RFC 8032."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fundcall.audit import verify_bundle
from fundcall.audit.roots import Roots
from tests.leaves import Leaves
from workflow.record import leaf_hash

# RFC 8032, 7.1: secret key, message, signature
VECTORS = (
    ("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
    ("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
)  # fmt: skip


def test_its_trees_and_paths_are_those_of_the_ledger() -> None:
    leaves = [leaf_hash(bytes([n])) for n in range(36)]
    ours, theirs = Roots(Leaves(leaves)), verify_bundle._Tree()
    assert theirs.root() == hashlib.sha256(b"").digest()
    for size, leaf in enumerate(leaves, 1):
        theirs.append(leaf)
        assert (theirs.size, theirs.root()) == (size, ours.at(size))
        for index in range(size):
            path = ours.inclusion(index, size)
            assert verify_bundle._root_by_path(leaves[index], index, size, path) == ours.at(size)
            longer = verify_bundle._root_by_path(leaves[index], index, size, [*path, bytes(32)])
            assert longer != ours.at(size)
            assert not path or verify_bundle._root_by_path(leaves[index], index, size, path[:-1]) == b""


@pytest.mark.parametrize(("secret", "message", "signature"), VECTORS)
def test_the_signatures_of_rfc_8032_hold_and_none_near_them(secret: str, message: str, signature: str) -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret)).public_key().public_bytes_raw()
    said, given = bytes.fromhex(message), bytes.fromhex(signature)
    s = int.from_bytes(given[32:], "little")
    beside = given[:32] + (s + verify_bundle.Q).to_bytes(32, "little")
    assert verify_bundle._signed(key, said, given)
    for wrong in (beside, given + b"\0", given[:-1], given[:32] + bytes(32), bytes(32) + given[32:], b""):
        assert not verify_bundle._signed(key, said, wrong)
    assert not verify_bundle._signed(key + b"\0", said, given)
    assert verify_bundle._signed(b"\x02" + bytes(31), said, given) is False


def test_a_signature_is_below_the_order_of_the_curve_whatever_the_key() -> None:
    neutral = (1).to_bytes(32, "little")
    order = verify_bundle.Q.to_bytes(32, "little")
    assert [verify_bundle._signed(neutral, b"", neutral + s) for s in (bytes(32), order)] == [True, False]


def test_no_leaf_is_proved_behind_the_last() -> None:
    leaves = [leaf_hash(bytes([n])) for n in range(4)]
    path = Roots(Leaves(leaves)).inclusion(0, 4)
    found = [verify_bundle._root_by_path(leaves[0], index, 4, path) for index in (0, 4, 8, -4)]
    assert found == [Roots(Leaves(leaves)).at(4), b"", b"", b""]


def test_what_is_no_point_of_the_curve_is_none() -> None:
    high = 1 << 255
    assert verify_bundle._point((1).to_bytes(32, "little")) == (0, 1, 1, 0)
    for wrong in (2, 1 | high, verify_bundle.P, verify_bundle.P + 1, verify_bundle.P - 1 | high):
        with pytest.raises(verify_bundle.Wrong, match=r"^a point that is none$"):
            verify_bundle._point(wrong.to_bytes(32, "little"))
    for y in (3, 4, 5, 6, 9, 10, 14, 15, 16):
        raw = y.to_bytes(32, "little")
        try:
            x = verify_bundle._point(raw)[0]
        except verify_bundle.Wrong:
            continue
        other = verify_bundle._point((y | high).to_bytes(32, "little"))[0]
        assert (x % 2, other % 2, x + other) == (0, 1, verify_bundle.P)
