"""The assignment board: what waits for experts, who there is, and the draw: tried, recorded, verified, begun."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from fastapi import Response
from fastapi.responses import RedirectResponse

from fundcall.web.boards.desk import PAGE, Desk, Query
from fundcall.web.frame import Form
from fundcall.web.giving import by_form
from fundcall.web.problems import missing
from fundcall.web.visit import Visit
from states.actor import Role
from states.application import State
from states.commands.programme import DrawExperts
from states.draw import fit, loads
from states.events import REFUSED
from states.experts import TIES, Expert
from states.funding_call import FundingCall
from states.labels import Pair
from workflow.bulk import done
from workflow.calendars import counting
from workflow.draws import Impossible, Kept, differences, given, kept, starts, summary
from workflow.experts import review_days
from workflow.handle import Rejected
from workflow.programme import draw, handle_call, would_call
from workflow.record import decode
from workflow.substitutes import free_places

DRAWERS = frozenset({Role.REVIEW_OFFICER})
FITS: tuple[Pair, ...] = (
    ("其他方向", "another direction"),
    ("同一方向", "same direction"),
    ("部分方向", "part of the topics"),
    ("对应方向", "the very topic"),
)
"""How well an expert fits a topic, from 0."""
TIES_TOLD: Mapping[str, Pair] = {**TIES, "involved": ("经办过该件", "has handled it")}
_SEED_BITS, _SEED_MAX, _PER_MAX = 48, 2**63 - 1, 99


class _Free(NamedTuple):
    """An expert with the load, and the days away that keep the expert from a review begun now."""

    expert: Expert
    load: int
    away: bool


class Assignment:
    """The board, the draw's forms, and a page for each draw on the ledger."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._api = desk, desk.api
        desk.show("assignment", self.page)
        desk.take("assignment", self.draw, DRAWERS)
        desk.show("assignment/draws/{position}", self.one)
        desk.take("assignment/draws/{position}/start", self.start, DRAWERS)

    def page(self, visit: Visit, call: FundingCall) -> Response:
        """What waits, who there is, what was drawn."""
        return self._page(visit, call, Query(visit.request.query_params), {})

    def draw(self, visit: Visit, call: FundingCall, form: Form) -> Response:
        """Try a draw, or record one that was tried."""
        query = Query(form)
        per = query.whole("per", call.review.experts_min, 1, _PER_MAX) or call.review.experts_min
        seed = query.whole("seed", None, 0, _SEED_MAX)
        if query.wrong:
            return self._page(visit, call, query, form)
        try:
            command = draw(self._api.handler, self._api.solver(), call, per, _chance(seed), visit.received_at)
        except Impossible as wrong:
            return self._impossible(visit, call, wrong)
        record = form.get("step") == "record"
        request = by_form(visit, command, form.get("attempt") or secrets.token_hex(16), call.id)
        if not record:
            return self._tried(visit, call, command, would_call(self._api.handler, request))
        outcome = handle_call(self._api.handler, request, self._api.now())
        if isinstance(outcome, Rejected):
            return self._tried(visit, call, command, outcome.refusals)
        return RedirectResponse(_of_draw(call, outcome.event.position), 303)

    def one(self, visit: Visit, call: FundingCall) -> Response:
        """A draw on the ledger: who was drawn for what, what was begun; solved again where that is asked for."""
        found = self._found(visit, call)
        query = Query(visit.request.query_params)
        offset, verify = query.offset(), query.choice("verify", ("1",), "") == "1"
        solver = self._api.solver() if verify else None
        other = differences(found.command, solver) if solver is not None else []
        run = [decode(one.body) for one in self._api.handler.ledger.commanded(f"draw:{found.position}:")]
        refused = {one.application: one.data["refusals"] for one in run if one.type == REFUSED}
        begun = {one.application for one in run if one.type != REFUSED}
        drawn = [one.application for one in found.command.drawn]
        states = {name: self._state(name) for name in drawn}
        waiting = [name for name, state in states.items() if state == State.FORMAT_CHECKED]
        return self._desk.page(
            visit,
            "board_draw.html",
            call,
            query.status,
            wrong=query.wrong,
            draw=found,
            figures=summary(found.command),
            fits=_fits(found.command),
            by_load=_by_load(found.command),
            lines=_lines(found.command)[offset : offset + PAGE],
            more=offset + PAGE if offset + PAGE < len(found.command.drawn) else 0,
            numbers=self._desk.numbers(drawn),
            states_now=states,
            begun=begun,
            refused={name: why for name, why in refused.items() if name not in begun},
            waiting=waiting,
            solver_now=solver.name if solver is not None else "",
            other=other,
            may_draw=visit.insider.role in DRAWERS,
        )

    def start(self, visit: Visit, call: FundingCall, _: Form) -> Response:
        """Begin each review with the experts drawn; what is begun already stays so."""
        found = self._found(visit, call)
        requests = starts(found.command, visit.insider, visit.received_at, found.position)
        list(done(self._api.handler, requests, self._api.now))
        return RedirectResponse(f"{_of_draw(call, found.position)}?started=1", 303)

    # --- what is shown ------------------------------------------------------------------------------------------

    def _page(self, visit: Visit, call: FundingCall, query: Query, form: Form) -> Response:
        handler = self._api.handler
        offset, topic = query.offset(), query.choice("topic", call.topics, "")
        after = query.given.get("after", "") if visit.request.method == "GET" else ""
        free = self._free(call, visit.now)
        shown = [one for one in free if not topic or fit(one.expert.topics, topic) > 1]
        rows = handler.ledger.rows(State.FORMAT_CHECKED.value, call.id, after, PAGE + 1)
        programme = handler.ledger.transact(lambda transaction: transaction.programme(call.id))
        return self._desk.page(
            visit,
            "board_assignment.html",
            call,
            query.status,
            wrong=query.wrong,
            given=form,
            waiting=handler.ledger.counts(call.id).get(State.FORMAT_CHECKED.value, 0),
            rows=rows[:PAGE],
            more_rows=rows[PAGE - 1].id if len(rows) > PAGE else "",
            drawn=programme.drawn,
            experts=shown[offset : offset + PAGE],
            more=offset + PAGE if offset + PAGE < len(shown) else 0,
            known=len(free),
            matching=len(shown),
            topic=topic,
            places=free_places([one.expert for one in free if not one.away], {one.expert.id: one.load for one in free}),
            draws=[(one, summary(one.command)) for one in reversed(kept(handler.ledger, call.id))],
            attempt=secrets.token_hex(16),
            may_draw=visit.insider.role in DRAWERS,
        )

    def _free(self, call: FundingCall, now: datetime) -> list[_Free]:
        handler = self._api.handler
        days = review_days(call, counting(handler.ledger, handler.calendars, call), now)
        loads = given(handler.ledger, call.id)
        return [_Free(one, loads[one.id], not one.available(days)) for one in handler.experts.everyone()]

    def _tried(self, visit: Visit, call: FundingCall, command: DrawExperts, refusals: Any) -> Response:
        query = Query(visit.request.query_params)
        return self._desk.page(
            visit,
            "board_draw_try.html",
            call,
            422 if refusals else 200,
            command=command,
            figures=summary(command),
            fits=_fits(command),
            by_load=_by_load(command),
            lines=_lines(command)[:PAGE],
            numbers=self._desk.numbers(one.application for one in command.drawn),
            rest=max(0, len(command.drawn) - PAGE),
            ties=[(tie, [TIES_TOLD.get(kind, (kind, kind)) for kind in tie.ties]) for tie in command.ties[:PAGE]],
            refusals=refusals,
            attempt=secrets.token_hex(16),
            wrong=query.wrong,
        )

    def _impossible(self, visit: Visit, call: FundingCall, wrong: Impossible) -> Response:
        zh, _, en = str(wrong).partition(" / ")
        short = wrong.short[:PAGE]
        rows = {one.application: self._api.handler.ledger.row(one.application) for one in short}
        return self._desk.page(
            visit,
            "board_draw_short.html",
            call,
            409,
            told=(zh.partition("；")[0], en.partition(";")[0]),
            short=short,
            rest=len(wrong.short) - len(short),
            topics={name: row.topic if row is not None else "" for name, row in rows.items()},
            numbers=self._desk.numbers(rows),
        )

    def _state(self, name: str) -> str:
        row = self._api.handler.ledger.row(name)
        return row.state if row is not None else ""

    def _found(self, visit: Visit, call: FundingCall) -> Kept:
        position = visit.path("position")
        for one in kept(self._api.handler.ledger, call.id):
            if str(one.position) == position:
                return one
        raise missing(position)


def _chance(seed: int | None) -> int:
    return seed if seed is not None else secrets.randbits(_SEED_BITS)


def _of_draw(call: FundingCall, position: int) -> str:
    return f"/boards/{call.id}/assignment/draws/{position}"


def _fits(command: DrawExperts) -> list[tuple[Pair, int]]:
    """How many reviews fit how well, the best first."""
    return [*zip(reversed(FITS), reversed(summary(command)["fits"].values()), strict=True)]


def _by_load(command: DrawExperts) -> list[tuple[int, int]]:
    """How many experts were given how many applications, the fewest first."""
    return sorted(Counter(loads(command)).items())


def _lines(command: DrawExperts) -> list[tuple[str, str, list[tuple[str, Pair]]]]:
    """Each application with its topic and its experts, each with how well the topics fit."""
    topics = {one.id: one.topics for one in command.experts}
    return [
        (one.application, wanted.topic, [(who, FITS[fit(topics[who], wanted.topic)]) for who in one.experts])
        for one, wanted in zip(command.drawn, command.applications, strict=True)
    ]
