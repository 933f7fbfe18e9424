"""What people get wrong between review and close-out, asked of the handler and over HTTP: one answer, nothing changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
import pytest

from states.actor import Actor, Role
from tests.drive import A2, C1, EXPERTS, M1, M2, OBJECTOR, R1, World, world
from tests.filings import SHANGHAI
from tests.over_http import door, reasons
from tests.states.cases_execution import DATES, PAY, recorded
from tests.states.cases_filing import DUTIES, PERIOD
from tests.states.cases_review import E1, MONEY, REVIEW, accepted
from workflow.commands import Malformed, read_command
from workflow.handle import Rejected

GRANT = SHANGHAI.grant_minor
FIRST = SHANGHAI.instalments(GRANT)[0]


def conflicted(place: World) -> str:
    application = place.in_review()
    place.do("AcceptInvitation", E1, application)
    place.do("DeclareConflict", E1, application, reason="曾任该单位顾问")
    return application


def replaced(place: World) -> str:
    application = conflicted(place)
    other = place.profile.expert(EXPERTS[4].id, EXPERTS[4].unit)
    place.do("ReplaceExpert", R1, application, expert=E1.id, replacement=other, reason="回避")
    return application


def ending_in_2027(place: World) -> str:
    return place.in_execution(start_on="2026-01-01", end_on="2027-06-30")


@dataclass(frozen=True)
class Wrong:
    """Somebody asks for something that must not be; `over_http` is the code there where it is another: who has no part in
    an application does not learn that it exists.
    """

    what: str
    command: str
    start: Callable[[World], str]
    by: Actor | str
    fields: dict[str, Any]
    code: str
    clause: str
    over_http: str = ""


BOTH = Actor(R1.id, Role.APPROVING_OFFICER)
SCORE: dict[str, Any] = {"points": {"innovation": 80, "feasibility": 80, "impact": 80, "budget": 80}, "comment": "可行"}
TOO_HIGH: dict[str, Any] = {**SCORE, "points": {**SCORE["points"], "innovation": 101}}
BELOW: dict[str, Any] = {**SCORE, "points": {**SCORE["points"], "innovation": -1}}
APPROVE = {"grant_minor": GRANT}
OBJECT = {"objector": OBJECTOR, "grounds": "数据不实"}
LATER = {"end_on": date(2028, 1, 1), "reason": "采购延误"}
EARLY = {"completed_on": date(2027, 12, 31), "achieved": {}}
TABLE = (
    Wrong("an expert in conflict scores", "SubmitScore", conflicted, E1, SCORE, "not_assigned", REVIEW),
    Wrong("an expert who was replaced scores", "SubmitScore", replaced, E1, SCORE, "not_assigned", REVIEW),
    Wrong("an expert who was never asked scores", "SubmitScore", accepted, EXPERTS[5], SCORE, "not_assigned", REVIEW, "not_found"),
    Wrong("points above the scale", "SubmitScore", accepted, E1, TOO_HIGH, "score_out_of_scale", REVIEW),
    Wrong("points below the scale", "SubmitScore", accepted, E1, BELOW, "score_out_of_scale", REVIEW),
    Wrong("who proposed the award approves it", "ApproveApplication", World.noticed, BOTH, APPROVE, "same_person", DUTIES),
    Wrong("more than the grant is paid", "RecordPayment", World.agreed, M1, {"instalment": 1, "amount_minor": GRANT + 1}, "amount_not_allowed", MONEY),
    Wrong("yuan where fen are asked", "RecordPayment", World.agreed, M1, {"instalment": 1, "amount_minor": FIRST // 100}, "amount_not_allowed", MONEY),
    Wrong("a payment is recorded twice", "RecordPayment", recorded, M2, PAY, "already_paid", MONEY),
    Wrong("a day past the last day", "RequestExtension", ending_in_2027, "unit", LATER, "ends_by_2027", DATES),
    Wrong("a decision during the notice", "ApproveApplication", World.published, A2, APPROVE, "too_early", PERIOD),
    Wrong("an objection after the notice", "FileObjection", World.noticed, "unit", OBJECT, "too_late", PERIOD),
    Wrong("acceptance before completion", "RequestAcceptance", World.in_execution, "unit", EARLY, "period_not_well_formed", DATES),
)  # fmt: skip


def asker(wrong: Wrong, place: World, application: str) -> Actor:
    return place.unit(application) if isinstance(wrong.by, str) else wrong.by


@pytest.mark.parametrize("wrong", TABLE, ids=lambda wrong: wrong.what)
def test_the_handler_refuses_it_with_code_and_clause(wrong: Wrong) -> None:
    place = world()
    application = wrong.start(place)
    before = place.application(application)
    outcome = place.ask(wrong.command, asker(wrong, place, application), application, **wrong.fields)
    assert isinstance(outcome, Rejected)
    assert (outcome.refusals[0].code, outcome.refusals[0].clause) == (wrong.code, wrong.clause)
    assert place.application(application).changed_version == before.changed_version


@pytest.mark.parametrize("wrong", TABLE, ids=lambda wrong: wrong.what)
def test_it_is_refused_alike_over_http_in_both_languages_with_what_to_do(wrong: Wrong) -> None:
    place = world()
    application = wrong.start(place)
    before = place.application(application)
    answer = door(place).give(
        place.request(wrong.command, asker(wrong, place, application), application, **wrong.fields)
    )
    clause = "" if wrong.over_http else wrong.clause
    assert (answer.is_success, reasons(answer)[0]) == (False, (wrong.over_http or wrong.code, clause))
    if not wrong.over_http:
        assert all(answer.json()[text] for text in ("detail", "detail_en", "remedy", "remedy_en"))
    assert place.application(application).changed_version == before.changed_version


NO_MONEY = (3.5, 12500.0, "12500.00", "1250000", None, True, [1], 2**60)
"""What is no whole number of fen."""


@pytest.mark.parametrize("amount", NO_MONEY)
def test_an_amount_that_is_no_whole_number_of_fen_is_no_command(amount: Any) -> None:
    body = orjson.dumps({"instalment": 1, "amount_minor": amount})
    with pytest.raises(Malformed) as told:
        read_command("RecordPayment", body)
    place = world()
    application = place.agreed()
    before = place.application(application)
    answer = door(place).post(M1, application, "RecordPayment", {"instalment": 1, "amount_minor": amount}, "k")
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed")
    assert [one["zh"] for one in answer.json()["faults"]] == [fault.zh for fault in told.value.faults]
    assert place.application(application) == before


def test_a_payment_that_was_confirmed_is_neither_confirmed_nor_recorded_again() -> None:
    place = world()
    application = place.funded()
    for by, name, fields in ((M2, "ConfirmPayment", {"instalment": 1}), (M1, "RecordPayment", PAY)):
        answer = door(place).give(place.request(name, by, application, **fields))
        assert (answer.is_success, len(place.application(application).payments)) == (False, 1)


def test_acceptance_is_not_decided_before_it_was_asked_for() -> None:
    place = world()
    application = place.in_execution()
    outcome = {"outcome": "accepted", "verified": {}, "grounds": "x", "recover_minor": 0}
    answer = door(place).give(place.request("ProposeOutcome", C1, application, **outcome))
    assert (answer.status_code, [code for code, _ in reasons(answer)]) == (422, ["value_not_allowed"])
