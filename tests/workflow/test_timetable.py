"""Which deadlines each command sets and clears, by name, reminders aside."""

from __future__ import annotations

from datetime import date

import pytest

from states.actor import Actor
from states.commands.award import Milestone
from tests.drive import A1, A2, A3, CITIZEN, DAY, EXPERTS, OBJECTOR, R1, World, beijing, world
from workflow.record import decode

ONE, TWO, THREE = EXPERTS[:3]


@pytest.fixture
def place() -> World:
    return world()


def did(place: World, command: str, by: Actor, application: str, /, **fields: object) -> tuple[list[str], list[str]]:
    """What an accepted command sets and clears."""
    data = place.do(command, by, application, **fields).event.data
    return _names(data.get("arms", {})), _names(data.get("clears", ()))


def last(place: World, application: str, kind: str) -> tuple[list[str], list[str]]:
    """The same of the last event of a kind."""
    events = [decode(one.body) for one in place.ledger.stored(application=application)]
    data = next(one.data for one in reversed(events) if one.type == kind)
    return _names(data.get("arms", {})), _names(data.get("clears", ()))


def _names(found: object) -> list[str]:
    assert isinstance(found, dict | list | tuple)
    return sorted(name for name in found if "~" not in name)


def test_an_objection_sets_its_own_deadline_and_its_decision_clears_that(place: World) -> None:
    application = place.published()
    for number in (1, 2):
        filed = did(place, "FileObjection", CITIZEN, application, objector=OBJECTOR, grounds="重复申报")
        assert filed == ([f"objection:{number}"], [])
    decided = {"upheld": False, "reason": "不成立"}
    assert did(place, "DecideObjection", A2, application, objection=2, **decided)[1] == ["objection:2"]
    assert "objection:1" in place.application(application).deadlines


def test_the_time_for_scores_ends_with_the_last_that_is_still_waited_for(place: World) -> None:
    application = place.in_review()
    score = {"points": place.points(), "comment": "可行"}
    for expert in (ONE, TWO):
        place.do("AcceptInvitation", expert, application)
        assert did(place, "SubmitScore", expert, application, **score) == ([], [])
    assert did(place, "AcceptInvitation", THREE, application) == ([], ["invitation:3"])
    assert did(place, "SubmitScore", THREE, application, **score)[1] == ["score"]
    assert did(place, "ReopenScore", R1, application, expert=ONE.id, reason="笔误")[0] == ["score"]
    assert did(place, "ReopenScore", R1, application, expert=TWO.id, reason="笔误")[0] == []


@pytest.mark.parametrize("gone", ["DeclineInvitation", "DeclareConflict"])
def test_whoever_will_not_score_and_whoever_was_replaced_is_waited_for_no_more(place: World, gone: str) -> None:
    application = place.in_review()
    assert did(place, gone, TWO, application, reason="原因") == ([], ["invitation:2"])
    new = place.experts(EXPERTS[3:4])[0]
    asked = {"expert": TWO.id, "replacement": new, "reason": "更换"}
    assert did(place, "ReplaceExpert", R1, application, **asked) == (["invitation:4"], [])
    again = {"expert": new.id, "replacement": place.experts(EXPERTS[4:5])[0], "reason": "未答复"}
    assert did(place, "ReplaceExpert", R1, application, **again) == (["invitation:5"], ["invitation:4"])
    score = {"points": place.points(), "comment": "可行"}
    for expert in (ONE, THREE, EXPERTS[4]):
        place.do("AcceptInvitation", expert, application)
    assert [did(place, "SubmitScore", expert, application, **score)[1] for expert in (ONE, THREE, EXPERTS[4])] == [
        [],
        [],
        ["score"],
    ]


@pytest.mark.parametrize("gone", ["DeclineInvitation", "DeclareConflict"])
def test_one_who_will_not_score_holds_nothing_up(place: World, gone: str) -> None:
    application = place.in_review()
    place.do(gone, TWO, application, reason="原因")
    for expert in (ONE, THREE):
        place.do("AcceptInvitation", expert, application)
    score = {"points": place.points(), "comment": "可行"}
    assert [did(place, "SubmitScore", expert, application, **score)[1] for expert in (ONE, THREE)] == [[], ["score"]]


def test_a_countersigned_agreement_sets_the_first_payment_the_contacts_and_its_milestones(place: World) -> None:
    application = place.agreed_with_milestones()
    armed = last(place, application, "AgreementCountersigned")[0]
    assert armed == ["contacts", "first_payment", "milestone:1", "milestone:2"]
    due = {place.application(application).deadlines[f"milestone:{n}"] for n in (1, 2)}
    assert len(due) == 1


def test_a_milestone_reported_clears_its_deadline_and_the_word_to_the_head(place: World) -> None:
    application = place.agreed_with_milestones()
    reported = did(place, "ReportMilestone", place.unit(application), application, milestone=2, evidence="测试报告")
    assert reported == ([], ["milestone:2"])


def test_execution_sets_its_end_and_the_reports_that_lie_ahead(place: World) -> None:
    application = place.in_execution()
    found = place.application(application)
    armed = last(place, application, "ExecutionStarted")[0]
    assert found.start_on is not None
    assert armed[0] == "execution_end"
    reports = [name for name in armed if name.startswith("report:")]
    assert (reports, armed) == (sorted(reports), ["execution_end", *reports])
    assert all(found.deadlines[name] > place.now for name in armed)


