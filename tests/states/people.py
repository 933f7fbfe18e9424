"""How few people could carry an application from filed to funded, each guard of the table being asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest

from states.actor import Actor, Role
from states.machine import build
from states.table import ROWS
from tests.drive import World, world
from tests.filings import SHANGHAI
from workflow.handle import Accepted

U, F, R, A, M, E = (
    Role.APPLICANT, Role.FORMAT_OFFICER, Role.REVIEW_OFFICER, Role.APPROVING_OFFICER, Role.FINANCE_OFFICER, Role.EXPERT
)  # fmt: skip
STEPS: tuple[tuple[str, str, Role], ...] = (
    ("files", "SubmitApplication", U),
    ("claims", "ClaimFormatCheck", F),
    ("passes", "PassFormatCheck", F),
    ("starts review", "StartReview", R),
    ("is expert 1", "SubmitScore", E),
    ("is expert 2", "SubmitScore", E),
    ("is expert 3", "SubmitScore", E),
    ("proposes", "ProposeAward", R),
    ("publishes", "PublishProposal", A),
    ("approves", "ApproveApplication", A),
    ("signs", "SignAgreement", U),
    ("countersigns", "CountersignAgreement", A),
    ("pays", "RecordPayment", M),
    ("confirms", "ConfirmPayment", M),
)
"""What must be done by somebody between filing and money: who does it, the command, and the role it takes."""
DUTIES = tuple(duty for duty, _, _ in STEPS)


def funds(person: Mapping[str, str]) -> bool:
    """Whether the application gets its money when each duty is done by the person named for it."""
    place = world()
    application = place.draft()
    code = place.application(application).unit_code
    experts = [person[duty] for duty in DUTIES if duty.startswith("is expert")]
    for duty, command, role in STEPS:
        actor = Actor(person[duty], role, {U: code, E: f"EMPLOYER-{person[duty]}"}.get(role, ""))
        if command == "SubmitScore" and not _taken(place, "AcceptInvitation", actor, application, {}):
            return False
        if command == "ApproveApplication":
            place.when_due(application, "public_notice")
        if not _taken(place, command, actor, application, _asked(place, application, command, experts)):
            return False
    return True


def _taken(place: World, command: str, by: Actor, application: str, fields: dict[str, Any]) -> bool:
    return isinstance(place.ask(command, by, application, **fields), Accepted)


def _asked(place: World, application: str, command: str, experts: list[str]) -> dict[str, Any]:
    grant = SHANGHAI.grant_minor
    match command:
        case "StartReview":
            return {"experts": tuple(SHANGHAI.expert(e, f"EMPLOYER-{e}") for e in experts), "seed": 7}
        case "SubmitScore":
            return {"points": place.points(), "comment": "可行"}
        case "ProposeAward":
            return {"amount_minor": grant, "grounds": "评审通过"}
        case "ApproveApplication":
            return {"grant_minor": grant}
        case "SignAgreement":
            return place.agreement(application)
        case "RecordPayment":
            return {"instalment": 1, "amount_minor": SHANGHAI.instalments(grant)[0]}
        case "ConfirmPayment":
            return {"instalment": 1}
        case _:
            return {}


def kept_apart() -> frozenset[tuple[str, str]]:
    """The pairs of duties that one person cannot do both: each tried, everybody else being somebody else."""
    alone = {duty: duty for duty in DUTIES}
    assert funds(alone)
    return frozenset(pair for pair in combinations(DUTIES, 2) if not funds({**alone, pair[1]: pair[0]}))


def casts(people: int, apart: frozenset[tuple[str, str]]) -> Iterator[dict[str, str]]:
    """Every way to give the duties to so many people, none doing two that are kept apart; names in order of use."""

    def give(left: tuple[str, ...], given: dict[str, int]) -> Iterator[dict[str, int]]:
        if not left:
            yield given
            return
        for person in range(min(max(given.values(), default=-1) + 2, people)):
            if not any(n == person and (duty, left[0]) in apart for duty, n in given.items()):
                yield from give(left[1:], {**given, left[0]: person})

    return ({duty: f"person-{n}" for duty, n in given.items()} for given in give(DUTIES, {}))


def fewest(apart: frozenset[tuple[str, str]]) -> tuple[int, dict[str, str]]:
    """The fewest people who together can get an application funded though each held every role, and one such cast."""
    for people in range(1, len(DUTIES) + 1):
        cast = next(casts(people, apart), None)
        if cast is not None:
            return people, cast
    raise AssertionError("nobody can be funded")


def without(monkeypatch: pytest.MonkeyPatch, *guards: str) -> None:
    """Let the table forget these guards."""
    rows = tuple(replace(row, guards=tuple(g for g in row.guards if g.__name__ not in guards)) for row in ROWS)
    assert rows != ROWS
    monkeypatch.setattr("states.machine._EVENTS", build(rows).events)
