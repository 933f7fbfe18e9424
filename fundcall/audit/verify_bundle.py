"""Verify an evidence bundle of a funding call: `python verify_bundle.py BUNDLE…`. Needs Python 3.9 and nothing else.

FORMAT.md beside this file says what a bundle is; whoever trusts neither may write another verifier from it. Exit 0:
everything holds; 1: something does not, each line says what and where; 2: it was asked for wrongly.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

FORMAT = "fundcall-bundle-1"
MALFORMED = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)  # any content


class Wrong(Exception):
    """Something that does not hold, in a sentence."""


P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
Point = tuple[int, int, int, int]


def _point(raw: bytes) -> Point:
    sign, y = divmod(int.from_bytes(raw, "little"), 1 << 255)
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        raise Wrong("a point that is none")
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = _point(b"\x58" + b"\x66" * 31)


def _sum(p: Point, q: Point) -> Point:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(n: int, point: Point) -> Point:
    found: Point = (0, 1, 1, 0)
    while n:
        if n & 1:
            found = _sum(found, point)
        point, n = _sum(point, point), n >> 1
    return found


def _signed(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        a, r = _point(public), _point(signature[:32])
    except Wrong:
        return False
    s = int.from_bytes(signature[32:], "little")
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % Q
    left, right = _times(s, BASE), _sum(r, _times(h, a))
    same = (left[0] * right[2] - right[0] * left[2]) % P == 0 == (left[1] * right[2] - right[1] * left[2]) % P
    return s < Q and same and (len(public), len(signature)) == (32, 64)


def _opened(note: str, verifier: str, what: str) -> list[str]:
    try:
        name, identity, encoded = verifier.split("+", 2)
        key = base64.b64decode(encoded, validate=True)
        body, _, signatures = note.partition("\n\n")
        *lines, rest = signatures.split("\n")
        own = [text for dash, who, text in (line.split(" ") for line in lines) if (dash, who, rest) == ("—", name, "")]
        raws = [base64.b64decode(text, validate=True) for text in own]
    except ValueError as wrong:
        raise Wrong(f"{what}: not a note signed by the key ({wrong})") from wrong
    hint = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
    held = [raw for raw in raws if raw[:4] == hint and key[:1] == b"\x01" and hint.hex() == identity]
    if not held:
        raise Wrong(f"{what}: not signed by the key {verifier}")
    if base64.b64encode(held[0]).decode() not in own or not _signed(key[1:], f"{body}\n".encode(), held[0][4:]):
        raise Wrong(f"{what}: the signature of {name} does not hold")
    return body.split("\n")


def _chain(rotations: str, verifier: str) -> list[str]:
    """The key and, by way of what each pair of keys signed, those before it."""
    found = [verifier]
    for note in reversed([f"{text}\n" for text in rotations.split("\n\n\n") if text.strip()]):
        lines = _opened(note, found[-1], "keys.txt")
        before = next((line[13:] for line in lines if line.startswith("rotated-from ")), "")
        if lines[-1] != f"rotated-to {found[-1]}" or _opened(note, before, "keys.txt") != lines:
            raise Wrong("keys.txt: a change of the key that both keys did not sign")
        found.append(before)
    return found


class _Checkpoint(NamedTuple):
    origin: str
    size: int
    root: bytes


def _checkpoint(note: str, verifiers: list[str], what: str) -> _Checkpoint:
    for older in verifiers[1:]:
        with suppress(Wrong):
            return _checkpoint(note, [older], what)
    lines = _opened(note, verifiers[0], what)
    try:
        return _Checkpoint(lines[0], int(lines[1]), base64.b64decode(lines[2], validate=True))
    except (ValueError, IndexError) as wrong:
        raise Wrong(f"{what}: not a checkpoint ({wrong})") from wrong


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class _Tree:
    def __init__(self) -> None:
        self.size, self.frontier = 0, list[bytes]()

    def append(self, leaf: bytes) -> None:
        size = self.size
        while size & 1:
            leaf, size = _node(self.frontier.pop(), leaf), size >> 1
        self.frontier.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        found = self.frontier[-1] if self.frontier else hashlib.sha256(b"").digest()
        for left in self.frontier[-2::-1]:
            found = _node(left, found)
        return found


def _root_by_path(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    at, last = index, size - 1
    for sibling in path:
        if at & 1 or at == last:
            leaf = _node(sibling, leaf)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            leaf = _node(leaf, sibling)
        at, last = at >> 1, last >> 1
    return leaf if last == 0 and 0 <= index < size else b""


class Bundle:
    """A bundle in a folder. `roots` are those at the sizes asked about, where it holds the whole ledger."""

    def __init__(self, folder: Path, key: str) -> None:
        self.folder, self.sizes, self.roots = folder, set[int](), dict[int, bytes]()
        self.verifier = self._text("key.txt").strip() or key
        self.keys = _chain(self._text("keys.txt"), self.verifier)
        if key and key not in self.keys:
            raise Wrong(f"{folder}: manifest.sig: signed with another key than {key}")
        manifest = self._bytes("manifest.json")
        lines = _opened(self._text("manifest.sig"), self.verifier, f"{folder}: manifest.sig")
        if lines[1:3] != [FORMAT, hashlib.sha256(manifest).hexdigest()]:
            raise Wrong(f"{folder}: manifest.json is not what was signed")
        self.said = json.loads(manifest.decode())
        self.checkpoint = _checkpoint(self._text("checkpoint.txt"), [self.verifier], f"{folder}: checkpoint.txt")
        if [lines[0], self.said["origin"]] != [self.checkpoint.origin] * 2:
            raise Wrong(f"{folder}: manifest.json: of another ledger than checkpoint.txt")
        self.whole, self.events, self.commitments = self.said["application"] is None, 0, set[str]()

    def wrongs(self) -> Iterator[str]:
        """Everything that does not hold, file by file."""
        yield from self._files()
        seen, hashes = dict[int, Any](), set[str]()
        yield from self._events(seen, hashes)
        for wanted in sorted(hashes):
            if hashlib.sha256(self._bytes(f"rules/{wanted}.json")).hexdigest() != wanted:
                yield f"rules/{wanted}.json: the rules of that hash are not there"
        yield from self._personal()
        for notice in self.said["notices"]:
            if notice["position"] not in seen:
                yield f"notice {notice['file']}: its event {notice['position']} is not in the bundle"
            elif notice["file"] and hashlib.sha256(self._bytes(notice["file"])).hexdigest() != notice["sha256"]:
                yield f"notice {notice['file']}: not the bytes that were recorded"

    def _text(self, name: str) -> str:
        return self._bytes(name).decode(errors="replace")

    def _bytes(self, name: str) -> bytes:
        return (self.folder / name).read_bytes() if (self.folder / name).is_file() else b""

    def _files(self) -> Iterator[str]:
        for name, digest in self.said["files"].items():
            if not (there := (self.folder / name).is_file()) or hashlib.sha256(self._bytes(name)).hexdigest() != digest:
                yield f"{name} {'was changed' if there else 'is missing'}"
        own = {"manifest.json", "manifest.sig", *self.said["files"]}
        for path in sorted(self.folder.rglob("*")):
            if path.is_file() and path.relative_to(self.folder).as_posix() not in own:
                yield f"{path.relative_to(self.folder)} does not belong to the bundle"

    def _events(self, seen: dict[int, Any], hashes: set[str]) -> Iterator[str]:
        """Each event on its own, in its place, and under the checkpoint."""
        proofs = {} if self.whole else json.loads(self._bytes("proofs.json") or b"{}")
        tree, versions = _Tree(), dict[str, int]()
        for number, body in enumerate(self._bytes("events.jsonl").split(b"\n")[:-1], 1):
            try:
                event = json.loads(body)
                position, stream, version = event["position"], event["application"], event["version"]
            except MALFORMED:
                yield f"events.jsonl line {number}: not an event"
                continue
            if json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() != body:
                yield f"event {position}: its bytes are not canonical"
            if version != versions.get(stream, 0) + 1:
                yield f"event {position}: version {version} of {stream} follows version {versions.get(stream, 0)}"
            versions[stream] = version
            seen[position] = stream
            hashes.add(event["rules_hash"])
            self.commitments.update(text for text in _texts(event["data"]) if text.startswith("sha256:"))
            leaf = hashlib.sha256(b"\x00" + body).digest()
            if self.whole:
                if position != tree.size + 1:
                    yield f"event {position} stands where event {tree.size + 1} should"
                tree.append(leaf)
                if tree.size in self.sizes:
                    self.roots[tree.size] = tree.root()
                continue
            path = [base64.b64decode(item) for item in proofs.get(str(position), [])]
            if _root_by_path(leaf, position - 1, self.checkpoint.size, path) != self.checkpoint.root:
                yield f"event {position}: not covered by the checkpoint"
        self.events = len(seen)
        if self.events != self.said["events"]:
            yield f"there are {self.events} events where {self.said['events']} were signed for"
        if self.whole and (tree.size, tree.root()) != self.checkpoint[1:]:
            yield f"the events do not give the checkpoint: {tree.size} of {self.checkpoint.size}, root {tree.root().hex()}"

    def _personal(self) -> Iterator[str]:
        """Each personal value that was not left out is behind its commitment."""
        for commitment, (salt, value) in json.loads(self._bytes("personal.json") or b"{}").items():
            found = hashlib.sha256(bytes.fromhex(salt) + value.encode()).hexdigest()
            if commitment != f"sha256:{found}":
                yield f"personal value {commitment}: not what was committed to"
            elif commitment not in self.commitments:
                yield f"personal value {commitment}: no event commits to it"


def _texts(value: Any) -> list[str]:
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [value] if isinstance(value, str) else [text for item in items for text in _texts(item)]


def _forks(bundles: list[Bundle], kept: list[_Checkpoint]) -> Iterator[str]:
    for bundle, mine in ((bundle, bundle.checkpoint) for bundle in bundles):
        for other in (*(b.checkpoint for b in bundles), *kept):
            if other.origin != mine.origin:
                yield f"{bundle.folder}: of another ledger ({mine.origin}) than the checkpoint of {other.origin}"
            root = mine.root if other.size == mine.size else bundle.roots.get(other.size, other.root)
            if root != other.root:
                yield f"{bundle.folder}: forked: over {other.size} events its root is {root.hex()}, elsewhere {other.root.hex()}"


def main() -> int:
    """Verify the bundles named, and hold them against each other and against checkpoints kept from elsewhere."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("bundles", nargs="+", type=Path)
    parser.add_argument("--key", default="", help="the ledger's key, known from elsewhere (name+hash+base64)")
    parser.add_argument("--checkpoint", action="append", default=[], type=Path, help="a checkpoint kept from elsewhere")
    asked = parser.parse_args()
    wrongs, found = list[str](), list[Bundle]()
    try:
        first = Bundle(asked.bundles[0], asked.key)
        kept = [_checkpoint(path.read_text("utf-8"), first.keys, str(path)) for path in asked.checkpoint]
        found = [Bundle(folder, asked.key or first.keys[-1]) for folder in asked.bundles]
        sizes = {one.size for one in (*(bundle.checkpoint for bundle in found), *kept)}
        for bundle in found:
            bundle.sizes = sizes
            wrongs.extend(f"{bundle.folder}: {line}" for line in bundle.wrongs())  # kept up to a fault
        wrongs += _forks(found, kept)
    except (Wrong, OSError, *MALFORMED) as wrong:
        wrongs.append(f"malformed: {type(wrong).__name__}: {wrong}" if isinstance(wrong, MALFORMED) else str(wrong))
    for line in wrongs:
        print(f"✗ {line}".encode("utf-8", "backslashreplace").decode())  # it may hold half a character
    for bundle in found if not wrongs else ():
        known = "as given" if asked.key else "as the bundle says: hold it against one known from elsewhere"
        (origin, size, root), events = bundle.checkpoint, f"{bundle.folder}: {bundle.events} events"
        print(f"✓ {events} under the checkpoint over {size}, {origin}, root {root.hex()}")
        print(f"  key {bundle.verifier} ({known})")
    return 1 if wrongs else 0


if __name__ == "__main__":
    sys.exit(main())
