"""The decision board: the ranking with a cut line that can be moved, what that does to money, quotas and targets, and the
proposals that follow from it, tried first and then given. Who approves them is another person, by the guards.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from fastapi import Response
from fastapi.responses import RedirectResponse
from markupsafe import Markup

from fundcall.web.boards.desk import Desk, Query
from fundcall.web.charts import Bar, Words, bars
from fundcall.web.frame import Form
from fundcall.web.problems import missing
from fundcall.web.visit import Visit
from states.actor import Role
from states.application import State
from states.events import REFUSED
from states.funding_call import FundingCall
from states.labels import MOVES, Pair
from states.table import BY_MOVE
from workflow.board import BOUND, MEASURES_ZH, Board, Line, drawn, proposing
from workflow.bulk import done
from workflow.handle import Rejected, Request
from workflow.record import decode
from workflow.scoring import Standing, incomparable, panels_met, ranked, read_scores, standings

PROPOSERS = frozenset({Role.REVIEW_OFFICER})
_LINES, _TOLD = 100, 100
_RUN = re.compile(r"[0-9a-f]{32}")
_NEXT = ("PublishProposal", "ApproveApplication", "DeclineApplication", "RecordPanel")
"""What follows on the board's lines, each by a form of its own."""
STANDINGS: Mapping[str, Pair] = {
    "awarded": ("已立项", "awarded"),
    "proposed": ("拟立项", "award proposed"),
    "above": ("线上", "above"),
    "below": ("线下", "below"),
    "over": ("额度不足", "no money left"),
    "unranked": ("评分不足", "too few scores"),
    "proposed_decline": ("拟不立项", "decline proposed"),
    "decided": ("不立项", "no award"),
}
MEASURES: Mapping[str, Pair] = {
    "mean": (MEASURES_ZH["mean"], "mean"),
    "trimmed": (MEASURES_ZH["trimmed"], "trimmed mean"),
    "z": (MEASURES_ZH["z"], "z-score"),
}


class _Asked(NamedTuple):
    """Where the cut line is wanted, and what is shown."""

    measure: str
    direction: str
    cut: int | None
    share: int
    offset: int = 0

    @property
    def fields(self) -> dict[str, str]:
        """The same as the fields of a form."""
        cut = "" if self.cut is None else str(self.cut)
        return {"measure": self.measure, "direction": self.direction, "cut": cut, "share": str(self.share)}


def _asked(query: Query, call: FundingCall) -> _Asked:
    return _Asked(
        query.choice("measure", MEASURES, "mean"),
        query.choice("direction", call.directions(), ""),
        query.whole("cut", None, 0, 1_000_000),
        query.whole("share", 100, 1, 100) or 100,
        query.offset(),
    )


def comparable_measure(query: Query, found: Sequence[Standing], measure: str) -> str:
    """The measure asked for; the mean instead of z, and why, while an expert has given too few scores to be compared."""
    why = incomparable(found, measure)
    if why is None:
        return measure
    query.wrong["measure"] = (f"{why[0]}，改按平均分", f"{why[1]}: the mean is used")
    return "mean"


def _comparable(query: Query, call: FundingCall, found: Sequence[Standing]) -> _Asked:
    asked = _asked(query, call)
    return asked._replace(measure=comparable_measure(query, found, asked.measure))


