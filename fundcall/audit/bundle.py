"""Evidence bundles: what stands on the ledger, with everything that an outsider needs to verify it (FORMAT.md)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from fundcall.audit.checkpoint import Signer
from fundcall.audit.roots import Roots
from states.commands import PERSONAL
from states.events import BY_COMMAND
from workflow.notices import Notice, Notices
from workflow.ports import Ledger
from workflow.record import decode

FORMAT = "fundcall-bundle-1"
_WITH_IT = ("verify_bundle.py", "FORMAT.md")
_PERSONAL_IN: Mapping[str, str] = {BY_COMMAND[name].name: field for name, field in PERSONAL.items()}


class Exported(NamedTuple):
    """What was put into a bundle."""

    events: int
    notices: int
    checkpoint: str


def export(
    out: Path,
    ledger: Ledger,
    notices: Notices,
    roots: Roots,
    signer: Signer,
    application: str | None,
    rotations: Sequence[str] = (),
    *,
    redact: bool,
) -> Exported:
    """Write the bundle of an application, or of the whole ledger, into a new folder; `rotations` are the changes of the
    key so far. Raises FileExistsError.
    """
    out.mkdir(parents=True)
    size = ledger.head()
    note = signer.sign(size, roots.at(size))
    facts = _events(out, ledger, application, size)
    for rules_hash in sorted(facts.rules):
        _write(out, f"rules/{rules_hash}.json", ledger.rules(rules_hash) or b"")
    if application is not None:
        paths = {str(at): [_text(node) for node in roots.inclusion(at - 1, size)] for at in facts.positions}
        _write(out, "proofs.json", orjson.dumps(paths))
    if not redact:
        _write(out, "personal.json", orjson.dumps(_personal(ledger, facts.commitments)))
    told = [_told(out, n, notice, redact=redact) for n, notice in enumerate(_until(notices, application, size), 1)]
    _write(out, "checkpoint.txt", note.encode())
    _write(out, "key.txt", f"{signer.verifier}\n".encode())
    if rotations:
        _write(out, "keys.txt", "".join(f"{note}\n\n" for note in rotations).encode())
    for name in _WITH_IT:
        _write(out, name, (Path(__file__).parent / name).read_bytes())
    files = {p.relative_to(out).as_posix(): _digest(p.read_bytes()) for p in sorted(out.rglob("*")) if p.is_file()}
    manifest = orjson.dumps(
        {
            "format": FORMAT,
            "origin": signer.name,
            "application": application,
            "events": len(facts.positions),
            "redacted": redact,
            "files": files,
            "notices": told,
        },
        option=orjson.OPT_INDENT_2,
    )
    _write(out, "manifest.json", manifest)
    _write(out, "manifest.sig", signer.sign_lines(FORMAT, _digest(manifest)).encode())
    return Exported(len(facts.positions), len(told), note)


class _Facts(NamedTuple):
    """What the events of a bundle name."""

    positions: list[int]
    rules: set[str]
    commitments: list[str]


def _events(out: Path, ledger: Ledger, application: str | None, size: int) -> _Facts:
    facts = _Facts([], set(), [])
    with (out / "events.jsonl").open("wb") as file:
        for stored in ledger.stored(0, size, application):
            file.write(stored.body + b"\n")
            event = decode(stored.body)
            facts.positions.append(stored.position)
            facts.rules.add(event.rules_hash)
            field = _PERSONAL_IN.get(event.type)
            if field is not None:
                value = event.data[field]
                facts.commitments.extend(value if isinstance(value, list) else [value])
    return facts


def _personal(ledger: Ledger, commitments: Iterable[str]) -> dict[str, list[str]]:
    """The values that have not been erased."""
    found = {commitment: ledger.personal(commitment) for commitment in commitments}
    return {commitment: [p.salt, p.value.decode()] for commitment, p in found.items() if p is not None}


def _until(notices: Notices, application: str | None, size: int) -> Iterator[Notice]:
    return (notice for notice in notices.notices(application) if notice.position <= size)


def _told(out: Path, n: int, notice: Notice, *, redact: bool) -> dict[str, Any]:
    name = f"notices/{n}.eml" if notice.body and not redact else ""
    if name:
        _write(out, name, notice.body)
    return {
        "position": notice.position,
        "recipient": notice.recipient,
        "template": notice.template,
        "status": notice.status,
        "sha256": notice.digest.hex(),
        "file": name,
    }


def _write(out: Path, name: str, content: bytes) -> None:
    path = out / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _text(node: bytes) -> str:
    return base64.b64encode(node).decode()
