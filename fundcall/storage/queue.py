"""The SQL of the office's queue: what is wanted as conditions, a page from a mark on, and search by the index of words.

A search reads at most `SEARCHED_MAX` of what its words find, the newest first, so that a common word costs no more than
a rare one. Sorted by deadline, each state is read from its own stretch of one index: who asks for all gets the first of
each, merged.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from states.application import State
from states.calendar import stamp
from workflow.desk import SEARCHED_MAX, SORTED, By, Mark, Wanted, whole_order
from workflow.projection import Row
from workflow.search import Term

_ROW = ", ".join(Row._fields)
_FIELDS = "{number title unit_name unit_code}"
Sql = tuple[str, tuple[Any, ...]]


def page(wanted: Wanted, order: Sequence[By], limit: int | None, past: Mark | None, *, back: bool) -> Sql:
    """A page of rows; going back they come the other way round."""
    columns = whole_order(order, back=back)
    where, values = _conditions(wanted)
    sort = ", ".join(f"{_known(column)}{' DESC' if down else ''}" for column, down in columns)
    beyond, marked = _past(columns, past)
    most = -1 if limit is None else limit
    if [column for column, _ in columns] == ["due_at", "id"] and not wanted.terms:
        return _by_state(
            wanted, where[bool(wanted.states) :], values[len(wanted.states) :], (beyond, marked, sort, most)
        )
    sql = f"SELECT {_ROW} FROM applications WHERE {_all(*where, beyond)} ORDER BY {sort} LIMIT ?"  # noqa: S608
    return sql, (*values, *marked, most)


def counts(wanted: Wanted) -> Sql:
    """How many are wanted of each state. `+` keeps SQLite from walking an index that every row has to be fetched for."""
    where, values = _conditions(wanted)
    group = "+state" if where else "state"
    return f"SELECT state, count(*) FROM applications WHERE {_all(*where)} GROUP BY {group}", tuple(values)  # noqa: S608


def _by_state(wanted: Wanted, where: list[str], values: list[Any], ends: tuple[str, tuple[Any, ...], str, int]) -> Sql:
    beyond, marked, sort, most = ends
    states = wanted.states or tuple(state.value for state in State)
    one = f"SELECT * FROM (SELECT id, due_at FROM applications WHERE {_all('state = ?', *where, beyond)} ORDER BY {sort} LIMIT ?)"  # noqa: S608
    first = " UNION ALL ".join([one] * len(states))
    sql = (
        f"SELECT {_ROW} FROM applications WHERE id IN (SELECT id FROM ({first}) ORDER BY {sort} LIMIT ?) "  # noqa: S608
        f"ORDER BY {sort}"
    )
    each = [value for state in states for value in (state, *values, *marked, most)]
    return sql, (*each, most)


def _conditions(wanted: Wanted) -> tuple[list[str], list[Any]]:
    """What is wanted as conditions, the states first."""
    where, values = _of_columns(wanted)
    if not wanted.terms:
        return where, values
    inner = f"JOIN applications a ON a.id = w.application AND {_all(*where)}" if where else ""
    found = (
        f"id IN (SELECT w.application FROM search_index JOIN search_words w ON w.id = search_index.rowid {inner} "  # noqa: S608
        "WHERE search_index MATCH ? ORDER BY search_index.rowid DESC LIMIT ?)"
    )
    return [found], [*values, " AND ".join(map(_matching, wanted.terms)), SEARCHED_MAX]


def _of_columns(wanted: Wanted) -> tuple[list[str], list[Any]]:
    where: list[str] = []
    values: list[Any] = []

    def ask(condition: str, *given: Any) -> None:
        where.append(condition)
        values.extend(given)

    for column, some in (("state", wanted.states or None), ("phase", wanted.phases or None), ("topic", wanted.topics)):
        if some is not None:
            ask(f"{column} IN ({', '.join('?' * len(some))})", *some)
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
        return "1", ()
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


def _matching(term: Term) -> str:
    """A term as FTS5 asks for it. Tokens hold no sign that means something to it."""
    phrase = f'{_FIELDS} : "{" ".join(term.tokens)}"{" *" if term.goes_on else ""}'
    return f"({' OR '.join([phrase, *(f'marks : {one}' for one in term.marks)])})"


def _all(*conditions: str) -> str:
    return " AND ".join(conditions) or "1"
