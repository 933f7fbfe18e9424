"""Files of a filing: taken in as they come, examined at once, told with what was found, given back to who may read them."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Collection, Sequence
from itertools import count
from typing import Any, NamedTuple
from urllib.parse import quote

import orjson
from fastapi import Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from fundcall.web.api.documents import BYTES_MAX, taken_in, uploads
from fundcall.web.filing.desk import APPLICANT, Desk, Filing, Told
from fundcall.web.frame import Form
from fundcall.web.giving import by_form
from fundcall.web.parcel import Parcel
from fundcall.web.problems import Problem, missing
from fundcall.web.visit import Visit
from states.checks import DocumentFacts
from states.checks.documents import SEALS
from states.commands.filing import AddDocument, RemoveDocument
from states.errors import Refusal
from states.funding_call import FundingCall, Material, Rule
from workflow.commands import Malformed, read_command
from workflow.handle import Accepted
from workflow.visible import READERS

PATH = "/applications/{application_id}/files"
_NAME_MAX = 200
_ENVELOPE = 128 * 1024
"""What a form around a file may take at most, in bytes."""
_VALID = ("电子签章有效", "validly sealed")


class File(NamedTuple):
    """A document with what its examination found."""

    facts: DocumentFacts
    seal: tuple[str, str]
    report: dict[str, Any]
    told: Sequence[Told]


class Shelf(NamedTuple):
    """A material with its files."""

    material: Material
    files: Sequence[File]

    @property
    def lacking(self) -> bool:
        """Whether a file is wanted and none is there."""
        return self.material.required and not self.files


class Files:
    """The page of files."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._api = desk, desk.api
        desk.frame.show(PATH, self.show, roles=APPLICANT)
        desk.frame.take_file(f"{PATH}/{{material}}", self.take, roles=APPLICANT)
        desk.frame.take("/applications/{application_id}/remove-file", self.remove, roles=APPLICANT)
        desk.frame.show(f"{PATH}/{{digest}}", self.give, roles=READERS | APPLICANT)

    def show(self, visit: Visit) -> Response:
        """What is there, and what is wanted."""
        return self._page(visit, self._desk.filing(visit))

    async def take(self, visit: Visit, parcel: Parcel) -> Response:
        """Take a file in and attach it. Refused: the page again, with the clause and what to do."""
        filing, material = await run_in_threadpool(self._welcome, visit)
        limit = bytes_max(filing.call)
        wrong = _unfit(filing.call, parcel.filename, visit.request.headers.get("content-length", "0"), limit)
        if wrong is None:
            try:
                digest = await taken_in(uploads(self._api), _counted(parcel.pieces, limit), limit)
                return await run_in_threadpool(self._attached, visit, filing, material, parcel, digest)
            except _TooLarge:
                wrong = _too_large(filing.call, parcel.filename)
        status = 413 if wrong.code == _size_rule(filing.call).id else 422
        return await run_in_threadpool(self._page, visit, filing, status, (wrong,))

    def remove(self, visit: Visit, form: Form) -> Response:
        """Detach a file."""
        filing = self._desk.filing(visit)
        found = next((d for d in filing.application.documents if d.sha256 == form.get("sha256")), None)
        if found is None:  # sent twice
            return RedirectResponse(_path(filing), 303)
        refusals = self._give(
            visit, filing, RemoveDocument(sha256=found.sha256), f"remove-{form.get('attempt', '')[:40]}-{found.sha256}"
        )
        if refusals:
            return self._page(visit, filing, 422, refusals)
        return RedirectResponse(f"{_path(filing)}?done=removed#m-{quote(found.material)}", 303)

    def give(self, visit: Visit) -> Response:
        """A file, to be kept and not to be opened by the browser."""
        actor = visit.insider
        application = self._api.application(actor, visit.path("application_id"))
        digest = visit.path("digest")
        found = next((d for d in application.documents if d.sha256 == digest), None)
        content = uploads(self._api).content(digest) if found is not None else None
        if found is None or content is None:
            raise missing(digest)
        name = quote(found.name.replace("/", "_"), safe="")
        return Response(content, media_type="application/octet-stream", headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{name}", "X-Content-Type-Options": "nosniff"})  # fmt: skip

    # --- taking one in ------------------------------------------------------------------------------------------

    def _welcome(self, visit: Visit) -> tuple[Filing, Material]:
        """Whose file it is to be, before anything of it is read. Raises Problem."""
        filing = self._desk.filing(visit)
        material = filing.call.materials.get(visit.path("material"))
        if material is None:
            raise missing(visit.path("material"))
        if not filing.writable:
            raise Problem(409, "not_allowed_in_state", "申报件已进入下一步，不能再上传", "the application has moved on; nothing can be uploaded",
                          "请返回申报件页面，查看现在可以办理的事项。", "Go back to the application and see what can be done now.")  # fmt: skip
        uploads(self._api)
        return filing, material

    def _attached(self, visit: Visit, filing: Filing, material: Material, parcel: Parcel, digest: str) -> Response:
        uploads(self._api).examined(digest)  # before the write path waits for it
        there = next((d for d in filing.application.documents if d.sha256 == digest), None)
        if there is not None and there.material != material.id:
            return self._page(visit, filing, 422, (_elsewhere(filing.call, there, parcel.filename),))
        if there is None:
            name = _free(parcel.filename, {d.name for d in filing.application.documents})
            command = AddDocument(material=material.id, name=name, sha256=digest)
            refusals = self._give(
                visit, filing, command, f"add-{parcel.fields.get('attempt', '')[:40]}-{material.id[:40]}-{digest}"
            )
            if refusals:
                return self._page(visit, filing, 422, refusals)
        return RedirectResponse(f"{_path(filing)}?done=added#m-{quote(material.id)}", 303)

    def _give(
        self, visit: Visit, filing: Filing, command: AddDocument | RemoveDocument, attempt: str
    ) -> tuple[Refusal, ...]:
        request = by_form(visit, command, attempt, filing.application.id, filing.application.call_id)
        outcome = self._api.handler.handle(request, self._api.now())
        return () if isinstance(outcome, Accepted) else outcome.refusals

    def _page(self, visit: Visit, filing: Filing, status: int = 200, refusals: Sequence[Refusal] = ()) -> Response:
        told = filing.of("files")
        return self._desk.page(
            visit,
            filing,
            "filing_files.html",
            status,
            shelves=[self._shelf(filing, material, told) for material in filing.call.materials.values()],
            whole=[one for one in told if one.finding.where == "documents" and not _of_shelf(filing.call, one)],
            refusals=refusals,
            limit=bytes_max(filing.call),
            size_rule=_size_rule(filing.call),
            attempt=secrets.token_hex(16),
            takes=self._api.uploads is not None,
        )

    def _shelf(self, filing: Filing, material: Material, told: Sequence[Told]) -> Shelf:
        there = [d for d in filing.application.documents if d.material == material.id]
        return Shelf(material, [self._file(d, told) for d in there])

    def _file(self, facts: DocumentFacts, told: Sequence[Told]) -> File:
        seal = _VALID if facts.seal == "valid" else SEALS.get(facts.seal, (facts.seal, facts.seal))
        report = self._api.uploads.examined(facts.sha256) if self._api.uploads is not None else {}
        return File(facts, seal, report, [one for one in told if one.finding.where == facts.name])


def _of_shelf(call: FundingCall, told: Told) -> bool:
    """Whether it says only that a material is missing, which stands at its shelf."""
    return call.rules[told.finding.rule].check == "materials"


def _free(name: str, taken: Collection[str]) -> str:
    """The name, numbered where another file has it already: what is found of files is told by their names."""
    stem, dot, ending = name.rpartition(".")
    numbered = (f"{stem or ending} ({n}){dot}{ending if stem else ''}" for n in count(2))
    return name if name not in taken else next(one for one in numbered if one not in taken)


class _TooLarge(Exception):
    """More came of a file than it may have."""


async def _counted(pieces: AsyncIterator[bytes], limit: int) -> AsyncIterator[bytes]:
    size = 0
    async for piece in pieces:
        size += len(piece)
        if size > limit:
            raise _TooLarge
        yield piece


def bytes_max(call: FundingCall) -> int:
    """What a file of this call may have at most."""
    return int(_size_rule(call).params.get("bytes_max", BYTES_MAX))


def _size_rule(call: FundingCall) -> Rule:
    return next(rule for rule in call.rules.values() if rule.check == "document_size")


def _unfit(call: FundingCall, name: str, announced: str, limit: int) -> Refusal | None:
    """What is wrong with a file before any of it is read."""
    if not name:
        return _refusal(
            call,
            "no_file",
            "没有选择文件",
            "no file was chosen",
            "请先选择文件，再点“上传”。",
            "Choose a file, then upload it.",
        )
    if announced.isdecimal() and int(announced) > limit + _ENVELOPE:
        return _too_large(call, name)
    if len(name) > _NAME_MAX:
        return _refusal(call, "name_too_long", f"文件名有{len(name)}字，最多{_NAME_MAX}字", f"the file's name has {len(name)} characters; {_NAME_MAX} at most",
                        "请改用较短的文件名后重新上传。", "Give the file a shorter name and upload it again.")  # fmt: skip
    try:
        read_command("AddDocument", _as_command(name))
    except Malformed as wrong:
        return _refusal(call, "name_unfit", f"文件名{wrong.faults[0].zh}", f"the file's name: {wrong.faults[0].en}",
                        "请改名后重新上传。", "Rename the file and upload it again.")  # fmt: skip
    return None


def _as_command(name: str) -> bytes:
    return orjson.dumps({"material": "", "name": name, "sha256": ""})


def _too_large(call: FundingCall, name: str) -> Refusal:
    rule = _size_rule(call)
    return Refusal(
        rule.id,
        rule.clause,
        f"{rule.zh}（{name[:80]}）",
        f"{rule.en} ({name[:80]})",
        rule.remedy_zh,
        rule.remedy_en,
        name,
    )


def _elsewhere(call: FundingCall, there: DocumentFacts, name: str) -> Refusal:
    known = call.materials.get(there.material)
    zh, en = (known.zh, known.en) if known else (there.material, there.material)
    return _refusal(call, "file_elsewhere", f"“{name}”与已上传为“{zh}”的“{there.name}”是同一个文件", f"{name} is the very file that is uploaded as {en} already ({there.name})",
                    "一个文件只能归入一种材料：请选择另一个文件，或先移除原来的。", "One file is one material: choose another file, or remove the other first.")  # fmt: skip


def _refusal(call: FundingCall, code: str, *texts: str) -> Refusal:
    return Refusal(code, _size_rule(call).clause, *texts)


def _path(filing: Filing) -> str:
    return PATH.format(application_id=quote(filing.application.id, safe=""))
