"""The role that serves on PostgreSQL: enough for the whole life of an application, and no right to alter what is kept."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner, Result

from fundcall.accounts.people import Account
from fundcall.accounts.readings import Reading
from fundcall.audit.world import check_world
from fundcall.bootstrap import open_simulation, settings_for
from fundcall.calls.load import load
from fundcall.cli import app, main
from fundcall.simulate.programme import applicants, run
from fundcall.solver import solver
from fundcall.storage.grants import NotGranted, grant
from fundcall.storage.health import SqliteHealth
from fundcall.storage.readings import DAYS_MIN, SqliteReadings
from fundcall.storage.schema import TABLES
from tests.postgres import SERVER, Cluster, as_server

CLIMATE = "community-climate-2026"
ALL = ("SELECT", "INSERT", "UPDATE", "DELETE")
GROWN = dict.fromkeys(("events", "rules", "stationery", "erasures", "desk_acts"), ("SELECT", "INSERT"))
RIGHTS = {
    **{str(table.name): ALL for table in TABLES},
    **GROWN,
    "readings": ("SELECT", "INSERT", "DELETE"),  # they go once they are old
    "alembic_version": ("SELECT",),
}


def command(database: str, *arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, env={"FUNDCALL_DATABASE_URL": database})


def test_the_command_gives_the_rights_that_the_triggers_leave_and_again_the_same(cluster: Cluster) -> None:
    owner = cluster.new()
    done = [command(owner, "migrate", "grants", SERVER, "--json") for _ in range(2)]
    assert [one.exit_code for one in done] == [0, 0], done[0].output
    told = [json.loads(one.stdout)["tables"] for one in done]
    assert [{name: tuple(rights) for name, rights in one.items()} for one in told] == [RIGHTS, RIGHTS]
    with psycopg.connect(owner) as connection:
        found = connection.execute(
            "SELECT table_name, privilege_type FROM information_schema.role_table_grants WHERE grantee = %s", (SERVER,)
        ).fetchall()
    assert {*found} == {(name, right) for name, rights in RIGHTS.items() for right in rights}


@pytest.mark.parametrize(
    "statement",
    [
        *map("DELETE FROM {}".format, GROWN), *(f"TRUNCATE {table}" for table in (*GROWN, "readings", "notices")),
        "UPDATE events SET body = ''", "UPDATE rules SET body = ''", "UPDATE desk_acts SET detail = ''", "UPDATE erasures SET mails = ''",
        "UPDATE stationery SET body = ''", "UPDATE readings SET actor = ''", "UPDATE alembic_version SET version_num = ''",
        "INSERT INTO events VALUES (1, 'a', 1, 'x', 'c', '', '', '') ON CONFLICT (position) DO UPDATE SET body = ''",
        "ALTER TABLE events DISABLE TRIGGER ALL", "DROP TRIGGER events_only_grow ON events", "DROP TABLE notices", "CREATE TABLE x (y text)",
        "CREATE FUNCTION x() RETURNS integer LANGUAGE sql AS 'SELECT 1'", "SET ROLE app", "SET session_replication_role = replica",
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    ],
)  # fmt: skip
def test_what_is_kept_and_the_schema_are_refused_to_it_by_postgresql(cluster: Cluster, statement: str) -> None:
    served = as_server(cluster.address(cluster.schema()))
    with psycopg.connect(served) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)


def test_it_is_enough_for_a_call_from_the_first_draft_to_the_last_mail(cluster: Cluster, tmp_path: Path) -> None:
    system = open_simulation(settings_for(tmp_path, database_url=cluster.served()), load(CLIMATE))
    call = load(CLIMATE)
    with closing(system):
        ran = run(system.handler, call, applicants(call, 3, 7), 7, lambda _: None, solver())
        assert system.dispatcher.record() > 0
        sent = [notice[:3] for notice in system.notices.claim(ran.ended_at, 9)]
        assert len(sent) == 9
        verdict = check_world(system.ledger, now=ran.ended_at)
        assert (verdict.divergences, verdict.overdue, verdict.states["closed"] > 0) == ((), 0, True)


def test_it_is_enough_for_what_stands_beside_the_ledger(cluster: Cluster, tmp_path: Path) -> None:
    system, now = (
        open_simulation(settings_for(tmp_path, database_url=cluster.served()), load(CLIMATE)),
        datetime.now(UTC),
    )
    with closing(system):
        assert system.accounts.add(Account("li", "li@example.org", "李"), (), now)
        SqliteHealth(system.ledger, lambda: now, dict, bool).write()
        readings = SqliteReadings(system.ledger)
        for days in (DAYS_MIN + 2, 0):
            readings.keep(Reading(now - timedelta(days=days), "li", "auditor", "case", "A01"))
        readings.forget(now - timedelta(days=DAYS_MIN + 1))
        assert [one.read_at for _, one in readings.find(limit=9)] == [now]


def test_an_older_schema_is_told_to_it_in_words(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    owner = cluster.new()
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0014'")
        monkeypatch.setenv("FUNDCALL_DATABASE_URL", as_server(owner))
        monkeypatch.setattr("sys.argv", ["fundcall", "audit", "verify", "--data", str(tmp_path)])
        for _ in range(2):
            with pytest.raises(SystemExit, match="3"):
                main()
            assert "run fundcall init and fundcall migrate grants as its owner" in capsys.readouterr().err
            connection.execute(f"REVOKE ALL ON alembic_version FROM {SERVER}")


@pytest.mark.parametrize(
    ("before", "role", "words"),
    [
        ((), "app", "the tables' owner or a superuser"),
        (("CREATE ROLE chief SUPERUSER",), "chief", "the tables' owner or a superuser"),
        (("CREATE ROLE plain", "GRANT app TO plain"), "plain", "the tables' owner or a superuser"),
        (("CREATE ROLE many", "CREATE ROLE one IN ROLE many", "GRANT UPDATE, TRUNCATE ON events TO many"), "one",
         "the right to UPDATE events, TRUNCATE events;"),
        (("CREATE ROLE other", "GRANT CREATE ON SCHEMA public TO PUBLIC"), "other", "the right to CREATE IN public;"),
        ((), "nobody", 'role "nobody" does not exist'),
    ],
)  # fmt: skip
def test_a_role_that_could_do_more_all_the_same_is_given_nothing(
    cluster: Cluster, before: tuple[str, ...], role: str, words: str
) -> None:
    owner = cluster.new()
    with psycopg.connect(owner) as connection:
        for statement in before:
            connection.execute(statement)
        connection.commit()
        with pytest.raises(NotGranted, match=words):
            grant(owner, role)
        given = connection.execute(
            "SELECT count(*) FROM information_schema.role_table_grants WHERE grantee = %s AND grantee <> 'app'", (role,)
        ).fetchone()
    assert given == (0,)


def test_a_database_without_tables_is_told_of_in_words(cluster: Cluster) -> None:
    done = command(cluster.empty(), "migrate", "grants", SERVER)
    assert (done.exit_code, "run fundcall init first" in done.stderr) == (1, True)


@pytest.mark.sqlite
def test_a_database_of_sqlite_has_no_roles(tmp_path: Path) -> None:
    assert command("", "migrate", "grants", SERVER, "--data", str(tmp_path)).exit_code == 2
