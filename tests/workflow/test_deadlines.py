"""Deadlines fire once, in order, as of when they fell due, however late the sweep comes; a missing calendar loses none."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from fundcall.audit.world import check_world
from fundcall.calls.calendars import china
from states.actor import SYSTEM, Actor, Role
from states.application import State
from states.events import REFUSED, Recorded
from states.table import commands_from
from tests.contracts.ledger import deadlines_by_fold
from tests.drive import A1, A2, CALLS, DAY, F1, F2, R1, World, beijing, world
from workflow.deadlines import sweep
from workflow.handle import Rejected
from workflow.memory import FixedCalendars
from workflow.ports import Due
from workflow.record import decode

TICK = timedelta(microseconds=1)
SHORT = {"start_on": "2026-01-01", "end_on": "2026-12-31"}


def fired(place: World, application: str) -> list[tuple[str, str, datetime]]:
    """What the system did: event, deadline and the instant as of which."""
    events = (decode(event.body) for event in place.ledger.stored(application=application))
    return [(e.type, e.data["deadline"], e.effective_at) for e in events if e.role == "system"]


def last_event(place: World, application: str) -> Recorded:
    return [decode(event.body) for event in place.ledger.stored(application=application)][-1]


def deadlines(place: World, application: str) -> dict[str, datetime]:
    return dict(place.application(application).deadlines)


# --- when and in what order -------------------------------------------------------------------------------------------


def test_a_draft_is_reminded_four_times_and_lapses_at_the_close(place: World) -> None:
    application = place.empty()
    place.at(place.call.closes_at)
    close = beijing("2025-09-22T16:00")
    assert fired(place, application) == [
        ("ReminderDue", "submit~7d", close - 7 * DAY),
        ("ReminderDue", "submit~3d", close - 3 * DAY),
        ("ReminderDue", "submit~24h", close - timedelta(hours=24)),
        ("ReminderDue", "submit~2h", close - timedelta(hours=2)),
        ("DraftLapsed", "submit", close),
    ]
    assert (place.state(application), deadlines(place, application)) == (State.LAPSED, {})


def test_a_reminder_that_would_lie_behind_is_not_set(place: World) -> None:
    place.now = beijing("2025-09-22T14:00")
    application = place.empty()
    assert deadlines(place, application) == {"submit": beijing("2025-09-22T16:00")}


def test_nothing_fires_a_microsecond_early_and_everything_at_the_instant(place: World) -> None:
    application = place.empty()
    place.at(place.call.closes_at - TICK)
    assert (place.state(application), place.at(place.call.closes_at).fired) == (State.DRAFT, 1)


def test_a_sweep_that_comes_days_late_fires_as_of_when_it_was_due(place: World) -> None:
    application = place.empty()
    swept = place.at(place.call.closes_at + 9 * DAY)
    assert (swept.fired, swept.failed) == (5, ())
    last = last_event(place, application)
    assert (last.type, last.effective_at, last.recorded_at) == (
        "DraftLapsed",
        place.call.closes_at,
        place.call.closes_at + 9 * DAY,
    )


def test_sweeping_again_fires_nothing(place: World) -> None:
    place.empty()
    place.at(place.call.closes_at)
    head = place.ledger.head()
    assert (place.at(place.call.closes_at + DAY).fired, place.ledger.head()) == (0, head)


def test_each_applications_deadlines_fire_in_the_order_in_which_they_fell_due(place: World) -> None:
    made = []
    for n in range(6):
        place.now = beijing(f"2025-09-1{n}T12:00")
        made += [place.returned(), place.empty()]
    place.at(place.call.closes_at + 30 * DAY)
    for application in made:
        instants = [at for _, _, at in fired(place, application)]
        assert (len(instants) > 1, instants) == (True, sorted(instants))


@pytest.mark.parametrize("call", CALLS)
def test_a_sweep_in_one_go_comes_to_the_same_as_one_a_day(anew: Callable[..., World], call: str) -> None:
    ends = []
    for steps in (1, 400):
        place = anew(call)
        application = place.funded()
        begun = place.now
        for n in range(1, steps + 1):
            place.at(begun + n * 800 * DAY / steps)
        final = place.application(application)
        ends.append((fired(place, application), final.state, final.flags, final.deadlines, final.reports))
    assert ends[0] == ends[1]


def test_armed_deadlines_are_those_that_follow_from_the_events(place: World) -> None:
    for script in (World.draft, World.returned, World.published, World.in_execution):
        script(place)
    assert place.ledger.deadlines() == deadlines_by_fold(place.ledger)


def test_a_deadline_that_was_cleared_never_fires(place: World) -> None:
    application = place.submitted()
    outcome = place.ask("LapseDraft", SYSTEM, application, deadline="submit", at=place.call.closes_at)
    assert isinstance(outcome, Rejected)
    assert (outcome.code, place.state(application)) == ("not_allowed_in_state", State.SUBMITTED)


def test_a_person_cannot_fire_a_deadline(place: World) -> None:
    application = place.draft()
    assert place.codes("LapseDraft", F1, application, deadline="submit", at=place.call.closes_at) == (
        "role_not_allowed",
    )


# --- the periods of the 2025 call -------------------------------------------------------------------------------------


def test_a_correction_given_on_26_september_is_due_after_five_working_days_of_october(place: World) -> None:
    application = place.submitted()
    place.at(beijing("2025-09-26T15:00"))
    place.do("ReturnForCorrection", F1, application, items=place.items("title"))
    due = beijing("2025-10-11T00:00")
    assert deadlines(place, application)["correction"] == due
    place.at(due - TICK)
    assert place.state(application) is State.RETURNED
    place.at(due)
    assert (place.state(application), last_event(place, application).type) == (State.REJECTED, "CorrectionLapsed")


def test_the_format_check_is_due_ten_working_days_after_the_close_and_moves_no_state(place: World) -> None:
    application = place.submitted()
    due = beijing("2025-10-12T00:00")
    assert deadlines(place, application)["format_check"] == due
    place.at(due)
    assert (place.state(application), place.application(application).flags) == (
        State.SUBMITTED,
        frozenset({"format_check_late"}),
    )


def test_the_award_lapses_ten_days_after_the_agreement_was_due(place: World) -> None:
    application = place.approved()
    due = deadlines(place, application)["agreement"]
    place.at(due)
    assert (place.state(application), deadlines(place, application)["agreement_grace"]) == (
        State.APPROVED,
        due + 11 * DAY,
    )
    place.at(due + 11 * DAY)
    final = place.application(application)
    assert (final.state, final.outcome) == (State.TERMINATED, "waived")


def test_a_project_starts_on_its_first_day(place: World) -> None:
    application = place.funded()
    start = beijing("2026-01-01T00:00")
    place.at(start - TICK)
    assert place.state(application) is State.FUNDED
    place.at(start)
    assert (place.state(application), last_event(place, application).effective_at) == (State.IN_EXECUTION, start)


def test_a_project_whose_first_day_is_past_starts_when_the_money_has_come(place: World) -> None:
    application = place.funded(start_on="2025-07-01", end_on="2027-06-30")
    paid = place.now
    place.at(paid)
    assert (place.state(application), last_event(place, application).effective_at) == (State.IN_EXECUTION, paid)


def test_nobody_owes_a_report_that_was_due_before_the_money_came(place: World) -> None:
    application = place.agreed(start_on="2025-07-01", end_on="2027-06-30")
    place.at(beijing("2026-03-02T12:00"))
    place.pay(application, 1)
    place.at(place.now + DAY)
    names = {name.partition("~")[0] for name in deadlines(place, application)}
    assert names == {"report:2026H1", "report:2026H2", "execution_end", "contacts"}
    assert place.application(application).reports == {}


def test_a_report_that_does_not_come_is_late_and_then_escalated(place: World) -> None:
    application = place.in_execution()
    due = deadlines(place, application)["report:2026H1"]
    assert due == beijing("2026-07-11T00:00")
    place.at(due)
    assert (place.application(application).reports, place.application(application).flags) == (
        {"2026H1": "late"},
        frozenset({"report_late"}),
    )
    place.at(due + 8 * DAY)
    assert fired(place, application)[-2:] == [
        ("ReportMarkedLate", "report:2026H1", due),
        ("ReportEscalated", "report_escalation:2026H1", due + 8 * DAY),
    ]
    place.do("SubmitReport", place.unit(application), application, period="2026H1", summary="迟交")
    assert place.application(application).flags == frozenset()


def test_a_milestone_is_reminded_of_then_late_then_escalated_until_it_is_reported(place: World) -> None:
    application = place.agreed_with_milestones(end_on="2026-12-31")
    known = deadlines(place, application)
    due = known["milestone:1"]
    assert due == beijing("2027-01-01T00:00")
    assert {name: due - at for name, at in known.items() if name.startswith("milestone:1~")} == {
        "milestone:1~30d": 30 * DAY,
        "milestone:1~7d": 7 * DAY,
        "milestone:1~1d": DAY,
    }
    place.do("ReportMilestone", place.unit(application), application, milestone=2, evidence="测试报告")
    place.at(due)
    assert place.application(application).flags & {"milestone_late"} == {"milestone_late"}
    place.at(due + 8 * DAY)
    assert fired(place, application)[-1] == ("DeadlinePassed", "milestone_escalation:1", due + 8 * DAY)
    place.do("ReportMilestone", place.unit(application), application, milestone=1, evidence="测试报告")
    assert place.application(application).flags & {"milestone_late"} == set()
    place.do("DecideMilestone", R1, application, milestone=1, reached=False, reason="未达到")
    assert place.application(application).flags & {"milestone_late"} == {"milestone_late"}
    assert [name for name in deadlines(place, application) if name.startswith("milestone")] == [
        "milestone_escalation:1"
    ]


def test_a_milestone_not_reached_before_its_day_is_due_again(place: World) -> None:
    application = place.agreed_with_milestones()
    due = deadlines(place, application)["milestone:1"]
    place.do("ReportMilestone", place.unit(application), application, milestone=1, evidence="测试报告")
    assert "milestone:1" not in deadlines(place, application)
    place.do("DecideMilestone", R1, application, milestone=1, reached=False, reason="未达到")
    assert deadlines(place, application)["milestone:1"] == due


def test_a_report_that_has_come_is_no_longer_due(place: World) -> None:
    application = place.in_execution()
    place.at(beijing("2026-07-02T12:00"))
    place.do("SubmitReport", place.unit(application), application, period="2026H1", summary="进展顺利")
    assert [name for name in deadlines(place, application) if "2026H1" in name] == []


# --- the end of 2027 --------------------------------------------------------------------------------------------------


def test_execution_ends_as_the_year_2028_begins_and_acceptance_may_be_asked_for_until_the_end_of_march(
    place: World,
) -> None:
    application = place.in_execution()
    place.at(beijing("2028-01-20T09:00"))
    events = [decode(e.body) for e in place.ledger.stored(application=application)]
    (ended,) = [e for e in events if e.type == "ExecutionEnded"]
    assert (ended.effective_at, ended.data["end_on"], ended.data["acceptance_due_at"]) == (
        beijing("2028-01-01T00:00"),
        "2027-12-31",
        "2028-03-31T16:00:00.000000Z",
    )
    found = place.application(application)
    assert (found.state, found.phase, "execution_ended" in found.flags) == (State.IN_EXECUTION, "ended", True)
    assert deadlines(place, application)["acceptance_request"] == beijing("2028-04-01T00:00")


def test_acceptance_that_nobody_asks_for_is_overdue_as_april_2028_begins_and_escalated_later(place: World) -> None:
    application = place.in_execution()
    place.at(beijing("2028-04-01T00:00") - TICK)
    assert "acceptance_overdue" not in place.application(application).flags
    place.at(beijing("2028-06-01T00:00"))
    assert fired(place, application)[-2:] == [
        ("AcceptanceMarkedOverdue", "acceptance_request", beijing("2028-04-01T00:00")),
        ("AcceptanceEscalated", "acceptance_escalation", beijing("2028-05-02T00:00")),
    ]


def test_acceptance_asked_for_on_its_last_day_is_in_time(place: World) -> None:
    application = place.in_execution()
    place.at(beijing("2028-04-01T00:00") - TICK)
    day = date(2027, 12, 31)
    place.do("RequestAcceptance", place.unit(application), application, completed_on=day, achieved={})
    place.at(beijing("2028-04-02T00:00"))
    found = place.application(application)
    assert (found.phase, "acceptance_overdue" in found.flags) == ("acceptance", False)


@pytest.mark.parametrize(("end", "codes"), [(date(2027, 12, 31), ()), (date(2028, 1, 1), ("ends_by_2027",))])
def test_an_extension_to_the_last_day_is_asked_for_and_one_beyond_it_refused(
    place: World, end: date, codes: tuple[str, ...]
) -> None:
    application = place.in_execution(start_on="2026-02-01", end_on="2027-10-31")
    assert place.codes("RequestExtension", place.unit(application), application, end_on=end, reason="延期") == codes


def test_a_granted_extension_moves_the_end_and_everything_that_hangs_on_it(place: World) -> None:
    application = place.in_execution(**SHORT)
    unit = place.unit(application)
    place.do("RequestExtension", unit, application, end_on=date(2027, 6, 30), reason="延期")
    place.do("DecideRequest", A1, application, request=1, granted=True, reason="同意")
    found = deadlines(place, application)
    assert found["execution_end"] == beijing("2027-07-01T00:00")
    assert found["execution_end~180d"] == beijing("2027-01-02T00:00")
    assert found["report:2026H2"] == beijing("2027-01-11T00:00")
    place.at(beijing("2027-01-02T00:00"))
    assert place.application(application).phase == "running"


def test_a_refused_extension_moves_nothing(place: World) -> None:
    application = place.in_execution(**SHORT)
    before = deadlines(place, application)
    place.do("RequestExtension", place.unit(application), application, end_on=date(2027, 6, 30), reason="延期")
    place.do("DecideRequest", A1, application, request=1, granted=False, reason="不同意")
    assert (deadlines(place, application), place.application(application).end_on) == (before, date(2026, 12, 31))


def test_a_suspension_does_not_move_the_last_day(place: World) -> None:
    application = place.in_execution(**SHORT)
    place.do("ProposeSuspension", A1, application, reason="核查")
    place.do("SuspendProject", A2, application)
    place.at(beijing("2027-01-01T00:00"))
    assert (place.application(application).phase, "suspended" in place.application(application).flags) == (
        "ended",
        True,
    )


# --- the calendar that is not there -----------------------------------------------------------------------------------


def test_a_period_into_a_year_without_a_calendar_is_refused_and_changes_nothing(anew: Callable[..., World]) -> None:
    place = anew(calendar=china())
    application = place.in_execution()
    place.at(beijing("2026-12-30T12:00"))
    head = place.ledger.head()
    codes = place.codes("ProposeRevocation", A1, application, grounds="重复资助")
    assert (codes, place.ledger.head()) == (("calendar_missing",), head)


def test_a_deadline_that_needs_a_missing_calendar_stays_armed_is_told_and_fires_once_it_is_there(
    anew: Callable[..., World],
) -> None:
    place = anew(calendar=china(2025))
    application = place.published()
    place.at(beijing("2025-12-03T12:00"))
    place.do("ApproveApplication", A2, application, grant_minor=1)
    due = deadlines(place, application)["agreement"]
    stuck = Due(due, application, "agreement")
    swept = place.at(due + DAY)
    assert (due, swept.failed) == (beijing("2025-12-24T00:00"), (stuck,))
    assert stuck in place.ledger.deadlines()
    again = place.at(due + 2 * DAY)
    assert (again.fired, again.failed) == (0, (stuck,))
    place.calendars._calendar = china()
    healed = place.at(due + 3 * DAY)
    last = last_event(place, application)
    assert (healed.fired, healed.failed) == (1, ())
    assert (last.type, last.effective_at, last.recorded_at) == ("DeadlinePassed", due, due + 3 * DAY)


def test_a_deadline_that_is_stuck_holds_up_no_other(anew: Callable[..., World]) -> None:
    place = anew(calendar=china(2025))
    one, two = place.published(), place.submitted()
    place.at(beijing("2025-12-03T12:00"))
    place.do("ApproveApplication", A2, one, grant_minor=1)
    place.do("ProposeRejection", F1, two, clause="四(一)1", grounds="x")
    place.do("RejectApplication", F2, two)
    swept = place.at(beijing("2025-12-31T00:00"))
    assert [d.name for d in swept.failed] == ["agreement"]
    assert last_event(place, two).type == "DeadlinePassed"


def test_the_calendar_in_force_stands_with_each_event(anew: Callable[..., World]) -> None:
    place = anew(calendar=china())
    application = place.submitted()
    assert last_event(place, application).facts["calendar"] == china().version
    assert isinstance(place.calendars, FixedCalendars)
    assert last_event(place, application).effective_at.tzinfo is UTC


# --- arrived in time, decided after the job ---------------------------------------------------------------------------

SECOND = timedelta(seconds=1)


def lapsed(place: World) -> tuple[str, datetime]:
    """A draft that the job has written off at the close, and the close."""
    application = place.draft()
    closes_at = place.call.closes_at
    place.at(closes_at + SECOND)
    assert place.state(application) is State.LAPSED
    return application, closes_at


def returned_and_lapsed(place: World) -> tuple[str, datetime]:
    """A correction that the job has written off, and when it was due."""
    application = place.returned()
    due = place.application(application).deadlines["correction"]
    place.at(due + SECOND)
    assert place.state(application) is State.REJECTED
    return application, due


@pytest.mark.parametrize(("led", "name"), [(lapsed, "SubmitApplication"), (returned_and_lapsed, "ResubmitApplication")])
def test_a_filing_that_arrived_in_time_is_taken_though_the_job_was_quicker(led: Any, name: str) -> None:
    place = world()
    application, due = led(place)
    unit = place.unit(application)
    for late in (due, due + SECOND / 2):
        assert place.codes(name, unit, application, at=late) in (("within_window",), ("too_late",))
    assert place.codes("EditDraft", unit, application, at=due, form={"title": "x"}) in (
        ("within_window",), ("too_late",),
    )  # fmt: skip
    just = due - timedelta(microseconds=1)
    place.do("EditDraft", unit, application, at=just, form={"title": "赶在截止前修改的名称"})
    place.do(name, unit, application, at=just)
    found = place.application(application)
    assert (found.state, found.submitted_at) == (State.SUBMITTED, just)
    assert {name.partition("~")[0] for name in found.deadlines} == {"format_check"}
    assert found.form["title"] == "赶在截止前修改的名称"
    assert check_world(place.ledger).divergences == ()


@pytest.mark.parametrize("state", [State.LAPSED, State.REJECTED])
def test_nobody_is_offered_what_is_only_taken_because_it_arrived_in_time(state: State) -> None:
    offered = set(commands_from(state, Role.APPLICANT))
    assert offered & {"SubmitApplication", "ResubmitApplication", "EditDraft", "AddDocument", "RemoveDocument"} == set()


def test_an_application_that_an_officer_rejected_is_not_resubmitted() -> None:
    place = world()
    application = place.rejected()
    assert place.codes("ResubmitApplication", place.unit(application), application) == ("too_late",)


def test_deadlines_may_be_acted_on_a_little_behind_as_of_when_they_fell_due() -> None:
    place = world()
    application = place.draft()
    closes_at = place.call.closes_at
    early = sweep(place.handler, closes_at + 9 * SECOND, behind=10 * SECOND)
    assert place.state(application) is State.DRAFT
    sweep(place.handler, closes_at + 10 * SECOND, behind=10 * SECOND)
    last = decode([*place.ledger.stored(application=application)][-1].body)
    assert (early.fired > 0, last.effective_at, last.recorded_at) == (True, closes_at, closes_at + 10 * SECOND)


def test_a_sweep_tells_how_many_it_has_looked_at_as_it_goes(place: World) -> None:
    for _ in range(3):
        place.draft()
    told: list[int] = []
    swept = sweep(place.handler, place.call.closes_at + DAY, told.append)
    assert (swept.fired, told[-1], sum(told)) == (sum(told), 3, sum(told))
    assert sweep(place.handler, place.call.closes_at + DAY, told.append).fired == 0


def test_a_refused_command_of_the_system_clears_no_deadline_but_the_one_that_gives_it_and_is_past(place: World) -> None:
    application = place.credited()
    due = place.application(application).deadlines["credit:1"]
    for name, at in (("EscalateReport", place.now), ("EscalateReport", due), ("ExpireCredit", due - TICK)):
        assert place.codes(name, SYSTEM, application, deadline="credit:1", at=at) != ()
        assert place.application(application).deadlines["credit:1"] == due
    assert place.codes("ExpireCredit", SYSTEM, application, deadline="credit:1", at=due) == ()
    assert "credit:1" not in place.application(application).deadlines


@pytest.mark.parametrize("who", [F1, A1])
def test_nobody_clears_a_deadline_that_is_past_by_giving_the_systems_command(place: World, who: Actor) -> None:
    application = place.submitted()
    due = place.application(application).deadlines["format_check"]
    given = {"deadline": "format_check", "at": due}
    assert place.codes("PassDeadline", who, application, **given) == ("role_not_allowed",)
    assert place.events(application)[-1] == REFUSED
    assert place.application(application).deadlines["format_check"] == due
