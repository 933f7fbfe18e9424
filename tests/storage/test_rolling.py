"""A release is rolled out while the one before goes on: its processes live with a schema that grows, and a schema only grows."""

from __future__ import annotations

import ast
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest

from fundcall.storage.ledger import SqlLedger
from fundcall.storage.opening import open_ledger
from tests.drive import World, beside_of, sqlite_ledger, world
from tests.postgres import Cluster
from workflow.deadlines import sweep

VERSIONS = Path(__file__).parents[2] / "fundcall" / "storage" / "migrations" / "versions"
FIRST_HELD = "0016"
GROWS = frozenset({"create_table", "create_index", "add_column"})
NEXT = (
    "ALTER TABLE applications ADD COLUMN of_the_next TEXT",
    "ALTER TABLE deadlines ADD COLUMN of_the_next TEXT",
    "ALTER TABLE notices ADD COLUMN of_the_next TEXT",
    "CREATE TABLE tables_of_the_next (name TEXT PRIMARY KEY)",
    "CREATE INDEX applications_of_the_next ON applications (of_the_next)",
)
"""What the next release might add."""


class Place(NamedTuple):
    """A running process's ledger, another opened anew, and the change of the schema beneath them."""

    ledger: SqlLedger
    anew: Callable[[], SqlLedger]
    grow: Callable[[], None]


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    if request.param == "sqlite":
        with closing(sqlite_ledger(tmp_path)) as ledger:
            yield Place(ledger, lambda: open_ledger(tmp_path / "fundcall.db"), lambda: _grow_file(tmp_path))
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    address = cluster.served()
    with closing(open_ledger(address)) as ledger:
        yield Place(
            ledger, lambda: open_ledger(address), lambda: _grow_database(address.replace("//server@", "//app@"))
        )


def _grow_file(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "fundcall.db")) as connection:
        for statement in NEXT:
            connection.execute(statement)


def _grow_database(address: str) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        for statement in NEXT:
            connection.execute(statement)


def _lives(place: World) -> str:
    """Drafts, filings, reviews and deadlines that fire; the ledger's root is of all of them."""
    place.returned()
    place.in_review()
    place.draft()
    place.after(seconds=1)
    place.at(place.call.closes_at + (place.call.closes_at - place.call.opens_at))
    sweep(place.handler, place.now)
    return f"{place.ledger.head()} events, {sum(place.ledger.counts(place.call_id).values())} applications"


@pytest.mark.parametrize("place", [pytest.param("sqlite", marks=pytest.mark.sqlite), "postgresql"], indirect=True)
def test_a_process_of_the_release_before_goes_on_while_the_schema_grows(place: Place) -> None:
    running = world(ledger=place.ledger)
    for _ in range(8):  # often enough for a driver to prepare its statements
        running.draft()
    place.grow()
    told = _lives(running)
    with closing(place.anew()) as ledger:
        beside = beside_of(running, ledger)
        assert (ledger.head(), told) == (running.ledger.head(), f"{ledger.head()} events, 11 applications")
        assert [row.id for row in ledger.rows()] == [row.id for row in running.ledger.rows()]
        assert beside.submitted()


def _made(source: str) -> set[str]:
    """What a migration does, by the names of alembic's operations."""
    calls = [node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return {
        one.attr for one in calls if isinstance(one, ast.Attribute) and getattr(one.value, "id", "") == "op"
    }  # fmt: skip


def test_migrations_only_add_to_what_the_release_before_knows() -> None:
    held = [path for path in sorted(VERSIONS.glob("0*.py")) if path.name[:4] >= FIRST_HELD]
    assert held
    assert {path.name: _made(path.read_text(encoding="utf-8")) - GROWS for path in held} == {
        path.name: set() for path in held
    }
