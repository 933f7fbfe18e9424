"""What must hold of a world at its end: nothing answered is lost or changed, nothing is due, nothing was told twice."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from fundcall.audit.world import check_world
from fundcall.auditing import sentence
from fundcall.bootstrap import System
from states.events import Recorded
from workflow.handle import Accepted, Outcome, Request
from workflow.programme import CallMoved
from workflow.record import decode, encode, leaf_hash

_ID = re.compile(rb"^Message-ID: (<[^>]+>)", re.MULTILINE)
Answer = Outcome | CallMoved


@dataclass
class Answers:
    """What clients were told: each answer that rests on an event, kept outside of the system."""

    given: dict[str, tuple[Request, Answer, Recorded]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def note(self, request: Request, outcome: Answer) -> None:
        """A client has its answer."""
        if outcome.event is not None:
            self.given[request.command_id] = (request, outcome, outcome.event)

    def kth_last(self, k: int) -> Request | None:
        """The k-th request from the last, of those about applications; None where there are not so many, or for 0."""
        found = self.repeatable()
        return found[-k] if 0 < k <= len(found) else None

    def repeatable(self) -> list[Request]:
        """The requests about applications."""
        return [request for request, answer, _ in self.given.values() if not isinstance(answer, CallMoved)]

    def compare(self, request: Request, outcome: Outcome) -> None:
        """A request came once more: it must be answered as it was, as a repetition."""
        _, first, event = self.given[request.command_id]
        same = outcome.event == event and isinstance(outcome, type(first))
        if isinstance(outcome, Accepted) and isinstance(first, Accepted):
            same = same and outcome.application == first.application
        if not outcome.repeated or not same:
            self.wrong.append(f"{request.command_id} given again is answered otherwise")


class Found(NamedTuple):
    """The root of the ledger, and everything that is wrong."""

    root: str
    violations: list[str]


def verdict(system: System, now: datetime, answers: Answers, taken: Sequence[bytes]) -> Found:
    """Look at everything. Every request is given once more as well."""
    ledger, teller = system.ledger, system.dispatcher.teller

    def expected() -> Mapping[int, int]:
        return Counter(s.position for s in ledger.stored() for _ in teller.told(decode(s.body)))

    whole = check_world(ledger, system.notices, now, answers.given, expected)
    violations = [sentence(divergence) for divergence in whole.divergences]
    violations += ledger.damage()
    violations += _moved(system, answers)
    head, asked = ledger.head(), answers.repeatable()
    for request, outcome in zip(asked, system.handler.handle_many(asked, now), strict=True):
        answers.compare(request, outcome)
    if ledger.head() != head:
        violations.append(f"given again, requests made {ledger.head() - head} events")
    return Found(whole.root, [*violations, *answers.wrong, *_mails(system, taken)])


def _moved(system: System, answers: Answers) -> Iterator[str]:
    """Each answer's event stands where the client was told, byte for byte."""
    leaves = {position: leaf for position, _, leaf in system.ledger.spine(0, system.ledger.head())}
    for command_id, (_, _, event) in answers.given.items():
        if leaves.get(event.position) != leaf_hash(encode(event)):
            yield f"{command_id} is not at {event.position} as it was answered"


def _mails(system: System, taken: Sequence[bytes]) -> Iterator[str]:
    """What counts as accepted was taken by the relay, as recorded; what is not statutory was taken once at most."""
    copies: dict[str, list[bytes]] = {}
    for mail in taken:
        found = _ID.search(mail)
        copies.setdefault(found[1].decode() if found else "", []).append(mail)
    notices = {notice.message_id: notice for notice in system.notices.notices()}
    for message_id, mails in copies.items():
        if message_id not in notices:
            yield f"a mail that was never recorded: {message_id}"
        elif any(mail.removesuffix(b".\r\n") != notices[message_id].body for mail in mails):
            yield f"a mail was sent otherwise than recorded: {message_id}"
    for message_id, notice in notices.items():
        copied = len(copies.get(message_id, ()))
        if notice.status == "accepted" and not copied:
            yield f"counted as accepted, and never taken: {notice.template} {message_id}"
        if notice.kind != "statutory" and copied > 1:
            yield f"taken {copied} times: {notice.kind} {notice.template} {message_id}"
