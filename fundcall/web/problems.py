"""Refusals and faults as RFC 9457 problems, in Chinese and English, with the clause and what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi.responses import JSONResponse

from states.errors import Refusal
from workflow.commands import Malformed

MEDIA_TYPE = "application/problem+json"
_CONFLICTS = frozenset(
    {
        "stale_version",
        "command_id_reused",
        "application_exists",
        "not_allowed_in_state",
        "not_allowed_in_phase",
        "already_done",
    }
)
_FORBIDDEN = frozenset({"role_not_allowed", "other_unit", "own_unit", "same_person", "not_assigned"})


class Problem(Exception):
    """An answer that says what was wrong."""

    def __init__(self, status: int, code: str, zh: str, en: str, do_zh: str = "", do_en: str = "", **more: Any) -> None:
        super().__init__(f"{status} {code}: {zh} / {en}")
        self.status = status
        self.body = problem(status, code, zh, en, do_zh, do_en) | more


def problem(status: int, code: str, zh: str, en: str, do_zh: str = "", do_en: str = "") -> dict[str, Any]:
    """The members of a problem; `code` is stable, the texts are for people."""
    texts = {"title": zh, "detail": zh, "detail_en": en, "remedy": do_zh, "remedy_en": do_en}
    return {"type": f"urn:fundcall:problem:{code}", "status": status, "code": code, "clause": "", **texts}


def of_refusals(refusals: Sequence[Refusal], **more: Any) -> Problem:
    """The problem of a refused command: the first reason, and all of them under `refusals`."""
    first = refusals[0]
    found = Problem(_status(first.code), first.code, first.zh, first.en, first.remedy_zh, first.remedy_en, **more)
    found.body |= {"clause": first.clause, "refusals": [refusal.plain() for refusal in refusals]}
    return found


def _status(code: str) -> int:
    if code in ("unknown_application", "unknown_call"):
        return 404
    if code == "calendar_missing":
        return 503
    return 409 if code in _CONFLICTS else 403 if code in _FORBIDDEN else 422


def of_malformed(wrong: Malformed) -> Problem:
    """The problem of a request that is no command: every fault, each with its place."""
    faults = [{"where": fault.where, "zh": fault.zh, "en": fault.en} for fault in wrong.faults]
    first = wrong.faults[0]
    where = f"{first.where}：" if first.where else ""
    return Problem(422, "malformed", f"{where}{first.zh}", f"{first.where} {first.en}".strip(),
                   "请按接口说明更正后重试。", "Mend it as the interface says and try again.", faults=faults)  # fmt: skip


def missing(what: str) -> Problem:
    """There is no such thing, or none that the asker may know of: both answer alike."""
    return Problem(404, "not_found", f"没有“{what}”，或您无权查看", f"there is no {what}, or none that you may see")


def interrupted() -> Problem:
    """An upload that broke off."""
    return Problem(400, "interrupted", "上传中断，文件未保存", "the upload was cut off; nothing was kept",
                   "请重新上传。", "Upload it again.")  # fmt: skip


def unavailable() -> Problem:
    """Nothing can be written now."""
    return Problem(503, "unavailable", "系统暂时无法写入，您的请求未被接受", "nothing can be written now; nothing was accepted",
                   "请稍后重试（接口：沿用同一 Idempotency-Key）。",
                   "Try again soon (over the API: with the same Idempotency-Key).")  # fmt: skip


def no_typeface() -> Problem:
    """A paper cannot be set for want of a Chinese font."""
    return Problem(503, "no_typeface", "服务器未安装中文字体，暂时无法生成PDF", "the server has no Chinese font, so that no PDF can be made",
                   "请先查看网页或JSON；请管理员安装中文字体（Debian：fonts-noto-cjk）并重新启动。",
                   "Read the page or the JSON for now; ask the administrator to install a Chinese font (Debian: fonts-noto-cjk) and to start anew.")  # fmt: skip


def broke() -> Problem:
    """A fault of ours."""
    return Problem(500, "broken", "系统出错，您的请求可能未完成", "something broke; your request may not be done",
                   "请稍后重试（接口：沿用同一 Idempotency-Key）；仍然失败请联系管理员。",
                   "Try again later (over the API: with the same Idempotency-Key), then ask the administrator.")  # fmt: skip


def answered(wrong: Problem) -> JSONResponse:
    """The answer to send."""
    headers = {"Retry-After": "5"} if wrong.status == 503 else {}
    if wrong.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(wrong.body, wrong.status, headers, media_type=MEDIA_TYPE)
