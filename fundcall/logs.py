"""The log: a line of JSON for each thing told, on standard error. What an exception says is left out, since it may repeat
what a person typed; where it came from is told.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TextIO

import orjson


class Lines(logging.Formatter):
    """A record as a line of JSON. `noted` tells of the request at hand."""

    def __init__(self, noted: Callable[[], Mapping[str, str]]) -> None:
        super().__init__()
        self._noted = noted

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        found: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "what": record.getMessage(),
            **self._noted(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[0] is not None:
            frames = traceback.extract_tb(record.exc_info[2])
            found["exception"] = record.exc_info[0].__name__
            found["where"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
            if record.name.startswith("uvicorn"):
                found["what"] = "an exception reached the server"
        return orjson.dumps(found).decode()


def set_up(noted: Callable[[], Mapping[str, str]] = dict, out: TextIO | None = None) -> logging.Handler:
    """Send the log of this process to a stream (standard error) from now on."""
    handler = logging.StreamHandler(out or sys.stderr)
    handler.setFormatter(Lines(noted))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("fundcall").setLevel(logging.INFO)
    return handler
