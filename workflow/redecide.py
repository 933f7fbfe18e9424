"""Replay, depth 2: every recorded decision taken again, from the facts in its event, under the rules in force then.

The other use of the same: under other rules, to see which applications would have been decided otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from states.actor import Actor, Role
from states.application import Application
from states.clauses import of_call
from states.commands import COMMANDS, PROGRAMME_COMMANDS
from states.context import Context, facts_from_plain
from states.decide import body, decide, newborn, whole
from states.errors import Refused
from states.events import BY_NAME, REFUSED, Recorded
from states.fold import CannotFold, step
from states.funding_call import FundingCall
from states.programme import PROGRAMME_TABLE, Programme, ProgrammeContext, decide_programme, programme_step
from states.table import BY_MOVE, CREATE
from workflow.calendars import of_version
from workflow.commands import command_of
from workflow.ports import Calendars
from workflow.record import canonical
from workflow.replay import ALTERED, Divergence, Folded

CallOf = Callable[[Recorded], FundingCall]
"""The call as it stood when an event was decided. Raises LookupError where its rules are not to be had."""
_ENVELOPE = frozenset({"unit", "expected_version"})
_DERIVED_COMMANDS: Mapping[str, str] = {row.event: name for name, row in PROGRAMME_TABLE.items()}
_FIELDS: Mapping[str, frozenset[str]] = {
    name: frozenset(kind.__dataclass_fields__) for name, kind in (*COMMANDS.items(), *PROGRAMME_COMMANDS.items())
}


class Answer(NamedTuple):
    """What a decision came to: an event's type and data, or the reasons of a refusal (`type` is CommandRefused)."""

    type: str
    data: Mapping[str, Any]
    refusals: Sequence[Mapping[str, str]] = ()

    @property
    def told(self) -> str:
        """The answer in words."""
        codes = ", ".join(f"{reason['code']} {reason['where']}".strip() for reason in self.refusals)
        return f"refused: {codes}" if self.type == REFUSED else f"accepted: {self.type}"


class Judged(NamedTuple):
    """A recorded decision, and what it comes to when it is taken again."""

    event: Recorded
    command: str
    guards: tuple[str, ...]
    recorded: Answer
    again: Answer

    @property
    def turned(self) -> bool:
        """Whether what was accepted is refused, or the other way round."""
        return (self.recorded.type == REFUSED) != (self.again.type == REFUSED)


@dataclass(frozen=True, slots=True)
class Redecider:
    """Takes the decisions of streams again."""

    call_of: CallOf
    calendars: Calendars

    def check(self, folded: Folded) -> Iterator[Divergence]:
        """Depth 2 of one stream: decisions that come out otherwise, and rules or facts that cannot be had."""
        try:
            for judged in self.judge(folded.events):
                yield from _differences(judged)
        except Stopped as stopped:
            event = stopped.event
            yield Divergence(
                event.position, event.application, "decision", "can be taken again", str(stopped), event.type
            )

    def judge(self, events: Sequence[Recorded]) -> Iterator[Judged]:
        """Every decision of a stream taken again, as far as the stream can be folded. Raises Stopped at the first that
        cannot be: its calendar or its rules are not to be had, say.
        """
        application: Application | None = None
        programme: Programme | None = None
        for event in events:
            try:
                if application is None and event.type in _DERIVED_COMMANDS:
                    programme = programme or Programme(event.application)
                    yield self._of_call(event, programme)
                    programme = programme_step(programme, event)
                elif application is None and event.type == REFUSED:
                    programme = programme or Programme(event.application)
                    yield self._of_application(event, None)
                    programme = programme_step(programme, event)
                else:
                    yield self._of_application(event, application)
                    application = step(application, event, own=True)
            except CannotFold:
                return  # depth 1 has said so
            except ALTERED as wrong:
                raise Stopped(event, wrong) from wrong

    def _of_application(self, event: Recorded, application: Application | None) -> Judged:
        name, fields = _asked(event)
        command = command_of(name, fields)
        call = self.call_of(event)
        facts = facts_from_plain(event.facts, partial(of_version, self.calendars))
        actor = Actor(event.actor, Role(event.role), event.facts.get("unit", ""))
        subject = application or newborn(call.id, event.application, command, event.effective_at)
        expected = event.facts.get("expected_version")
        context = Context(
            call.until(facts.closes_at), subject, name, command, actor, facts, event.effective_at, expected
        )
        row = BY_MOVE.get((subject.state, name)) if name != CREATE else None
        guards = tuple(guard.__name__ for guard in row.guards) if row is not None else ()
        return Judged(event, name, guards, _recorded(event, name), _decided(context))

    def _of_call(self, event: Recorded, programme: Programme) -> Judged:
        name = _DERIVED_COMMANDS[event.type]
        command = command_of(name, _own(name, event.data))
        actor = Actor(event.actor, Role(event.role), event.facts.get("unit", ""))
        facts = {key: value for key, value in event.facts.items() if key not in _ENVELOPE}
        context = ProgrammeContext(self.call_of(event), programme, name, command, actor, facts, event.effective_at)
        guards = tuple(guard.__name__ for guard in PROGRAMME_TABLE[name].guards)
        try:
            kind, derived = decide_programme(context)
        except Refused as why:
            return Judged(event, name, guards, _recorded(event, name), _refusal(why))
        return Judged(event, name, guards, _recorded(event, name), Answer(kind, {**body(name, command), **derived}))


