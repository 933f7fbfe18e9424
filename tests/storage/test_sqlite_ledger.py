"""What only the SQLite ledger must show: durability at the answer, append-only tables, two writers, and being unavailable."""

import gc
import sqlite3
import threading
import weakref
from collections.abc import Iterator
from functools import partial
from itertools import chain
from pathlib import Path

import pytest

import fundcall.storage.sqlite
from fundcall.storage.ledger import SqliteLedger
from states.actor import Actor, Role
from states.application import State
from states.fold import CannotFold
from tests.contracts.ledger import applications, at_once, deadlines_by_fold, rows_by_fold
from tests.drive import F1, F2, World, beside_of, sqlite_ledger, world
from tests.filings import uscc
from workflow.handle import Accepted, Rejected
from workflow.ports import Transaction, Unavailable

pytestmark = pytest.mark.sqlite


@pytest.fixture
def place(tmp_path: Path) -> Iterator[World]:
    ledger = sqlite_ledger(tmp_path)
    yield world(ledger=ledger)
    ledger.close()


@pytest.fixture
def beside(place: World, tmp_path: Path) -> Iterator[World]:
    """The same file through another ledger, as another process would have it."""
    ledger = SqliteLedger(tmp_path / "fundcall.db")
    yield beside_of(place, ledger)
    ledger.close()


@pytest.fixture
def raw(place: World, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A connection of one's own to the file."""
    connection = sqlite3.connect(tmp_path / "fundcall.db", isolation_level=None, timeout=0.1)
    yield connection
    connection.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fundcall.storage.sqlite, "BUSY_SECONDS", 0.1)


# --- durable at the answer --------------------------------------------------------------------------------------------


def test_what_was_answered_is_seen_by_another_connection_at_once(place: World, raw: sqlite3.Connection) -> None:
    application = place.draft()
    for by, name in [(place.unit(application), "SubmitApplication"), (F1, "ClaimFormatCheck")]:
        outcome = place.do(name, by, application)
        seen = raw.execute("SELECT type, command_id FROM events WHERE position = ?", (outcome.event.position,))
        assert seen.fetchone() == (outcome.event.type, outcome.event.command_id)


def test_nothing_is_seen_by_another_connection_before_the_answer(place: World, raw: sqlite3.Connection) -> None:
    application = place.submitted()
    request = place.request("ClaimFormatCheck", F1, application)

    def look(transaction: Transaction) -> tuple[int, int]:
        place.handler._one(transaction, request, place.now)
        return transaction.next_position - 1, raw.execute("SELECT count(*) FROM events").fetchone()[0]

    inside, outside = place.ledger.transact(look)
    assert (inside, outside) == (place.ledger.head(), place.ledger.head() - 1)


def test_what_another_process_moved_is_read_anew_and_nothing_else(place: World, beside: World) -> None:
    mine, theirs = place.submitted(), place.submitted()
    beside.do("ClaimFormatCheck", F1, theirs)
    said: list[str] = []
    writing = place.ledger._writer  # type: ignore[attr-defined] # which of its statements read a stream
    writing.set_trace_callback(said.append)
    for name, application in (("ClaimFormatCheck", mine), ("PassFormatCheck", theirs), ("PassFormatCheck", mine)):
        place.do(name, F1, application)
    writing.set_trace_callback(None)
    streams = [one.partition("application = ")[2].split()[0] for one in said if "ORDER BY events.version" in one]
    assert streams == [f"'{theirs}'"]


def test_commits_are_written_through_to_the_disk(place: World, tmp_path: Path) -> None:
    connection = fundcall.storage.sqlite.connect(tmp_path / "fundcall.db")
    modes = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
    connection.close()
    assert modes == ["wal", 2]


def test_work_that_waits_while_another_writes_shares_one_commit(place: World, raw: sqlite3.Connection) -> None:
    drafts = [place.draft() for _ in range(16)]
    requests = [place.request("SubmitApplication", place.unit(d), d) for d in drafts]
    started, go = threading.Event(), threading.Event()

    def slow(_: Transaction) -> None:
        started.set()
        go.wait(5)

    first = threading.Thread(target=lambda: place.ledger.transact(slow))
    first.start()
    started.wait(5)
    rest = [threading.Thread(target=place.handler.handle, args=(request, place.now)) for request in requests]
    for thread in rest:
        thread.start()
    while len(place.ledger._turns.waiting) < len(requests):  # type: ignore[attr-defined]
        pass
    commits: list[str] = []
    place.ledger._writer.set_trace_callback(commits.append)  # type: ignore[attr-defined]
    go.set()
    for thread in [first, *rest]:
        thread.join()
    assert ([sql for sql in commits if sql == "COMMIT"], place.ledger.counts()) == (["COMMIT"], {"submitted": 16})


