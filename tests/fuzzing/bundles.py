"""Evidence bundles, given to the script that comes with them, made by whoever has the key: all signatures hold."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path
from unittest.mock import patch

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from fundcall.audit import verify_bundle
from tests.audit.other_verifier import verify
from tests.audit.small_bundles import NEW, ROTATION, exported, place, root
from tests.fuzzing.lists import folder
from tests.fuzzing.target import Target

_NAMES = ("manifest.json", "checkpoint.txt", "events.jsonl", "proofs.json", "personal.json", "keys.txt", "kept.txt")
"""What an input has: each begins with a line of its name. kept.txt is a checkpoint from elsewhere, and no part of the bundle."""
_BEGINS = re.compile(rf"^== ({'|'.join(map(re.escape, _NAMES))})\n".encode(), re.MULTILINE)


def _parts(content: bytes) -> dict[str, bytes]:
    _, *found = _BEGINS.split(content)
    return dict(zip(map(bytes.decode, found[::2]), found[1::2], strict=True))


def _joined(parts: Mapping[str, bytes]) -> bytes:
    return b"".join(b"== %s\n%s\n" % (name.encode(), part.removesuffix(b"\n")) for name, part in parts.items())


def _bundle(content: bytes) -> None:
    """The script says in sentences what does not hold; where it says that all does, so does another verifier."""
    parts = _parts(content)
    bundle = _laid_out(parts)
    asked = ["verify_bundle.py", str(bundle)]
    if "kept.txt" in parts:
        kept = folder() / "kept.txt"
        kept.write_bytes(_signed(parts["kept.txt"]))
        asked += ["--checkpoint", str(kept)]
    said = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
    with patch.object(sys, "argv", asked), patch.object(verify_bundle, "_signed", _holds), redirect_stdout(said):
        code = verify_bundle.main()
    assert code in (0, 1)
    if not code:
        verify(bundle)


def _holds(public: bytes, message: bytes, signature: bytes) -> bool:
    """The script's own arithmetic takes four milliseconds; that it agrees is shown in test_verifier_arithmetic.py."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (ValueError, InvalidSignature):
        return False
    return True


def _laid_out(parts: Mapping[str, bytes]) -> Path:
    """The bundle in a folder, with its rules, as whoever has the key would sign it: "*" stands for what has to be there."""
    bundle = folder() / "bundle"
    shutil.rmtree(bundle, ignore_errors=True)
    (bundle / "rules").mkdir(parents=True)
    rules = _rules()
    own = {name: part for name, part in parts.items() if name not in ("manifest.json", "kept.txt")}
    own |= {"key.txt": f"{NEW.verifier}\n".encode(), f"rules/{hashlib.sha256(rules).hexdigest()}.json": rules}
    said = own.get("checkpoint.txt", b"")
    if said.endswith(b"\n*\n"):
        lines = own.get("events.jsonl", b"").split(b"\n")[:-1]
        said = said[:-2] + base64.b64encode(bytes.fromhex(root(lines))) + b"\n"
    own["checkpoint.txt"] = _signed(said)
    files = json.dumps({name: hashlib.sha256(part).hexdigest() for name, part in own.items()}).encode()
    manifest = parts.get("manifest.json", b"").replace(b'"*"', files)
    lines_signed = ("fundcall-bundle-1", hashlib.sha256(manifest).hexdigest())
    own |= {"manifest.json": manifest, "manifest.sig": NEW.sign_lines(*lines_signed).encode()}
    for name, part in own.items():
        (bundle / name).write_bytes(part)
    return bundle


def _signed(said: bytes) -> bytes:
    """A checkpoint under a signature that holds."""
    return NEW._note(said.decode("utf-8", "replace")).encode()


@cache
def _rules() -> bytes:
    made = place()
    return made.handler.calls[made.call_id].body


@cache
def _samples() -> Sequence[bytes]:
    """A whole bundle that holds, one whose key was changed, and that of one application."""
    made, found = place(), []
    for name, rotations, application in (("whole", (), None), ("changed", (ROTATION,), None), ("one", (), made.ledger.rows()[0].id)):  # fmt: skip
        bundle = exported(made, folder() / name, NEW, *rotations, application=application)
        said = json.loads((bundle / "manifest.json").read_bytes()) | {"files": "*"}
        said["notices"] = [notice | {"file": ""} for notice in said["notices"]]
        parts = {part: (bundle / part).read_bytes() for part in _NAMES if (bundle / part).exists()}
        lines = parts["checkpoint.txt"].partition(b"\n\n")[0].split(b"\n")
        parts["checkpoint.txt"] = b"\n".join([*lines[:2], b"*" if application is None else lines[2], b""])
        found.append(_joined(parts | {"manifest.json": json.dumps(said).encode()}))
        if rotations:
            found.append(found[-1] + b"== kept.txt\n" + b"\n".join([*lines, b""]))
    return found


TARGETS = (Target("bundles", "evidence bundles, by verify_bundle.py", _bundle, _samples, runs=60),)
