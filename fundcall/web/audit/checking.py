"""Checks by the press of a button: replays at each depth with their progress, judging by another call, evidence to take away."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path
from urllib.parse import quote

from fastapi import Response
from fastapi.responses import RedirectResponse

from fundcall.web.api.asking import Api
from fundcall.web.audit.desk import kept
from fundcall.web.audit.moment import number_asked
from fundcall.web.frame import Form, Frame
from fundcall.web.problems import Problem, missing
from fundcall.web.visit import Visit
from states.actor import Role
from workflow.checks import DEPTHS, Checks

_AUDITOR = (Role.AUDITOR,)
_LATEST = 12


class Checking:
    """The start page of auditors, and what runs in the background. `checks` None: this server runs none."""

    def __init__(self, frame: Frame, api: Api, checks: Checks | None) -> None:
        self._frame, self._api, self._checks = frame, api, checks
        frame.show("/audit", self.start, roles=_AUDITOR)
        frame.show("/audit/checks/{number}", self.check, roles=_AUDITOR)
        frame.take("/audit/replays", self.replay, roles=_AUDITOR)
        frame.show("/audit/what-if", self.what_if, roles=_AUDITOR)
        frame.take("/audit/what-if", self.judge, roles=_AUDITOR)
        frame.show("/audit/cases/{application_id}/bundle.zip", self.bundle, roles=_AUDITOR)

    def start(self, visit: Visit) -> Response:
        """The ledger in figures: its size and root, the checkpoints kept, the checks of late."""
        ledger, proofs = self._api.handler.ledger, self._api.proofs
        note = proofs.checkpoint()
        after = visit.query("after")
        rows = ledger.rows(None, visit.query("call") or None, after, 51)
        return self._frame.pages.page(
            visit,
            "audit.html",
            latest=kept([note])[0],
            head=ledger.head(),
            kept=kept(proofs.journal.notes()),
            verifier=proofs.signer.verifier,
            checks=self._checks.latest(_LATEST) if self._checks is not None else None,
            watched=self._checks.watched() if self._checks is not None else (),
            depths=DEPTHS,
            calls=list(self._api.calls.values()),
            rows=rows[:50],
            more=rows[49].id if len(rows) > 50 else "",
        )

    def replay(self, visit: Visit, form: Form) -> Response:
        """Begin a replay; on to its page, or to that of the check which runs."""
        depth, application = form.get("depth", ""), form.get("application", "")
        if depth not in map(str, DEPTHS) or (application and self._api.handler.ledger.row(application) is None):
            raise missing(application or depth)
        return _on_to(self._running().replay(int(depth), application, visit.insider.id))

    def check(self, visit: Visit) -> Response:
        """A check: how far it has come, or what it found."""
        number = visit.path("number")
        found = (
            self._running().check(int(number)) if number.isascii() and number.isdecimal() and len(number) < 16 else None
        )
        if found is None:
            raise missing(number)
        return self._frame.pages.page(visit, "audit_check.html", part="check", check=found)

    def what_if(self, visit: Visit) -> Response:
        """The form that takes another version of a call."""
        return self._frame.pages.page(visit, "audit_what_if.html", faults=(), text="")

    def judge(self, visit: Visit, form: Form) -> Response:
        """Begin to judge by it; or say what is wrong with it, line by line, and give it back as it was."""
        text = form.get("text", "").replace("\r\n", "\n")
        begun = self._running().what_if(text, visit.insider.id)
        if isinstance(begun, int):
            return _on_to(begun)
        return self._frame.pages.page(visit, "audit_what_if.html", 422, faults=begun, text=text)

    def bundle(self, visit: Visit) -> Response:
        """The evidence bundle of a case, zipped; `redact` leaves personal values and mails out."""
        name = visit.path("application_id")
        if self._api.handler.ledger.row(name) is None:
            raise missing(name)
        redact = bool(number_asked(visit, "redact", 0, 1))
        with tempfile.TemporaryDirectory(prefix="fundcall-") as folder:
            self._api.proofs.export(Path(folder) / "bundle", name, redact=redact)
            content = _zipped(Path(folder) / "bundle", "bundle")
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''bundle-{quote(name, safe='')}.zip"}
        return Response(content, media_type="application/zip", headers=headers)

    def _running(self) -> Checks:
        """Raises Problem 404."""
        if self._checks is None:
            raise Problem(404, "not_run_here", "此服务器不运行核对", "this server runs no checks",
                          "请在命令行运行 fundcall replay。", "Run fundcall replay on the command line.")  # fmt: skip
        return self._checks


def _on_to(number: int) -> Response:
    return RedirectResponse(f"/audit/checks/{number}", 303)


def _zipped(folder: Path, name: str) -> bytes:
    """A folder as the bytes of an archive in which everything lies in a folder of that name."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, f"{name}/{path.relative_to(folder).as_posix()}")
    return out.getvalue()
