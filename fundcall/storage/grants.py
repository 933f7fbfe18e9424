"""What the role that serves may do in PostgreSQL: add to every table, and change those whose rows are not there to stay."""

from __future__ import annotations

import psycopg
from psycopg import sql

from fundcall.storage import postgres
from fundcall.storage.migrate import HEAD, revision
from fundcall.storage.schema import TABLES

_UPDATE, _DELETE = 16, 8
"""Bits of pg_trigger.tgtype; bit 1 is a trigger for each row, which may let some pass."""
_KEPT = """
SELECT relname, bit_or(tgtype) FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid JOIN pg_proc ON pg_proc.oid = tgfoid
WHERE proname = 'refuse_change' AND NOT tgisinternal AND tgtype & 1 = 0 GROUP BY relname
"""
_OWNED = """
SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
AND pg_has_role(%s, relowner, 'MEMBER')
"""


class NotGranted(Exception):
    """Why a role was not given its rights, in both languages."""


def grant(url: str, role: str) -> dict[str, tuple[str, ...]]:
    """Give a role what it needs in order to serve, and no more; by table, what that is. The address is the owner's.

    Raises NotGranted where the role would have more all the same, being the owner's, say; nothing is changed then.
    """
    if revision(url) != HEAD:
        raise NotGranted(
            "没有数据库表或不是最新结构，请先运行 fundcall init / no tables there, or not of the newest schema; run fundcall init first"
        )
    with postgres.connect(url) as connection:
        try:
            connection.execute("BEGIN")
            given = _given(connection, role)
            _refuse_more(connection, role, given)
            connection.execute("COMMIT")
        except psycopg.Error as wrong:
            raise NotGranted(f"PostgreSQL 未接受 / PostgreSQL did not take it: {str(wrong).strip()}") from wrong
    return given


def _given(connection: postgres.Connection, role: str) -> dict[str, tuple[str, ...]]:
    refused: dict[str, int] = dict(connection.execute(_KEPT).fetchall())
    rights = {str(table.name): _rights(refused.get(table.name, 0)) for table in TABLES} | {
        "alembic_version": ("SELECT",)
    }
    ((schema,),) = connection.execute("SELECT current_schema()")
    to, place = sql.Identifier(role), sql.Identifier(schema)
    connection.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(place, to))
    connection.execute(sql.SQL("GRANT USAGE ON ALL SEQUENCES IN SCHEMA {} TO {}").format(place, to))
    for name, granted in rights.items():
        table = sql.Identifier(schema, name)
        connection.execute(sql.SQL("REVOKE ALL ON {} FROM {}").format(table, to))
        what = sql.SQL(", ").join(map(sql.SQL, granted))
        connection.execute(sql.SQL("GRANT {} ON {} TO {}").format(what, table, to))
    return rights


def _rights(refused: int) -> tuple[str, ...]:
    """What may be done to a table whose triggers refuse these verbs."""
    may = (("UPDATE", _UPDATE), ("DELETE", _DELETE))
    return ("SELECT", "INSERT", *(verb for verb, bit in may if not refused & bit))


def _refuse_more(connection: postgres.Connection, role: str, given: dict[str, tuple[str, ...]]) -> None:
    """Ask PostgreSQL what the role may do now, by whatever way: a group that it is in, what everybody may."""
    ((owned,),) = connection.execute(_OWNED, (role,))
    if owned:
        raise NotGranted(
            f"角色“{role}”是表的所有者或超级用户，请另建角色 / {role} is the tables' owner or a superuser; create another role"
        )
    verbs = ("UPDATE", "DELETE", "TRUNCATE")
    more = [
        f"{verb} {name}"
        for name, rights in given.items()
        for verb in verbs
        if verb not in rights and _may(connection, "has_table_privilege", role, name, verb)
    ]
    ((schema,),) = connection.execute("SELECT current_schema()")
    if _may(connection, "has_schema_privilege", role, schema, "CREATE"):
        more.append(f"CREATE IN {schema}")
    if more:
        told = ", ".join(more)
        raise NotGranted(
            f"角色“{role}”仍可 {told}，请先收回 / {role} would still have the right to {told}; revoke it from the groups it is in, or from PUBLIC"
        )


def _may(connection: postgres.Connection, asked: str, *of: str) -> bool:
    ((found,),) = connection.execute(sql.SQL("SELECT {}(%s, %s, %s)").format(sql.Identifier(asked)), of)
    return bool(found)
