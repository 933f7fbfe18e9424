"""A second verifier of bundles, written from FORMAT.md alone: it shares no code with the product, nor with the script that
bundles carry, and leaves Ed25519 to a library.
"""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def sha(*parts: bytes) -> bytes:
    """SHA-256."""
    return hashlib.sha256(b"".join(parts)).digest()


def note(text: str, key: str) -> list[str]:
    """The lines of a note that a key signed."""
    name, hint, encoded = key.split("+", 2)
    public = base64.b64decode(encoded)
    assert public[0] == 1
    assert sha(name.encode(), b"\n", public)[:4].hex() == hint
    said, lines = text.split("\n\n")
    mine = [base64.b64decode(line.rsplit(" ", 1)[1]) for line in lines.splitlines() if line.startswith(f"— {name} ")]
    (raw,) = [raw for raw in mine if raw[:4].hex() == hint]
    Ed25519PublicKey.from_public_bytes(public[1:]).verify(raw[4:], f"{said}\n".encode())
    return said.split("\n")


def root_of(hashes: list[bytes]) -> bytes:
    """RFC 9162, 2.1.1, by its definition."""
    if len(hashes) < 2:
        return hashes[0] if hashes else sha()
    half = 1 << (len(hashes) - 1).bit_length() - 1
    return sha(b"\x01", root_of(hashes[:half]), root_of(hashes[half:]))


def root_by(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """RFC 9162, 2.1.3.2, by way of the definition of the path."""
    if size == 1:
        assert path == []
        return leaf
    half = 1 << (size - 1).bit_length() - 1
    if index < half:
        return sha(b"\x01", root_by(leaf, index, half, path[:-1]), path[-1])
    return sha(b"\x01", path[-1], root_by(leaf, index - half, size - half, path[:-1]))


def texts(value: Any) -> set[str]:
    """Every text in a value."""
    if isinstance(value, str):
        return {value}
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return set().union(*map(texts, items))


def verify(bundle: Path) -> None:
    """Raise where anything does not hold."""
    key = (bundle / "key.txt").read_text().strip()
    manifest = (bundle / "manifest.json").read_bytes()
    said = json.loads(manifest)
    signed = note((bundle / "manifest.sig").read_text(), key)
    assert signed == [said["origin"], "fundcall-bundle-1", sha(manifest).hex()]
    there = {path.relative_to(bundle).as_posix(): path for path in bundle.rglob("*") if path.is_file()}
    assert there.keys() == {*said["files"], "manifest.json", "manifest.sig"}
    assert all(sha(there[name].read_bytes()).hex() == digest for name, digest in said["files"].items())
    origin, size, root, *_ = note((bundle / "checkpoint.txt").read_text(), key)
    assert origin == said["origin"]
    bodies = (bundle / "events.jsonl").read_bytes().splitlines()
    events = [json.loads(body) for body in bodies]
    leaves = [sha(b"\x00", body) for body in bodies]
    assert len(events) == said["events"]
    for body, event in zip(bodies, events, strict=True):
        assert json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() == body
        assert sha(there[f"rules/{event['rules_hash']}.json"].read_bytes()).hex() == event["rules_hash"]
    versions: dict[str, list[int]] = {}
    for event in events:
        versions.setdefault(event["application"], []).append(event["version"])
    assert all(found == list(range(1, len(found) + 1)) for found in versions.values())
    if said["application"] is None:
        assert [event["position"] for event in events] == list(range(1, int(size) + 1))
        assert root_of(leaves) == base64.b64decode(root)
    else:
        proofs = json.loads(there["proofs.json"].read_bytes())
        for event, leaf in zip(events, leaves, strict=True):
            path = [base64.b64decode(node) for node in proofs[str(event["position"])]]
            assert root_by(leaf, event["position"] - 1, int(size), path) == base64.b64decode(root)
    if not said["redacted"]:
        committed = set().union(*(texts(event["data"]) for event in events))
        for commitment, (salt, value) in json.loads(there["personal.json"].read_bytes()).items():
            assert commitment == f"sha256:{sha(bytes.fromhex(salt), value.encode()).hex()}"
            assert commitment in committed
    for notice in said["notices"]:
        assert any(event["position"] == notice["position"] for event in events)
        assert not notice["file"] or sha(there[notice["file"]].read_bytes()).hex() == notice["sha256"]
