"""One case at any moment of its life: where it stood, which event led there, under which rule, and its very bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from fastapi import Response

from fundcall.web.api.asking import Api
from fundcall.web.audit.moment import instant_asked, number_asked, wall_text
from fundcall.web.frame import Frame
from fundcall.web.problems import missing
from fundcall.web.visit import Visit
from fundcall.web.words import EVENTS, deadline_words, describe, wall_of
from states.actor import Actor, Role
from states.application import Application
from states.calendar import instant_of
from states.events import BY_NAME, REFUSED, Recorded
from states.fold import fold, step
from states.funding_call import FundingCall
from states.labels import MOVES, Pair, spelled
from states.table import BY_MOVE
from workflow.asof import differences
from workflow.ports import Stored
from workflow.record import decode
from workflow.visible import happened, shown


class Rule(NamedTuple):
    """What an event rests on: the command, from which state to which, the clause, and the guards that were asked."""

    command: str
    before: str
    after: str
    clause: str
    guards: Sequence[str]


class _Life(NamedTuple):
    """A case with all its events, and what each left: `states[n]` after n events, the first before any."""

    call: FundingCall
    stored: Sequence[Stored]
    events: Sequence[Recorded]
    states: Sequence[Application | None]


class TimeSlider:
    """The page of one case for auditors."""

    def __init__(self, frame: Frame, api: Api) -> None:
        self._frame, self._api = frame, api
        frame.show("/audit/cases/{application_id}", self.case, roles=(Role.AUDITOR,))

    def case(self, visit: Visit) -> Response:
        """The case after its nth event (`version`), or as recorded by an instant (`as_of`); beside an earlier moment
        (`since`), what differs.
        """
        actor, name = visit.insider, visit.path("application_id")
        life = self._life(name)
        last, wall = len(life.events), wall_of(life.call)
        n = number_asked(visit, "version", 1, last) or _upto(life, instant_asked(visit, "as_of", wall)) or last
        since = number_asked(visit, "since", 0, last)
        a = life.states[n]
        assert a is not None  # noqa: S101 - an application stands from its first event on
        facts, event = shown(actor, a, life.call), life.events[n - 1]
        earlier = n - 1 if since is None else since
        return self._frame.pages.page(
            visit,
            "audit_case.html",
            part="standing",
            case=name,
            a=facts,
            call=life.call,
            title=a.title,
            topic=life.call.topics.get(a.topic),
            n=n,
            last=last,
            since=since,
            recorded_at=event.recorded_at,
            wall=wall,
            at=wall_text(event.recorded_at, wall),
            passed={str(one.state.value) for one in life.states[1 : n + 1] if one is not None},
            waiting=_waiting(life.call, facts),
            happened=_told(actor, life, n),
            changes=differences(_facts(actor, life, earlier), facts) if earlier <= n else differences(facts, _facts(actor, life, earlier)),
            earlier=earlier,
            canonical=life.stored[n - 1].body.decode(),
            leaf=life.stored[n - 1].leaf.hex(),
            rule=_rule(life, n),
            timeline=[(k, one.recorded_at, _title(one)) for k, one in enumerate(life.events, 1)],
        )  # fmt: skip

    def _life(self, name: str) -> _Life:
        """Raises Problem 404."""
        stored = list(self._api.handler.ledger.stored(application=name))
        events = [decode(one.body) for one in stored]
        if not events or name in self._api.handler.calls or fold(events[:1]) is None:
            raise missing(name)
        states: list[Application | None] = [None]
        for event in events:
            states.append(step(states[-1], event))
        first = states[1]
        assert first is not None  # noqa: S101 - it could be folded
        return _Life(self._api.call(first.call_id), stored, events, states)


def _upto(life: _Life, instant: datetime | None) -> int | None:
    """How many events were recorded by an instant, one at least; None where no instant is asked for."""
    return None if instant is None else max(1, sum(event.recorded_at <= instant for event in life.events))


def _facts(actor: Actor, life: _Life, n: int) -> Mapping[str, Any]:
    found = life.states[n]
    return shown(actor, found, life.call) if found is not None else {}


def _rule(life: _Life, n: int) -> Rule:
    """The row of the table that an event was decided by."""
    event, before, after = life.events[n - 1], life.states[n - 1], life.states[n]
    command = event.data["command"] if event.type == REFUSED else BY_NAME[event.type].command
    row = BY_MOVE.get((before.state, command)) if before is not None else None
    guards = [guard.__name__ for guard in row.guards] if row is not None else []
    clause = str(describe(event.type, event.data, life.call)["clause"])
    return Rule(command, before.state.value if before is not None else "",
                after.state.value if after is not None else "", clause, guards)  # fmt: skip


def _told(actor: Actor, life: _Life, n: int) -> dict[str, Any]:
    """An event as its readers see it, with its facts and data as text."""
    event = life.events[n - 1]
    seen = happened(actor, event, life.stored[n - 1].leaf) or {}
    pretty = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS
    return {
        "title": _title(event),
        "event": seen,
        "effective_at": event.effective_at,
        "words": describe(event.type, seen["data"], life.call),
        "facts": orjson.dumps(seen["facts"], option=pretty).decode(),
    }


def _title(event: Recorded) -> Pair:
    if event.type == REFUSED:
        zh, en = MOVES[event.data["command"]]
        return f"未予接受：{zh}", f"refused: {en}"
    return EVENTS.get(event.type, event.type), spelled(event.type)


def _waiting(call: FundingCall, facts: Mapping[str, Any]) -> list[tuple[Pair, datetime]]:
    """The deadlines that were armed then, the earliest first."""
    found = [(deadline_words(call, name), instant_of(at)) for name, at in facts["deadlines"].items()]
    return sorted(found, key=lambda one: one[1])
