"""The call as data: everything that one notice says and another would say differently."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from math import lcm
from typing import Any

from states.calendar import Offset


class Severity(StrEnum):
    """What follows when a rule does not hold."""

    REFUSE = "refuse"  # the system refuses; nobody may override
    OFFICER = "officer"  # an officer decides, and overrides only with a written reason
    DECLARE = "declare"  # declared under seal; an officer looks
    EXPERT = "expert"  # judged in review
    INFO = "info"  # nothing to check


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the notice with its clause and quote. `topics` are prefixes of topic ids; none means all.

    `stages` says when it is asked: create, edit, upload, submit, change, approve, pay. `needs_second` asks for two
    officers to override; `beforehand` blocks a filing until an exception has been granted.
    """

    id: str
    ref: str
    clause: str
    quote: str
    severity: Severity
    zh: str
    en: str
    check: str = "none"
    stages: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    remedy_zh: str = ""
    remedy_en: str = ""
    needs_second: bool = False
    beforehand: bool = False

    def concerns(self, topic: str) -> bool:
        """Whether the rule is asked of applications on that topic."""
        return not self.topics or topic.startswith(self.topics)


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic that may be chosen, with the notice's own words."""

    id: str
    direction: str
    direction_zh: str
    direction_en: str
    theme_zh: str
    heading_zh: str
    item_zh: str
    title_zh: str
    title_en: str
    text_zh: str
    source: str
    contributes: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that a field may have."""

    value: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the application form. `type`: text, int, minor, ppm, date, flag, choice or choices.

    `limit` is the most characters of a text or the largest number. An `indicator` (考核指标, int or ppm) goes over into the
    agreement, which may raise and not lower it.
    """

    id: str
    type: str
    zh: str
    en: str
    required: bool = False
    topics: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    limit: int = 1000
    indicator: bool = False

    def concerns(self, topic: str) -> bool:
        """Whether the field belongs to applications on that topic."""
        return not self.topics or topic.startswith(self.topics)


@dataclass(frozen=True, slots=True)
class Material:
    """A kind of document that belongs to an application. With `experts` they may open it in review."""

    id: str
    zh: str
    en: str
    required: bool
    sealed: bool
    experts: bool = False


@dataclass(frozen=True, slots=True)
class Period:
    """A deadline of the call: how long, from what, and the system command that fires when it is over.

    `base`: event (the instant that sets it), close, start_on or end_on. `basis` says on what the length rests.
    """

    kind: str
    ref: str
    zh: str
    en: str
    length: Offset
    base: str
    fires: str
    basis: str
    reminders: tuple[Offset, ...] = ()
    rolls: bool = False


@dataclass(frozen=True, slots=True)
class Criterion:
    """A criterion of the rubric. Weights are whole percent and sum to 100; with `comment` points need a comment."""

    id: str
    zh: str
    en: str
    weight_percent: int
    points_max: int
    comment: bool = False


@dataclass(frozen=True, slots=True)
class Review:
    """How expert review is held, and how its scores are read.

    `trimmed` is how many of the highest and how many of the lowest scores the trimmed mean leaves out. Experts whose
    weighted totals lie further apart than `disagreement_ppm` (of full marks) need a panel; None: never.
    """

    experts_min: int
    odd: bool
    blind: bool
    trimmed: int = 1
    disagreement_ppm: int | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """What the whole programme is to reach."""

    id: str
    zh: str
    en: str
    at_least: int
    clause: str
    quote: str


