"""Witnesses: others who keep our checkpoints, so that nobody is shown another history (C2SP tlog-witness, tlog-cosignature).

A witness takes a checkpoint only with the proof that it goes on from the last one it took, and signs that with its time.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import os
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from fundcall.audit.checkpoint import BadNote, Checkpoint, opened, private_key
from fundcall.audit.journal import led_to, notes_in
from fundcall.audit.merkle import EMPTY, extends
from fundcall.audit.roots import Roots
from fundcall.durable import make_folder, sync_folder
from workflow.replay import Divergence

_COSIGNATURE = b"\x04"
_SECONDS = 10
_CONFLICT = 409
_BYTES_MAX = 1 << 16

Proof = Callable[[int, int], Sequence[bytes]]
"""The proof that the tree over the second number of events begins with that over the first."""


class Cosigner(NamedTuple):
    """A witness' name and public key, written NAME+HASH+BASE64 as that of a ledger is; the algorithm is 0x04."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """The first four bytes of SHA-256 over the name, a line end, the algorithm and the key."""
        return hashlib.sha256(self.name.encode() + b"\n" + _COSIGNATURE + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(_COSIGNATURE + self.public).decode()}"


def cosigner_of(text: str) -> Cosigner:
    """The witness of such a text. Raises ValueError."""
    name, identity, encoded = text.split("+", 2)
    key = base64.b64decode(encoded, validate=True)
    found = Cosigner(name, key[1:])
    if key[:1] != _COSIGNATURE or found.id.hex() != identity:
        raise ValueError(f"not the key of a witness: {text}")
    return found


def cosigned_at(note: str, line: str, by: Cosigner) -> int:
    """When a witness signed a checkpoint (seconds of Unix time), by its line. Raises BadNote where it did not."""
    try:
        dash, name, encoded = line.split(" ")
        raw = base64.b64decode(encoded, validate=True)
        if (dash, name, raw[:4]) != ("—", by.name, by.id):
            raise BadNote(f"not signed by the witness {by.name}")
        at = int.from_bytes(raw[4:12], "big")
        Ed25519PublicKey.from_public_bytes(by.public).verify(raw[12:], _said(note, at))
    except (ValueError, InvalidSignature) as wrong:
        raise BadNote(f"the signature of the witness {by.name} does not hold") from wrong
    return at


def _said(note: str, at: int) -> bytes:
    body, _, _ = note.partition("\n\n")
    return f"cosignature/v1\ntime {at}\n{body}\n".encode()


class Witness(Protocol):
    """Somebody who takes checkpoints."""

    name: str

    def take(self, note: str, size: int, last: int, proof: Proof) -> str:
        """Give it a checkpoint over `size` events, after one over `last`; the line that it signed, "" where it signs
        nothing. Raises OSError where it cannot be reached or refuses, BadNote where its signature does not hold.
        """


class Drop:
    """A folder that others read, or write to no more: each checkpoint a file of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.name = folder, f"file:{folder}"

    def take(self, note: str, size: int, last: int, proof: Proof) -> str:
        """Put a checkpoint there. Raises OSError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"checkpoint-{size}.txt"
        if not path.exists():
            beside = path.with_suffix(f".{os.getpid()}")
            beside.write_text(note, encoding="utf-8")
            beside.replace(path)
        return ""


class Server:
    """A witness at an address, known by its key."""

    def __init__(self, url: str, by: Cosigner) -> None:
        self._url, self._by, self.name = url.rstrip("/"), by, f"{by.name} {url}"

    def take(self, note: str, size: int, last: int, proof: Proof) -> str:
        """Have a checkpoint cosigned. Raises OSError where it cannot be reached or refuses, BadNote."""
        status, answer = self._post(last, proof(last, size), note)
        if status == _CONFLICT and answer.strip().isdecimal() and answer.isascii() and int(answer) <= size:
            last = int(answer)  # what it took last is not what we remember
            status, answer = self._post(last, proof(last, size), note)
        if status != http.client.OK:
            raise OSError(f"{self._url}: {status} {answer.strip()[:200]}")
        own = [line for line in answer.splitlines() if line.startswith(f"— {self._by.name} ")]
        if not own:
            raise BadNote(f"{self._url}: an answer without the signature of {self._by.name}")
        cosigned_at(note, own[0], self._by)
        return own[0]

    def _post(self, last: int, proof: Sequence[bytes], note: str) -> tuple[int, str]:
        url = f"{self._url}/add-checkpoint"  # http or https, as it was configured
        asked = urllib.request.Request(url, request(last, proof, note), method="POST")  # noqa: S310
        try:
            with urllib.request.urlopen(asked, timeout=_SECONDS) as answer:  # noqa: S310  # nosec B310
                return answer.status, answer.read(_BYTES_MAX).decode(errors="replace")
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read(_BYTES_MAX).decode(errors="replace")


