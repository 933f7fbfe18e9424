"""The notices table: told once, taken statutory first, never lost by a crash, and moved whole by an upgrade."""

import hashlib
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fundcall.storage.ledger import SqliteLedger
from fundcall.storage.migrate import upgrade
from fundcall.storage.notices import SqliteNotices
from states.calendar import stamp
from workflow.notices import Notice, Settled

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)


def notice(position: int, kind: str = "statutory", recipient: str = "sha256:ab", body: str = "") -> Notice:
    text = (body or f"body {position} {recipient}").encode()
    own = f"<{position}.approved.{recipient}@fund.example>"
    digest = hashlib.sha256(text).digest()
    return Notice(position, recipient, "approved", "A01", "N25", kind, "批准", own, digest, text, "queued")


def settled(one: Notice, status: str, retry_at: str = "") -> Settled:
    return Settled(one.position, one.recipient, one.template, status, "250 ok", retry_at, stamp(NOW))


@pytest.fixture
def notices(tmp_path: Path) -> Iterator[SqliteNotices]:
    upgrade(tmp_path / "x.db")
    with closing(SqliteLedger(tmp_path / "x.db")) as ledger:
        yield SqliteNotices(ledger)


def test_a_notice_comes_back_as_it_was_recorded(notices: SqliteNotices) -> None:
    told = [notice(1), notice(1, recipient="sha256:cd"), notice(2, "reminder")._replace(status="unaddressed")]
    assert (notices.record(told, "notices", 2), notices.cursor("notices")) == (3, 2)
    assert notices.notices() == told
    assert notices.notices("A01", after=1, limit=1) == told[2:]


def test_a_notice_is_recorded_once_and_keeps_its_first_bytes(notices: SqliteNotices) -> None:
    first = notice(1, body="as it was told")
    counts = [notices.record([one], "notices", 1) for one in (first, first, notice(1, body="told otherwise"))]
    assert (counts, notices.notices()) == ([1, 0, 0], [first])


def test_statutory_notices_are_taken_first_and_each_kind_in_the_order_of_the_ledger(notices: SqliteNotices) -> None:
    kinds = ["reminder", "statutory", "information", "statutory", "information", "reminder"]
    notices.record([notice(n, kind) for n, kind in enumerate(kinds, 1)], "notices", 6)
    taken = [[(n.position, n.status, n.attempts) for n in notices.claim(NOW, 4)] for _ in range(3)]
    assert taken == [
        [(2, "sending", 1), (4, "sending", 1), (3, "sending", 1), (5, "sending", 1)],
        [(1, "sending", 1), (6, "sending", 1)],
        [],
    ]


def test_what_is_to_be_tried_again_is_taken_once_its_time_has_come(notices: SqliteNotices) -> None:
    notices.record([notice(1)], "notices", 1)
    (one,) = notices.claim(NOW, 9)
    notices.settle([settled(one, "queued", stamp(NOW + timedelta(minutes=5)))])
    assert notices.claim(NOW, 9) == []
    (again,) = notices.claim(NOW + timedelta(minutes=5), 9)
    assert (again.attempts, again.body) == (2, one.body)
    notices.settle([settled(again, "accepted")])
    assert notices.claim(NOW + timedelta(days=1), 9) == []
    assert notices.notice_counts() == {("N25", "approved", "statutory", "accepted"): 1}


def test_after_a_crash_statutory_notices_go_out_again_and_others_may_have_gone(notices: SqliteNotices) -> None:
    notices.record([notice(1), notice(2, "reminder"), notice(3, "information")], "notices", 3)
    notices.claim(NOW, 9)
    assert notices.reclaim() == 3
    assert [n.status for n in notices.notices()] == ["queued", "unknown", "unknown"]
    assert notices.reclaim() == 0


def test_an_upgrade_moves_the_bytes_of_every_mail(tmp_path: Path) -> None:
    path, told = tmp_path / "x.db", [notice(1), notice(2, "reminder")]
    upgrade(path, "0002")
    with closing(sqlite3.connect(path)) as connection, connection:
        rows = [n._replace(body=zlib.compress(n.body, 1))[:-1] for n in told]
        columns = ", ".join(Notice._fields[:-1])
        connection.executemany(f"INSERT INTO notices ({columns}) VALUES ({', '.join('?' * len(rows[0]))})", rows)  # noqa: S608
    upgrade(path)
    with closing(SqliteLedger(path)) as ledger:
        assert SqliteNotices(ledger).notices() == told


def test_queued_notices_are_found_without_looking_at_all_of_them(notices: SqliteNotices) -> None:
    """A backlog of any length is taken in order from the index, not sorted anew for every batch."""
    from fundcall.storage.notices import _QUEUED

    plan = [row[3] for row in notices._ledger.query(f"EXPLAIN QUERY PLAN {_QUEUED}", ("statutory", stamp(NOW), 9))]
    assert plan == [
        "SEARCH notices USING INDEX notices_by_status (status=? AND kind=?)",
        "SEARCH mails USING INDEX sqlite_autoindex_mails_1 (message_id=?)",
        "USE TEMP B-TREE FOR RIGHT PART OF ORDER BY",
    ]
