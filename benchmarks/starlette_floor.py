"""The floor for uploads: a bare Starlette route that hashes, writes and syncs what comes. `python -m … FOLDER PORT`."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


def application(folder: Path) -> Starlette:
    """The application; files go to the folder."""

    async def take(request: Request) -> JSONResponse:
        digest = hashlib.sha256()
        with tempfile.NamedTemporaryFile(dir=folder) as file:
            async for piece in request.stream():
                digest.update(piece)
                file.write(piece)
            file.flush()
            await run_in_threadpool(os.fsync, file.fileno())
        return JSONResponse({"sha256": digest.hexdigest()})

    return Starlette(routes=[Route("/", take, methods=["POST"])])


if __name__ == "__main__":
    uvicorn.run(application(Path(sys.argv[1])), host="127.0.0.1", port=int(sys.argv[2]), log_level="warning")