def request(last: int, proof: Sequence[bytes], note: str) -> bytes:
    """What a witness is sent (tlog-witness, add-checkpoint)."""
    lines = [f"old {last}", *(base64.b64encode(node).decode() for node in proof)]
    return ("\n".join(lines) + f"\n\n{note}").encode()


class Book:
    """The other side: a witness over a folder, for ledgers whose keys it was given. One process at a time."""

    def __init__(self, folder: Path, name: str, key: Ed25519PrivateKey, verifiers: Sequence[str]) -> None:
        self._folder, self._key, self._verifiers = folder, key, tuple(verifiers)
        self.by = Cosigner(name, key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    def add(self, body: bytes, now: datetime) -> tuple[int, str]:
        """Take a checkpoint that goes on from the last one: an HTTP status, and the signature or what is wrong."""
        try:
            head, _, note = body.decode().partition("\n\n")
            old, *lines = head.split("\n")
            word, last = old.split(" ")
            proof = [base64.b64decode(line, validate=True) for line in lines]
            if word != "old" or str(int(last)) != last:
                raise ValueError(old)
        except ValueError:
            return 400, "malformed\n"
        origin = note.partition("\n")[0]
        known = [one for one in self._verifiers if one.startswith(f"{origin}+")]
        if not known:
            return 404, "unknown ledger\n"
        return self._extended(int(last), proof, note, known, now)

    def _extended(
        self, last: int, proof: list[bytes], note: str, known: Sequence[str], now: datetime
    ) -> tuple[int, str]:
        made = next(filter(None, (opened_by(note, one) for one in known)), None)
        if made is None:
            return 403, "not signed by that ledger\n"
        path = self._folder / hashlib.sha256(made.origin.encode()).hexdigest()
        size, root = _remembered(path)
        if last > made.size:
            return 400, "the old size is larger\n"
        if last != size:
            return _CONFLICT, f"{size}\n"
        if not extends(size, root, made.size, made.root, proof):
            return 422, "forked: it does not go on from what was taken before\n"
        _remember(path, f"{made.size}\n{made.root.hex()}\n")
        at = int(now.timestamp())
        signature = self.by.id + at.to_bytes(8, "big") + self._key.sign(_said(note, at))
        return 200, f"— {self.by.name} {base64.b64encode(signature).decode()}\n"


def book(folder: Path, name: str, verifiers: Sequence[str]) -> Book:
    """The witness of a folder, with its key; both are made where there are none."""
    return Book(folder, name, private_key(folder / "witness.key"), verifiers)


def opened_by(note: str, verifier: str) -> Checkpoint | None:
    """A checkpoint under a key; None where that did not sign it."""
    try:
        return opened(note, verifier)
    except BadNote:
        return None


def _remembered(path: Path) -> tuple[int, bytes]:
    if not path.exists():
        return 0, EMPTY
    size, root = path.read_text("ascii").split()
    return int(size), bytes.fromhex(root)


def _remember(path: Path, text: str) -> None:
    make_folder(path.parent)
    beside = path.with_suffix(f".{os.getpid()}")
    with beside.open("w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    sync_folder(path.parent)


class Witnessed:
    """What witnesses took, with their signatures where they sign: a file for each, only appended to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, witness: str) -> Path:
        """The file of a witness."""
        return self._folder / f"{hashlib.sha256(witness.encode()).hexdigest()[:16]}.txt"

    def check(self, roots: Roots, head: int, verifiers: Sequence[str]) -> Iterator[Divergence]:
        """Checkpoints in witnesses' hands that the ledger does not lead to: they cannot be taken back."""
        for path in sorted(self._folder.glob("*.txt")):
            for note in notes_in(path):
                found = next(filter(None, (opened_by(note, key) for key in verifiers)), None)
                if found is None:
                    yield Divergence(0, "", f"witnessed checkpoint in {path.name}", "signed by this ledger", "not")
                else:
                    yield from led_to(found, roots, head)
