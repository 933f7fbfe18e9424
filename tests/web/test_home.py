"""The first page says what there is to do, by when, to those who have to do it and to nobody else."""

from __future__ import annotations

from datetime import timedelta

from states.actor import Actor, Role
from tests.api.office import Office, ok
from tests.api.test_access import ASSIGNED, in_review
from tests.drive import EXPERTS, F1
from tests.filings import CLIMATE
from tests.web.people import account, entered, words
from workflow.tasks import tasks

UNIT = CLIMATE.unit_code(1)


def asked_of(office: Office, actor: Actor) -> list[str]:
    return [task.kind for task in tasks(office.system.ledger, office.system.calls, actor)]


def test_a_draft_is_the_units_to_submit_and_nobody_elses(office: Office) -> None:
    office.draft()
    people = [Actor("x", role, UNIT if role is Role.APPLICANT else "") for role in Role]
    assert {actor.role: asked_of(office, actor) for actor in people if asked_of(office, actor)} == {
        Role.APPLICANT: ["submit"]
    }
    assert asked_of(office, office.unit(2)) == []


def test_a_filing_is_the_format_officers_to_check(office: Office) -> None:
    office.submitted()
    assert (asked_of(office, office.unit()), asked_of(office, F1)) == ([], ["format_check"])


def test_an_expert_is_asked_to_score_until_that_is_done(office: Office) -> None:
    application = in_review(office)
    first, second = ASSIGNED
    ok(office.do(application, "AcceptInvitation", first))
    assert [asked_of(office, expert) for expert in (first, second, EXPERTS[5])] == [["score"], ["score"], []]
    points = {criterion.id: 1 for criterion in office.call.rubric}
    ok(office.do(application, "SubmitScore", first, points=points, comment="可行。"))
    assert [asked_of(office, expert) for expert in (first, second)] == [[], ["score"]]


def test_the_page_tells_when_it_is_due_and_what_is_left_by_the_servers_clock(office: Office) -> None:
    office.draft()
    office.clock.at = office.call.closes_at - timedelta(days=3, hours=2)
    li = entered(office, account(office, "li", Role.APPLICANT, UNIT))
    assert "还剩3天 2小时 0分钟" in words(li.get("/").text)
    li.in_english()
    assert "3 d 2 h 0 min left" in words(li.get("/").text)
