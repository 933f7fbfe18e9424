"""What a draw of experts rests on, gathered from the registry and the ledger; and what follows a draw."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any, NamedTuple

import orjson

from states.actor import Actor
from states.application import State
from states.calendar import WorkingCalendar
from states.commands.programme import Candidacy, Candidate, DrawExperts, Drawn, Tie
from states.commands.review import ExpertRef, StartReview
from states.draw import FITS, Basis, fits, loads
from states.experts import Expert, Side, ties, within
from states.funding_call import FundingCall
from workflow.commands import command_of
from workflow.experts import review_days, side_of
from workflow.ports import Ledger, Transaction
from workflow.record import decode
from workflow.registry import Experts
from workflow.request import Request


class Short(NamedTuple):
    """An application that cannot get its experts: how many are missing, and how many could be asked at all."""

    application: str
    missing: int
    eligible: int
    units: int


class Impossible(Exception):
    """No assignment exists. `short` names the applications that go short in the best one there is."""

    def __init__(self, per: int, places: int, wanted: int, short: Sequence[Short]) -> None:
        self.short = tuple(short)
        told = "；".join(
            f"{s.application} 缺 {s.missing} 名（可选专家 {s.eligible} 名、{s.units} 个单位）" for s in self.short[:5]
        )
        said = "; ".join(
            f"{s.application}: {s.missing} missing ({s.eligible} eligible, of {s.units} units)" for s in self.short[:5]
        )
        super().__init__(
            f"无法为每件抽取 {per} 名专家：共需 {wanted} 人次，专家最多可承担 {places} 人次"
            + (f"；{len(short)} 件不足：{told}" if short else "")
            + f" / no {per} experts for each: {wanted} reviews are needed and {places} can be taken"
            + (f"; {len(short)} applications go short: {said}" if short else "")
        )


class Solver(NamedTuple):
    """What solves a draw: its name, and `per` experts for each application by a seed. `assign` raises Impossible."""

    name: str
    assign: Callable[[Basis, int, int], tuple[Drawn, ...]]


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
    index, names, busy = _Index(everyone), {one.id for one in everyone}, given(ledger, call.id)
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


def given(ledger: Ledger, call_id: str) -> Counter[str]:
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


class Kept(NamedTuple):
    """A draw as it stands on the ledger."""

    position: int
    command: DrawExperts


def kept(ledger: Ledger, call_id: str) -> list[Kept]:
    """The draws of a call, the latest last."""
    found = (stored for stored in ledger.stored(application=call_id) if stored.type == "ExpertsDrawn")
    return [Kept(stored.position, _command(decode(stored.body).data)) for stored in found]


def _command(data: Mapping[str, Any]) -> DrawExperts:
    command: DrawExperts = command_of("DrawExperts", {f.name: data[f.name] for f in fields(DrawExperts)})
    return command


def differences(command: DrawExperts, solver: Solver) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Where solving the recorded problem anew comes out otherwise: the application, who was drawn, who would be."""
    again = solver.assign(Basis(command.experts, command.applications, command.ties), command.per, command.seed)
    was = {one.application: one.experts for one in command.drawn}
    new = {one.application: one.experts for one in again}
    return [
        (name, was.get(name, ()), new.get(name, ())) for name in sorted(was | new) if was.get(name) != new.get(name)
    ]


def summary(command: DrawExperts) -> dict[str, Any]:
    """What came of a draw, in figures: how many applications and experts, how they fit, and the loads."""
    given = loads(command)
    return {
        "applications": len(command.applications),
        "experts": len(command.experts),
        "per": command.per,
        "seed": command.seed,
        "ties": len(command.ties),
        "fits": dict(zip(FITS, fits(command), strict=True)),
        "load_min": min(given, default=0),
        "load_max": max(given, default=0),
        "solver": command.solver,
    }