def test_a_row_that_has_gone_is_written_anew(place: World, raw: sqlite3.Connection) -> None:
    moved, unmoved = place.submitted(), place.submitted()
    raw.execute("DELETE FROM applications")
    place.do("ClaimFormatCheck", F1, unmoved)
    assert [row.id for row in place.ledger.rows()] == [unmoved]
    place.do("ClaimFormatCheck", F1, moved)
    raw.execute("DELETE FROM applications")
    place.do("PassFormatCheck", F1, moved)
    place.do("PassFormatCheck", F1, unmoved)
    assert place.ledger.rows() == rows_by_fold(place.ledger)


def test_an_answer_that_cannot_be_read_sinks_its_own_work_alone(place: World, raw: sqlite3.Connection) -> None:
    requests = [place.request("ClaimFormatCheck", F1, place.submitted()) for _ in range(8)]
    place.handler.handle(requests[3], place.now)
    _tampered(raw, "UPDATE events SET body = x'7b7d' WHERE command_id = ?", requests[3].command_id)
    outcomes = at_once([partial(place.handler.handle, request, place.now) for request in requests])
    assert [type(outcome).__name__ for outcome in outcomes] == ["Accepted"] * 3 + ["ValueError"] + ["Accepted"] * 4


# --- append-only ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET body = x'00' WHERE position = 1",
        "UPDATE events SET position = 99 WHERE position = 1",
        "DELETE FROM events WHERE position = 1",
        "DELETE FROM events",
        "UPDATE rules SET body = x'00'",
        "DELETE FROM rules",
        "INSERT OR REPLACE INTO events SELECT * FROM events WHERE position = 1",
        "REPLACE INTO rules SELECT * FROM rules",
    ],
)
def test_what_is_written_cannot_be_changed_or_deleted(place: World, raw: sqlite3.Connection, statement: str) -> None:
    place.submitted()
    before = list(place.ledger.stored())
    raw.execute("PRAGMA recursive_triggers=ON")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        raw.execute(statement)
    assert list(place.ledger.stored()) == before


@pytest.mark.parametrize(
    ("column", "value"),
    [("position", 1), ("command_id", "c1"), ("version", 1)],
)
def test_a_position_a_command_id_and_a_version_are_taken_once(
    place: World, raw: sqlite3.Connection, column: str, value: int | str
) -> None:
    place.empty()
    row = {"position": 9, "application": "app-0001", "version": 9, "type": "x", "command_id": "x",
           "recorded_at": "x", "leaf": b"x", "body": b"x", column: value}  # fmt: skip
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        raw.execute(
            "INSERT INTO events VALUES (:position, :application, :version, :type, :command_id, :recorded_at, :leaf, :body)",
            row,
        )


def test_a_second_live_row_of_a_unit_is_refused_by_the_database_itself(place: World, raw: sqlite3.Connection) -> None:
    place.submitted(uscc(7))
    second = place.draft(uscc(7))
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        raw.execute("UPDATE applications SET slot = '1' WHERE id = ?", (second,))


def test_a_state_that_is_none_is_refused_by_the_database_itself(place: World, raw: sqlite3.Connection) -> None:
    place.draft()
    with pytest.raises(sqlite3.IntegrityError, match="state_known"):
        raw.execute("UPDATE applications SET state = 'splendid'")


def test_a_reading_connection_cannot_write(place: World) -> None:
    place.draft()
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        place.ledger.query("DELETE FROM applications")  # type: ignore[attr-defined]


# --- two writers on one file ------------------------------------------------------------------------------------------


def test_two_ledgers_on_one_file_see_each_others_writes(place: World, beside: World) -> None:
    application = place.submitted()
    place.do("ClaimFormatCheck", F1, application)
    beside.do("ProposeRejection", F1, application, clause="四(一)1", grounds="x")
    place.do("RejectApplication", F2, application)
    assert beside.codes("ClaimFormatCheck", F1, application) == ("not_allowed_in_state",)
    assert beside.state(application) is State.REJECTED
    assert (place.ledger.rows(), place.ledger.deadlines()) == (
        rows_by_fold(beside.ledger),
        deadlines_by_fold(beside.ledger),
    )


