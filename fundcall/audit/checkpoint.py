"""Checkpoints of the ledger: its size and Merkle root, signed (C2SP tlog-checkpoint and signed-note, Ed25519)."""

from __future__ import annotations

import base64
import hashlib
import os
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from fundcall.durable import make_folder, sync_folder

_ED25519 = b"\x01"
_REST = "\n\n"
"""What stands between a note's text and its signatures."""


class Checkpoint(NamedTuple):
    """What a checkpoint says: whose ledger, how many events, the root over them, and further lines (`extensions`)."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def body(self) -> str:
        """The text that is signed."""
        lines = (self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.extensions)
        return "".join(f"{line}\n" for line in lines)

    def extension(self, name: str) -> str:
        """What the further line of that name says, "" for none."""
        return next((line.partition(" ")[2] for line in self.extensions if line.startswith(f"{name} ")), "")


class BadNote(Exception):
    """A note that is malformed, or that the key named did not sign."""


class Signer:
    """Signs checkpoints under a name, which is the ledger's origin too."""

    def __init__(self, name: str, key: Ed25519PrivateKey) -> None:
        self.name, self._key = name, key
        public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self._id = key_id(name, public)
        encoded = base64.b64encode(_ED25519 + public).decode()
        self.verifier = f"{name}+{self._id.hex()}+{encoded}"

    def derived(self, purpose: str) -> bytes:
        """A key of 32 bytes for another purpose, which says nothing of this one (HKDF, RFC 5869)."""
        raw = self._key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        return HKDF(SHA256(), 32, None, purpose.encode()).derive(raw)

    def sign(self, size: int, root: bytes, *extensions: str) -> str:
        """The signed note of a checkpoint."""
        return self._note(Checkpoint(self.name, size, root, extensions).body)

    def cosign(self, note: str) -> str:
        """The note with one signature more: this key's."""
        return f"{note}{self._line(note.partition(_REST)[0])}"

    def sign_lines(self, *lines: str) -> str:
        """The signed note over other lines, under the origin's own."""
        return self._note("".join(f"{line}\n" for line in (self.name, *lines)))

    def _note(self, body: str) -> str:
        return f"{body}\n{self._line(body[:-1])}"

    def _line(self, body: str) -> str:
        signature = base64.b64encode(self._id + self._key.sign(f"{body}\n".encode())).decode()
        return f"— {self.name} {signature}\n"


def key_id(name: str, public: bytes) -> bytes:
    """The first four bytes of SHA-256 over the name, a line end, the algorithm and the key (signed-note)."""
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:4]


def opened(note: str, verifier: str) -> Checkpoint:
    """What a signed note says, verified with a key as `Signer.verifier` writes it. Raises BadNote."""
    try:
        name, identity, encoded = verifier.split("+", 2)
        public = base64.b64decode(encoded, validate=True)[1:]
        body, _, signatures = note.partition(_REST)
        origin, size, root, *extensions = body.split("\n")
        own = [line.split(" ") for line in signatures.splitlines() if line.startswith(f"— {name} ")]
        raws = [base64.b64decode(line[2], validate=True) for line in own]
        raw = next((raw for raw in raws if raw[:4] == bytes.fromhex(identity) == key_id(name, public)), b"")
        if not raw:
            raise BadNote(f"not signed by {name} with the key {identity}")
        Ed25519PublicKey.from_public_bytes(public).verify(raw[4:], f"{body}\n".encode())
        if str(int(size)) != size:  # one spelling of a number, or two would sign the same
            raise BadNote(f"not a size: {size!r}")
        return Checkpoint(origin, int(size), base64.b64decode(root, validate=True), tuple(extensions))
    except (ValueError, IndexError, InvalidSignature) as wrong:
        raise BadNote(str(wrong) or "the signature does not hold") from wrong


def signer(path: Path, name: str) -> Signer:
    """The signer whose key stands in a file."""
    return Signer(name, private_key(path))


def private_key(path: Path) -> Ed25519PrivateKey:
    """The key that stands in a file; made, readable by its owner alone, where there is none."""
    if not path.exists():
        made = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        make_folder(path.parent)
        beside = path.with_name(f"{path.name}.{os.getpid()}")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(made)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # another process, which begins at the same time, was first: its key it is
            os.link(beside, path)
        beside.unlink()
        sync_folder(path.parent)
    key = load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError(f"{path}: 不是Ed25519密钥 / holds no Ed25519 key")
    return key
