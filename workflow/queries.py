"""What people ask without changing anything: an officer's worksheet, who tried to file and could not, how far targets are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from states.application import Application, State
from states.commands.filing import Contact
from states.events import REFUSED
from states.funding_call import FundingCall, Rule, Severity
from states.labels import Pair
from workflow.ports import Ledger, Stored
from workflow.record import decode

_FILING = frozenset({"CreateDraft", "SubmitApplication", "ResubmitApplication"})


def contacts_of(ledger: Ledger, application: Application) -> tuple[Contact, ...]:
    """The contacts that stand for an application, as far as they are not erased: for its unit to see, and for officers."""
    people = map(ledger.personal, application.contacts)
    return tuple(Contact(**orjson.loads(person.value)) for person in people if person is not None)


class Item(NamedTuple):
    """Something an officer has to look at: a finding of the machine, or a rule that only a person can judge.

    `state`: open, overridden, awaiting_second, upheld, or to_see for what the machine cannot find.
    """

    rule: str
    ref: str
    clause: str
    quote: str
    severity: str
    zh: str
    en: str
    where: str
    state: str
    reason: str


def worksheet(call: FundingCall, application: Application) -> tuple[Item, ...]:
    """What the format check of an application has to go through: machine findings first, then the list for people."""
    machine = [_found(call, application, finding) for finding in application.findings]
    manual = (
        Item(r.id, r.ref, r.clause, r.quote, r.severity.value, r.zh, r.en, "", "to_see", "")
        for r in call.rules.values()
        if _unseen(r, application) and r.severity in _FOR_PEOPLE and r.concerns(application.topic)
    )
    return (*machine, *manual)


def _unseen(rule: Rule, application: Application) -> bool:
    """Whether the machine has not looked: at what no check is for, or at a certificate where certificates are not looked at."""
    return rule.check == "none" or (rule.check == "certificate" and not application.certified)


_FOR_PEOPLE = frozenset({Severity.REFUSE, Severity.OFFICER, Severity.DECLARE})


def _found(call: FundingCall, application: Application, finding: Mapping[str, Any]) -> Item:
    rule = call.rules[finding["rule"]]
    decided = application.decided.get(rule.id)
    state = "open"
    if decided is not None:
        waits = decided.verdict == "override" and rule.needs_second and not decided.seconded_by
        state = "awaiting_second" if waits else {"override": "overridden", "uphold": "upheld"}[decided.verdict]
    return Item(
        rule.id,
        rule.ref,
        finding["clause"],
        rule.quote,
        finding["severity"],
        finding["zh"],
        finding["en"],
        finding["where"],
        state,
        decided.reason if decided else "",
    )


class Attempt(NamedTuple):
    """An attempt to file that was refused: when it arrived, whose, on what (`stream`: an application, or the call where
    there was none yet), and the reasons by their codes and in words.
    """

    at: datetime
    position: int
    stream: str
    command: str
    actor: str
    unit: str
    codes: tuple[str, ...]
    words: tuple[Pair, ...]


def attempts(ledger: Ledger, call_id: str, since: datetime, until: datetime | None) -> list[Attempt]:
    """Who tried to open a draft or to file in `[since, until)` (None: until now) and was refused, in order of arrival."""
    found = [attempt for stored in _refused(ledger, call_id) if (attempt := _attempt(stored)) is not None]
    return sorted(attempt for attempt in found if since <= attempt.at and (until is None or attempt.at < until))


def _refused(ledger: Ledger, call_id: str) -> Iterator[Stored]:
    yield from (stored for stored in ledger.stored(application=call_id) if stored.type == REFUSED)
    yield from ledger.of_type(call_id, REFUSED, 0, ledger.head())


def _attempt(stored: Stored) -> Attempt | None:
    event = decode(stored.body)
    if event.data["command"] not in _FILING:
        return None
    unit = event.facts.get("unit", "") or event.data["body"].get("unit_code", "")
    reasons = event.data["refusals"]
    codes, words = tuple(r["code"] for r in reasons), tuple((r["zh"], r["en"]) for r in reasons)
    return Attempt(
        event.effective_at, event.position, event.application, event.data["command"], event.actor, unit, codes, words
    )


class Progress(NamedTuple):
    """How far a call has come towards a target: projects supported that are to contribute, and what was verified."""

    target: str
    zh: str
    en: str
    clause: str
    at_least: int
    supported: int
    verified: int


_SUPPORTED = (State.APPROVED, State.FUNDED, State.IN_EXECUTION, State.CLOSED)


def progress(
    ledger: Ledger, call: FundingCall, closed: Mapping[str, Mapping[str, int]] | None = None
) -> tuple[Progress, ...]:
    """Each target of the call; only what was verified in projects that stand closed as accepted counts. `closed` is what
    was verified of each project, where that is known already; else it is read.
    """
    rows = [row for state in _SUPPORTED for row in ledger.rows(state.value, call.id)]
    accepted = {row.id for row in rows if row.state == State.CLOSED and row.outcome == "accepted"}
    failed = {row.id for row in rows if row.outcome == "failed"}
    given = Counter(
        call.topics[row.topic].contributes for row in rows if row.topic in call.topics and row.id not in failed
    )
    verified: Counter[str] = Counter()
    for application, found in (_closed(ledger, call) if closed is None else closed).items():
        if application in accepted:
            verified.update(found)
    return tuple(Progress(t.id, t.zh, t.en, t.clause, t.at_least, given[t.id], verified[t.id]) for t in call.targets)


def _closed(ledger: Ledger, call: FundingCall) -> dict[str, Mapping[str, int]]:
    """What was verified of each project when it was last closed."""
    events = ledger.of_type(call.id, "ApplicationClosed", 0, ledger.head())
    return {stored.application: decode(stored.body).data["verified"] for stored in events}
