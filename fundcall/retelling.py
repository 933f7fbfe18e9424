"""Replay, depth 3: every recorded notice written anew, from its event, the rules of then and what it rested on, and held
against the one that was kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from email import message_from_bytes
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import orjson

import fundcall.calls
import notifications
import states
import templates
import workflow
from fundcall.audit import receipt as receipts
from fundcall.audit.checkpoint import BadNote, opened
from fundcall.audit.roots import Roots
from fundcall.audit.streams import Remark
from fundcall.calls.recorded import RecordedRules
from fundcall.directory import FixedDirectory
from fundcall.enclosures import receipt_files
from fundcall.storage.notices import notices_of, stationery_at, strays, told_upto, wording_of
from fundcall.storage.reader import Reader
from notifications.dispatch import CURSOR
from notifications.letter import Wording, compiled
from notifications.message import File
from notifications.render import Rendered
from notifications.rules import Planned
from notifications.stationery import Stationery, stationery_of
from notifications.telling import Teller, Told
from states.events import Recorded
from workflow.notices import Notice
from workflow.privacy import commitment
from workflow.record import encode, leaf_hash
from workflow.replay import Divergence, Folded
from workflow.rules import Rules

Found = Iterator[Divergence | Remark]
_LIBRARIES = ("jinja2", "typst", "orjson")
_COLUMNS = ("application", "ref", "kind", "subject", "message_id")


@cache
def code() -> str:
    """A digest over what writes notices: sources, templates, and the releases of the libraries that they rest on."""
    found = hashlib.sha256(" ".join(f"{name} {version(name)}" for name in _LIBRARIES).encode())
    folders = [Path(*module.__path__) for module in (states, workflow, notifications, fundcall.calls)]
    shipped = [Path(*templates.__path__) / kind for kind in ("mail", "pdf")]
    files = [*(f for folder in folders for f in folder.rglob("*.py")), *(f for kind in shipped for f in kind.iterdir())]
    for file in sorted([*files, Path(receipts.__file__)]):
        if file.is_file():
            found.update(file.name.encode() + hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()


def laid_out(teller: Teller, directory: FixedDirectory) -> bytes:
    """What the notices of a running system rest on beside the ledger."""
    papers = teller.papers is not None
    return Stationery(teller.sender, teller.public_url, directory.given, papers, version("fundcall"), code()).body


class _Made(NamedTuple):
    """A notice written anew, and what it was written on."""

    plan: Planned
    rendered: Rendered
    stationery: Stationery


class Retelling:
    """Depth 3 of one stream after the other. `verifiers` are the keys that receipts may be signed with."""

    def __init__(self, ledger: Reader, call_of: RecordedRules, verifiers: Sequence[str]) -> None:
        self._ledger, self._call_of, self._verifiers = ledger, call_of, verifiers
        self._upto = told_upto(ledger, CURSOR)
        self._roots = Roots(ledger)
        self._calls = _calls(ledger, call_of)
        self._tellers: dict[bytes, Teller] = {}
        self._before: dict[str, Notice] = {}

    def __call__(self, folded: Folded) -> Found:
        """What is told otherwise than its event gives, and what cannot be told again."""
        if not folded.events:
            return
        kept: dict[int, dict[tuple[str, str], Notice]] = {}
        for notice in notices_of(self._ledger, folded.events[0].application):
            if notice.of_event:
                kept.setdefault(notice.position, {})[notice.recipient, notice.template] = notice
        for event in folded.events:
            if event.position <= self._upto:
                yield from self._event(event, kept.get(event.position, {}))

    def _event(self, event: Recorded, kept: dict[tuple[str, str], Notice]) -> Found:
        for notice in kept.values():
            if notice.body and hashlib.sha256(notice.body).digest() != notice.digest:
                yield _diverges(event, notice, notice.digest.hex(), f"bytes of {_hex(notice.body)}")
        body = stationery_at(self._ledger, event.position)
        if body is None:
            yield from (Remark("no record of what the notice rested on: of an older release") for _ in kept)
            return
        try:
            stationery = stationery_of(body)
            made = self._again(event, body, stationery, kept)
        except Exception as wrong:  # noqa: BLE001 - whatever a template or an altered record raises is a finding
            yield from (_unwritten(event, notice, body, wrong) for notice in kept.values())
            return
        for key, one in made.items():
            yield from self._compared(event, one, key, kept.get(key))
        for key in kept.keys() - made.keys():  # another release may have told more people
            same = stationery.code == code()
            yield _diverges(event, kept[key], "no such notice", "one kept") if same else _other_code(stationery)

    def _again(
        self, event: Recorded, body: bytes, stationery: Stationery, kept: dict[tuple[str, str], Notice]
    ) -> dict[tuple[str, str], _Made]:
        self._before = {template: notice for (_, template), notice in kept.items() if notice.body}
        teller = self._tellers.get(body) or self._tellers.setdefault(body, self._teller(stationery))
        found = teller.retold(event, leaf_hash(encode(event)), lambda told: self._words(told, kept))
        return {(who.id, plan.template): _Made(plan, rendered, stationery) for plan, who, rendered in found}

    def _words(self, told: Told, kept: dict[tuple[str, str], Notice]) -> Wording | None:
        """The words that a notice was written with, as they were kept; None for one of an older release."""
        notice = kept.get((told.recipient.id, told.plan.template))
        body = wording_of(self._ledger, notice.wording) if notice is not None and notice.wording else None
        if body is not None and notice is not None and hashlib.sha256(body).hexdigest() != notice.wording:
            raise ValueError(f"the words kept as {notice.wording} are others")
        return compiled(body) if body is not None else None

    def _teller(self, on: Stationery) -> Teller:
        directory = FixedDirectory(**on.boxes)
        papers = self._papers if on.papers else None
        return Teller(
            self._ledger, directory, self._calls, on.sender, on.public_url, self._roots.at, papers, self._call_of
        )

    def _papers(self, event: Recorded) -> tuple[File, ...]:
        """The receipt, under the checkpoint that was signed then: the key may have been retired since."""
        call = self._call_of(event)
        found = receipts.receipt(self._ledger, call, event.application, self._signed_then, event.position)
        return receipt_files(found, event.recorded_at) if found else ()

    def _signed_then(self, size: int) -> dict[str, str]:
        held = next(filter(None, map(_attached, self._before.values())), {})
        note, verifier = str(held.get("checkpoint", "")), str(held.get("verifier", ""))
        if verifier not in self._verifiers:
            raise BadNote(f"a receipt signed with another key than this ledger's: {verifier or 'none'}")
        if opened(note, verifier)[1:3] != (size, self._roots.at(size)):
            raise BadNote("a receipt under a checkpoint of another ledger")
        return {"checkpoint": note, "verifier": verifier}

    def _compared(self, event: Recorded, made: _Made, key: tuple[str, str], notice: Notice | None) -> Found:
        recipient, template = key
        if notice is None:
            name = f"notice {template} to {recipient}"
            yield Divergence(event.position, event.application, name, "told", "none kept", event.type)
            return
        expected = (event.application, made.plan.ref, made.plan.kind, made.rendered.subject, made.rendered.message_id)
        said = tuple(getattr(notice, name) for name in _COLUMNS)
        if hashlib.sha256(made.rendered.body).digest() == notice.digest and said == expected:
            return
        personal = self._ledger.personal(recipient) if recipient.startswith("sha256:") else None
        if personal is not None and commitment(personal.salt, personal.value) != recipient:
            yield _diverges(event, notice, "the name and address committed to", "others")
        elif recipient.startswith("sha256:") and personal is None:
            yield Remark("the recipient was erased; the notice's digest alone is kept")
        elif made.stationery.code != code():
            yield _other_code(made.stationery)
        elif said != expected:
            wrong = [(name, a, b) for name, a, b in zip(_COLUMNS, expected, said, strict=True) if a != b]
            yield _diverges(event, notice, *(", ".join(f"{w[0]}={w[at]}" for w in wrong) for at in (1, 2)))
        else:
            yield _diverges(event, notice, _hex(made.rendered.body), notice.digest.hex())


def stray(ledger: Reader) -> Iterator[Divergence]:
    """Notices that no event stands behind."""
    for one in strays(ledger):
        if one.of_event:
            yield Divergence(
                one.position, one.application, f"notice {one.template} to {one.recipient}", "an event", "none"
            )


def _calls(ledger: Reader, rules: RecordedRules) -> dict[str, Rules]:
    """A call of each name; how it stood at an event is asked by the event. Altered rules are told by depth 2."""
    found: dict[str, Rules] = {}
    for rules_hash, body in ledger.all_rules():
        with suppress(LookupError, ValueError):
            call = rules.by_hash(rules_hash)
            found[call.id] = Rules(call, rules_hash, body)
    return found


def _attached(notice: Notice) -> dict[str, Any]:
    """The receipt that goes with a mail, as it was made."""
    for part in message_from_bytes(notice.body).walk():
        if part.get_content_type() == "application/json":
            content = part.get_payload(decode=True)
            held: dict[str, Any] = orjson.loads(content) if isinstance(content, bytes) else {}
            return held
    return {}


def _other_code(stationery: Stationery) -> Remark:
    return Remark(f"templates of then are not at hand: release {stationery.release}, digest {stationery.code}")


def _unwritten(event: Recorded, notice: Notice, body: bytes, wrong: Exception) -> Divergence | Remark:
    try:
        stationery = stationery_of(body)
    except (ValueError, TypeError) as unreadable:
        return _diverges(event, notice, "what the notice rests on", f"an altered record: {unreadable}")
    if stationery.code != code() and not isinstance(wrong, BadNote):
        return _other_code(stationery)
    return _diverges(event, notice, "can be written again", f"{type(wrong).__name__}: {wrong}")


def _diverges(event: Recorded, notice: Notice, expected: str, found: str) -> Divergence:
    name = f"notice {notice.template} to {notice.recipient}"
    return Divergence(event.position, event.application, name, expected, found, event.type)


def _hex(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
