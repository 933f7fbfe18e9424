"""A whole installation goes from a SQLite file to PostgreSQL: all of it, or nothing; and goes on there."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner, Result

from fundcall.accounts.entrance import Entrance
from fundcall.accounts.people import Account, Post
from fundcall.accounts.proofs import hash_password
from fundcall.accounts.readings import Reading
from fundcall.audit.merkle import Tree
from fundcall.bootstrap import open_system, settings_for
from fundcall.cli import app
from fundcall.storage import moving, sqlite
from fundcall.storage.moving import NotMoved
from fundcall.storage.readings import SqliteReadings
from fundcall.storage.schema import TABLES
from states.actor import Role
from tests.contracts.ledger import deadlines_by_fold, rows_by_fold
from tests.drive import F1, world
from tests.filings import CLIMATE
from tests.lived import lived
from tests.postgres import Cluster

pytestmark = pytest.mark.sqlite

PASSWORD = "correct horse battery staple"
NOW = datetime(2031, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with a call lived through, somebody who can sign in, and something read."""
    found = lived(tmp_path_factory)
    system = open_system(settings_for(found, database_url=""))
    li = Account("li", "li@example.org", "李")
    assert system.accounts.add(li, (Post(Role.AUDITOR),), NOW)
    system.accounts.set_password(li.id, hash_password(PASSWORD, li))
    SqliteReadings(system.ledger).keep(Reading(NOW, "li", "auditor", "case", "A01"))
    system.close()
    return found


def run(*arguments: str, database: str = "") -> Result:
    return CliRunner().invoke(app, arguments, env={"FUNDCALL_DATABASE_URL": database})


def move(target: str, source: Path, *more: str) -> Result:
    return run("migrate", "sqlite-to-postgres", target, "--from", str(source), *more)


