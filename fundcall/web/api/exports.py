"""Tables of a call for the office and auditors, sent as they are made."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse

from fundcall.sheets.delimited import csv_bytes
from fundcall.sheets.exports import Export, What, export
from fundcall.sheets.formats import Format
from fundcall.sheets.lists import json_bytes
from fundcall.sheets.workbook import write_xlsx
from fundcall.web.api.asking import Api
from fundcall.web.policy import asks
from states.application import State
from states.labels import STATES
from workflow.visible import READERS

_PIECE = 64 * 1024


def routes(api: Api) -> APIRouter:
    """The route."""
    router = api.router("导出 · exports")

    @router.get("/calls/{call_id}/export/{what}", response_class=StreamingResponse)
    @asks(roles=READERS)
    def take_out(
        request: Request,
        call_id: str,
        what: What,
        form: Annotated[Format, Query(alias="format")] = Format.CSV,
        state: State | None = None,
    ) -> StreamingResponse:
        """导出表格（csv、xlsx、json） · A table of the call, for officers and auditors."""
        call = api.call(call_id)
        found = export(api.handler.ledger, call, what, state, STATES)
        name = f'attachment; filename="{call.id}-{what}.{form}"'
        return StreamingResponse(pieces(found, form), media_type=form.media_type, headers={"Content-Disposition": name})

    return router


def pieces(found: Export, form: Format) -> Iterator[bytes]:
    """The bytes of a table as they are made."""
    if form is not Format.XLSX:
        yield from (csv_bytes if form is Format.CSV else json_bytes)(found.columns, found.rows)
        return
    with tempfile.TemporaryDirectory(prefix="fundcall-export-") as folder:  # a workbook is whole only at its end
        path = Path(folder) / "export.xlsx"
        write_xlsx(path, found.title, found.columns, found.rows)
        with path.open("rb") as file:
            yield from iter(lambda: file.read(_PIECE), b"")