class Stopped(Exception):
    """A decision could not be taken again at all."""

    def __init__(self, event: Recorded, wrong: Exception) -> None:
        super().__init__(f"{type(wrong).__name__}: {wrong}")
        self.event = event


def _asked(event: Recorded) -> tuple[str, Mapping[str, Any]]:
    """The command that an event answers, and its fields."""
    if event.type == REFUSED:
        return event.data["command"], event.data["body"]
    name = BY_NAME[event.type].command
    return name, _own(name, event.data)


def _own(name: str, data: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key in _FIELDS[name]}


def _recorded(event: Recorded, name: str) -> Answer:
    if event.type == REFUSED:
        return Answer(event.type, event.data, event.data["refusals"])
    return Answer(event.type, whole(name, event.data))


def _decided(context: Context) -> Answer:
    try:
        decided = decide(context)
    except Refused as why:
        return _refusal(why)
    return Answer(decided.type, decided.data)


def _refusal(why: Refused) -> Answer:
    return Answer(REFUSED, {}, [refusal.plain() for refusal in why.refusals])


def _differences(judged: Judged) -> Iterator[Divergence]:
    event, recorded, again = judged.event, judged.recorded, judged.again
    if judged.turned or _grounds(recorded) != _grounds(again):
        yield _divergence(judged)
    elif recorded.type != again.type:
        yield Divergence(event.position, event.application, "decision", again.type, recorded.type, event.type)
    elif recorded.type != REFUSED and recorded.data != again.data:
        said, follows = _without_words(recorded.data), _without_words(again.data)
        for key in sorted(said.keys() | follows.keys()):
            one, other = canonical(follows.get(key)).decode(), canonical(said.get(key)).decode()
            if one != other:
                clause = _basis(judged)
                yield Divergence(event.position, event.application, f"data.{key}", one, other, event.type, "", clause)


def _without_words(data: Mapping[str, Any]) -> dict[str, Any]:
    """An event's data with findings as their grounds: rule, severity, clause and place; the words are no part of it."""
    found = data.get("findings")
    if not found:
        return dict(data)
    return {**data, "findings": [{key: one[key] for key in _GROUND} for one in found]}


_GROUND = ("rule", "severity", "clause", "where")


def _grounds(answer: Answer) -> list[tuple[str, str, str]]:
    """Why a command was refused; in which words it was said is no part of the decision."""
    return [(reason["code"], reason["clause"], reason["where"]) for reason in answer.refusals]


def _divergence(judged: Judged) -> Divergence:
    """A decision that is refused now and was accepted, or the other way round, or is refused for other reasons."""
    event = judged.event
    reasons = judged.again.refusals or judged.recorded.refusals
    guard = f"{reasons[0]['code']} ({', '.join(judged.guards)})" if judged.guards else reasons[0]["code"]
    return Divergence(
        event.position, event.application, "decision", judged.again.told, judged.recorded.told, event.type, guard,
        reasons[0]["clause"],
    )  # fmt: skip


def _basis(judged: Judged) -> str:
    rows = [row for (_, name), row in BY_MOVE.items() if name == judged.command]
    return of_call(rows[0].basis, None) if rows else ""
