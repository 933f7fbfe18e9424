"""The expert's desk: what is asked of an expert, the application beside its score, drafts that are kept while typed."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Response
from fastapi.responses import RedirectResponse

from fundcall.web.answers import answers
from fundcall.web.api.asking import Api
from fundcall.web.frame import Form, Frame
from fundcall.web.problems import missing
from fundcall.web.review_case import ReviewCase, opens, withheld
from fundcall.web.score_form import Filled, command_of, filled, hundredths, inputs_of, placed, places
from fundcall.web.visit import Visit
from states.actor import Role
from states.calendar import instant_of
from states.clauses import of_call
from states.commands.review import AcceptInvitation, DeclareConflict, DeclineInvitation
from states.errors import Refusal
from states.experts import TIES
from states.labels import MOVES, Pair
from states.table import BY_MOVE
from workflow.handle import Accepted
from workflow.record import decode
from workflow.reviews import assigned
from workflow.visible import MASK, happened, shown, unnamed

_EXPERT = (Role.EXPERT,)
_CASE = "/reviews/{application_id}"
_OTHER_TIE: Pair = ("其他可能影响公正评审的关系", "another tie that may touch a fair review")


class Reviews:
    """The pages of experts."""

    def __init__(self, frame: Frame, api: Api) -> None:
        self._frame, self._api = frame, api
        frame.show("/reviews", self.desk, roles=_EXPERT)
        frame.show(_CASE, self.case, roles=_EXPERT)
        frame.show(f"{_CASE}/documents/{{number}}", self.document, roles=_EXPERT)
        frame.show(f"{_CASE}/sure", self.sure, roles=_EXPERT)
        for step, take in (("answer", self.answer), ("draft", self.keep), ("score", self.ask), ("sure", self.submit)):
            frame.take(f"{_CASE}/{step}", take, roles=_EXPERT)

    def desk(self, visit: Visit) -> Response:
        """Everything assigned: to answer, to score, done; what is due first first."""
        actor = visit.insider
        cases = [
            ReviewCase(actor, one, self._api.call(one.call_id)) for one in assigned(self._api.handler.ledger, actor.id)
        ]
        groups: dict[str, list[ReviewCase]] = {"invited": [], "accepted": [], "scored": []}
        for case in sorted(cases, key=lambda case: (case.due_at() or visit.now, case.application.id)):
            groups[case.mine.status].append(case)
        drafts = {
            case.application.id: self._api.drafts.draft(case.application.id, actor.id) for case in groups["accepted"]
        }
        kept = {name: instant_of(draft.saved_at) for name, draft in drafts.items() if draft is not None}
        return self._frame.pages.page(visit, "reviews.html", groups=groups, kept=kept, hundredths=hundredths)

    def case(self, visit: Visit) -> Response:
        """The application beside its score."""
        return self._page(visit, self._asked(visit))

    def document(self, visit: Visit) -> Response:
        """A document, where the call lets experts open it, under the name that the expert may read. Raises Problem."""
        asked, number = self._asked(visit), visit.path("number")
        documents = shown(asked.actor, asked.application, asked.call)["documents"]
        found = {str(n): one for n, one in enumerate(documents, 1)}.get(number)
        content = None
        if found is not None and opens(asked.call, found) and self._api.uploads is not None:
            content = self._api.uploads.content(found["sha256"])
        if found is None or content is None:
            raise missing(f"documents/{number}")
        headers = {
            "Content-Disposition": f'attachment; filename="{found["material"]}-{number}.{found["format"]}"',
            "Content-Security-Policy": "sandbox; default-src 'none'",
        }
        kind = "application/pdf" if found["format"] == "pdf" else "application/octet-stream"
        return Response(content, media_type=kind, headers=headers)

    # --- the invitation -----------------------------------------------------------------------------------------

    def answer(self, visit: Visit, form: Form) -> Response:
        """Accept, decline or declare a conflict."""
        asked, name = self._asked(visit), form.get("answer", "")
        command = _answer(name, form)
        if command is None:
            raise missing(name)
        if name == "AcceptInvitation" and form.get("untied") != "yes":
            wrong = {"untied": ("请先阅读回避情形并勾选", "read the kinds of ties, then tick this")}
            return self._page(visit, asked, form, wrong=wrong, status=422)
        outcome = self._api.handler.handle(asked.request(visit, command, form.get("attempt", "")), self._api.now())
        if isinstance(outcome, Accepted):
            left = name != "AcceptInvitation"
            return RedirectResponse("/reviews?left=1" if left else f"/reviews/{asked.application.id}?done={name}", 303)
        return self._page(visit, asked, form, refusals=outcome.refusals, status=422)

    # --- the score ----------------------------------------------------------------------------------------------

    def keep(self, visit: Visit, form: Form) -> Response:
        """Keep a draft, while it is typed or at the press of a button."""
        asked = self._asked(visit)
        found = filled(asked.call, form)
        kept = asked.owed and self._keep(asked, form, found)
        if visit.wants_part():
            return self._page(visit, asked, form, wrong=found.wrong, part="kept", lost=not kept)
        if kept and not found.wrong:
            return RedirectResponse(f"/reviews/{asked.application.id}?kept=1#score", 303)
        return self._page(visit, asked, form, wrong=found.wrong, status=422 if kept else 409, lost=not kept)

    def ask(self, visit: Visit, form: Form) -> Response:
        """Ask once more before the score is submitted; or say what it still lacks. What was typed is kept as a draft."""
        asked = self._asked(visit)
        found = filled(asked.call, form)
        if asked.owed and not self._keep(asked, form, found):
            return self._page(visit, asked, form, wrong=found.wrong, status=409, lost=True)
        request = asked.request(visit, command_of(found.draft), secrets.token_hex(16))
        refusals = self._api.handler.would(request)
        if refusals or found.wrong:
            wrong = placed(refusals, asked.call, found)
            return self._page(visit, asked, form, wrong=wrong, refusals=refusals, status=422)
        return RedirectResponse(f"/reviews/{asked.application.id}/sure", 303)

    def sure(self, visit: Visit) -> Response:
        """The draft as it would be submitted, and the question whether it shall be. Without one: back to the case."""
        asked = self._asked(visit)
        kept = self._api.drafts.draft(asked.application.id, asked.actor.id) if asked.owed else None
        attempt = secrets.token_hex(16)
        if kept is None or self._api.handler.would(asked.request(visit, command_of(kept.draft), attempt)):
            return RedirectResponse(f"/reviews/{asked.application.id}", 303)
        return self._frame.pages.page(
            visit, "review_sure.html", **asked.plain(), draft=kept.draft, inputs=inputs_of(kept.draft), attempt=attempt,
            total=hundredths(asked.call.weighted_ppm(kept.draft.points)),
        )  # fmt: skip

    def submit(self, visit: Visit, form: Form) -> Response:
        """Submit for good; on to the receipt. Pressed twice it is done once."""
        asked = self._asked(visit)
        found = filled(asked.call, form)
        request = asked.request(visit, command_of(found.draft), form.get("attempt", ""))
        outcome = self._api.handler.handle(request, self._api.now())
        if isinstance(outcome, Accepted):
            return RedirectResponse(f"/reviews/{asked.application.id}?done=SubmitScore", 303)
        wrong = placed(outcome.refusals, asked.call, found)
        return self._page(visit, asked, form, wrong=wrong, refusals=outcome.refusals, status=422)

    def _keep(self, asked: ReviewCase, form: Form, found: Filled) -> bool:
        """Keep what can be kept, unless another window has kept something else meanwhile."""
        over = form.get("over") or form.get("saved", "")
        drafts = self._api.drafts
        return drafts.keep(asked.application.id, asked.actor.id, found.draft, self._api.now(), over) is not None

    # --- the page -----------------------------------------------------------------------------------------------

    def _asked(self, visit: Visit) -> ReviewCase:
        """The case. Raises Problem 404."""
        actor = visit.insider
        application = self._api.application(actor, visit.path("application_id"))
        return ReviewCase(actor, application, self._api.call(application.call_id))

    def _page(
        self,
        visit: Visit,
        asked: ReviewCase,
        form: Form | None = None,
        *,
        wrong: Mapping[str, Pair] | None = None,
        refusals: Sequence[Refusal] = (),
        status: int = 200,
        part: str = "",
        lost: bool = False,
    ) -> Response:
        """The page with what was typed, or else the draft as it was kept last. `lost`: another window kept another."""
        kept = self._api.drafts.draft(asked.application.id, asked.actor.id)
        draft = kept.draft if kept is not None else asked.before
        values = form if form is not None else inputs_of(draft)
        typed = filled(asked.call, values).draft if form is not None else draft
        facts = shown(asked.actor, asked.application, asked.call)
        placed_at = set(wrong or ())
        return self._frame.pages.page(
            visit,
            "review.html",
            status,
            part,
            **asked.plain(),
            unit=facts.get("unit_name"),
            answers=answers(asked.call, facts["form"]),
            documents=[(n, one, opens(asked.call, one)) for n, one in enumerate(facts["documents"], 1)],
            withheld=withheld(asked.call),
            mask=MASK,
            values=values,
            wrong=wrong or {},
            places=places(asked.call),
            refusals=[one for one in refusals if not {one.where, f"points.{one.where}", f"comments.{one.where}"} & placed_at],
            saved=form.get("saved", "") if lost and form is not None else kept.saved_at if kept is not None else "",
            saved_at=instant_of(kept.saved_at) if kept is not None else None,
            newest=kept.saved_at if kept is not None else "",
            lost=lost,
            total=hundredths(asked.call.weighted_ppm(typed.points)),
            given=len(typed.points),
            typed=form is not None and "comment" in form,
            receipt=self._receipt(asked),
            reopened=self._reopened(asked),
            ties=[*TIES.items(), ("other", _OTHER_TIE)],
            basis={name: of_call(row.basis, asked.call) for (_, name), row in BY_MOVE.items() if name in _ANSWERS},
            attempt=secrets.token_hex(16),
            done=MOVES.get(visit.query("done")),
        )  # fmt: skip

    def _receipt(self, asked: ReviewCase) -> dict[str, Any] | None:
        """Where on the ledger the score stands that was given last."""
        at = asked.mine.position
        if not at or asked.mine.status != "scored":
            return None
        stored = next(self._api.handler.ledger.stored(at - 1, at))
        event = decode(stored.body)
        total = asked.mine.total_ppm
        return {"position": at, "leaf": stored.leaf.hex(), "at": event.effective_at,
                "total": hundredths(total) if total is not None else ""}  # fmt: skip

    def _reopened(self, asked: ReviewCase) -> str:
        """Why a score was given back, where it was and a new one is owed."""
        if not (asked.owed and asked.mine.points):
            return ""
        stored = self._api.handler.ledger.stored(application=asked.application.id)
        seen = [happened(asked.actor, decode(one.body), one.leaf) for one in stored]
        reasons = [str(one["data"]["reason"]) for one in seen if one is not None and one["type"] == "ScoreReopened"]
        return str(unnamed(asked.actor, asked.application, asked.call, reasons[-1])) if reasons else ""


_ANSWERS = ("AcceptInvitation", "DeclineInvitation", "DeclareConflict", "SubmitScore")


def _answer(name: str, form: Form) -> Any:
    """The command that an answer to an invitation gives; None for no such answer."""
    reason = form.get("reason", "").replace("\0", "").strip()
    if name == "AcceptInvitation":
        return AcceptInvitation()
    if name == "DeclineInvitation":
        return DeclineInvitation(reason=reason)
    if name == "DeclareConflict":
        kind = {**TIES, "other": _OTHER_TIE}.get(form.get("tie", ""))
        return DeclareConflict(reason=f"{kind[0]} {kind[1]}：{reason}".rstrip("：") if kind is not None else reason)
    return None
