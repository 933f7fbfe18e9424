"""Lists kept by others (abnormal operation, dishonesty …), as last imported, each as a whole."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from fundcall.storage.ledger import SqlLedger
from states.unit_code import normal


class Imported(NamedTuple):
    """A list: how many units stand on it, where it came from, and as of which day."""

    name: str
    units: int
    source: str
    as_of: str


class SqliteRegisters:
    """`workflow.ports.Registers` over the database."""

    def __init__(self, ledger: SqlLedger) -> None:
        self._ledger = ledger

    def standing(self, unit_code: str) -> tuple[str, ...]:
        """The lists on which the unit stands, sorted."""
        sql = "SELECT list FROM registers WHERE unit_code = ? ORDER BY list"
        return tuple(name for (name,) in self._ledger.query(sql, (normal(unit_code),)))

    def replace(self, name: str, unit_codes: Iterable[str], source: str, as_of: date) -> int:
        """Put this list in the place of the one imported before, at once; how many units stand on it."""
        rows = [(name, code, source, as_of.isoformat()) for code in sorted({normal(code) for code in unit_codes})]
        self._ledger.write(
            [("DELETE FROM registers WHERE list = ?", [(name,)]), ("INSERT INTO registers VALUES (?, ?, ?, ?)", rows)]
        )
        return len(rows)

    def lists(self) -> list[Imported]:
        """Every list imported."""
        sql = "SELECT list, count(*), max(source), max(as_of) FROM registers GROUP BY list ORDER BY list"
        return [Imported._make(found) for found in self._ledger.query(sql)]
