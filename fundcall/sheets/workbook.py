"""XLSX of a table: one sheet, typed cells, the heading frozen; rows go to the file as they come."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from fundcall.sheets.columns import Column, Kind, decimal, local

_EPOCH = datetime(1980, 1, 1)  # noqa: DTZ001 - what archives hold where no time is told, so that bytes repeat
_WIDTHS = {Kind.TEXT: 24, Kind.NUMBER: 12, Kind.MONEY: 18, Kind.INSTANT: 20}
_FORMATS = {Kind.MONEY: "#,##0.00", Kind.INSTANT: "yyyy-mm-dd hh:mm:ss", Kind.NUMBER: "0", Kind.TEXT: "@"}


def write_xlsx(path: Path, title: str, columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> int:
    """Write the table to a file; how many rows. Nothing in a cell is taken for a formula or an address."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "in_memory": False}
    count = 0
    with xlsxwriter.Workbook(path, options) as book:
        book.set_properties({"title": title, "created": _EPOCH})
        sheet = book.add_worksheet(title)
        heading = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        formats = [book.add_format({"num_format": _FORMATS[column.kind]}) for column in columns]
        for i, column in enumerate(columns):
            sheet.set_column(i, i, _WIDTHS[column.kind])
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, [column.heading for column in columns], heading)
        for count, row in enumerate(rows, 1):
            for i, (column, value) in enumerate(zip(columns, row, strict=True)):
                _write(sheet, count, i, column, value, formats[i])
    return count


def _write(sheet: Any, line: int, place: int, column: Column, value: Any, form: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, datetime):
        sheet.write_datetime(line, place, local(value, column.clock).replace(tzinfo=None), form)
    elif column.kind is Kind.MONEY:
        sheet.write_number(line, place, float(decimal(value)), form)
    elif column.kind is Kind.NUMBER:
        sheet.write_number(line, place, value, form)
    else:
        sheet.write_string(line, place, str(value), form)
