"""One simulated application and those who act on it: how a story asks, and how it insists on what must happen."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, Protocol

from fundcall.simulate.clock import Step
from fundcall.simulate.people import officer
from fundcall.simulate.profile import Profile, digest, office_hours
from states.actor import Actor, Role
from states.application import Application
from states.calendar import local_day
from states.checks import CertificateFacts, DocumentFacts
from states.experts import Expert
from states.funding_call import FundingCall
from workflow.handle import Accepted, Outcome, Request
from workflow.projection import Row


class Office(Protocol):
    """The draw of experts, as stories know it: when it is made, by what seed, out of whom, and what it gave to whom."""

    at: datetime
    seed: int
    experts: Sequence[Expert]

    def experts_of(self, application: str) -> tuple[str, ...]: ...


Part = Generator[Step, list[Outcome], None]


class StoryBroken(Exception):
    """The system did not do what the story expects of it."""


@dataclass
class Case:
    """What a story needs: the profile, who acts, the doors to documents, registers and the ledger's rows, and what the
    office awards once it has seen the ranking (0: nothing).
    """

    profile: Profile
    call: FundingCall
    seed: int
    put_document: Callable[[DocumentFacts], None]
    put_standing: Callable[[str, str], None]
    row_of: Callable[[str], Row | None]
    award_of: Callable[[str], int]
    office: Office
    random: Random = field(init=False)
    applicant: Actor = field(init=False)
    id: str = field(init=False)
    certificate: CertificateFacts | None = field(init=False)
    _asked: int = 0

    def __post_init__(self) -> None:
        self.random = Random(f"{self.seed}:{self.profile.n}:story")  # noqa: S311 - a reproducible story, no secret
        self.applicant = Actor(f"unit-{self.profile.n:05d}", Role.APPLICANT, self.profile.unit_code)
        self.id = self.profile.id
        asked = self.call.rule_with("certificate") is not None
        self.certificate = CertificateFacts(self.profile.unit_code, self.profile.unit_name) if asked else None

    def officer(self, role: Role, other: int = 0) -> Actor:
        """The officer of a role who has this case; another one of the role with `other`."""
        return officer(role, self.profile.n + other)

    def ask(self, command: Any, actor: Actor, at: datetime) -> Request:
        """A request of this story."""
        self._asked += 1
        return Request(
            command_id=f"{self.id}#{self._asked:03d}",
            application=self.id,
            name=type(command).__name__,
            command=command,
            actor=actor,
            received_at=at,
            call_id=self.call.id,
            salt=digest(self.seed, self.id, self._asked),
            certificate=self.certificate if actor == self.applicant else None,
        )

    def do(self, at: datetime, actor: Actor, *commands: Any) -> Generator[Step, list[Outcome], Application]:
        """Give commands at an instant and insist that each is accepted; the application after the last."""
        outcomes = yield at, [self.ask(command, actor, at) for command in commands]
        last: Application | None = None
        for command, outcome in zip(commands, outcomes, strict=True):
            if not isinstance(outcome, Accepted):
                why = "; ".join(f"{r.code} 〔{r.clause}〕{r.zh} {r.en}" for r in outcome.refusals)
                raise StoryBroken(f"{self.id} {type(command).__name__} {at}: {why}")
            last = outcome.application
        if last is None:
            raise ValueError("no commands")
        return last

    def refused(self, at: datetime, actor: Actor, command: Any, code: str) -> Part:
        """Give a command and insist that it is refused with that code."""
        (outcome,) = yield at, [self.ask(command, actor, at)]
        if isinstance(outcome, Accepted) or code not in {r.code for r in outcome.refusals}:
            raise StoryBroken(f"{self.id} {type(command).__name__} at {at} should be refused with {code}: {outcome}")

    def standing(self) -> Row:
        """Where the application stands now."""
        row = self.row_of(self.id)
        if row is None:
            raise StoryBroken(f"{self.id} is gone")
        return row

    def later(self, base: date | datetime, low: int, high: int = -1) -> datetime:
        """Some office hour so many days after a day (between `low` and `high`)."""
        day = local_day(base, self.call.timezone) if isinstance(base, datetime) else base
        days = self.random.randint(low, max(low, high))
        return office_hours(self.call, day + timedelta(days=days), self.random)

    def soon(self, at: datetime, minutes: int = 10) -> datetime:
        """A few minutes on."""
        return at + timedelta(minutes=minutes)


def wait(at: datetime) -> Part:
    """Let time pass."""
    yield at, []


def latest(*instants: datetime) -> datetime:
    """The latest of some instants, as UTC."""
    return max(instants).astimezone(UTC)
