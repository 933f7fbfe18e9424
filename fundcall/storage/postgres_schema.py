"""What the schema needs on PostgreSQL beyond its tables: an order by bytes, events that stay as they are, words found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import Engine, Text, create_engine
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.compiler import compiles

from fundcall.storage import postgres
from workflow.ports import Unavailable

SCHEMA_LOCK = 0x736368656D61
"""Whoever changes the schema holds this advisory lock ("schema")."""


@compiles(Text, "postgresql")
def _by_bytes(*_: Any, **__: Any) -> str:
    """Texts sort by their bytes, as they do on SQLite, whatever the database was made with."""
    return 'TEXT COLLATE "C"'


REFUSE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% are append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


def append_only(*tables: str, verbs: str = "UPDATE OR DELETE OR TRUNCATE") -> tuple[str, ...]:
    """Triggers that let rows be added to tables and nothing else."""
    return tuple(
        f"CREATE TRIGGER {table}_only_grow BEFORE {verbs} ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        for table in tables
    )


def kept_for(table: str, column: str, days: int) -> tuple[str, ...]:
    """Triggers that let rows go once they are so old by an instant that they bear, and never be altered."""
    old = f"to_char((now() AT TIME ZONE 'utc') - interval '{days} days', 'YYYY-MM-DD\"T\"HH24\\:MI\\:SS\"Z\"')"
    young = f"BEFORE DELETE ON {table} FOR EACH ROW WHEN (OLD.{column} > {old})"
    kept = f"CREATE TRIGGER {table}_kept {young} EXECUTE FUNCTION refuse_change()"
    return *append_only(table, verbs="UPDATE OR TRUNCATE"), kept


INSTR = """
CREATE FUNCTION instr(text, text) RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT strpos($1, $2) $$
"""
"""Where one text stands in another, under the name that SQLite has for it."""

SEARCH = (
    # Tokens come ready made, so that nothing of the language is asked of PostgreSQL. Between two fields a place is left
    # out: no phrase goes over their end. What is longer than an index takes is found by its beginning.
    """
    CREATE FUNCTION search_vector(number text, title text, unit_name text, unit_code text, marks text)
    RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT coalesce(string_agg(
            '''' || left(token, 500) || '''\\:' || least(place, 16383) || CASE field WHEN 5 THEN 'B' ELSE 'A' END, ' '
        ), '')\\:\\:tsvector
        FROM (
            SELECT token, field, field + row_number() OVER (ORDER BY field, nth) AS place
            FROM (VALUES (1, number), (2, title), (3, unit_name), (4, unit_code), (5, marks)) AS fields(field, told),
                 unnest(string_to_array(told, ' ')) WITH ORDINALITY AS tokens(token, nth)
            WHERE token <> ''
        ) AS placed
    $$
    """,
    """
    ALTER TABLE search_words ADD COLUMN found tsvector NOT NULL
    GENERATED ALWAYS AS (search_vector(number, title, unit_name, unit_code, marks)) STORED
    """,
    "CREATE INDEX search_words_found ON search_words USING gin (found)",
)


@contextmanager
def told() -> Iterator[None]:
    """What a role without the right to it is told. Raises Unavailable."""
    try:
        yield
    except (psycopg.errors.InsufficientPrivilege, ProgrammingError) as wrong:
        if isinstance(wrong, ProgrammingError) and not isinstance(wrong.orig, psycopg.errors.InsufficientPrivilege):
            raise
        said = (
            "无权读取或更新数据库结构；请由所有者运行 fundcall init 与 fundcall migrate grants / no right to read the schema, or to bring "
            "it to this version: run fundcall init and fundcall migrate grants as its owner"
        )
        raise Unavailable(f"{said}: {str(wrong).splitlines()[0]}") from wrong


def engine_of(url: str) -> Engine:
    """An engine for migrations. A change of the schema is all or nothing, and one at a time."""
    return create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(url, connect_timeout=postgres.CONNECT_SECONDS)
    )


def revision(url: str) -> str | None:
    """The schema's revision; None for a database without one. Raises Unavailable, also for one that cannot hold every text."""
    with postgres.connect(url) as connection, told():
        encoding = connection.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            raise Unavailable(
                f"数据库编码为 {encoding}，须为 UTF8；请以 CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0 另建 / the database's "
                f"encoding is {encoding} and must be UTF8: make another, with ENCODING 'UTF8' TEMPLATE template0"
            )
        known = connection.execute("SELECT to_regclass('alembic_version') IS NOT NULL").fetchone()
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone() if known and known[0] else None
    return str(found[0]) if found else None
