"""Nobody decides for the authority of what they filed themselves, whatever other role they hold."""

from collections.abc import Callable
from datetime import date

import pytest

from states.actor import OFFICERS, Actor, Role
from states.guards.any_stage import of_neither_side
from states.table import ROWS
from tests.drive import A1, A2, World, world


def test_every_move_of_an_officer_is_closed_to_who_filed_or_reviewed() -> None:
    of_officers = [row for row in ROWS if OFFICERS & set(row.roles) and Role.APPLICANT not in row.roles]
    assert [row.command for row in of_officers if of_neither_side not in row.guards] == []


def extension_asked(place: World) -> str:
    application = place.in_execution(end_on="2026-12-31")
    fields = {"end_on": date(2027, 6, 30), "reason": "延期"}
    place.do("RequestExtension", place.unit(application), application, **fields)
    return application


def revocation_proposed(place: World) -> str:
    application = place.in_execution()
    place.do("ProposeRevocation", A1, application, grounds="重复资助")
    return application


def review_asked(place: World) -> str:
    application = place.rejected()
    place.do("RequestReview", place.unit(application), application, grounds="有异议")
    return application


@pytest.mark.parametrize(
    ("start", "command", "fields"),
    [
        (World.draft, "GrantSecondFiling", {"reason": "x"}),
        (review_asked, "UpholdReview", {"reason": "x"}),
        (extension_asked, "DecideRequest", {"request": 1, "granted": True, "reason": "x"}),
        (revocation_proposed, "WithdrawProposal", {"reason": "x"}),
    ],
)
def test_an_approving_officer_who_filed_an_application_takes_no_decision_on_it(
    start: Callable[[World], str], command: str, fields: dict[str, object]
) -> None:
    place = world()
    application = start(place)
    filer = Actor(place.unit(application).id, Role.APPROVING_OFFICER)
    assert place.codes(command, filer, application, **fields) == ("same_person",)
    assert place.codes(command, A2, application, **fields) == ()