def test_two_ledgers_on_one_file_give_numbers_without_gaps(place: World, beside: World) -> None:
    filed = [maker.submitted() for maker in (place, beside, beside, place, place, beside)]
    assert [place.application(a).number[-5:] for a in filed] == [f"{n:05d}" for n in range(1, 7)]


def test_two_ledgers_on_one_file_answer_one_command_once(place: World, beside: World) -> None:
    application = place.submitted()
    request = place.request("ClaimFormatCheck", F1, application)
    outcomes = at_once([partial(w.handler.handle, request, place.now) for w in (place, beside) * 16])
    assert sorted(o.repeated for o in outcomes) == [False] + [True] * 31


def test_two_ledgers_on_one_file_leave_a_unit_one_live_filing(place: World, beside: World) -> None:
    drafts = [place.draft(uscc(64)) for _ in range(32)]
    requests = [place.request("SubmitApplication", place.unit(d), d) for d in drafts]
    worlds = (place, beside) * 16
    outcomes = at_once([partial(w.handler.handle, r, place.now) for w, r in zip(worlds, requests, strict=True)])
    assert sorted(type(o).__name__ for o in outcomes) == ["Accepted"] + ["Rejected"] * 31
    assert place.ledger.rows() == rows_by_fold(beside.ledger)


