"""A simulated programme is its seed's, ends with nothing left to do, and never lets a project run past the last day."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fundcall.audit.merkle import Tree
from fundcall.calls.calendars import named, provisional
from fundcall.calls.load import load
from fundcall.demo import run_demo
from fundcall.simulate.clock import BackInTime, Clock, Story
from fundcall.simulate.programme import applicants, run
from fundcall.solver import solver
from states.application import FINAL, MAIN_LINE, Application, State
from states.fold import step
from workflow.handle import Handler
from workflow.memory import FixedCalendars, MemoryDocuments, MemoryLedger, MemoryRegisters
from workflow.memory_experts import MemoryExperts
from workflow.record import decode
from workflow.rules import rules_of

HERITAGE = str(Path(__file__).parents[1] / "data" / "calls" / "heritage-2027.toml")
"""What an author made of a notice unlike those that ship: refusals where others leave it to officers, and few periods."""
CALLS = ("shanghai-ai-plus-2025", "community-climate-2026", HERITAGE)


def lived(name: str, count: int, seed: int, until: datetime | None = None) -> MemoryLedger:
    call, ledger = load(name), MemoryLedger()
    calendar = provisional(range(2027, 2033)) if call.calendar == "china" else named(call.calendar)
    handler = Handler(
        ledger,
        MemoryDocuments(),
        FixedCalendars(calendar),
        MemoryRegisters(),
        MemoryExperts(),
        {call.id: rules_of(call)},
    )
    run(handler, call, applicants(call, count, seed), seed, lambda _: None, solver(), until)
    return ledger


def root(ledger: MemoryLedger) -> str:
    tree = Tree()
    for stored in ledger.stored():
        tree.append(stored.leaf)
    return tree.root().hex()


@pytest.mark.parametrize("call", CALLS)
def test_the_same_seed_gives_the_same_root_and_another_seed_another(call: str) -> None:
    first, again, other = (root(lived(call, 24, seed)) for seed in (7, 7, 8))
    assert first == again != other


@pytest.mark.parametrize("call", CALLS)
def test_everybody_comes_to_an_end_and_nothing_is_left_armed(call: str) -> None:
    ledger = lived(call, 40, 3)
    assert {a.state for a in ledger.applications.values()} <= FINAL
    assert ledger.deadlines() == []


@pytest.mark.parametrize("call", CALLS)
def test_every_history_runs_forward_in_time(call: str) -> None:
    histories: dict[str, list[datetime]] = {}
    for stored in lived(call, 120, 7).stored():
        histories.setdefault(stored.application, []).append(decode(stored.body).effective_at)
    assert [name for name, instants in histories.items() if instants != sorted(instants)] == []


def test_what_is_accepted_has_had_every_instalment_in_turn() -> None:
    accepted = [a for a in lived(HERITAGE, 40, 7).applications.values() if a.outcome == "accepted"]
    numbers = {tuple(payment.instalment for payment in a.payments if payment.confirmed_by) for a in accepted}
    assert (numbers, {a.paid_minor - a.grant_minor for a in accepted}) == ({(1, 2, 3)}, {0})


def test_a_programme_that_stops_at_an_instant_is_the_beginning_of_the_whole() -> None:
    until = datetime(2025, 11, 20, tzinfo=UTC)
    stopped, ended = lived(CALLS[0], 24, 7, until), lived(CALLS[0], 24, 7)
    part, whole = (
        [(e.type, e.application, e.effective_at) for e in (decode(stored.body) for stored in ledger.stored())]
        for ledger in (stopped, ended)
    )
    assert part == [one for one in whole[: len(part)] if one[2] < until]
    assert min(deadline.due_at for deadline in stopped.deadlines()) >= until


def test_a_story_that_goes_back_in_time_is_stopped() -> None:
    call, ledger = load(CALLS[0]), MemoryLedger()
    calendar = FixedCalendars(provisional(range(2027, 2033)))
    handler = Handler(
        ledger, MemoryDocuments(), calendar, MemoryRegisters(), MemoryExperts(), {call.id: rules_of(call)}
    )
    clock = Clock(handler, call, lambda _: None)

    def story() -> Story:
        yield call.opens_at, []
        yield call.opens_at - timedelta(microseconds=1), []

    clock.add(story())
    with pytest.raises(BackInTime):
        clock.run()


def test_the_samples_of_the_notice_end_where_their_stories_say() -> None:
    ends = {name: a.state.value for name, a in lived(CALLS[0], 16, 7).applications.items()}
    assert ends == {
        "A01": "closed", "A02": "revoked", "A02b": "lapsed", "A03": "rejected", "A04": "declined", "A05": "closed",
        "A06": "withdrawn", "A06b": "closed", "A07": "rejected", "A08": "closed", "A09": "closed", "A10": "terminated",
        "A11": "closed", "A12": "lapsed", "A13": "rejected", "A14": "lapsed", "A15": "rejected",
    }  # fmt: skip


def test_who_was_revoked_or_ended_for_cause_is_entered_in_the_credit_record_for_five_years() -> None:
    ledger = lived(CALLS[0], 40, 7)
    found = {name: a.credits[0] for name, a in ledger.applications.items() if a.credits}
    assert {name: found[name].kind for name in ("A02", "A10")} == {"A02": "revocation", "A10": "termination"}
    ended = {a.id for a in ledger.applications.values() if a.outcome in ("revoked", "for_cause")}
    assert (set(found), "expired" in {entry.status for entry in found.values()}) == (ended, True)
    (expired,) = (e for s in ledger.stored(application="A02") if (e := decode(s.body)).type == "CreditExpired")
    assert expired.effective_at == found["A02"].until


@pytest.fixture(scope="module")
def summary(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder: Path = tmp_path_factory.mktemp("demo")
    finished = run_demo(load(CALLS[0]), folder / "data", 60, 7, lambda _month, _events: None)
    finished.system.close()
    mbox = (folder / "data" / "mails.mbox").read_bytes()
    ids = [line for line in mbox.splitlines() if line.startswith(b"Message-ID:")]
    return {**finished.summary, "mails": len(ids), "distinct": len(set(ids))}


def test_the_demo_passes_through_every_state_without_overdue_or_divergence(summary: dict[str, Any]) -> None:
    assert [state.value for state in MAIN_LINE if not summary["passed_through"][state.value]] == []
    assert (summary["deadlines"]["overdue"], summary["divergences"], summary["unflagged_after_end"]) == (0, 0, 0)


def test_each_state_counts_the_applications_that_were_ever_in_it(summary: dict[str, Any]) -> None:
    applications: dict[str, Application] = {}
    ever: set[tuple[str, State]] = set()
    for stored in lived(CALLS[0], 60, 7).stored():
        if stored.application != CALLS[0]:
            applications[stored.application] = step(applications.get(stored.application), decode(stored.body))
            ever.add((stored.application, applications[stored.application].state))
    counted = Counter(state for _, state in ever)
    assert summary["passed_through"] == {state.value: counted[state] for state in MAIN_LINE}
    assert summary["passed_through"]["draft"] == summary["applications"] == len(applications)


def test_every_notice_of_the_demo_reached_the_mail_server_once(summary: dict[str, Any]) -> None:
    accepted = summary["notices"]["accepted"]
    assert accepted == summary["notices"]["recorded"] == summary["mails"] == summary["distinct"]
