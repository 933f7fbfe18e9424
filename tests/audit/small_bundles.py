"""Bundles over a ledger of a few events made in memory, changed and signed anew, and what the script beside them says."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any, cast

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fundcall.audit.bundle import export
from fundcall.audit.checkpoint import Signer
from fundcall.audit.merkle import root_of
from fundcall.audit.roots import Roots
from tests.drive import World, world
from tests.filings import CLIMATE
from workflow.notices import Notice, Notices
from workflow.record import leaf_hash

OLD, NEW, OTHER = (Signer("call.example", Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32)) for n in (1, 2, 3))
ROTATION = NEW.cosign(OLD.sign_lines(f"rotated-from {OLD.verifier}", f"rotated-to {NEW.verifier}"))
EVENTS = 7


class Few:
    """The notices of these applications: one that was sent and one whose text was erased."""

    def __init__(self, application: str) -> None:
        self._application = application

    def notices(self, application: str | None = None) -> list[Notice]:
        """Two of the second event."""
        body = b"Subject: x\r\n\r\ny"
        told = (2, "submitted", self._application, "", "statutory", "x", "<1@example>", hashlib.sha256(body).digest())
        one = Notice(told[0], "contact-1", *told[1:], body, "accepted")
        return [one, one._replace(recipient="contact-2", body=b"")]


def place() -> World:
    """Two applications: one filed, one a draft."""
    made = world(CLIMATE.call)
    made.submitted()
    made.draft()
    return made


def exported(made: World, out: Path, signer: Signer, *rotations: str, application: str | None = None) -> Path:
    notices = cast("Notices", Few(made.ledger.rows()[0].id))
    export(out, made.ledger, notices, Roots(made.ledger), signer, application, rotations, redact=False)
    return out


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def signed(bundle: Path, said: dict[str, Any], signer: Signer = OLD) -> None:
    """Sign a manifest anew."""
    manifest = json.dumps(said)
    (bundle / "manifest.json").write_text(manifest)
    (bundle / "manifest.sig").write_text(signer.sign_lines("fundcall-bundle-1", digest(manifest.encode())))


def changed(bundle: Path, folder: Path, **files: bytes | None) -> Path:
    """A copy in which files (".": "__", "/": "___") hold something else, or are gone, and which is signed anew."""
    copy = Path(shutil.copytree(bundle, folder / "copy"))
    said = json.loads((copy / "manifest.json").read_bytes())
    for name, content in files.items():
        path = name.replace("___", "/").replace("__", ".")
        if content is None:
            (copy / path).unlink()
            said["files"].pop(path)
        else:
            (copy / path).write_bytes(content)
            said["files"][path] = digest(content)
    signed(copy, said)
    return copy


def lines_of(bundle: Path) -> list[bytes]:
    return (bundle / "events.jsonl").read_bytes().splitlines()


def with_lines(bundle: Path, folder: Path, lines: list[bytes], **files: bytes | None) -> Path:
    return changed(bundle, folder, events__jsonl=b"".join(line + b"\n" for line in lines), **files)


def root(lines: list[bytes]) -> str:
    return root_of(leaf_hash(line) for line in lines).hex()


def another(line: bytes, **values: object) -> bytes:
    """An event with other values, canonical."""
    return json.dumps(
        {**json.loads(line), **values}, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    ).encode()


def no(bundle: Path, *lines: str) -> tuple[int, str]:
    """What is said of a bundle in which these do not hold."""
    return 1, "".join(f"✗ {bundle}: {line}\n" for line in lines)


def yes(bundle: Path, events: int, signer: Signer, *, known: bool = False) -> str:
    """What is said of a bundle that holds."""
    origin, size, encoded = (bundle / "checkpoint.txt").read_text().split("\n")[:3]
    told = "as given" if known else "as the bundle says: hold it against one known from elsewhere"
    return (
        f"✓ {bundle}: {events} events under the checkpoint over {size}, {origin}, root {base64.b64decode(encoded).hex()}\n"
        f"  key {signer.verifier} ({told})\n"
    )
