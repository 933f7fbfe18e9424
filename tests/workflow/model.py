"""Random commands by random people over both ledgers side by side, with all that must hold after each of them."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from states.actor import SYSTEM, Actor, Role
from states.application import Application, State
from states.commands import COMMANDS
from states.credit import IN_FORCE
from states.table import BY_MOVE, CREATE, commands_from
from tests.contracts.ledger import applications, deadlines_by_fold, rows_by_fold
from tests.databases import durable_ledger, forget
from tests.drive import (
    A1,
    A2,
    A3,
    ACCEPTORS,
    C1,
    C2,
    CITIZEN,
    EXPERTS,
    F1,
    F2,
    M1,
    M2,
    R1,
    R2,
    World,
    world,
)
from tests.filings import SHANGHAI, uscc
from tests.states.examples import example
from workflow.handle import Accepted, Rejected
from workflow.memory import MemoryLedger
from workflow.ports import Transaction

PEOPLE = (F1, F2, R1, R2, A1, A2, A3, M1, M2, C1, C2, CITIZEN, SYSTEM, *EXPERTS[:4])
STRANGER = Actor("unit-other", Role.APPLICANT, uscc(9))
LIVES = settings(
    max_examples=30,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)
MOSTLY = 0.9
OVERDUE: dict[State, frozenset[str]] = {
    State.DRAFT: frozenset(),
    State.SUBMITTED: frozenset({"format_check_late"}),
    State.RETURNED: frozenset(),
    State.FORMAT_CHECKED: frozenset({"decision_late"}),
    State.EXPERT_REVIEW: frozenset({"decision_late"}),
    State.APPROVED: frozenset({"first_payment_late"}),
    State.FUNDED: frozenset(),
    State.IN_EXECUTION: frozenset({"acceptance_overdue", "acceptance_decision_late"}),
}
"""The states that are not final, each with the flags that an office's deadline leaves once it is past: a deadline is
armed in every one of them, unless such a flag says that it has been missed."""
MOVES = tuple(name for name in COMMANDS if name != CREATE)


def with_findings(place: World) -> str:
    return place.submitted(other_funding=["municipal_awarded"], end_on="2027-12-31", start_on="2025-10-01")


SCRIPTS = (
    with_findings, World.draft, World.submitted, World.returned, World.rejected, World.in_review, World.scored, World.proposed,
    World.published, World.declined, World.approved, World.agreed, World.funded, World.in_execution,
    World.in_acceptance, World.closed, World.terminated, World.revoked, World.credited,
)  # fmt: skip
FIRST, REST = SHANGHAI.instalments(SHANGHAI.grant_minor)
VALUES: dict[str, tuple[Any, ...]] = {
    "reason": ("理由", " "),
    "grounds": ("依据", ""),
    "comment": ("可行", ""),
    "text": ("陈述", ""),
    "verdict": ("override", "uphold", "x"),
    "rule": ("no_other_city_funds", "period_within_two_years"),
    "topic": ("ict.fintech.products", "ai_lead.foundations.corpus", "x"),
    "sha256": tuple(document.sha256 for document in SHANGHAI.documents),
    "form": ({"title": "新"}, {}, {"title": None}, {"other_funding": ["municipal_awarded"]}, {"x": 1}),
    "instalment": (1, 2, 3),
    "amount_minor": (SHANGHAI.grant_minor, 0, 1, FIRST, REST),
    "grant_minor": (SHANGHAI.grant_minor, 0, 1),
    "recover_minor": (0, 1, FIRST, FIRST + REST + 1),
    "instalments_minor": ((FIRST, REST), (SHANGHAI.grant_minor,), (1,)),
    "objection": (1, 0, 2),
    "request": (1, 0, 2),
    "outcome": ("accepted", "concluded", "failed", "passed", "rectify"),
    "upheld": (False, True),
    "granted": (True, False),
    "end_on": (date(2027, 12, 31), date(2027, 6, 30), date(2028, 1, 1)),
    "period": ("2026H1", "2026H2", "2027H1", "x"),
    "expert": tuple(expert.id for expert in EXPERTS[:4]),
    "points": ({"innovation": 80, "feasibility": 80, "impact": 80, "budget": 80}, {}),
}
"""What a field may be asked to be; the first is mostly chosen, and mostly right."""


def fitting(application: Application, name: str) -> dict[str, Any]:
    """Values that are right only here and now."""
    paid, phase = len(application.payments), application.phase
    if name == "RecordPayment":
        parts = application.instalments_minor
        return {"instalment": paid + 1, "amount_minor": parts[paid]} if paid < len(parts) else {}
    if name == "ConfirmPayment":
        return {"instalment": paid}
    if name == "RecordRecovery":
        return {"amount_minor": application.recover_minor}
    if name == "DecideMidTerm":
        return {"outcome": "passed"}
    if name == "ProposeCredit":
        kind = {State.REVOKED: "revocation", State.TERMINATED: "termination"}.get(application.state, "failure")
        return {"kind": kind, "ended_on": max(date(2026, 1, 1), application.start_on or date.min)}
    if name in ("ObjectToCredit", "DecideCreditObjection", "ProposeCreditRepair"):
        return {"entry": max(1, len(application.credits))}
    if name == "ProposeOutcome":
        return {"outcome": "accepted" if phase == "acceptance" else "failed", "experts": ACCEPTORS}
    if name == "RequestAcceptance":
        return {"completed_on": max(date(2026, 1, 1), application.start_on or date.min)}
    if name == "SubmitReport":
        due = [deadline.partition(":")[2] for deadline in application.deadlines if deadline.startswith("report:")]
        return {"period": due[0].partition("~")[0]} if due else {}
    return {}


SPANS = (
    timedelta(),
    timedelta(hours=1),
    timedelta(hours=5),
    timedelta(days=1),
    timedelta(days=3),
    timedelta(days=12),
    timedelta(days=70),
    timedelta(days=300),
)


def credited(transaction: Transaction, unit: str) -> tuple[str, ...]:
    """The applications of a unit with a credit entry in force, as a ledger finds them."""
    return transaction.credited(unit)


class TwoLedgers(RuleBasedStateMachine):
    """Two worlds that live the same life, one in memory and one in a database."""

    seen: ClassVar[Counter[str]] = Counter()

    @initialize(script=st.sampled_from(SCRIPTS))
    def begin(self, script: Any) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="fundcall-model-"))
        self.durable = durable_ledger(self.folder)
        self.worlds = (world(ledger=MemoryLedger()), world(ledger=self.durable))
        for place in self.worlds:
            script(place)
            if place.now < place.call.closes_at:
                place.draft(uscc(1))
        self.names = sorted(applications(self.worlds[0].ledger))

    def teardown(self) -> None:
        if hasattr(self, "durable"):
            forget(self.folder)
            shutil.rmtree(self.folder)

    def who(self, dice: Random, name: str, application: str) -> Actor:
        """Mostly somebody who may, sometimes anybody."""
        place = self.worlds[0]
        state = place.state(application)
        people = (*PEOPLE, place.unit(application))
        roles = BY_MOVE[state, name].roles if (state, name) in BY_MOVE else ()
        fit = [person for person in people if person.role in roles]
        return dice.choice(fit if fit and dice.random() < MOSTLY else (*people, STRANGER))

    @staticmethod
    def example(name: str) -> dict[str, Any]:
        command = example(name)
        return {field: getattr(command, field) for field in command.__dataclass_fields__}

    def what(self, dice: Random, name: str, application: str) -> dict[str, Any]:
        found = self.worlds[0].application(application)
        fields = self.example(name)
        for field in fields:
            values = (*found.deadlines, "x") if field == "deadline" else VALUES.get(field, ())
            if len(values) > 1:
                fields[field] = values[0] if dice.random() < MOSTLY else dice.choice(values)
        return {**fields, **fitting(found, name)} if dice.random() < MOSTLY else fields

    def which(self, dice: Random, application: str) -> str:
        """Mostly a command that people may give here and now, sometimes any."""
        found = self.worlds[0].application(application)
        rows = [BY_MOVE[found.state, name] for name in commands_from(found.state)]
        possible = [r.command for r in rows if Role.SYSTEM not in r.roles and (not r.phases or found.phase in r.phases)]
        possible = (
            possible or [row.command for row in rows if row.command not in ("PassDeadline", "Remind")] or [*MOVES]
        )
        return dice.choice(possible if dice.random() < MOSTLY else MOVES)

    @rule(seed=st.integers(0, 2**64 - 1))
    def ask(self, seed: int) -> None:
        for _ in range(6):
            self.ask_once(seed)

    def ask_once(self, seed: int) -> None:
        dice = Random(f"{seed}/{self.worlds[0].commands}")  # so that a favourite seed is not a favourite command
        application = self.names[0] if dice.random() < MOSTLY else dice.choice(self.names)
        before = self.worlds[0].application(application)
        name = self.which(dice, application)
        by, fields = self.who(dice, name, application), self.what(dice, name, application)
        in_memory, on_disk = (place.ask(name, by, application, **fields) for place in self.worlds)
        assert in_memory == on_disk
        after = self.worlds[0].application(application)
        if isinstance(in_memory, Rejected):
            self.seen[in_memory.code] += 1
            same: dict[str, Any] = {
                "version": before.version,
                "refused_at": before.refused_at,
                "deadlines": before.deadlines,
            }
            assert replace(after, **same) == before
            assert after.version - before.version == (in_memory.event is not None)
        else:
            self.seen[in_memory.event.type] += 1
            assert (in_memory.application, after.version) == (after, before.version + 1)

    @rule(span=st.sampled_from(SPANS))
    def wait(self, span: timedelta) -> None:
        swept = [place.at(place.now + span) for place in self.worlds]
        assert swept[0] == swept[1]
        assert swept[0].failed == ()
        assert [d for d in self.durable.deadlines() if d.due_at <= self.worlds[0].now] == []

    @rule(seed=st.integers(0, 2**64 - 1))
    def send_again(self, seed: int) -> None:
        """An earlier command id with the same body changes nothing."""
        application = Random(seed).choice(self.names)
        for place in self.worlds:
            head = place.ledger.head()
            request = place.request("ClaimFormatCheck", F1, application)
            first, again = (place.handler.handle(request, place.now) for _ in range(2))
            if isinstance(first, Accepted) or first.event is not None:
                assert (again.repeated, place.ledger.head()) == (True, head + 1)

    @invariant()
    def everything_follows_from_the_events(self) -> None:
        if not hasattr(self, "worlds"):
            return
        in_memory, on_disk = (place.ledger for place in self.worlds)
        assert list(in_memory.stored()) == list(on_disk.stored())
        for ledger in (in_memory, on_disk):
            assert ledger.rows() == rows_by_fold(ledger)
            assert ledger.deadlines() == deadlines_by_fold(ledger)
        folded = applications(on_disk)
        kept = on_disk.transact(lambda t: {name: t.application(name) for name in folded})
        assert kept == folded
        places = Counter((row.unit_code, row.slot) for row in on_disk.rows() if row.slot)
        assert [place for place, count in places.items() if count > 1] == []
        assert [a.id for a in folded.values() if a.state is State.CLOSED and not a.outcome] == []
        assert [a.id for a in folded.values() if sum(p.amount_minor for p in a.payments) > a.grant_minor] == []
        assert [a.id for a in folded.values() if a.recovered_minor > a.paid_minor] == []
        running = [
            (a.id, f"credit:{n}", e.until)
            for a in folded.values()
            for n, e in enumerate(a.credits, 1)
            if e.status in IN_FORCE
        ]
        armed = [(d.application, d.name, d.due_at) for d in on_disk.deadlines() if d.name.startswith("credit:")]
        assert sorted(armed) == sorted(running)
        for unit in {a.unit_code for a in folded.values()}:
            entered = tuple(sorted({name for name, _, _ in running if folded[name].unit_code == unit}))
            assert [ledger.transact(partial(credited, unit=unit)) for ledger in (in_memory, on_disk)] == [entered] * 2
        waiting = [a for a in folded.values() if a.state in OVERDUE and not a.deadlines]
        idle = [(a.id, a.state, a.phase) for a in waiting if not a.flags & OVERDUE[a.state]]
        assert idle == []
