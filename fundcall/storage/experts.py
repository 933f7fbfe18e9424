"""The registry of experts and the register of units that belong together, as last imported, each as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import orjson

from fundcall.storage.ledger import SqlLedger
from states.experts import Cooperation, Expert, Span

_COLUMNS = "id, unit, topics, load_max, name, email, away, declared, past"
_MARKS_MAX = 500


class SqliteExperts:
    """`workflow.ports.Experts` over the database. Names and addresses stand here alone."""

    def __init__(self, ledger: SqlLedger) -> None:
        self._ledger = ledger

    def registered(self) -> int:
        """How many experts there are."""
        count: int = self._ledger.query("SELECT count(*) FROM experts").fetchone()[0]
        return count

    def everyone(self) -> list[Expert]:
        """Every expert, by id."""
        return [_expert(*row) for row in self._ledger.query(f"SELECT {_COLUMNS} FROM experts ORDER BY id")]  # noqa: S608

    def named(self, ids: Sequence[str]) -> dict[str, Expert]:
        """The experts of these ids, as far as they are known."""
        found = {}
        for few in _few(ids):
            sql = f"SELECT {_COLUMNS} FROM experts WHERE id IN ({_marks(few)})"  # noqa: S608 - marks alone
            found.update({row[0]: _expert(*row) for row in self._ledger.query(sql, tuple(few))})
        return found

    def groups(self, unit_codes: Sequence[str]) -> dict[str, frozenset[str]]:
        """The other units of the groups of these units; units of no group are left out."""
        found: dict[str, set[str]] = {}
        for few in _few(unit_codes):
            sql = (
                "SELECT one.unit, other.unit FROM unit_groups one JOIN unit_groups other ON other.name = one.name "  # noqa: S608
                f"WHERE one.unit IN ({_marks(few)}) AND other.unit <> one.unit"
            )
            for unit, other in self._ledger.query(sql, tuple(few)):
                found.setdefault(unit, set()).add(other)
        return {unit: frozenset(others) for unit, others in found.items()}

    def replace(self, experts: Iterable[Expert]) -> int:
        """Put these experts in the place of those before, at once; how many there are."""
        rows = [_row(expert) for expert in experts]
        marks = _marks(_COLUMNS.split(","))
        self._ledger.write(
            [("DELETE FROM experts", [()]), (f"INSERT INTO experts ({_COLUMNS}) VALUES ({marks})", rows)]  # noqa: S608
        )
        return len(rows)

    def replace_groups(self, members: Iterable[tuple[str, str]]) -> int:
        """Put these groups (name, unit code) in the place of those before, at once; how many units they hold."""
        rows = sorted(set(members))
        self._ledger.write(
            [("DELETE FROM unit_groups", [()]), ("INSERT INTO unit_groups (name, unit) VALUES (?, ?)", rows)]
        )
        return len(rows)


def _few(names: Sequence[str]) -> Iterable[Sequence[str]]:
    return (names[i : i + _MARKS_MAX] for i in range(0, len(names), _MARKS_MAX))


def _marks(names: Sequence[str]) -> str:
    return ", ".join("?" * len(names))


def _row(expert: Expert) -> tuple[object, ...]:
    away = [[span.first.isoformat(), span.last.isoformat()] for span in expert.away]
    past = [[one.unit, one.until.isoformat()] for one in expert.past]
    return (
        expert.id, expert.unit, _json(expert.topics), expert.load_max, expert.name, expert.email, _json(away),
        _json(expert.declared), _json(past),
    )  # fmt: skip


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


def _expert(
    id_: str, unit: str, topics: str, load_max: int, name: str, email: str, away: str, declared: str, past: str
) -> Expert:
    return Expert(
        id_,
        unit,
        tuple(orjson.loads(topics)),
        load_max,
        name,
        email,
        tuple(Span(date.fromisoformat(first), date.fromisoformat(last)) for first, last in orjson.loads(away)),
        tuple(orjson.loads(declared)),
        tuple(Cooperation(unit, date.fromisoformat(until)) for unit, until in orjson.loads(past)),
    )
