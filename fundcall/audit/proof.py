"""Proofs that events stand on the ledger (C2SP tlog-proof): texts that need nothing but the ledger's key to be checked."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any, NamedTuple

from fundcall.audit.checkpoint import BadNote, Checkpoint, Signer, opened
from fundcall.audit.merkle import extends, root_by_path
from fundcall.audit.roots import Roots
from workflow.ports import Stored

FORMAT = "fundcall-proof-1"
_FIRST = "c2sp.org/tlog-proof@v1"


class Included(NamedTuple):
    """What a proof proves: where the event stands, and under which checkpoint."""

    position: int
    checkpoint: Checkpoint


def proof(roots: Roots, position: int, note: str, size: int) -> str:
    """The proof that the event at a position is covered by a signed checkpoint over `size` events. Raises ValueError."""
    path = roots.inclusion(position - 1, size)
    lines = [_FIRST, f"index {position - 1}", *(base64.b64encode(node).decode() for node in path)]
    return "\n".join(lines) + f"\n\n{note}"


def proved(text: str, leaf: bytes, verifier: str) -> Included:
    """What a proof says of the event with that leaf hash. Raises BadNote where it does not hold."""
    head, _, note = text.partition("\n\n")
    checkpoint = opened(note, verifier)
    try:
        first, *lines = head.split("\n")
        if lines and lines[0].startswith("extra "):
            lines = lines[1:]
        word, at = lines[0].split(" ")
        path = [base64.b64decode(line, validate=True) for line in lines[1:]]
        if (first, word, str(int(at))) != (_FIRST, "index", at):
            raise BadNote("not a proof")
        if root_by_path(leaf, int(at), checkpoint.size, path) != checkpoint.root:
            raise BadNote(f"the event at {int(at) + 1} is not covered by the checkpoint over {checkpoint.size}")
    except (ValueError, IndexError) as wrong:
        raise BadNote(f"not a proof: {wrong}") from wrong
    return Included(int(at) + 1, checkpoint)


def proofs(roots: Roots, signer: Signer, application: str, events: Iterable[Stored], size: int) -> dict[str, Any]:
    """The proofs of an application's events under the checkpoint over `size` events, as plain JSON."""
    note = signer.sign(size, roots.at(size))
    return {
        "format": FORMAT,
        "application": application,
        "checkpoint": note,
        "verifier": signer.verifier,
        "events": [
            {
                "position": event.position,
                "type": event.type,
                "leaf": event.leaf.hex(),
                "proof": proof(roots, event.position, note, size),
            }
            for event in events
        ],
    }


def consistency(roots: Roots, signer: Signer, first: int, second: int) -> dict[str, Any]:
    """The proof that the ledger of `second` events begins with that of `first`, as plain JSON. Raises ValueError."""
    return {
        "first": first,
        "second": second,
        "proof": [base64.b64encode(node).decode() for node in roots.consistency(first, second)],
        "checkpoint": signer.sign(second, roots.at(second)),
        "verifier": signer.verifier,
    }


def grown(earlier: str, later: str, nodes: Iterable[str], verifier: str) -> tuple[Checkpoint, Checkpoint]:
    """Two checkpoints of one ledger, the later of which begins with the earlier: nothing was altered, taken out or put
    in between. Raises BadNote where that does not hold: history was forked.
    """
    first, second = opened(earlier, verifier), opened(later, verifier)
    if first.origin != second.origin:
        raise BadNote(f"checkpoints of two ledgers: {first.origin} and {second.origin}")
    try:
        path = [base64.b64decode(node, validate=True) for node in nodes]
    except ValueError as wrong:
        raise BadNote(f"not a proof: {wrong}") from wrong
    if not extends(first.size, first.root, second.size, second.root, path):
        raise BadNote(f"forked: the ledger of {second.size} events does not begin with that of {first.size}")
    return first, second
