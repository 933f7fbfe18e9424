"""The SQL of the office's queue: what is wanted as conditions, a page from a mark on, and search by the index of words.

A search reads at most `SEARCHED_MAX` of what its words find, the newest first, so that a common word costs no more than
a rare one. Sorted by deadline, each state is read from its own stretch of one index: who asks for all gets the first of
each, merged.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from states.application import State
from states.calendar import stamp
from workflow.desk import SEARCHED_MAX, SORTED, By, Mark, Wanted, whole_order
from workflow.projection import Row
from workflow.search import Term

_ROW = ", ".join(Row._fields)
_FIELDS = "{number title unit_name unit_code}"
Sql = tuple[str, tuple[Any, ...]]
UNLIMITED = 2**62
"""A LIMIT that limits nothing, on any database."""


class Finding(NamedTuple):
    """How a database is asked for words: where from, by which condition on what is asked, and the number of a row there."""

    source: str
    matches: str
    number: str
    asked: Callable[[Sequence[Term]], str]


def page(wanted: Wanted, order: Sequence[By], limit: int | None, past: Mark | None, by: Finding, *, back: bool) -> Sql:
    """A page of rows; going back they come the other way round."""
    columns = whole_order(order, back=back)
    where, values = _conditions(wanted, by)
    sort = ", ".join(f"{_known(column)}{' DESC' if down else ''}" for column, down in columns)
    beyond, marked = _past(columns, past)
    most = UNLIMITED if limit is None else limit
    if [column for column, _ in columns] == ["due_at", "id"] and not wanted.terms:
        return _by_state(
            wanted, where[bool(wanted.states) :], values[len(wanted.states) :], (beyond, marked, sort, most)
        )
    sql = f"SELECT {_ROW} FROM applications WHERE {_all(*where, beyond)} ORDER BY {sort} LIMIT ?"  # noqa: S608
    return sql, (*values, *marked, most)


def counts(wanted: Wanted, by: Finding) -> Sql:
    """How many are wanted of each state. `+` keeps SQLite from walking an index that every row has to be fetched for."""
    where, values = _conditions(wanted, by)
    group = "+state" if where else "state"
    return f"SELECT state, count(*) FROM applications WHERE {_all(*where)} GROUP BY {group}", tuple(values)  # noqa: S608


def _by_state(wanted: Wanted, where: list[str], values: list[Any], ends: tuple[str, tuple[Any, ...], str, int]) -> Sql:
    beyond, marked, sort, most = ends
    states = wanted.states or tuple(state.value for state in State)
    one = f"SELECT * FROM (SELECT id, due_at FROM applications WHERE {_all('state = ?', *where, beyond)} ORDER BY {sort} LIMIT ?) AS one"  # noqa: S608
    first = " UNION ALL ".join([one] * len(states))
    sql = (
        f"SELECT {_ROW} FROM applications WHERE id IN (SELECT id FROM ({first}) AS each_state ORDER BY {sort} LIMIT ?) "  # noqa: S608
        f"ORDER BY {sort}"
    )
    each = [value for state in states for value in (state, *values, *marked, most)]
    return sql, (*each, most)


def _conditions(wanted: Wanted, by: Finding) -> tuple[list[str], list[Any]]:
    """What is wanted as conditions, the states first."""
    where, values = _of_columns(wanted)
    if not wanted.terms:
        return where, values
    inner = f"JOIN applications a ON a.id = w.application AND {_all(*where)}" if where else ""
    found = (
        f"id IN (SELECT w.application FROM {by.source} {inner} WHERE {by.matches} ORDER BY {by.number} DESC LIMIT ?)"  # noqa: S608
    )
    return [found], [*values, by.asked(wanted.terms), SEARCHED_MAX]


def _of_columns(wanted: Wanted) -> tuple[list[str], list[Any]]:
    where: list[str] = []
    values: list[Any] = []

    def ask(condition: str, *given: Any) -> None:
        where.append(condition)
        values.extend(given)

    for column, some in (("state", wanted.states or None), ("phase", wanted.phases or None), ("topic", wanted.topics)):
        if some is not None:
            ask(f"{column} IN ({', '.join('?' * len(some))})" if len(some) else "1 = 0", *some)
    for column, exact in (("call_id", wanted.call_id), ("claimed_by", wanted.claimed_by)):
        if exact:
            ask(f"{column} = ?", exact)
    for flag in wanted.flags:
        ask("instr(' ' || flags || ' ', ?) > 0", f" {flag} ")
    for condition, yes in (("open_findings > 0", wanted.findings_open), ("claimed_by <> ''", wanted.claimed)):
        if yes is not None:
            ask(condition if yes else f"NOT ({condition})")
    for condition, bound in (("due_at >= ?", wanted.due_from), ("due_at < ?", wanted.due_before)):
        if bound is not None:
            ask(condition, stamp(bound))
    for condition, minor in (
        ("requested_minor >= ?", wanted.requested_from),
        ("requested_minor <= ?", wanted.requested_upto),
    ):
        if minor is not None:
            ask(condition, minor)
    return where, values


def _past(columns: Sequence[By], past: Mark | None) -> Sql:
    """What stands after a mark, in an order that may go up by one column and down by another."""
    if past is None:
        return "1 = 1", ()
    names = [_known(column) for column, _ in columns]
    if len({down for _, down in columns}) == 1:
        sign = "<" if columns[0].descending else ">"
        return f"({', '.join(names)}) {sign} ({', '.join('?' * len(names))})", past
    ways: list[str] = []
    values: list[Any] = []
    for i, (name, (_, down)) in enumerate(zip(names, columns, strict=True)):
        same = [f"{before} = ?" for before in names[:i]]
        ways.append(_all(*same, f"{name} {'<' if down else '>'} ?"))
        values += past[: i + 1]
    return f"({' OR '.join(ways)})", tuple(values)  # AND binds closer


def _known(column: str) -> str:
    if column not in SORTED:
        raise ValueError(f"a queue is not sorted by {column}")
    return column


def _in_fts5(terms: Sequence[Term]) -> str:
    """What is asked for as FTS5 is asked. Tokens hold no sign that means something to it."""
    return " AND ".join(map(_matching, terms))


def _matching(term: Term) -> str:
    phrase = f'{_FIELDS} : "{" ".join(term.tokens)}"{" *" if term.goes_on else ""}'
    return f"({' OR '.join([phrase, *(f'marks : {one}' for one in term.marks)])})"


def _in_tsquery(terms: Sequence[Term]) -> str:
    """The same as PostgreSQL is asked: fields have weight A there, marks B, and no two fields stand side by side."""
    return " & ".join(map(_weighed, terms))


def _weighed(term: Term) -> str:
    phrase = " <-> ".join(f"'{token}':A" for token in term.tokens)
    ways = [f"{phrase[:-1]}*A" if term.goes_on else phrase, *(f"'{one}':B" for one in term.marks)]
    return f"({' | '.join(ways)})"


BY_FTS5 = Finding(
    "search_index JOIN search_words w ON w.id = search_index.rowid",
    "search_index MATCH ?",
    "search_index.rowid",
    _in_fts5,
)
BY_TSVECTOR = Finding("search_words w", "w.found @@ CAST(? AS tsquery)", "w.id", _in_tsquery)


def _all(*conditions: str) -> str:
    return " AND ".join(conditions) or "1 = 1"
