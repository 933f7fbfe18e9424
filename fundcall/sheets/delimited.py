"""CSV that spreadsheets open as it was meant: UTF-8 with a mark, CRLF, and no cell that starts a formula (RFC 4180).

A text that a spreadsheet might take for a formula gets an apostrophe in front, and so does one that begins with an
apostrophe: `plain` takes exactly one away again, so nothing is lost.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from fundcall.sheets.columns import Column, Kind, decimal, local

BOM = "\ufeff"
_AT_ONCE = 500
_STARTS = frozenset("=+-@\t\r\n＝＋－＠'")
"""What a formula may begin with, in full width too: Excel takes those for formulas under Chinese settings."""


def guarded(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula."""
    dangerous = text[:1] in _STARTS or text.lstrip()[:1] in _STARTS if text else False
    return f"'{text}" if dangerous else text


def plain(cell: str) -> str:
    """What `guarded` was given."""
    return cell.removeprefix("'")


def csv_bytes(columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """The table in pieces, headings first."""
    lines: list[str] = []
    writer = csv.writer(_Lines(lines), lineterminator="\r\n")
    writer.writerow([column.heading for column in columns])
    lines[0] = BOM + lines[0]
    for row in rows:
        writer.writerow([_cell(column, value) for column, value in zip(columns, row, strict=True)])
        if len(lines) >= _AT_ONCE:
            yield "".join(lines).encode()
            lines.clear()
    if lines:
        yield "".join(lines).encode()


class _Lines:
    """Where the writer puts its lines."""

    def __init__(self, lines: list[str]) -> None:
        self.write = lines.append


def _cell(column: Column, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return local(value, column.clock).isoformat(sep=" ", timespec="seconds")
    if column.kind is Kind.MONEY:
        return decimal(value)
    return str(value) if column.kind is Kind.NUMBER else guarded(str(value))
