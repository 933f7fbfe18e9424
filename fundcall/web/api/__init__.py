"""The HTTP API under /api/v1: commands, documents, receipts and what may be read, with every refusal a problem."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from fundcall.papers import NoTypeface
from fundcall.web.api import applications, bulk, calls, documents, experts, exports, scoring
from fundcall.web.api.asking import Api
from fundcall.web.problems import Problem, answered, no_typeface, unavailable
from workflow.ports import Unavailable


def mount(app: FastAPI, api: Api) -> None:
    """Add the API's routes and its answers to what goes wrong."""
    for part in (calls, applications, documents, bulk, scoring, exports, experts):
        app.router.routes.extend(part.routes(api).routes)  # to include a router prepares each route once more

    @app.exception_handler(Problem)
    async def _problem(_: Request, wrong: Exception) -> JSONResponse:
        assert isinstance(wrong, Problem)  # noqa: S101 - what it is registered for
        return answered(wrong)

    @app.exception_handler(Unavailable)
    async def _unavailable(_: Request, __: Exception) -> JSONResponse:
        return answered(unavailable())

    @app.exception_handler(NoTypeface)
    async def _no_typeface(_: Request, __: Exception) -> JSONResponse:
        return answered(no_typeface())

    @app.exception_handler(RequestValidationError)
    async def _invalid(_: Request, wrong: Exception) -> JSONResponse:
        assert isinstance(wrong, RequestValidationError)  # noqa: S101 - what it is registered for
        faults = [
            {
                "where": ".".join(map(str, e["loc"])),
                "zh": e.get("ctx", {}).get("zh", "取值不符合要求"),
                "en": str(e["msg"]),
            }
            for e in wrong.errors()
        ]
        return answered(Problem(422, "malformed", "请求参数有误", "a parameter is wrong", faults=faults))
