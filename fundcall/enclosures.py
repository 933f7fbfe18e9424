"""The files that go along with mails."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from fundcall.papers import paper
from notifications.message import File


def receipt_files(found: Mapping[str, Any], made_at: datetime) -> tuple[File, ...]:
    """The receipt of a submission as it goes with its mail: as JSON to be verified, as PDF to be kept. Raises NoTypeface."""
    name = f"receipt-{found['number']}"
    return (
        File("application/pdf", f"{name}.pdf", paper("receipt", found, made_at)),
        File("application/json", f"{name}.json", orjson.dumps(found, option=orjson.OPT_INDENT_2)),
    )
