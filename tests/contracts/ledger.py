"""What every ledger promises, whatever it is made of."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import orjson
import pytest

from states.application import Application, State
from states.calendar import stamp
from states.envelope import Bound
from states.events import Recorded
from states.fold import fold
from states.programme import Programme
from tests.drive import CALLS, DAY, EXPERTS, F1, R1, World, world
from tests.filings import uscc
from workflow.handle import Accepted, Rejected
from workflow.ports import Due, Ledger, Transaction
from workflow.projection import Row, listed, project, sheet
from workflow.record import decode, leaf_hash

NOON = datetime(2025, 9, 12, 4, tzinfo=UTC)


def refused(position: int, stream: str, version: int) -> Recorded:
    """An event of a stream that is no application."""
    return Recorded(
        position, stream, version, "CommandRefused", 1, "", f"id-{position}", "a", "public", NOON, NOON, {}, {}
    )


class Broken(Exception):
    """What a unit of work raises on its own account."""


def stumble(_: Transaction) -> None:
    raise Broken("on purpose")


def applications(ledger: Ledger) -> dict[str, Application]:
    """Every application as its stored events make it."""
    found: dict[str, list[Recorded]] = {}
    for event in ledger.stored():
        found.setdefault(event.application, []).append(decode(event.body))
    folded = {name: fold(events) for name, events in found.items() if name not in CALLS}
    return {name: application for name, application in folded.items() if application is not None}


def rows_by_fold(ledger: Ledger) -> list[Row]:
    """The rows that follow from the stored events alone."""
    latest = {event.application: decode(event.body).recorded_at for event in ledger.stored()}
    return [project(a, latest[name]) for name, a in sorted(applications(ledger).items())]


def deadlines_by_fold(ledger: Ledger) -> list[Due]:
    """The armed deadlines that follow from the stored events alone."""
    return sorted(Due(at, a.id, name) for a in applications(ledger).values() for name, at in a.deadlines.items())


class LedgerContract:
    """Inherit, and give a fixture `ledger` with a new, empty one."""

    @pytest.fixture
    def place(self, ledger: Ledger) -> World:
        return world(ledger=ledger)

    @pytest.fixture
    def busy(self, place: World) -> World:
        """Six applications in six states."""
        for script in (World.draft, World.submitted, World.returned, World.rejected, World.format_checked):
            script(place)
        place.published()
        return place

    def test_a_new_ledger_is_empty(self, ledger: Ledger) -> None:
        assert (ledger.head(), list(ledger.stored()), ledger.rows(), ledger.row("x")) == (0, [], [], None)
        assert (ledger.counts(), ledger.deadlines(), ledger.next_due()) == ({}, [], None)
        assert (ledger.personal("sha256:00"), ledger.rules("00"), ledger.erase("sha256:00")) == (None, None, False)

    def test_events_are_numbered_from_one_in_the_order_of_their_writing(self, busy: World) -> None:
        positions = [event.position for event in busy.ledger.stored()]
        assert positions == list(range(1, busy.ledger.head() + 1))

    def test_a_leaf_is_the_hash_of_its_events_bytes(self, busy: World) -> None:
        assert [e.position for e in busy.ledger.stored() if e.leaf != leaf_hash(e.body)] == []

    def test_columns_say_what_the_bytes_say(self, busy: World) -> None:
        columns = [(e.position, e.application, e.version, e.type) for e in busy.ledger.stored()]
        bodies = [decode(e.body) for e in busy.ledger.stored()]
        assert columns == [(b.position, b.application, b.version, b.type) for b in bodies]

    @pytest.mark.parametrize(("after", "upto"), [(0, None), (3, None), (0, 3), (2, 5), (5, 5), (10**6, None)])
    def test_a_stretch_of_the_ledger_is_read_from_just_after_to_and_with(
        self, busy: World, after: int, upto: int | None
    ) -> None:
        last = busy.ledger.head() if upto is None else upto
        assert [e.position for e in busy.ledger.stored(after, upto)] == list(range(after + 1, last + 1))

    def test_one_applications_events_are_those_that_carry_its_name(self, busy: World) -> None:
        own = [e for e in busy.ledger.stored() if e.application == "app-0003"]
        assert list(busy.ledger.stored(application="app-0003")) == own

    def test_the_steps_are_each_events_place_stream_and_type_and_the_call_of_a_first_one(self, busy: World) -> None:
        events = [decode(one.body) for one in busy.ledger.stored()]
        every = [
            (e.position, e.application, e.type, e.data.get("call_id", "") if e.version == 1 else "") for e in events
        ]
        assert list(busy.ledger.steps(0, busy.ledger.head())) == every
        assert list(busy.ledger.steps(2, 5)) == every[2:5]

    def test_the_spine_is_each_events_place_time_and_leaf(self, busy: World) -> None:
        every = [(e.position, stamp(decode(e.body).recorded_at), e.leaf) for e in busy.ledger.stored()]
        assert list(busy.ledger.spine(0, busy.ledger.head())) == every
        assert list(busy.ledger.spine(2, 5)) == every[2:5]

    def test_each_streams_history_is_all_there_is_of_it(self, busy: World) -> None:
        found = list(busy.ledger.histories())
        assert [history.name for history in found] == sorted({e.application for e in busy.ledger.stored()})
        for history in found:
            stored = list(busy.ledger.stored(application=history.name))
            row = busy.ledger.row(history.name)
            assert [(*e[:4], e.leaf, e.body) for e in history.entries] == [tuple(e) for e in stored]
            assert [(e.command_id, e.recorded_at) for e in history.entries] == [
                (decode(e.body).command_id, stamp(decode(e.body).recorded_at)) for e in stored
            ]
            assert history.row == (listed(row) if row is not None else None)
            assert sorted(history.deadlines) == sorted(
                (stamp(d.due_at), d.name) for d in busy.ledger.deadlines() if d.application == history.name
            )
        names = [history.name for history in found]
        assert [h.name for h in busy.ledger.histories(names[0], names[-2])] == names[1:-1]

    def test_rows_are_what_follows_from_the_events(self, busy: World) -> None:
        assert busy.ledger.rows() == rows_by_fold(busy.ledger)

    def test_deadlines_are_what_follows_from_the_events(self, busy: World) -> None:
        assert busy.ledger.deadlines() == deadlines_by_fold(busy.ledger)

    def test_sheets_of_scores_are_what_follows_from_the_events(self, busy: World) -> None:
        scored, again = busy.scored(), busy.in_review()
        busy.do("ReopenScore", R1, scored, expert=EXPERTS[1].id, reason="笔误")
        busy.do("DeclineInvitation", EXPERTS[0], again, reason="时间冲突")
        expected = [made for a in applications(busy.ledger).values() if (made := sheet(a)) is not None]
        assert busy.ledger.sheets() == expected
        assert [(r.id, r.phase, r.bound_minor, r.scores) for r in busy.ledger.reviews(busy.call_id)] == [
            (s.application, row.phase, row.bound_minor, s.scores)
            for s in expected
            if (row := busy.ledger.row(s.application)) is not None
        ]
        assert [len(orjson.loads(s.owed)) for s in expected] == [0, 1, 2]
        assert busy.ledger.reviews("another") == []

    def test_the_money_bound_is_the_sum_over_applications_whatever_has_become_of_them(self, busy: World) -> None:
        again = busy.proposed()
        busy.do("ProposeDecline", R1, again, grounds="排序靠后")
        busy.do("ProposeAward", R1, busy.scored(), amount_minor=7, grounds="评审通过")
        busy.terminated(recover_minor=5)
        taken = [a.bound_minor for a in applications(busy.ledger).values() if a.bound_minor]
        assert len(taken) == 3
        bound = busy.ledger.transact(lambda transaction: transaction.bound(busy.call_id))
        assert bound == {busy.profile.form["topic"]: Bound(len(taken), sum(taken))}
        assert busy.ledger.transact(lambda transaction: transaction.bound("another")) == {}

    def test_of_proposals_for_the_last_money_at_once_one_is_accepted(self, place: World) -> None:
        scored = [place.scored() for _ in range(8)]
        place.money(2 * place.profile.grant_minor - 1)
        asked = {"amount_minor": place.profile.grant_minor, "grounds": "评审通过"}
        requests = [place.request("ProposeAward", R1, name, **asked) for name in scored]
        outcomes = at_once([partial(place.handler.handle, r, place.now) for r in requests])
        assert sorted(getattr(o, "code", "accepted") for o in outcomes) == ["accepted", *["envelope_exceeded"] * 7]
        bound = place.ledger.transact(lambda transaction: transaction.bound(place.call_id))
        assert sum(b.amount_minor for b in bound.values()) == place.profile.grant_minor

    def test_what_is_foreseen_is_what_happens_and_nothing_of_it_is_kept(self, place: World) -> None:
        scored = [place.scored() for _ in range(3)]
        place.money(2 * place.profile.grant_minor)
        asked = {"amount_minor": place.profile.grant_minor, "grounds": "评审通过"}
        requests = [place.request("ProposeAward", R1, name, **asked) for name in scored]
        head = place.ledger.head()
        foreseen = [type(outcome) for outcome in place.handler.foresee(requests, place.now)]
        assert (place.ledger.head(), place.ledger.transact(lambda t: t.bound(place.call_id))) == (head, {})
        assert foreseen == [type(outcome) for outcome in place.handler.handle_many(requests, place.now)]
        assert foreseen == [Accepted, Accepted, Rejected]

    def test_lists_are_the_brute_force_over_rows(self, busy: World) -> None:
        every = busy.ledger.rows()
        for state in (None, *State):
            chosen = [row for row in every if state in (None, row.state)]
            assert busy.ledger.rows(state) == chosen
            assert (
                busy.ledger.rows(state, busy.call_id, after="app-0002", limit=2)
                == [row for row in chosen if row.id > "app-0002"][:2]
            )
        assert busy.ledger.rows(call_id="another") == []

    def test_counts_are_the_length_of_each_list(self, busy: World) -> None:
        lengths = {state.value: len(busy.ledger.rows(state)) for state in State}
        assert busy.ledger.counts() == {state: n for state, n in lengths.items() if n}
        assert (busy.ledger.counts(busy.call_id), busy.ledger.counts("another")) == (busy.ledger.counts(), {})

    def test_what_is_due_is_what_lies_not_after_now_earliest_first(self, busy: World) -> None:
        every = busy.ledger.deadlines()
        assert busy.ledger.next_due() == every[0].due_at
        for deadline in every:
            by_then = [d for d in every if d.due_at <= deadline.due_at]
            assert busy.ledger.due(deadline.due_at, 1000) == by_then
            assert busy.ledger.due(deadline.due_at, 1) == every[:1]
        assert busy.ledger.due(every[0].due_at - timedelta(microseconds=1), 1000) == []
        assert busy.ledger.deadlines(3) == every[:3]

    def test_work_that_stumbles_keeps_nothing_and_raises_where_it_was_asked(self, place: World) -> None:
        application = place.draft()
        before = list(place.ledger.stored())

        def halfway(transaction: Transaction) -> None:
            place.handler._one(
                transaction, place.request("SubmitApplication", place.unit(application), application), NOON
            )
            assert transaction.application(application).state is State.SUBMITTED  # type: ignore[union-attr]
            raise Broken("after the first write")

        with pytest.raises(Broken, match="after the first write"):
            place.ledger.transact(halfway)
        assert (list(place.ledger.stored()), place.state(application)) == (before, State.DRAFT)
        assert place.ledger.counts() == {"draft": 1}
        place.do("SubmitApplication", place.unit(application), application)

    def test_a_transaction_sees_what_it_has_itself_written(self, place: World) -> None:
        application = place.draft()
        request = place.request("SubmitApplication", place.unit(application), application)
        unit_code = place.application(application).unit_code

        def look(transaction: Transaction) -> tuple[Any, ...]:
            before = (transaction.next_position, transaction.sequence(place.call_id))
            place.handler._one(transaction, request, place.now)
            seen = transaction.application(application)
            answered = transaction.answered(request.command_id)
            return (
                before,
                (transaction.next_position, transaction.sequence(place.call_id)),
                seen.state if seen else None,
                answered.type if answered else None,
                transaction.others(place.call_id, unit_code, "somebody"),
                transaction.others(place.call_id, unit_code, application),
                transaction.last_recorded_at == place.now,
            )

        head = place.ledger.head()
        assert place.ledger.transact(look) == (
            (head + 1, 0),
            (head + 2, 1),
            State.SUBMITTED,
            "ApplicationSubmitted",
            (application,),
            (),
            True,
        )

    def test_a_call_has_a_stream_with_versions_and_deadlines_of_its_own(self, ledger: Ledger) -> None:
        at = world().now

        def write(transaction: Transaction) -> tuple[int, ...]:
            seen = [transaction.programme("a call").version]
            for n in (1, 2):
                after = Programme("a call", n, deadlines={"digest": at + n * DAY})
                transaction.append(refused(transaction.next_position, "a call", n), after)
                seen.append(transaction.programme("a call").version)
            return (*seen, transaction.programme("another").version)

        assert ledger.transact(write) == (0, 1, 2, 0)
        assert ledger.transact(lambda t: t.programme("a call").version) == 2
        assert (ledger.rows(), ledger.head()) == ([], 2)
        assert ledger.deadlines() == [Due(at + 2 * DAY, "a call", "digest")]

    def test_the_events_of_a_call_are_counted_by_type_between_two_positions(self, place: World) -> None:
        first = place.submitted()
        upto = place.ledger.head()
        second = place.submitted()
        ledger, call, head = place.ledger, place.call_id, place.ledger.head()
        assert ledger.tally(call, 0, head)["ApplicationSubmitted"] == 2
        assert ledger.tally(call, upto, head) == {k: n // 2 for k, n in ledger.tally(call, 0, head).items()}
        assert ledger.tally("another", 0, head) == {}
        filed = [stored.application for stored in ledger.of_type(call, "ApplicationSubmitted", 0, head)]
        assert filed == [first, second]
        assert [s.application for s in ledger.of_type(call, "ApplicationSubmitted", upto, head)] == [second]

    def test_events_of_several_types_are_read_in_their_order_for_one_call(self, busy: World) -> None:
        ledger, call, types = busy.ledger, busy.call_id, {"DraftCreated", "ApplicationSubmitted"}
        every = [stored for stored in ledger.stored() if stored.type in types]
        assert list(ledger.of_types(call, types, 0, ledger.head())) == every
        assert list(ledger.of_types(call, types, every[1].position, every[3].position)) == every[2:4]
        assert list(ledger.of_types("another", types, 0, ledger.head())) == []

    def test_a_calls_deadlines_are_those_of_its_applications_in_a_half_open_time(self, busy: World) -> None:
        every = busy.ledger.armed(busy.call_id)
        assert every == [
            due for due in busy.ledger.deadlines() if due.application != busy.call_id and "~" not in due.name
        ]
        assert busy.ledger.armed(busy.call_id, every[1].due_at, every[-1].due_at) == [
            due for due in every if every[1].due_at <= due.due_at < every[-1].due_at
        ]
        assert busy.ledger.armed("another") == []

    def test_the_events_of_a_run_are_found_by_the_beginning_of_their_command_ids(self, place: World) -> None:
        first, second = place.submitted(), place.submitted()
        place.do("ClaimFormatCheck", F1, first, id="run:1:a")
        place.do("PassFormatCheck", F1, first, id="run:1:b")
        assert place.codes("PassFormatCheck", F1, first, id="run:1:c") == ("not_allowed_in_state",)
        place.do("ClaimFormatCheck", F1, second, id="run:10:a")
        assert [s.type for s in place.ledger.commanded("run:1:")] == [
            "FormatCheckClaimed", "FormatCheckPassed", "CommandRefused"]  # fmt: skip
        assert [s.application for s in place.ledger.commanded("run:")] == [first, first, first, second]
        assert place.ledger.commanded("run:2") == []

    def test_rules_are_kept_once_under_their_hash(self, ledger: Ledger) -> None:
        ledger.keep_rules("ab", "a call", b"first")
        ledger.keep_rules("ab", "a call", b"second")
        assert (ledger.rules("ab"), ledger.rules("cd")) == (b"first", None)

    def test_reading_ahead_changes_nothing_but_the_time_it_takes(self, busy: World) -> None:
        def look(transaction: Transaction) -> list[Application | None]:
            names = [f"app-000{n}" for n in range(1, 7)]
            busy.ledger.prefetch(transaction, [*names, "nobody", *names])
            return [transaction.application(name) for name in names]

        assert busy.ledger.transact(look) == list(applications(busy.ledger).values())

    def test_sixty_four_filings_of_one_unit_at_once_leave_exactly_one_live(self, place: World) -> None:
        drafts = [place.draft(uscc(64)) for _ in range(64)]
        requests = [place.request("SubmitApplication", place.unit(d), d) for d in drafts]
        outcomes = at_once([partial(place.handler.handle, r, place.now) for r in requests])
        accepted = [o for o in outcomes if isinstance(o, Accepted)]
        assert (len(accepted), {o.code for o in outcomes if isinstance(o, Rejected)}) == (1, {"one_per_unit"})
        assert place.ledger.counts() == {"draft": 63, "submitted": 1}
        assert place.ledger.rows() == rows_by_fold(place.ledger)

    def test_one_command_sent_sixty_four_times_at_once_happens_once(self, place: World) -> None:
        application = place.submitted()
        request = place.request("ClaimFormatCheck", F1, application)
        outcomes = at_once([lambda: place.handler.handle(request, place.now)] * 64)
        events = {o.event.position for o in outcomes if isinstance(o, Accepted)}
        repeated = [o.repeated for o in outcomes if isinstance(o, Accepted)]
        assert (len(events), sorted(repeated)) == (1, [False] + [True] * 63)

    def test_work_that_stumbles_sinks_nobody_who_works_beside_it(self, place: World) -> None:
        drafts = [place.draft() for _ in range(24)]
        good = [place.request("SubmitApplication", place.unit(d), d) for d in drafts]
        jobs: list[Callable[[], Any]] = []
        for request in good:
            jobs += [partial(place.handler.handle, request, place.now), partial(place.ledger.transact, stumble)]
        outcomes = at_once(jobs)
        assert [isinstance(outcome, Accepted) for outcome in outcomes[::2]] == [True] * 24
        assert [isinstance(outcome, Broken) for outcome in outcomes[1::2]] == [True] * 24
        assert place.ledger.counts() == {"submitted": 24}
        assert [row.number for row in sorted(place.ledger.rows(), key=lambda r: r.number)] == [
            f"SHAI2025-{n:05d}" for n in range(1, 25)
        ]

    def test_two_sweepers_at_once_fire_each_deadline_once(self, place: World) -> None:
        for _ in range(8):
            place.draft()
        place.now = place.call.closes_at + DAY
        swept = at_once([lambda: place.at(place.now)] * 4)
        assert [s for s in swept if isinstance(s, Exception)] == []
        assert place.ledger.counts() == {"lapsed": 8}
        types = place.events()
        assert (types.count("DraftLapsed"), types.count("ReminderDue"), types.count("CommandRefused")) == (8, 32, 0)


def at_once(jobs: Sequence[Callable[[], Any]]) -> list[Any]:
    """The jobs' answers (or what they raised), each on a thread of its own, begun together."""
    answers: list[Any] = [None] * len(jobs)
    start = threading.Barrier(len(jobs))

    def run(i: int) -> None:
        start.wait()
        try:
            answers[i] = jobs[i]()
        except Exception as wrong:  # noqa: BLE001 - it is the answer
            answers[i] = wrong

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
