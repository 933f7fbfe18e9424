"""What an auditor asks of an installation: everything replayed at some depth, on every core, and what is remembered of it."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import orjson

import fundcall.audit
import fundcall.calls
import states
import workflow
from fundcall.audit.merkle import Tree
from fundcall.audit.spread import check_spread, spans
from fundcall.audit.streams import Part, Remark, Remembered, Span, check_streams
from fundcall.audit.world import Verdict, check_world
from fundcall.bootstrap import Proofs, System
from fundcall.calls.calendars import Published
from fundcall.checking import place
from fundcall.retelling import stray
from states.funding_call import FundingCall
from workflow.asof import At, position_at
from workflow.ports import History
from workflow.redecide import Judged, Redecider, Stopped
from workflow.replay import Divergence, check_spine, fold_stream

_EACH = 5_000
"""Events in a span, about."""
_NOTICES = 3
"""The depth at which notices are written again."""
_WORTH_SPREADING = 9
"""From so many spans on it pays to start processes."""


def verify(
    system: System, depth: int = 1, *, afresh: bool = False, tell: Callable[[int], None] | None = None
) -> Verdict:
    """Check everything (`check_world`) with every stream at that depth (1 to 3), on every core where there is enough to do.

    What was found sound before, at that depth and by this very code, is hashed and not parsed again, unless `afresh`;
    at depth 3 everything is done again, and the file itself is looked at.
    """
    ledger, data = system.ledger, system.settings.data_dir
    key = _key(system, depth)
    remembered = None if depth == _NOTICES else Remembered(key, {} if afresh else _recall(data, depth))
    make = partial(place, system.settings.where, depth, remembered, Proofs(system).verifiers)
    cuts = spans(ledger.names(), _EACH)
    cores = len(os.sched_getaffinity(0))

    def parts() -> Iterator[Part]:
        if len(cuts) < _WORTH_SPREADING or cores == 1:
            here = make()
            return (check_streams(here.ledger, cut, here.checks, here.remembered) for cut in cuts)
        return check_spread(make, cuts, cores)

    verdict = check_world(ledger, tell=tell, parts=parts)
    if depth == _NOTICES:
        damage = (Divergence(0, "", "file", "intact", line) for line in ledger.damage())
        return replace(verdict, divergences=(*verdict.divergences, *stray(ledger), *damage))
    _remember(data, depth, verdict.sound)
    return verdict


def _key(system: System, depth: int) -> bytes:
    """The key of fingerprints: this installation's, for this depth, this code and these rules."""
    signer = Proofs(system).signer
    found = hashlib.blake2b(key=signer.derived("sound streams"), digest_size=32)
    found.update(str(depth).encode())
    found.update(version("chinesecalendar").encode())
    for module in (states, workflow, fundcall.audit, fundcall.calls):
        for file in sorted(Path(*module.__path__).rglob("*.py")):
            found.update(file.read_bytes())
    for rules_hash, body in sorted(system.ledger.all_rules()):
        found.update(rules_hash.encode() + hashlib.sha256(body).digest())
    return found.digest()


def _file(data: Path, depth: int) -> Path:
    return data / f"sound-{depth}.json"


def _recall(data: Path, depth: int) -> Mapping[str, bytes]:
    """The fingerprints kept; none where there are none, or the file cannot be read: it is only a memory."""
    try:
        return {name: bytes.fromhex(mark) for name, mark in orjson.loads(_file(data, depth).read_bytes()).items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def _remember(data: Path, depth: int, sound: Mapping[str, bytes]) -> None:
    file = _file(data, depth)
    beside = file.with_suffix(f".{os.getpid()}")
    beside.write_bytes(orjson.dumps({name: mark.hex() for name, mark in sound.items()}))
    beside.replace(file)


class Seen(NamedTuple):
    """The ledger, or one stream of it, replayed up to a position. `final`: the same instant will always lead there."""

    position: int
    final: bool
    events: int
    states: Mapping[str, int]
    root: str | None
    divergences: Sequence[Divergence]
    remarks: Mapping[str, int]


def replayed(system: System, stream: str | None, until: datetime | None, depth: int) -> Seen:
    """The ledger as recorded by an instant, folded anew; rows and deadlines are of now and are not compared."""
    at = position_at(system.ledger, until) if until is not None else At(system.ledger.head(), final=False)
    checks = place(system.settings.where, depth, None, Proofs(system).verifiers).checks
    counts, remarks = Counter[str](), Counter[str]()
    found: list[Divergence] = []
    tree, events = Tree(), 0
    if stream is None:
        found += check_spine(system.ledger, 0, at.position, tree.extend)
    for whole in _streams(system, stream):
        history = whole._replace(entries=[entry for entry in whole.entries if entry.position <= at.position])
        folded = fold_stream(history)
        events += len(history.entries)
        said = [d for check in checks for d in check(folded)]
        found += [*folded.divergences, *(d for d in said if isinstance(d, Divergence))]
        remarks.update(d.text for d in said if isinstance(d, Remark))
        if folded.application is not None:
            counts[folded.application.state.value] += 1
    return Seen(at.position, at.final, events, counts, tree.root().hex() if stream is None else None, found, remarks)


def _streams(system: System, stream: str | None) -> Iterator[History]:
    if stream is None:
        return system.ledger.histories()
    return (history for history in system.ledger.histories(*Span.only(stream)) if history.name == stream)


class Otherwise(NamedTuple):
    """The first decision on an application that would have come out otherwise, and why; or that cannot be taken again."""

    application: str
    position: int
    event: str
    found: str
    would: str
    code: str
    clause: str
    zh: str
    en: str


def what_if(system: System, call: FundingCall, tell: Callable[[int], None] | None = None) -> Iterator[Otherwise]:
    """The applications of a call that its other version would have decided otherwise, each with its first such decision:
    the recorded facts, judged by other rules. What would have followed after it nobody knows. `tell` is told of each
    stream's events once they are judged.
    """
    redecider = Redecider(lambda _: call, Published())
    for history in system.ledger.histories():
        events = fold_stream(history).events
        if tell is not None:
            tell(len(history.entries))
        if not events or events[0].data.get("call_id") != call.id:
            continue
        try:
            turned = next((judged for judged in redecider.judge(events) if judged.turned), None)
        except Stopped as stopped:
            yield _unknown(stopped)
            continue
        if turned is not None:
            yield _otherwise(turned)


def _otherwise(judged: Judged) -> Otherwise:
    event, (reason, *_) = judged.event, [*judged.again.refusals, *judged.recorded.refusals]
    return Otherwise(
        event.application, event.position, judged.command, judged.recorded.told, judged.again.told, reason["code"],
        reason["clause"], reason["zh"], reason["en"],
    )  # fmt: skip


def _unknown(stopped: Stopped) -> Otherwise:
    """A decision that cannot be taken again: its recorded calendar is not to be had, say."""
    event, why = stopped.event, str(stopped)
    zh, en = f"无法重作这项决定：{why}", f"this decision cannot be taken again: {why}"
    return Otherwise(
        event.application,
        event.position,
        event.type,
        f"recorded: {event.type}",
        "cannot be known",
        "not_at_hand",
        "",
        zh,
        en,
    )


def sentence(divergence: Divergence) -> str:
    """A divergence as a sentence: where, what, and what was expected and found."""
    at = f"位置 {divergence.position} / at position {divergence.position}, " if divergence.position else ""
    of = f"{divergence.application}, " if divergence.application else ""
    return f"{at}{of}{divergence.what}: 应为 expected {divergence.expected}; 实为 found {divergence.found}"
