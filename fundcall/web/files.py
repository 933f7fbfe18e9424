"""Scripts and styles as they are sent: kept by browsers until they change, and packed, once in the life of a process.

Pages themselves are not packed: what somebody else made them say stands beside the token of their forms (BREACH).
"""

from __future__ import annotations

import gzip
import os
from functools import cache
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

_PACKED = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}


class KeptFiles(StaticFiles):
    """Files whose address changes with their content."""

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        path = Path(full_path)
        kind, takes = _PACKED.get(path.suffix), Headers(scope=scope).get("accept-encoding", "")
        answer: Response
        if kind is not None and "gzip" in takes:
            answer = Response(packed(path), status_code, {"Content-Encoding": "gzip"}, kind)
        else:
            answer = super().file_response(full_path, stat_result, scope, status_code)
        if kind is not None:
            answer.headers["Vary"] = "Accept-Encoding"
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return answer


@cache
def packed(path: Path) -> bytes:
    """The file, packed."""
    return gzip.compress(path.read_bytes(), mtime=0)