@dataclass(frozen=True, slots=True)
class FundingCall:
    """One call. The window is half-open: `opens_at <= t < closes_at`, aware UTC. Money in minor units of `currency`.

    A change is timely within `change_cause_days` of its cause and `change_before_end_days` before the last day, an
    extension `extension_notice_months` before it; what comes later is told to the officer. None: never late.
    An acceptance needs `acceptance_experts_min` experts at least, an odd number; 0: none.
    `clauses_en` says what clauses and bases of periods are called in English, where their numbers do not.
    `source` is the call file as plain JSON, over which the rules hash is taken.
    """

    id: str
    version: int
    title_zh: str
    title_en: str
    short_zh: str
    short_en: str
    authority_zh: str
    authority_en: str
    contact_zh: str
    contact_en: str
    portal_url: str
    timezone: str
    timezone_zh: str
    currency: str
    opens_at: datetime
    closes_at: datetime
    execution_ends_by: date | None
    number_prefix: str
    unit_scheme: str
    correction_rounds_max: int
    extensions_max: int
    extension_months_max: int
    instalments_percent: tuple[int, ...]
    calendar: str
    legal_basis: tuple[str, ...]
    review: Review
    rubric: tuple[Criterion, ...]
    targets: tuple[Target, ...]
    rules: Mapping[str, Rule]
    topics: Mapping[str, Topic]
    fields: Mapping[str, Field]
    materials: Mapping[str, Material]
    periods: Mapping[str, Period]
    source: Mapping[str, Any]
    change_cause_days: int | None = None
    change_before_end_days: int | None = None
    extension_notice_months: int = 3
    acceptance_experts_min: int = 0
    personal_kept_months: int | None = None
    clauses_en: Mapping[str, str] = field(default_factory=dict)
    _asked: dict[tuple[str, str], tuple[Rule, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _extended: dict[datetime, FundingCall] = field(default_factory=dict, init=False, repr=False, compare=False)

    def period(self, deadline: str) -> Period:
        """The period of a deadline, which may carry a detail after a colon (report:2026H1)."""
        return self.periods[deadline.partition(":")[0]]

    def rules_at(self, stage: str, topic: str) -> tuple[Rule, ...]:
        """The rules asked at a stage of applications on a topic, in the call's order."""
        asked = self._asked.get((stage, topic))
        if asked is None:
            asked = tuple(rule for rule in self.rules.values() if stage in rule.stages and rule.concerns(topic))
            if topic in self.topics:  # a topic that somebody invented is not worth remembering
                self._asked[stage, topic] = asked
        return asked

    def rule_with(self, check: str) -> Rule | None:
        """The first rule that asks for a check; None where no rule does."""
        return next((rule for rule in self.rules.values() if rule.check == check), None)

    def until(self, closes_at: datetime | None) -> FundingCall:
        """The call with its window open until then: itself where that is None or its own close."""
        if closes_at is None or closes_at == self.closes_at:
            return self
        if closes_at not in self._extended:
            self._extended[closes_at] = replace(self, closes_at=closes_at)
        return self._extended[closes_at]

    def direction_of(self, topic: str) -> str:
        """The direction of a topic; "" for a topic that the call does not have (any more)."""
        known = self.topics.get(topic)
        return known.direction if known is not None else ""

    @property
    def indicators(self) -> dict[str, Field]:
        """The fields of the form that the agreement takes over and may not lower (考核指标)."""
        return {name: one for name, one in self.fields.items() if one.indicator}

    def directions(self) -> dict[str, tuple[str, str]]:
        """The directions in the call's order, each with its Chinese and English name."""
        return {t.direction: (t.direction_zh, t.direction_en) for t in self.topics.values()}

    def weighted_ppm(self, points: Mapping[str, int]) -> int:
        """The weighted total of an expert's points, in millionths of full marks: whole by definition, rounded half up
        once where a scale does not divide evenly. Everything reckoned from it is exact.
        """
        scale = lcm(*(criterion.points_max for criterion in self.rubric))
        parts = (c.weight_percent * points.get(c.id, 0) * (scale // c.points_max) for c in self.rubric)
        return (2 * 10_000 * sum(parts) + scale) // (2 * scale)

    def instalments(self, grant_minor: int) -> tuple[int, ...]:
        """A grant in the call's shares, in minor units; the last takes the rest."""
        parts = [grant_minor * percent // 100 for percent in self.instalments_percent[:-1]]
        return (*parts, grant_minor - sum(parts))

    def within_window(self, instant: datetime) -> bool:
        """Whether the instant lies in the half-open window."""
        return self.opens_at <= instant < self.closes_at
