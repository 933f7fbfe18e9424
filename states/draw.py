"""The draw of experts: how well an expert fits a topic, and what every draw must keep, whoever solved it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import NamedTuple

from states.commands.programme import Candidacy, Candidate, DrawExperts, Tie
from states.errors import Refusal
from states.funding_call import Review
from states.reasons import refuse

FITS = ("another direction", "the same direction", "part of the topics", "the very topic")
"""What the levels of `fit` mean, from 0."""


class Basis(NamedTuple):
    """What a draw rests on, each part sorted by id."""

    experts: tuple[Candidate, ...]
    applications: tuple[Candidacy, ...]
    ties: tuple[Tie, ...]

    @property
    def digest(self) -> str:
        """SHA-256 over it as JSON."""
        text = json.dumps([[asdict(one) for one in part] for part in self], sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def fit(topics: Sequence[str], topic: str) -> int:
    """How well an expert of these topics fits a topic: 3 for the topic itself, 2 where one of them is the beginning of
    its id, 1 where one shares the first part of its id, else 0.
    """
    if topic in topics:
        return 3
    if topic.startswith(tuple(topics)):
        return 2
    first = topic.partition(".")[0]
    return int(any(own.partition(".")[0] == first for own in topics))


def draw_refused(review: Review, command: DrawExperts, digest: str) -> tuple[Refusal, ...]:
    """Why a draw cannot stand: it rests on other things than are found now (`digest`), or it breaks a rule."""
    if Basis(command.experts, command.applications, command.ties).digest != digest:
        return (refuse("draw_outdated"),)
    if command.per < review.experts_min or (review.odd and not command.per % 2):
        odd, odd_en = ("且为单数", ", an odd number") if review.odd else ("", "")
        least = review.experts_min
        return (refuse("too_few_experts", "per", least=least, count=command.per, odd=odd, odd_en=odd_en),)
    wrong = next(_faults(command), None)
    return (refuse("draw_malformed", "drawn", what=wrong),) if wrong else ()


def _faults(command: DrawExperts) -> Iterator[str]:
    """What is wrong with the result, in a few words: so many for each, none tied, no two of a unit, loads kept."""
    if not command.applications:
        yield "no application waits"
    if [one.application for one in command.drawn] != [one.id for one in command.applications]:
        yield "applications"
    units = {one.id: one.unit for one in command.experts}
    tied = {(tie.application, tie.expert) for tie in command.ties}
    for one in command.drawn:
        chosen = set(one.experts)
        if len(one.experts) != command.per or len(chosen) != command.per or not units.keys() >= chosen:
            yield f"{one.application}: not {command.per} experts"
        elif len({units[who] for who in chosen}) != command.per:
            yield f"{one.application}: two of one unit"
        elif any((one.application, who) in tied for who in chosen):
            yield f"{one.application}: a tie"
    given = Counter(who for one in command.drawn for who in one.experts)
    yield from (f"{one.id}: more than {one.load_max}" for one in command.experts if given[one.id] > one.load_max)


def fits(command: DrawExperts) -> list[int]:
    """How many of the experts drawn fit how well, by the level of `fit`."""
    topics = {one.id: one.topics for one in command.experts}
    found = [0] * len(FITS)
    for wanted, one in zip(command.applications, command.drawn, strict=True):
        for who in one.experts:
            found[fit(topics[who], wanted.topic)] += 1
    return found


def loads(command: DrawExperts) -> list[int]:
    """How many applications each expert was given, in the order of the experts."""
    given = Counter(who for one in command.drawn for who in one.experts)
    return [given[one.id] for one in command.experts]
