"""What only PostgreSQL must show: its schema, rows that are only added, two processes that write, and a server that is lost."""

import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlmodel import SQLModel

from fundcall.bootstrap import settings_for
from fundcall.calls.load import load
from fundcall.demo import run_demo
from fundcall.storage.migrate import HEAD, revision, upgrade
from fundcall.storage.postgres import READER_SECONDS
from fundcall.storage.postgres_ledger import PostgresLedger
from fundcall.storage.postgres_schema import engine_of
from tests.by_hand import tamper
from tests.contracts.ledger import at_once, deadlines_by_fold, rows_by_fold
from tests.drive import F1, World, beside_of, world
from tests.postgres import Cluster
from workflow.handle import Accepted
from workflow.ports import Unavailable

SHANGHAI = "shanghai-ai-plus-2025"


@pytest.fixture
def address(cluster: Cluster) -> str:
    return cluster.new()


@pytest.fixture
def place(postgres_ledger: PostgresLedger) -> World:
    return world(ledger=postgres_ledger)


@pytest.fixture
def beside(place: World, postgres_ledger: PostgresLedger) -> Iterator[World]:
    ledger = PostgresLedger(postgres_ledger.url)
    yield beside_of(place, ledger)
    ledger.close()


def test_two_upgrades_at_once_come_to_one_schema_which_is_that_of_the_models(cluster: Cluster) -> None:
    address = cluster.empty()
    assert revision(address) is None
    outcomes = at_once([lambda: upgrade(address)] * 2)
    assert ([o for o in outcomes if isinstance(o, Exception)], revision(address)) == ([], HEAD)
    engine = engine_of(address)
    with engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), SQLModel.metadata)
    engine.dispose()
    assert [one[0] for one in found] == [
        "remove_index",
        "remove_column",
    ]  # those of the search, which are PostgreSQL's own


def test_every_text_sorts_by_its_bytes(address: str) -> None:
    with psycopg.connect(address) as connection:
        other = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' "
            "AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'"
        ).fetchall()
    assert other == []


def test_rules_that_cannot_be_read_are_told(cluster: Cluster, tmp_path: Path) -> None:
    settings = settings_for(tmp_path, database_url=cluster.new())
    with closing(PostgresLedger(settings.postgres)) as ledger:
        ledger.keep_rules("a", "x", b'{"call":{"id":"x"}}')
        assert ledger.damage() == []
        tamper(settings, "UPDATE rules SET body = ?", (b"{",))
        assert ledger.damage() == ["rules a: not of the call that they are kept for"]


@pytest.mark.parametrize("table", ["events", "rules", "stationery", "erasures", "desk_acts"])
@pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET {} = {}", "TRUNCATE {}"])
def test_what_is_written_cannot_be_changed_or_deleted(cluster: Cluster, table: str, change: str) -> None:
    column = {"events": "position", "rules": "call_id", "desk_acts": "what"}.get(table, "id")
    with (
        psycopg.connect(cluster.address(cluster.schema())) as connection,
        pytest.raises(psycopg.IntegrityError, match=f"{table} are append-only"),
    ):
        connection.execute(change.format(table, column, column))


@pytest.mark.parametrize(("read_at", "goes"), [("2020-01-01T00:00:00Z", True), ("2999-01-01T00:00:00Z", False)])
def test_a_reading_goes_once_it_is_half_a_year_old(address: str, read_at: str, goes: bool) -> None:
    row = "INSERT INTO readings (read_at, actor, role, what, subject, item) VALUES (%s, 'a', 'auditor', 'x', 'y', '')"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(row, (read_at,))
        if goes:
            assert connection.execute("DELETE FROM readings").rowcount == 1
        else:
            with pytest.raises(psycopg.IntegrityError, match="append-only"):
                connection.execute("DELETE FROM readings")


def test_two_processes_that_write_in_turns_and_at_once_make_one_ledger_without_gaps(
    place: World, beside: World
) -> None:
    drafts = [(walk, walk.draft()) for walk in (place, beside) * 4]
    requests = [(walk, walk.request("SubmitApplication", walk.unit(name), name)) for walk, name in drafts]
    outcomes = at_once([partial(walk.handler.handle, request, walk.now) for walk, request in requests])
    assert [type(one) for one in outcomes] == [Accepted] * 8
    assert [event.position for event in place.ledger.stored()] == list(range(1, place.ledger.head() + 1))
    assert (place.ledger.rows(), place.ledger.deadlines()) == (
        rows_by_fold(beside.ledger),
        deadlines_by_fold(beside.ledger),
    )


def test_connections_that_were_cut_are_made_anew(cluster: Cluster, place: World) -> None:
    application = place.submitted()
    cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'fundcall'"
    cluster.do(cut)
    assert place.ledger.counts() == {"submitted": 1}
    cluster.do(cut)
    place.do("ClaimFormatCheck", F1, application)
    assert place.ledger.rows() == rows_by_fold(place.ledger)


def test_a_database_that_has_gone_is_told_as_unavailable_within_seconds(cluster: Cluster) -> None:
    ledger = PostgresLedger(cluster.new())
    assert ledger.head() == 0
    name = ledger.url.partition("@/")[2].partition("?")[0]
    cluster.do(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    cluster.do(f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{name}'")  # noqa: S608
    begun = time.monotonic()
    with pytest.raises(Unavailable, match="the database cannot be reached"):
        ledger.head()
    assert time.monotonic() - begun < 2 * READER_SECONDS
    ledger.close()


def test_a_database_that_cannot_hold_chinese_is_refused_before_anything_is_made_in_it(cluster: Cluster) -> None:
    cluster.do("CREATE DATABASE plain TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C'")
    with pytest.raises(Unavailable, match=r"数据库编码为 SQL_ASCII.*encoding is SQL_ASCII and must be UTF8"):
        upgrade(cluster.address("plain"))


def test_a_nul_is_looked_for_in_vain(place: World) -> None:
    assert (place.ledger.row("a\0b"), place.ledger.commanded("\0")) == (None, [])


@pytest.mark.sqlite
def test_the_same_seeded_demo_ends_in_the_same_root_on_both(cluster: Cluster, tmp_path: Path) -> None:
    def ran(database: str) -> tuple[object, ...]:
        folder = tmp_path / ("postgres" if database else "sqlite")
        finished = run_demo(load(SHANGHAI), folder, 4, 7, lambda _month, _events: None, database=database)
        finished.system.close()
        return tuple(finished.summary[name] for name in ("ledger", "notices", "deadlines", "divergences"))

    address = cluster.empty()
    assert ran(address) == ran("")
    with pytest.raises(FileExistsError, match="a demo takes an empty one"):
        ran(address)


def test_a_database_is_shown_without_the_password(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, database_url="postgresql://app:secret@db.example:5433/fundcall?sslmode=require")
    assert (settings.where, settings.database_name) == (settings.database_url, "postgresql://db.example:5433/fundcall")
    with pytest.raises(ValueError, match="FUNDCALL_DATABASE_URL"):
        settings_for(tmp_path, database_url="mysql://db.example/fundcall")