def test_a_report_clears_its_deadline_and_the_word_to_the_head(place: World) -> None:
    application = place.in_execution()
    first = min(
        name for name in place.application(application).deadlines if name.startswith("report:") and "~" not in name
    )
    place.when_due(application, first)
    assert last(place, application, "ReportMarkedLate") == ([first.replace("report", "report_escalation")], [first])
    sent = did(place, "SubmitReport", place.unit(application), application, period=first[7:], summary="迟交")
    assert sent == ([], [first.replace("report", "report_escalation")])


def test_a_longer_execution_moves_its_end_and_adds_the_reports_of_the_time_that_is_added(place: World) -> None:
    dates = {"start_on": "2026-02-01", "end_on": "2026-12-31"}
    application = place.in_execution(**dates)
    place.do("SubmitReport", place.unit(application), application, period="2026H1", summary="进展顺利")
    end = date(2027, 12, 31)
    place.do("RequestExtension", place.unit(application), application, end_on=end, reason="延期")
    armed = did(place, "DecideRequest", A1, application, request=1, granted=True, reason="同意")
    assert armed == (["execution_end", "report:2026H2", "report:2027H1"], ["execution_end"])
    place.at(place.application(application).deadlines["report:2026H2"] - DAY)
    again = place.codes("RequestExtension", place.unit(application), application, end_on=end, reason="延期")
    assert again != ()


def test_a_longer_execution_sets_no_report_anew_and_none_that_is_past(place: World) -> None:
    application = place.in_execution(start_on="2026-02-01", end_on="2027-01-31")
    assert last(place, application, "ExecutionStarted")[0] == ["execution_end", "report:2026H1", "report:2026H2"]
    place.do("RequestExtension", place.unit(application), application, end_on=date(2027, 12, 31), reason="延期")
    decided = did(place, "DecideRequest", A1, application, request=1, granted=True, reason="同意")
    assert decided == (["execution_end", "report:2027H1"], ["execution_end"])


def test_a_longer_execution_that_is_not_granted_moves_nothing(place: World) -> None:
    application = place.in_execution(start_on="2026-02-01", end_on="2026-12-31")
    place.do("RequestExtension", place.unit(application), application, end_on=date(2027, 6, 30), reason="延期")
    assert did(place, "DecideRequest", A1, application, request=1, granted=False, reason="不同意") == ([], [])


def test_a_change_that_is_granted_moves_no_deadline(place: World) -> None:
    application = place.in_execution()
    place.do("RequestChange", place.unit(application), application, subject="负责人", detail="李子虚")
    assert did(place, "DecideRequest", A1, application, request=1, granted=True, reason="同意") == ([], [])


def test_a_deadline_that_fires_is_cleared_and_the_next_step_is_set(place: World) -> None:
    application = place.approved()
    place.when_due(application, "agreement")
    assert last(place, application, "DeadlinePassed") == (["agreement_grace"], ["agreement"])


def test_an_end_without_money_to_come_back_sets_no_time_for_it(place: World) -> None:
    owing = place.terminated(recover_minor=100)
    place.now = place.call.opens_at + 9 * DAY
    closed = place.closed()
    armed = (last(place, closed, "ApplicationClosed")[0], last(place, owing, "ApplicationTerminated")[0])
    assert ("recovery" in armed[0], "recovery" in armed[1]) == (False, True)
    assert [*armed[0]] == ["archive"]


def test_a_credit_entry_outlives_the_project_and_ends_with_its_repair(place: World) -> None:
    application = place.credited()
    assert last(place, application, "CreditEntered")[0] == ["credit:1"]
    objected = did(place, "ObjectToCredit", place.unit(application), application, entry=1, grounds="情况不实")
    assert objected == (["credit_objection:1"], [])
    decided = did(place, "DecideCreditObjection", A3, application, entry=1, upheld=False, reason="维持")
    assert decided == ([], ["credit_objection:1"])
    place.at(place.now + 400 * DAY)
    place.do("ProposeCreditRepair", A1, application, entry=1, reason="已整改")
    assert did(place, "RepairCredit", A2, application)[1] == ["credit:1"]


def test_a_repair_ends_an_objection_that_waits(place: World) -> None:
    application = place.credited()
    place.do("ObjectToCredit", place.unit(application), application, entry=1, grounds="情况不实")
    place.do("ProposeCreditRepair", A1, application, entry=1, reason="已整改")
    assert did(place, "RepairCredit", A2, application)[1] == ["credit:1", "credit_objection:1"]


def test_each_milestone_is_due_at_the_end_of_its_own_day(place: World) -> None:
    application = place.approved()
    plan = place.agreement(application)
    reached = (Milestone(title="样机", due_on=date(2026, 6, 30)), Milestone(title="验收", due_on=date(2026, 9, 30)))
    terms = {**plan, "milestones": reached, "waits_for": (1,) * len(plan["instalments_minor"])}
    place.do("SignAgreement", place.unit(application), application, **terms)
    place.do("CountersignAgreement", A1, application)
    due = place.application(application).deadlines
    assert [due[f"milestone:{n}"] for n in (1, 2)] == [beijing("2026-07-01T00:00"), beijing("2026-10-01T00:00")]
    place.at(beijing("2026-07-01T00:00"))
    told = {"milestone": 1, "evidence": "测试报告"}
    assert did(place, "ReportMilestone", place.unit(application), application, **told)[1] == ["milestone_escalation:1"]
