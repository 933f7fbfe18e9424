"""The SQL of the hot path: compiled once from the tables by SQLAlchemy, run by the driver without it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Dialect,
    Select,
    Table,
    UpdateBase,
    and_,
    bindparam,
    cast,
    delete,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.base import PGDialect

from fundcall.storage.tables import (
    ApplicationRow,
    CursorRow,
    DeadlineRow,
    EventRow,
    PersonalRow,
    RulesRow,
    ScoreDraftRow,
    SearchRow,
    SheetRow,
)
from states.credit import FLAG


def table_of(row: type[Any]) -> Table:
    """The SQLAlchemy table of a SQLModel class."""
    found: Table = row.__table__
    return found


EVENTS, APPLICATIONS, DEADLINES = table_of(EventRow), table_of(ApplicationRow), table_of(DeadlineRow)
PEOPLE, RULES, CURSORS = table_of(PersonalRow), table_of(RulesRow), table_of(CursorRow)
SHEETS, DRAFTS, SEARCH = table_of(SheetRow), table_of(ScoreDraftRow), table_of(SearchRow)
_EMPTY: ColumnElement[str] = literal_column("''")
_NOTHING: ColumnElement[int] = literal_column("0")


class RowUpdate(NamedTuple):
    """A statement that updates a row, and what picks its parameters from a row of all columns."""

    text: str
    pick: Callable[[Sequence[Any]], Sequence[Any]]


class Statements:
    """Each statement as text for one dialect, with positional parameters in the order of the columns named."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        e, a, d, s = EVENTS.c, APPLICATIONS.c, DEADLINES.c, DRAFTS.c
        self.insert_event = self.insert(EVENTS)
        self.upsert_application = self.upsert(APPLICATIONS)
        self.update_moved = self.update(APPLICATIONS, {"state", "due_at", *_unindexed(APPLICATIONS)})
        self.update_unmoved = self.update(APPLICATIONS, _unindexed(APPLICATIONS))
        self.insert_deadline = self.insert(DEADLINES)
        self.delete_deadline = self.text(
            delete(DEADLINES).where(
                and_(d.due_at == bindparam("a"), d.application == bindparam("b"), d.name == bindparam("c"))
            )
        )
        self.insert_personal = self.upsert(PEOPLE)
        self.upsert_cursor = self.upsert(CURSORS)
        self.head = self.text(
            select(e.position, e.recorded_at).where(e.position == select(func.max(e.position)).scalar_subquery())
        )
        self.moved = self.text(
            select(e.application).distinct().where(and_(e.position > bindparam("a"), e.position <= bindparam("b")))
        )
        self.stream = self.text(select(e.body).where(e.application == bindparam("a")).order_by(e.version))
        self.others = self.text(
            select(a.id).where(and_(a.call_id == bindparam("a"), a.unit_code == bindparam("b"), a.slot != _EMPTY))
        )
        flagged: ColumnElement[str] = literal_column(f"'%{FLAG}%'")
        self.credited = self.text(select(a.id).where(and_(a.unit_code == bindparam("a"), a.flags.like(flagged))))
        self.numbered = self.text(
            select(func.count()).select_from(APPLICATIONS).where(and_(a.call_id == bindparam("a"), a.number != _EMPTY))
        )

        self.bound = self.text(
            select(a.topic, func.count(), cast(func.sum(a.bound_minor), BigInteger))
            .where(and_(a.call_id == bindparam("a"), a.bound_minor > _NOTHING))
            .group_by(a.topic)
        )
        self.upsert_sheet = self.upsert(SHEETS)
        self.upsert_words = self.upsert(SEARCH, ("application",), besides=("id",))
        self.delete_draft = self.text(
            delete(DRAFTS).where(and_(s.application == bindparam("a"), s.expert == bindparam("b")))
        )

    def text(self, statement: UpdateBase | Select[Any]) -> str:
        """A statement as text; constants are written out, parameters keep their place."""
        return str(statement.compile(dialect=self._dialect))

    def insert(self, table: Table) -> str:
        """Insert one row, all columns in order."""
        return self.text(table.insert().values({c.name: bindparam(c.name) for c in table.columns}))

    def upsert(self, table: Table, keys: Sequence[str] = (), besides: Sequence[str] = ()) -> str:
        """Insert one row, or update the one with its primary key, or other unique `keys`; `besides` come by themselves."""
        dialect = {"sqlite": sqlite, "postgresql": postgresql}[self._dialect.name]
        names = [c.name for c in table.columns if c.name not in besides]
        statement: Any = dialect.insert(table).values({name: bindparam(name) for name in names}).inline()
        keys = keys or [c.name for c in table.primary_key.columns]
        rest = {name: statement.excluded[name] for name in names if name not in keys}
        return self.text(statement.on_conflict_do_update(index_elements=keys, set_=rest))

    def update(self, table: Table, names: Collection[str]) -> RowUpdate:
        """Update these columns of one row by its primary key."""
        keys = list(table.primary_key.columns)
        columns = [c for c in table.columns if c.name in names]
        statement = table.update().values({c.name: bindparam(f"new_{c.name}") for c in columns})
        places = [c.name for c in table.columns]
        return RowUpdate(
            self.text(statement.where(and_(*(c == bindparam(f"key_{c.name}") for c in keys)))),
            itemgetter(*(places.index(c.name) for c in (*columns, *keys))),
        )


def _unindexed(table: Table) -> set[str]:
    """The columns that no index holds: a change of these alone leaves every index as it is."""
    indexed = {c.name for index in table.indexes for c in index.columns}
    return {c.name for c in table.columns} - indexed - {c.name for c in table.primary_key.columns}


@cache
def for_sqlite() -> Statements:
    """Those of SQLite, compiled once in the life of a process: it takes 10 ms."""
    return Statements(sqlite.dialect())


@cache
def for_postgres() -> Statements:
    """Those of PostgreSQL, with the marks of SQLite."""
    return Statements(PGDialect(paramstyle="qmark"))  # type: ignore[no-untyped-call]