class Decision:
    """The board, its proposals, and what became of them."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._api = desk, desk.api
        desk.show("decision", self.page)
        desk.take("decision", self.propose, PROPOSERS)
        desk.show("decision/runs/{run}", self.run)

    def page(self, visit: Visit, call: FundingCall) -> Response:
        """The board with its cut line; htmx takes the part that moves."""
        query = Query(visit.request.query_params)
        found = self._standings(call)
        return self._page(visit, call, _comparable(query, call, found), query, found)

    def propose(self, visit: Visit, call: FundingCall, form: Form) -> Response:
        """Try the proposals; or give those that were tried, if the board still asks for the same."""
        query = Query(form)
        found = self._standings(call)
        asked = _comparable(query, call, found)
        grounds = form.get("grounds", "").strip()
        if not grounds:
            query.wrong["grounds"] = ("请写明依据", "say on what grounds")
        if len(grounds) > 2000:
            query.wrong["grounds"] = ("不超过2000字", "at most 2000 characters")
        if query.wrong:
            return self._page(visit, call, asked, query, found, grounds=form.get("grounds", ""))
        run = form.get("run", "")
        if _RUN.fullmatch(run) and self._api.handler.ledger.commanded(f"board:{run}:"):
            return RedirectResponse(_of_run(call, run), 303)  # sent twice
        board = self._board(call, asked, found).of(asked.direction or None)
        name = run if _RUN.fullmatch(run) else secrets.token_hex(16)
        requests = proposing(call, board, grounds, name, visit.insider, visit.received_at)
        digest = _digest(requests)
        if not run:
            return self._tried(visit, call, asked, grounds, requests)
        if not _RUN.fullmatch(run) or form.get("seen") != digest:
            return self._tried(visit, call, asked, grounds, requests, moved=True)
        list(done(self._api.handler, requests, self._api.now))
        return RedirectResponse(_of_run(call, run), 303)

    def run(self, visit: Visit, call: FundingCall) -> Response:
        """What became of proposals that were given together, from the ledger."""
        run = visit.path("run")
        events = [decode(one.body) for one in self._api.handler.ledger.commanded(f"board:{run}:")]
        if not _RUN.fullmatch(run) or not events:
            raise missing(run)
        refused = [(one.application, one.data["refusals"]) for one in events if one.type == REFUSED]
        given = [one for one in events if one.type != REFUSED]
        return self._desk.page(
            visit,
            "board_proposed.html",
            call,
            awards=[(one.application, one.data["amount_minor"]) for one in given if one.type == "AwardProposed"],
            declines=[one.application for one in given if one.type == "DeclineProposed"],
            refused=refused,
            numbers=self._desk.numbers(one.application for one in events),
            by=events[0].actor,
            at=events[0].effective_at,
            told=_TOLD,
        )

    # --- the board ----------------------------------------------------------------------------------------------

    def _board(self, call: FundingCall, asked: _Asked, found: Sequence[Standing]) -> Board:
        ledger = self._api.handler.ledger
        envelope = ledger.transact(lambda transaction: transaction.programme(call.id).envelope)
        return drawn(call, envelope, ranked(call, found, asked.measure), asked.measure, asked.cut, asked.share)

    def _standings(self, call: FundingCall) -> list[Standing]:
        return standings(call, read_scores(call, self._api.handler.ledger))

    def _page(
        self,
        visit: Visit,
        call: FundingCall,
        asked: _Asked,
        query: Query,
        found: Sequence[Standing],
        grounds: str = "综合平衡意见",
    ) -> Response:
        typed = {**asked.fields, **{name: query.given[name] for name in asked.fields if name in query.given}}
        if query.wrong and visit.request.method == "GET":
            asked = _asked(Query({}), call)
        whole = self._board(call, asked, found)
        board = whole.of(asked.direction or None)
        role = visit.insider.role
        return self._desk.page(
            visit,
            "board_decision.html",
            call,
            200 if visit.wants_part() else query.status,
            part="cut",
            asked=asked,
            typed=typed,
            wrong=query.wrong,
            whole=whole,
            names=call.directions(),
            measures=MEASURES,
            standings=STANDINGS,
            moves=MOVES,
            counts=Counter(x.standing for x in board.lines),
            targets=_targets(visit, call, whole),
            may_propose=role in PROPOSERS,
            grounds=grounds,
            **self._part(board.lines, asked.offset, role),
        )

    def _part(self, whole: Sequence[Line], offset: int, role: Role) -> dict[str, Any]:
        """The lines from an offset on, with what stands beside each."""
        ledger, lines = self._api.handler.ledger, whole[offset : offset + _LINES]
        panels = panels_met(ledger, [line.place.standing for line in lines])
        named = {line.place.standing.application.id: line for line in lines}
        return {
            "groups": [(name, list(those)) for name, those in groupby(lines, key=lambda x: x.place.standing.direction)],
            "rows": {name: ledger.row(name) for name in named},
            "next_moves": {name: _next_move(line, role, panels) for name, line in named.items()},
            "panels": panels,
            "last_above": _last_above(whole),
            "in_all": len(whole),
            "more": offset + _LINES if offset + _LINES < len(whole) else 0,
        }

    def _tried(
        self,
        visit: Visit,
        call: FundingCall,
        asked: _Asked,
        grounds: str,
        requests: Sequence[Request],
        *,
        moved: bool = False,
    ) -> Response:
        """What would become of the proposals; nothing is kept."""
        outcomes = self._api.handler.foresee(requests, self._api.now()) if requests else []
        pairs = list(zip(requests, outcomes, strict=True))
        accepted = [request for request, outcome in pairs if not isinstance(outcome, Rejected)]
        awards = [request for request in accepted if request.name == "ProposeAward"]
        return self._desk.page(
            visit,
            "board_proposals.html",
            call,
            409 if moved else 200,
            asked=asked,
            grounds=grounds,
            moved=moved,
            awards=[(request.application, request.command.amount_minor) for request in awards],
            declines=[request.application for request in accepted if request.name == "ProposeDecline"],
            refused=[(r.application, [x.plain() for x in o.refusals]) for r, o in pairs if isinstance(o, Rejected)],
            numbers=self._desk.numbers(request.application for request in requests),
            run=requests[0].command_id.split(":")[1] if requests else "",
            seen=_digest(requests),
            told=_TOLD,
        )


def _of_run(call: FundingCall, run: str) -> str:
    return f"/boards/{call.id}/decision/runs/{run}"


def _digest(requests: Sequence[Request]) -> str:
    """What was seen when the proposals were tried: they are given only if they are still the same."""
    told = "\n".join(f"{request.application} {request.command}" for request in requests)
    return hashlib.sha256(told.encode()).hexdigest()


def _last_above(lines: Sequence[Line]) -> set[str]:
    """In each direction the last application above the cut line, or with money bound."""
    last: dict[str, str] = {}
    for line in lines:
        if line.standing in ("above", *BOUND):
            last[line.place.standing.direction] = line.place.standing.application.id
    return set(last.values())


def _next_move(line: Line, role: Role, panels: Collection[str]) -> str:
    """The command that the reader may give next on a line; "" for none."""
    one = line.place.standing.application
    for command in _NEXT:
        row = BY_MOVE.get((State(one.state), command))
        if row is None or role not in row.roles or (row.phases and one.phase not in row.phases):
            continue
        if command != "RecordPanel" or (line.place.standing.flagged and one.id not in panels):
            return command
    return ""


def _targets(visit: Visit, call: FundingCall, board: Board) -> Markup:
    _ = visit.say
    made = []
    for target in call.targets:
        above, least = board.targets[target.id]
        text = _("%(above)s of %(least)s") % {"above": above, "least": least}
        made.append(Bar(target.zh if visit.language == "zh-CN" else target.en, (("main", above / least),), text, 1))
    told = _(
        "How many projects above the cut line would contribute to each target, on its own scale; the line is what is aimed at."
    )
    return bars(Words(_("Targets by this cut line"), told), made)