# --- unavailable ------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("impatient")
def test_a_locked_database_is_unavailable_keeps_nothing_and_recovers(tmp_path: Path) -> None:
    place = world(ledger=sqlite_ledger(tmp_path))
    application = place.submitted()
    before = list(place.ledger.stored())
    blocker = sqlite3.connect(tmp_path / "fundcall.db", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    request = place.request("ClaimFormatCheck", F1, application)
    with pytest.raises(Unavailable, match="locked"):
        place.handler.handle(request, place.now)
    with pytest.raises(Unavailable, match="locked"):
        place.ledger.erase("sha256:00")
    assert list(place.ledger.stored()) == before
    blocker.execute("ROLLBACK")
    blocker.close()
    assert isinstance(place.handler.handle(request, place.now), Accepted)


def test_a_database_that_cannot_be_written_is_unavailable_and_goes_on_reading(place: World) -> None:
    application = place.submitted()
    place.ledger._writer.execute("PRAGMA query_only=ON")  # type: ignore[attr-defined]
    with pytest.raises(Unavailable, match="readonly"):
        place.do("ClaimFormatCheck", F1, application)
    assert place.state(application) is State.SUBMITTED
    place.ledger._writer.execute("PRAGMA query_only=OFF")  # type: ignore[attr-defined]
    place.do("ClaimFormatCheck", F1, application)


def test_a_read_that_fails_while_a_command_is_decided_is_unavailable(place: World) -> None:
    def read(_: Transaction) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    with pytest.raises(Unavailable, match="disk I/O error"):
        place.ledger.transact(read)


def test_a_full_disk_is_unavailable_keeps_nothing_and_recovers(place: World) -> None:
    application = place.submitted()
    writer: sqlite3.Connection = place.ledger._writer  # type: ignore[attr-defined]
    before = list(place.ledger.stored())
    pages = writer.execute("PRAGMA page_count").fetchone()[0]
    writer.execute(f"PRAGMA max_page_count={pages}")
    refused = []
    for n in range(200):
        try:
            place.do(
                "ReassignTopic",
                F1,
                application,
                topic=f"ai_lead.key_actions.{('industry', 'global')[n % 2]}",
                reason="x" * 500,
            )
        except Unavailable as wrong:
            refused.append(str(wrong))
            break
    assert refused == ["database or disk is full"]
    kept = list(place.ledger.stored())
    assert kept[: len(before)] == before
    writer.execute("PRAGMA max_page_count=1000000")
    place.do("ClaimFormatCheck", F1, application)
    assert place.ledger.rows() == rows_by_fold(place.ledger)


def test_a_row_that_the_database_refuses_sinks_its_own_work_alone(place: World, raw: sqlite3.Connection) -> None:
    drafts = [place.draft() for _ in range(12)]
    raw.execute(
        "CREATE TRIGGER planted BEFORE INSERT ON events WHEN NEW.application = 'app-0005' "
        "BEGIN SELECT RAISE(ABORT, 'planted'); END"
    )
    requests = [place.request("SubmitApplication", place.unit(d), d) for d in drafts]
    outcomes = at_once([partial(place.handler.handle, r, place.now) for r in requests])
    assert [str(o) for o in outcomes if isinstance(o, Exception)] == ["planted"]
    assert place.ledger.counts() == {"draft": 1, "submitted": 11}
    assert place.ledger.rows() == rows_by_fold(place.ledger)


# --- what stands in the file ------------------------------------------------------------------------------------------


def test_a_ledger_opened_again_goes_on_where_it_stopped(place: World, beside: World) -> None:
    application = place.published()
    before = place.application(application)
    assert applications(beside.ledger)[application] == before
    beside.now = before.deadlines["public_notice"]
    approving = Actor("approving-2", Role.APPROVING_OFFICER)
    beside.do("ApproveApplication", approving, application, grant_minor=place.profile.grant_minor)
    assert beside.state(application) is State.APPROVED


def _tampered(raw: sqlite3.Connection, statement: str, *values: object) -> None:
    raw.execute("DROP TRIGGER events_no_update")
    raw.execute("DROP TRIGGER events_no_delete")
    raw.execute(statement, values)


def test_an_event_taken_out_of_the_middle_stops_the_next_command(
    place: World, beside: World, raw: sqlite3.Connection
) -> None:
    application = place.submitted()
    _tampered(raw, "DELETE FROM events WHERE application = ? AND version = 3", application)
    head = place.ledger.head()
    with pytest.raises(CannotFold, match="version 4 follows 2"):
        beside.do("ClaimFormatCheck", F1, application)
    assert beside.ledger.head() == head


def test_bytes_that_are_no_event_stop_the_next_command(place: World, beside: World, raw: sqlite3.Connection) -> None:
    application = place.submitted()
    _tampered(raw, "UPDATE events SET body = x'7b7d' WHERE application = ? AND version = 3", application)
    with pytest.raises(ValueError, match="not an event"):
        beside.do("ClaimFormatCheck", F1, application)


def test_a_move_that_is_not_in_the_table_stops_the_next_command(
    place: World, beside: World, raw: sqlite3.Connection
) -> None:
    application = place.submitted()
    last = list(place.ledger.stored(application=application))[-1]
    body = last.body.replace(b'"ApplicationSubmitted"', b'"ApplicationApproved"')
    _tampered(raw, "UPDATE events SET body = ? WHERE position = ?", body, last.position)
    with pytest.raises(CannotFold, match="ApplicationApproved is no move from draft"):
        beside.do("ClaimFormatCheck", F1, application)


def test_many_threads_on_many_applications_lose_nothing(place: World) -> None:
    def life(n: int) -> list[str]:
        own = world(ledger=place.ledger)
        own.units, own.commands = 100 * n, 100_000 * n
        return [own.submitted() for _ in range(3)] + [own.rejected()]

    made = at_once([partial(life, n) for n in range(1, 9)])
    assert sorted(chain.from_iterable(made)) == sorted(applications(place.ledger))
    assert place.ledger.counts() == {"submitted": 24, "rejected": 8}
    assert (place.ledger.rows(), place.ledger.deadlines()) == (
        rows_by_fold(place.ledger),
        deadlines_by_fold(place.ledger),
    )


def test_rejections_and_acceptances_in_one_group_are_each_answered(place: World) -> None:
    applications_ = [place.submitted() for _ in range(8)]
    jobs = [partial(place.ask, "ClaimFormatCheck", F1, a) for a in applications_]
    jobs += [partial(place.ask, "PublishProposal", F1, a) for a in applications_]
    outcomes = at_once(jobs)
    assert [isinstance(o, Accepted) for o in outcomes[:8]] == [True] * 8
    assert [o.code for o in outcomes[8:] if isinstance(o, Rejected)] == ["not_allowed_in_state"] * 8


def test_a_thread_that_has_ended_leaves_no_connection_behind(place: World) -> None:
    ledger = place.ledger
    assert isinstance(ledger, SqliteLedger)
    ledger.head()
    gc.disable()  # nothing of it waits for all garbage to be looked through
    try:
        held = [weakref.ref(one) for one in ledger._opened]
        for _ in range(20):
            thread = threading.Thread(target=ledger.counts)
            thread.start()
            thread.join()
        assert (len(ledger._opened), len(held)) == (len(held), 1)
    finally:
        gc.enable()
