"""The schema: from nothing to the newest, the same as the models, twice for nothing, and all or nothing."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlmodel import SQLModel

from fundcall.storage.ledger import SqliteLedger
from fundcall.storage.migrate import HEAD, engine_of, revision, upgrade
from tests.drive import F1, sqlite_ledger, world

pytestmark = pytest.mark.sqlite

COMPARED: dict[str, Any] = {
    "compare_type": True,
    "include_object": lambda _object, name, *_rest: not str(name).startswith("search_index"),  # SQLite's own
}


def schema(path: Path) -> list[tuple[str, str]]:
    connection = sqlite3.connect(path)
    found = connection.execute("SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY 1, 2")
    rows = found.fetchall()
    connection.close()
    return rows


def test_a_database_comes_from_nothing_with_its_folders(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "fundcall.db"
    assert revision(path) is None
    upgrade(path)
    assert revision(path) == HEAD


def test_the_schema_has_its_tables_indices_and_triggers(tmp_path: Path) -> None:
    upgrade(tmp_path / "x.db")
    assert schema(tmp_path / "x.db") == [
        ("index", "applications_by_due"),
        ("index", "applications_by_number"),
        ("index", "applications_by_state"),
        ("index", "applications_by_unit"),
        ("index", "applications_one_place"),
        ("index", "bounces_by_state"),
        ("index", "certificates_by_unit"),
        ("index", "erasures_by_application"),
        ("index", "notices_by_application"),
        ("index", "notices_by_status"),
        ("index", "posts_by_unit"),
        ("index", "readings_by_time"),
        ("index", "registers_by_unit"),
        ("index", "replays_one_running"),
        ("index", "score_sheets_by_call"),
        ("index", "sessions_by_account"),
        ("index", "unit_groups_by_unit"),
        ("table", "accounts"),
        ("table", "alembic_version"),
        ("table", "applications"),
        ("table", "bounces"),
        ("table", "bulk_outcomes"),
        ("table", "bulk_runs"),
        ("table", "certificates"),
        ("table", "cursors"),
        ("table", "deadlines"),
        ("table", "desk_acts"),
        ("table", "erasures"),
        ("table", "events"),
        ("table", "experts"),
        ("table", "letters"),
        ("table", "mail_modes"),
        ("table", "mails"),
        ("table", "news_requests"),
        ("table", "notices"),
        ("table", "notices_read"),
        ("table", "personal"),
        ("table", "post_requests"),
        ("table", "posts"),
        ("table", "readings"),
        ("table", "registers"),
        ("table", "replays"),
        ("table", "rules"),
        ("table", "saved_views"),
        ("table", "score_drafts"),
        ("table", "score_sheets"),
        ("table", "search_index"),
        *(("table", f"search_index_{part}") for part in ("config", "data", "docsize", "idx")),
        ("table", "search_words"),
        ("table", "sessions"),
        ("table", "slips"),
        ("table", "stationery"),
        ("table", "subscribers"),
        ("table", "tokens"),
        ("table", "tries"),
        ("table", "unit_groups"),
        ("table", "wording_overrides"),
        ("table", "wordings"),
        ("trigger", "desk_acts_no_delete"),
        ("trigger", "desk_acts_no_update"),
        ("trigger", "erasures_no_delete"),
        ("trigger", "erasures_no_update"),
        ("trigger", "events_no_delete"),
        ("trigger", "events_no_update"),
        ("trigger", "readings_no_delete"),
        ("trigger", "readings_no_update"),
        ("trigger", "rules_no_delete"),
        ("trigger", "rules_no_update"),
        ("trigger", "search_words_change"),
        ("trigger", "search_words_come"),
        ("trigger", "search_words_go"),
        ("trigger", "stationery_no_delete"),
        ("trigger", "stationery_no_update"),
    ]


def test_the_migrated_schema_is_the_one_that_the_models_say(tmp_path: Path) -> None:
    upgrade(tmp_path / "x.db")
    engine = engine_of(tmp_path / "x.db")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=COMPARED)
        assert compare_metadata(context, SQLModel.metadata) == []
    engine.dispose()


def test_a_column_that_a_model_does_not_have_would_be_seen(tmp_path: Path) -> None:
    upgrade(tmp_path / "x.db")
    connection = sqlite3.connect(tmp_path / "x.db")
    connection.execute("ALTER TABLE cursors ADD COLUMN planted TEXT")
    connection.close()
    engine = engine_of(tmp_path / "x.db")
    with engine.connect() as connected:
        context = MigrationContext.configure(connected, opts=COMPARED)
        assert [found[0] for found in compare_metadata(context, SQLModel.metadata)] == ["remove_column"]
    engine.dispose()


def columns(connection: sqlite3.Connection, table: str) -> list[tuple[object, ...]]:
    return connection.execute('SELECT name, type, "notnull", pk FROM pragma_table_info(?)', (table,)).fetchall()


def test_the_migrated_columns_are_those_of_the_models_one_by_one(tmp_path: Path) -> None:
    upgrade(tmp_path / "migrated.db")
    engine = engine_of(tmp_path / "made.db")
    SQLModel.metadata.create_all(engine)
    engine.dispose()
    migrated, made = sqlite3.connect(tmp_path / "migrated.db"), sqlite3.connect(tmp_path / "made.db")
    tables = sorted(SQLModel.metadata.tables)
    assert {t: columns(migrated, t) for t in tables} == {t: columns(made, t) for t in tables}
    migrated.close()
    made.close()


def test_an_upgrade_of_the_newest_schema_changes_no_byte(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    upgrade(path)
    before = path.read_bytes()
    upgrade(path)
    assert path.read_bytes() == before


def test_an_upgrade_that_breaks_half_way_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.db"
    broken = ("CREATE TRIGGER good BEFORE DELETE ON events BEGIN SELECT 1; END", "CREATE TRIGGER planted nonsense")
    with monkeypatch.context() as planted:
        planted.setattr("fundcall.storage.sqlite.TRIGGERS", broken)
        with pytest.raises(Exception, match="nonsense"):
            upgrade(path)
    assert (schema(path), revision(path)) == ([], None)
    upgrade(path)
    assert revision(path) == HEAD


def test_what_rankings_and_queues_read_is_made_from_a_ledger_that_was_written_without_it(tmp_path: Path) -> None:
    ledger = sqlite_ledger(tmp_path)
    place = world(ledger=ledger)
    place.published()
    place.in_review()
    place.draft()
    place.do("ClaimFormatCheck", F1, place.submitted())
    before = (ledger.sheets(), list(ledger.histories()))
    ledger.close()
    connection = sqlite3.connect(tmp_path / "fundcall.db")
    connection.executescript(
        "DROP TABLE news_requests; DROP TABLE subscribers; DROP TABLE certificates; DROP TABLE desk_acts; DROP TABLE post_requests; DROP TABLE readings; DROP TABLE replays; DROP TABLE stationery; DROP TABLE erasures; DROP TABLE experts; DROP TABLE unit_groups; DROP TABLE score_sheets; DROP TABLE score_drafts; ALTER TABLE applications DROP COLUMN bound_minor; "
        "DROP TABLE wordings; DROP TABLE wording_overrides; DROP TABLE bounces; DROP TABLE mail_modes; DROP TABLE notices_read; "
        "DROP TABLE saved_views; DROP TABLE bulk_runs; DROP TABLE bulk_outcomes; DROP TABLE search_index; DROP TABLE search_words; DROP INDEX applications_by_due; ALTER TABLE applications DROP COLUMN due_at; "
        "ALTER TABLE applications DROP COLUMN claimed_by; ALTER TABLE applications DROP COLUMN open_findings; "
        "UPDATE alembic_version SET version_num = '0007';"
    )
    connection.close()
    upgrade(tmp_path / "fundcall.db")
    again = SqliteLedger(tmp_path / "fundcall.db")
    assert ((again.sheets(), list(again.histories())), len(before[0])) == (before, 2)


def test_a_connection_that_dies_half_way_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    upgrade(path)
    whole = schema(path)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("DROP TABLE notices")
    connection.close()
    assert schema(path) == whole


def test_two_upgrades_at_once_come_to_one_schema(tmp_path: Path) -> None:
    from tests.contracts.ledger import at_once

    path = tmp_path / "x.db"
    outcomes = at_once([lambda: upgrade(path)] * 4)
    assert ([o for o in outcomes if isinstance(o, Exception)], revision(path)) == ([], HEAD)


def test_every_table_is_strict_about_its_types(tmp_path: Path) -> None:
    upgrade(tmp_path / "x.db")
    connection = sqlite3.connect(tmp_path / "x.db")
    loose = connection.execute(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0 "
        "AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'search_index%'"
    ).fetchall()
    connection.close()
    assert loose == [("alembic_version",)]
