"""The notices table on SQLite: moved whole by an upgrade, and its queue read from an index."""

import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from fundcall.storage.ledger import SqliteLedger
from fundcall.storage.migrate import upgrade
from fundcall.storage.notices import SqliteNotices
from states.calendar import stamp
from tests.contracts.notices import NOW, notice
from workflow.notices import Notice

pytestmark = pytest.mark.sqlite


@pytest.fixture
def notices(tmp_path: Path) -> Iterator[SqliteNotices]:
    upgrade(tmp_path / "x.db")
    with closing(SqliteLedger(tmp_path / "x.db")) as ledger:
        yield SqliteNotices(ledger)


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
    from fundcall.storage.notices import _CLAIM

    values = ("statutory", stamp(NOW), 9, stamp(NOW))
    plan = [row[3] for row in notices._ledger.query(f"EXPLAIN QUERY PLAN {_CLAIM.format('')}", values)]
    assert plan == [
        "MATERIALIZE taken",
        "SEARCH notices USING INDEX notices_by_status (status=? AND kind=?)",
        "SEARCH mails USING COVERING INDEX sqlite_autoindex_mails_1 (message_id=?)",
        "USE TEMP B-TREE FOR RIGHT PART OF ORDER BY",
        "SCAN taken",
        "SEARCH notices USING INDEX sqlite_autoindex_notices_2 (message_id=?)",
    ]
