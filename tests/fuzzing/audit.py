"""What an auditor has in hand: a ledger, its checkpoints, proofs, what witnesses and authorities answer."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509 import load_pem_x509_certificates

from fundcall.audit.checkpoint import BadNote, opened
from fundcall.audit.duties import duties
from fundcall.audit.journal import Journal, notes_in
from fundcall.audit.proof import grown, proof, proved
from fundcall.audit.roots import Roots
from fundcall.audit.second import SecondRoots
from fundcall.audit.streams import Span, check_streams
from fundcall.audit.timestamps import stamped_at
from fundcall.audit.witness import Book, cosigned_at, cosigner_of, request
from fundcall.calls.calendars import Published
from fundcall.calls.recorded import RecordedRules
from tests.audit.small_bundles import NEW, OLD, ROTATION
from tests.drive import A1, DAY, World, world
from tests.filings import CLIMATE
from tests.fuzzing.lists import folder
from tests.fuzzing.target import ROOT, Target
from workflow.ports import Entry, History
from workflow.record import leaf_hash, read
from workflow.redecide import Redecider

_NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@cache
def _place() -> World:
    """A call that two applications have lived through."""
    made = world(CLIMATE.call)
    made.rejected()
    made.closed()
    return made


def _published() -> World:
    """A call with its own events, which begins."""
    made = world(CLIMATE.call)
    made.do_call("PublishCall", A1)
    made.corrected()
    made.days_off(date(2026, 6, 1))
    made.extended(made.handler.calls[CLIMATE.call].call.closes_at + DAY)
    made.money(90_000_000)
    return made


@cache
def _roots() -> Roots:
    return Roots(_place().ledger)


# --- the ledger -----------------------------------------------------------------------------------------------------


class _Told:
    """A ledger of one stream."""

    def __init__(self, history: History) -> None:
        self._history = history

    def histories(self, after: str = "", upto: str | None = None) -> Iterator[History]:
        yield self._history


def _entry(number: int, body: bytes) -> Entry:
    """An event as whoever alters it would leave it: with the leaf and the columns that it says."""
    leaf = leaf_hash(body)
    try:
        event, text = read(body)
    except ValueError:
        return Entry(number, "", number, "", "", "", leaf, body)
    return Entry(event.position, event.application, event.version, event.type, event.command_id, text, leaf, body)


def _stream(content: bytes) -> None:
    """A stream, an event a line: the check finds what it finds, and comes to its end, at depth 2 too."""
    entries = [_entry(n, body) for n, body in enumerate(content.split(b"\n"), 1) if body]
    history = History(str(entries[0].application) if entries else "", entries, None, [])
    again = Redecider(RecordedRules(_place().ledger.rules), Published()).check
    check_streams(_Told(history), Span("", None), (duties, again))


def _streams() -> Sequence[bytes]:
    every = (history for place in (_place(), _published()) for history in place.ledger.histories())
    return [b"\n".join(entry.body for entry in history.entries) for history in every]


# --- what is signed -------------------------------------------------------------------------------------------------


def _journal(content: bytes) -> None:
    """The file of checkpoints, as the audit reads it; a ValueError is told as one divergence."""
    file = folder() / "checkpoints.txt"
    file.write_bytes(content)
    notes_in(file, 100)
    journal = Journal(file, NEW.verifier)
    journal.verifiers()
    with suppress(ValueError):
        list(journal.check(_roots(), _place().ledger.head()))
        list(SecondRoots(_place().ledger).check(journal.notes()))


def _journals() -> Sequence[bytes]:
    notes = (OLD.sign(3, _roots().at(3), "sm3 AAAA"), ROTATION, NEW.sign(5, _roots().at(5)))
    return ["".join(f"{note.rstrip()}\n\n\n" for note in notes).encode()]


def _note(content: bytes) -> None:
    """A note and a key, neither of them ours."""
    note, _, key = content.decode("utf-8", "replace").partition("\n==\n")
    for ask in (opened, lambda text, by: cosigned_at(text, text.rpartition("\n")[2], cosigner_of(by))):
        with suppress(BadNote, ValueError):
            ask(note, key)
    opened(note, NEW.verifier)


def _notes() -> Sequence[bytes]:
    book = Book(folder() / "seeds", "witness.example", _key(), [NEW.verifier])
    note = NEW.sign(5, _roots().at(5))
    cosigned = book.add(request(0, [], note), _NOW)[1]
    return [f"{note}\n==\n{NEW.verifier}".encode(), f"{note}{cosigned.strip()}\n==\n{book.by}".encode()]


def _signed(content: bytes) -> None:
    """Whoever has the key signs anything: a proof, and the body of its checkpoint, are read with a signature that holds."""
    head, _, said = content.decode("utf-8", "replace").partition("\n==\n")
    note = NEW._note(f"{said}\n")
    for ask in (_proved, _grown, _witnessed):
        with suppress(BadNote):
            ask(head, note)


def _proved(head: str, note: str) -> None:
    leaf = leaf_hash(b"")
    proved(f"{head}\n\n{note}", leaf, NEW.verifier)


def _grown(head: str, note: str) -> None:
    grown(NEW.sign(3, _roots().at(3)), note, head.split("\n"), NEW.verifier)


def _witnessed(head: str, note: str) -> None:
    book = Book(folder() / "book", "witness.example", _key(), [NEW.verifier])
    status, said = book.add(f"{head}\n\n{note}".encode(), _NOW)
    assert status in (200, 400, 403, 404, 409, 422)
    assert said.endswith("\n")


def _signable() -> Sequence[bytes]:
    size, roots = _place().ledger.head(), _roots()
    note = NEW.sign(size, roots.at(size))
    said = note.partition("\n\n")[0]
    path = [base64.b64encode(node).decode() for node in roots.consistency(3, size)]
    heads = (proof(roots, 4, note, size).partition("\n\n")[0], "\n".join(path), request(0, [], note).decode().partition("\n\n")[0])  # fmt: skip
    return [f"{head}\n==\n{said}".encode() for head in heads]


@cache
def _key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([9]) * 32)


def _timestamp(content: bytes) -> None:
    kept = _stamped()
    stamped_at(content, kept["content"].encode(), load_pem_x509_certificates(kept["root"].encode()))


@cache
def _stamped() -> Mapping[str, str]:
    """What `openssl ts` answered for a note, and the root that it is trusted by."""
    found: Mapping[str, str] = json.loads((ROOT / "tests" / "data" / "timestamp.json").read_text(encoding="utf-8"))
    return found


TARGETS = (
    Target("streams", "events of a stream, whoever has altered them", _stream, _streams, runs=60),
    Target("journals", "the file of checkpoints", _journal, _journals, runs=100),
    Target("notes", "notes, their keys, lines of witnesses", _note, _notes, (BadNote,)),
    Target("signed-notes", "proofs and requests under a signature that holds", _signed, _signable, runs=150),
    Target(
        "timestamps",
        "answers of an authority",
        _timestamp,
        lambda: [base64.b64decode(_stamped()["answer"])],
        (ValueError, ImportError),
    ),
)