def counts(database: Path | str) -> dict[str, int]:
    """The rows of every table that is not SQLite's own or Alembic's."""
    with closing(sqlite3.connect(database) if isinstance(database, Path) else psycopg.connect(database)) as connection:
        listed = (
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
            if isinstance(database, Path)
            else "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        )
        names = [name for (name,) in connection.execute(listed).fetchall()]
        ours = [name for name in names if not name.startswith(("sqlite_", "search_index", "alembic_"))]
        return {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in sorted(ours)}  # type: ignore[index]  # noqa: S608 - names of ours


@pytest.fixture(scope="module")
def moved(cluster: Cluster, folder: Path) -> tuple[str, dict[str, Any]]:
    """The address of a copy made by the command, and what that printed. The database had no schema before."""
    address = cluster.empty()
    done = run("migrate", "sqlite-to-postgres", address, "--data", str(folder), "--json")
    assert done.exit_code == 0, done.output
    return address, json.loads(done.stdout)


def test_every_table_is_copied_row_by_row(folder: Path, moved: tuple[str, dict[str, Any]]) -> None:
    address, told = moved
    there = counts(folder / "fundcall.db")
    assert (counts(address), told["tables"]) == (there, there)
    assert there.keys() == {table.name for table in TABLES}
    with sqlite3.connect(folder / "fundcall.db") as old, psycopg.connect(address) as new:
        for table in TABLES:
            columns = ", ".join(column.name for column in table.columns)
            asked = f"SELECT {columns} FROM {table.name}"  # noqa: S608 - names of ours
            assert {*old.execute(asked)} == {*new.execute(asked)}, table.name


def test_the_copy_has_the_root_of_the_file_and_nothing_in_it_diverges(
    folder: Path, moved: tuple[str, dict[str, Any]]
) -> None:
    address, told = moved
    verify = ("audit", "verify", "--depth", "2", "--json", "--data", str(folder))
    verdicts = [json.loads(run(*verify, database=database).stdout) for database in ("", address)]
    assert verdicts[0] == verdicts[1]
    assert (verdicts[1]["divergences"], verdicts[1]["root"]) == ([], told["root"])


def test_the_copy_shows_no_password(moved: tuple[str, dict[str, Any]]) -> None:
    assert "app@" not in moved[1]["target"]


def test_somebody_signs_in_on_the_copy_and_what_is_new_is_numbered_after_what_was_there(
    folder: Path, moved: tuple[str, dict[str, Any]]
) -> None:
    with closing(open_system(settings_for(folder, database_url=moved[0])).ledger) as ledger:
        readings = SqliteReadings(ledger)
        readings.keep(Reading(NOW, "li", "auditor", "case", "A02"))
        assert [one.subject for _, one in readings.find(actor="li", limit=9)] == ["A02", "A01"]
        assert ledger.query("SELECT count(*), count(DISTINCT id) FROM readings").fetchall() == [(2, 2)]
    system = open_system(settings_for(folder, database_url=moved[0]))
    assert Entrance(system.accounts).sign_in("li@example.org", PASSWORD, "127.0.0.1", "test", NOW)
    system.close()


def test_work_goes_on_on_the_copy(folder: Path, moved: tuple[str, dict[str, Any]]) -> None:
    system = open_system(settings_for(folder, database_url=moved[0]))
    place = world(CLIMATE.call, ledger=system.ledger)
    application = place.submitted()
    place.do("ClaimFormatCheck", F1, application)
    found = system.ledger.rows(), system.ledger.deadlines()
    assert found == (rows_by_fold(system.ledger), deadlines_by_fold(system.ledger))
    system.close()


# --- what is refused -----------------------------------------------------------------------------------------------


@pytest.fixture
def address(cluster: Cluster) -> str:
    return cluster.new()


@pytest.fixture
def spoilt(folder: Path, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A copy of the file at `tmp_path`/x.db, to be spoilt; without the triggers that keep it."""
    (tmp_path / "x.db").write_bytes((folder / "fundcall.db").read_bytes())
    with closing(sqlite3.connect(tmp_path / "x.db", isolation_level=None)) as connection:
        connection.execute("DROP TRIGGER events_no_update")
        connection.execute("DROP TRIGGER events_no_delete")
        yield connection


def refused(target: str, source: Path, words: str) -> None:
    """The copy is refused in both languages, and nothing of it is there."""
    done = move(target, source)
    assert (done.exit_code, words in done.stderr) == (1, True), done.output
    assert ("✗" in done.stderr, any("\u4e00" <= c <= "\u9fff" for c in done.stderr)) == (True, True)


def test_a_database_in_use_is_refused_and_stays_as_it_is(folder: Path, moved: tuple[str, dict[str, Any]]) -> None:
    before = counts(moved[0])
    refused(moved[0], folder / "fundcall.db", "the target is not empty (accounts, ")
    assert counts(moved[0]) == before


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("DELETE FROM events WHERE position = 5", "the ledger does not hold at position 5"),
        ("UPDATE events SET body = x'7b7d' WHERE position = 7", "the ledger does not hold at position 7"),
        ("UPDATE accounts SET name = 'a' || char(0)", "PostgreSQL did not take it: accounts"),
        ("UPDATE accounts SET name = CAST(x'ff' AS TEXT)", "cannot be read, or is damaged"),
        ("UPDATE alembic_version SET version_num = '0007'", "run fundcall init first"),
        ("DROP TABLE alembic_version", "run fundcall init first"),
    ],
)
def test_a_broken_source_is_refused_and_nothing_is_kept(
    spoilt: sqlite3.Connection, tmp_path: Path, address: str, change: str, words: str
) -> None:
    spoilt.execute(change)
    refused(address, tmp_path / "x.db", words)
    assert set(counts(address).values()) == {0}


def test_a_damaged_file_and_one_that_is_none_are_refused(folder: Path, tmp_path: Path, address: str) -> None:
    whole = bytearray((folder / "fundcall.db").read_bytes())
    (tmp_path / "text.db").write_text("not a database " * 1000)
    whole[8192 : len(whole) // 2] = bytes(len(whole) // 2 - 8192)
    (tmp_path / "damaged.db").write_bytes(whole)
    refused(address, tmp_path / "text.db", "the database cannot be read")
    refused(address, tmp_path / "damaged.db", "damaged")
    refused(address, tmp_path / "none.db", "run fundcall init first")
    assert not (tmp_path / "none.db").exists()
    assert set(counts(address).values()) == {0}


def test_a_file_that_is_being_written_is_refused(folder: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.1)
    with closing(sqlite3.connect(folder / "fundcall.db", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        refused(address, folder / "fundcall.db", "something still writes to it")


def test_nobody_writes_while_it_is_copied_and_a_copy_that_is_broken_off_is_not_kept(folder: Path, address: str) -> None:
    source = folder / "fundcall.db"

    def write(_whole: int, _copied: int) -> None:
        with closing(sqlite3.connect(source, timeout=0)) as connection:
            connection.execute("DELETE FROM sessions")

    with pytest.raises(NotMoved, match="something still writes to it") as caught:  # the file is ours
        moving.move(source, address, Tree, write)
    assert "database is locked" in str(caught.value)
    assert set(counts(address).values()) == {0}


def test_a_target_that_is_not_reached_or_not_of_this_version_is_refused(folder: Path, cluster: Cluster) -> None:
    source = folder / "fundcall.db"
    refused("postgresql://app@/none?host=/nowhere", source, "cannot be reached")
    other = cluster.new()
    with psycopg.connect(other, autocommit=True) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    refused(other, source, "a schema of another version")


def test_an_address_that_is_none_of_postgresql_is_misuse(folder: Path) -> None:
    assert move("sqlite:///x.db", folder / "fundcall.db").exit_code == 2
    with pytest.raises(ValueError, match="FUNDCALL_DATABASE_URL"):
        settings_for(folder, database_url="mysql://db.example/fundcall")


def test_a_copy_that_is_not_the_same_is_not_kept(folder: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "_settle", lambda taking: taking.execute("INSERT INTO cursors VALUES ('planted', 1)"))
    refused(address, folder / "fundcall.db", "the copy is not the same and was not kept")
    assert set(counts(address).values()) == {0}
