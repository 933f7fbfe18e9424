"""What a draw of experts rests on, gathered from the registry and the ledger; and what follows a draw."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime

import orjson

from states.actor import Actor
from states.application import State
from states.calendar import WorkingCalendar
from states.commands.programme import Candidacy, Candidate, DrawExperts, Tie
from states.commands.review import ExpertRef, StartReview
from states.draw import Basis
from states.experts import Expert, Side, ties, within
from states.funding_call import FundingCall
from workflow.experts import review_days, side_of
from workflow.ports import Experts, Ledger, Transaction
from workflow.request import Request


class _Index:
    """The experts by what may bind them to a unit, so that few need be looked at for each application."""

    def __init__(self, experts: Iterable[Expert]) -> None:
        self._by: defaultdict[str, dict[str, Expert]] = defaultdict(dict)
        self._in: defaultdict[str, dict[str, Expert]] = defaultdict(dict)
        for expert in experts:
            for unit in (expert.unit, *expert.declared, *(past.unit for past in expert.past)):
                self._by[unit][expert.id] = expert
            self._by[f"@{expert.domain}"][expert.id] = expert
            for domain in within(expert.domain):
                self._in[domain][expert.id] = expert

    def tied(self, side: Side, on: date) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The experts bound to an applying unit on a day, and by what."""
        near: dict[str, Expert] = {}
        for unit in (side.unit, *side.group):
            near |= self._by.get(unit, {})
        for domain in side.domains:
            near |= self._in.get(domain, {})
            for above in within(domain):
                near |= self._by.get(f"@{above}", {})
        for name, expert in near.items():
            found = ties(expert, side, on)
            if found:
                yield name, found


def basis(
    ledger: Ledger,
    experts: Experts,
    transaction: Transaction,
    call: FundingCall,
    calendar: WorkingCalendar,
    now: datetime,
) -> Basis:
    """What a draw at that instant would rest on: who is available, for how many applications still, the applications
    that wait for review, and the ties between them.
    """
    days = review_days(call, calendar, now)
    everyone = [expert for expert in experts.everyone() if expert.available(days)]
    index, names, busy = _Index(everyone), {one.id for one in everyone}, _given(ledger, call.id)
    rows = ledger.rows(State.FORMAT_CHECKED.value, call.id)
    ledger.prefetch(transaction, [row.id for row in rows])
    groups = experts.groups([row.unit_code for row in rows])
    found: list[Tie] = []
    for row in rows:
        application = transaction.application(row.id)
        if application is None:
            raise LookupError(f"{row.id}: has a row but no application")
        side = side_of(ledger, application, groups.get(row.unit_code, frozenset()))
        tied = dict(index.tied(side, days.first))
        for name in names.intersection(application.acts.values()):
            tied[name] = (*tied.get(name, ()), "involved")
        found += [Tie(application=row.id, expert=name, ties=kinds) for name, kinds in sorted(tied.items())]
    return Basis(
        tuple(
            Candidate(id=one.id, unit=one.unit, topics=one.topics, load_max=max(0, one.load_max - busy[one.id]))
            for one in everyone
        ),
        tuple(Candidacy(id=row.id, unit=row.unit_code, topic=row.topic) for row in rows),
        tuple(found),
    )


def _given(ledger: Ledger, call_id: str) -> Counter[str]:
    """How many applications of a call each expert has scored or still owes a score."""
    found: Counter[str] = Counter()
    for sheet in ledger.sheets(call_id):
        found.update(orjson.loads(sheet.scores)[::3])
        found.update(name for name, *_ in orjson.loads(sheet.owed))
    return found


def starts(command: DrawExperts, officer: Actor, now: datetime, position: int) -> list[Request]:
    """The requests that begin the review of each application with the experts drawn for it at that position of the
    ledger. Given again they are the same requests, so an interrupted run goes on.
    """
    units = {one.id: one.unit for one in command.experts}
    return [
        Request(
            command_id=f"draw:{position}:{one.application}",
            application=one.application,
            name="StartReview",
            command=StartReview(
                experts=tuple(ExpertRef(id=who, unit=units[who]) for who in one.experts), seed=command.seed
            ),
            actor=officer,
            received_at=now,
        )
        for one in command.drawn
    ]
