"""The table of 10,000 applications to a file: ours in three formats, and plain `csv` over plain `sqlite3`."""

from __future__ import annotations

import csv
from functools import partial
from pathlib import Path

from benchmarks.course import CALL, open_system
from benchmarks.floor import connect
from benchmarks.measure import Measurement, timed
from benchmarks.ranking import APPLICATIONS, filled
from fundcall.cli.exports import keep
from fundcall.sheets.exports import What, export
from fundcall.sheets.formats import Format
from fundcall.storage.ledger import SqlLedger
from states.labels import STATES


def ours(folder: Path) -> list[Measurement]:
    """As `fundcall export applications` does; the peak of memory is the process's until then."""
    system = open_system(folder)
    found = [
        timed(f"fundcall export, {form}", APPLICATIONS, partial(_taken, system.ledger, form, folder)) for form in Format
    ]
    system.close()
    return found


def _taken(ledger: SqlLedger, form: Format, folder: Path) -> None:
    keep(export(ledger, CALL, What.APPLICATIONS, None, STATES), form, folder / f"applications.{form}")


def floor(folder: Path) -> Measurement:
    """The rows as they are stored, nothing made of them."""
    connection = connect(filled(folder) / "fundcall.db")

    def write() -> None:
        with (folder / "floor.csv").open("w", newline="") as file:
            csv.writer(file).writerows(connection.execute("SELECT * FROM applications ORDER BY id"))

    found = timed("raw sqlite3 to csv", APPLICATIONS, write)
    connection.close()
    return found
