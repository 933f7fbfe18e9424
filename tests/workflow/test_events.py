"""What every kind of event holds and changes, seen in events that really came about: all kinds, each at least once."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import date, timedelta
from functools import cache
from typing import Any, NamedTuple

import pytest

from states.application import Application, State
from states.apply import APPLY
from states.events import BY_NAME, REFUSED, Recorded
from states.fold import CannotFold, fold, step
from states.table import TWIN
from tests.drive import A1, A2, A3, C1, DAY, EXPERTS, F1, M1, M2, R1, World, world
from tests.states.case import Case
from tests.states.test_guards import CASES, request_of
from workflow.record import decode, encode


class Happened(NamedTuple):
    """An event with the application before and after it."""

    before: Application | None
    event: Recorded
    after: Application


def lived(place: World) -> Iterator[Happened]:
    """What happened in a world, one application after another."""
    for row in place.ledger.rows():
        before: Application | None = None
        for stored in place.ledger.stored(application=row.id):
            event = decode(stored.body)
            after = step(before, event)
            yield Happened(before, event, after)
            before = after


def good_half(case: Case) -> World:
    """A world in which the good half of a guard's case was done and not only asked about."""
    place = world()
    place.handler.handle(request_of(case, place, good=True), place.now)
    return place


def waited_out(script: Any, days: int = 1200, **form: Any) -> World:
    """A world in which nobody does anything for years after the script."""
    place = world()
    script(place, **form)
    place.at(place.now + days * DAY)
    return place


def upheld(place: World, script: Any) -> None:
    """A decision upset by a review."""
    application = script(place)
    place.do("RequestReview", place.unit(application), application, grounds="有异议")
    place.do("UpholdReview", A1, application, reason="理由成立")


def rejection_upheld(place: World) -> None:
    upheld(place, World.rejected)


def decline_upheld(place: World) -> None:
    upheld(place, World.declined)


def long_review(place: World) -> None:
    """Experts who decline, withdraw, are replaced and asked again."""
    application = place.in_review()
    one, two, three, four, five = EXPERTS[:5]
    place.do("DeclineInvitation", one, application, reason="时间冲突")
    place.do("ReplaceExpert", R1, application, expert=one.id, replacement=place.experts([four])[0], reason="更换")
    place.do("AcceptInvitation", two, application)
    place.do("DeclareConflict", two, application, reason="合作关系")
    place.do("ReplaceExpert", R1, application, expert=two.id, replacement=place.experts([five])[0], reason="更换")
    for expert in (three, four, five):
        place.do("AcceptInvitation", expert, application)
        place.do("SubmitScore", expert, application, points=place.points(), comment="可行")
    place.do("ReopenScore", R1, application, expert=three.id, reason="笔误")
    place.do("SubmitScore", three, application, points=place.points(9), comment="可行")
    place.do("RecordPanel", R1, application, votes_for=3, votes_against=0, minutes="会议纪要")
    place.do("ProposeAward", R1, application, amount_minor=1, grounds="评审通过")


def suspended_and_resumed(place: World) -> None:
    application = place.in_execution()
    place.do("ProposeSuspension", A1, application, reason="核查")
    place.do("SuspendProject", A2, application)
    place.do("ResumeProject", A1, application, reason="核查完毕")


def materials_missing(place: World) -> None:
    application = place.in_acceptance()
    place.do("ReturnAcceptanceMaterials", C1, application, items=place.items("x"))


def money_back(place: World) -> None:
    application = place.terminated(recover_minor=5)
    place.do("RecordRecovery", M1, application, amount_minor=5)
    place.do("CloseRecovery", M2, application)


def waived(place: World) -> None:
    application = place.approved()
    place.do("WaiveAward", place.unit(application), application, reason="放弃")


def late_life(place: World) -> None:
    """An extension of a correction, then silence."""
    application = place.returned()
    place.do("ExtendCorrection", F1, application, reason="系统故障")


def longer_window(place: World) -> None:
    """A window that is extended while a draft is open, and again after it has lapsed."""
    place.draft()
    place.extended(place.call.closes_at + DAY)
    place.at(place.call.closes_at + DAY)
    place.extended(place.call.closes_at + 3 * DAY)


def filed_in_time_and_found_late(place: World) -> None:
    """A draft and a correction that lapse before what was sent in time is decided."""
    draft, returned = place.draft(), place.returned()
    dues = [place.application(a).deadlines[name] for a, name in ((draft, "submit"), (returned, "correction"))]
    place.at(max(dues))
    for application, due, command in (
        (draft, dues[0], "SubmitApplication"),
        (returned, dues[1], "ResubmitApplication"),
    ):
        unit, one = place.unit(application), place.profile.documents[0]
        for name, said in (
            ("EditDraft", {"form": {"title": "赶在截止前修改的名称"}}),
            ("RemoveDocument", {"sha256": one.sha256}),
            ("AddDocument", {"material": one.material, "name": one.name, "sha256": one.sha256}),
            (command, {}),
        ):
            place.do(name, unit, application, at=due - timedelta(seconds=1), **said)


def told_of_a_correction(place: World) -> None:
    """The notice is corrected while one application is written and another mended."""
    place.draft()
    place.returned()
    place.corrected()
    place.after(seconds=1)


def moved_by_a_calendar(place: World) -> None:
    """A holiday is announced while an application waits for its format check."""
    place.submitted()
    place.days_off(date(2025, 9, 25))
    place.after(seconds=1)


def funded_early(place: World) -> str:
    """The money is there long before the project begins."""
    return place.funded(start_on="2026-10-01")


def contacts(place: World, application: str) -> None:
    """The unit names its contacts; where the award stands it is asked for them again half a year later."""
    place.do("ConfirmContacts", place.unit(application), application, contacts=place.profile.contacts)
    if "contacts" in place.application(application).deadlines:
        place.when_due(application, "contacts")


def life(script: Any, *then: Any) -> Any:
    """A life that goes on after a script."""

    def lead(place: World) -> None:
        application = script(place)
        for go_on in then:
            go_on(place, application)

    return lead


def end_for_cause(place: World, application: str) -> None:
    place.do("ProposeTermination", R1, application, grounds="无法完成", recover_minor=0)
    place.do("SubmitDefence", place.unit(application), application, text="陈述意见")
    place.do("ConfirmTermination", A1, application)


def undo(place: World, application: str) -> None:
    place.do("ProposeRevocation", A1, application, grounds="重复资助")
    place.do("SubmitDefence", place.unit(application), application, text="陈述意见")
    place.do("ConfirmRevocation", A2, application)


def pay_back(place: World, application: str) -> None:
    owed = place.application(application).recover_minor
    place.do("RecordRecovery", M1, application, amount_minor=owed)
    place.do("CloseRecovery", M2, application)


def withdraw(place: World, application: str) -> None:
    place.do("WithdrawApplication", place.unit(application), application, reason="放弃申报")


def reassign(place: World, application: str) -> None:
    place.do("ReassignTopic", R1, application, topic="ai_lead.key_actions.industry", reason="更合适")


def change(place: World, application: str) -> None:
    place.do("RequestChange", place.unit(application), application, subject="负责人", detail="李子虚")
    place.do("DecideRequest", A1, application, request=1, granted=True, reason="同意")


def suspend_and_resume(place: World, application: str) -> None:
    place.do("ProposeSuspension", A1, application, reason="核查")
    place.do("SuspendProject", A2, application)
    place.do("ResumeProject", A1, application, reason="核查完毕")


def pay_the_rest(place: World, application: str) -> None:
    place.pay(application, 2)


def review_in_vain(place: World, application: str) -> None:
    place.do("RequestReview", place.unit(application), application, grounds="有异议")
    place.do("DismissReview", A1, application, reason="维持")


def change_papers(place: World, application: str) -> None:
    first = place.profile.documents[0]
    place.do("RemoveDocument", place.unit(application), application, sha256=first.sha256)
    fields = {"material": first.material, "name": first.name, "sha256": first.sha256}
    place.do("AddDocument", place.unit(application), application, **fields)


def take_back(place: World, application: str) -> None:
    if place.state(application) is State.CLOSED:
        place.do("ProposeRevocation", A1, application, grounds="存疑")
    else:
        place.do("ProposeTermination", R1, application, grounds="存疑", recover_minor=0)
    place.do("WithdrawProposal", A2, application, reason="查无实据")


def void(place: World, application: str) -> None:
    found = place.application(application)
    n = len(found.payments) + 1
    place.do("RecordPayment", M1, application, instalment=n, amount_minor=found.instalments_minor[n - 1])
    place.do("VoidPayment", M1, application, instalment=n, reason="账号有误")


def milestone(place: World, application: str) -> None:
    for number, reached in ((1, True), (2, False)):
        if place.application(application).milestones[number - 1].status == "planned":
            place.do("ReportMilestone", place.unit(application), application, milestone=number, evidence="测试报告")
            decided = {"milestone": number, "reached": reached, "reason": "核对"}
            place.do("DecideMilestone", R1, application, **decided)


def pay(place: World, application: str) -> None:
    place.pay(application, 1)


def start(place: World, application: str) -> None:
    place.when_due(application, "start")


def failed(place: World) -> str:
    return place.closed("failed", recover_minor=5)


def credit(kind: str) -> Any:
    """A credit entry taken back in proposal, made, objected to in vain and repaired; then another that runs its time."""

    def go_on(place: World, application: str) -> None:
        place.propose_credit(application, kind)
        place.do("WithdrawProposal", A2, application, reason="依据不足")
        for _ in range(2):
            place.propose_credit(application, kind)
            place.do("EnterCredit", A2, application)
            if len(place.application(application).credits) == 1:
                place.do("ObjectToCredit", place.unit(application), application, entry=1, grounds="不属实")
                place.do("DecideCreditObjection", A3, application, entry=1, upheld=False, reason="属实")
                place.do("ProposeCreditRepair", A1, application, entry=1, reason="已纠正")
                place.do("RepairCredit", A2, application)
        place.when_due(application, "credit:2")

    return go_on


SCRIPTS = (World.draft, World.returned, World.approved, World.in_execution, World.closed, World.revoked)
LIVES = (
    rejection_upheld,
    decline_upheld,
    long_review,
    suspended_and_resumed,
    materials_missing,
    money_back,
    waived,
    late_life,
    longer_window,
    filed_in_time_and_found_late,
    told_of_a_correction,
    moved_by_a_calendar,
    life(World.approved, change, end_for_cause),
    life(World.approved, undo),
    life(World.funded, change, suspend_and_resume, pay_the_rest, end_for_cause),
    life(World.funded, undo, pay_back),
    life(World.closed, undo, pay_back),
    life(failed, pay_back),
    life(failed, credit("failure")),
    life(World.terminated, credit("termination")),
    life(World.revoked, credit("revocation")),
    life(World.approved, take_back),
    life(World.closed, take_back),
    life(
        World.agreed_with_milestones,
        milestone,
        void,
        pay,
        take_back,
        milestone,
        void,
        start,
        take_back,
        milestone,
        void,
    ),
    life(World.draft, contacts, withdraw),
    life(World.returned, contacts, change_papers, withdraw),
    life(World.format_checked, contacts, reassign, withdraw),
    life(World.rejected, contacts, review_in_vain),
    *(
        life(stage, contacts)
        for stage in (
            World.submitted,
            World.in_review,
            World.declined,
            World.agreed,
            funded_early,
            World.in_execution,
            World.closed,
            World.terminated,
            World.revoked,
        )
    ),
)


@cache
def everything() -> tuple[Happened, ...]:
    places = [good_half(case) for case in CASES]
    places += [waited_out(script) for script in SCRIPTS]
    places += [waited_out(life, 0) for life in LIVES]
    return tuple(happened for place in places for happened in lived(place))


def test_every_kind_of_event_came_about() -> None:
    assert {happened.event.type for happened in everything()} - {REFUSED} == set(BY_NAME)


def test_every_state_was_come_to() -> None:
    assert {happened.after.state for happened in everything()} == set(State)


def test_every_move_of_the_table_was_made() -> None:
    made = {(h.before.state.value, h.event.type) for h in everything() if h.before}
    any_state = {move for move in TWIN if move[1] in ("DeadlinePassed", "DeadlinesRescheduled", "ReminderDue")}
    assert TWIN.keys() - made - any_state == set()


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_an_event_has_exactly_the_keys_of_its_kind(name: str) -> None:
    keys = {frozenset(h.event.data.keys() - {"arms", "clears"}) for h in everything() if h.event.type == name}
    assert keys == {BY_NAME[name].keys}


@pytest.mark.parametrize("name", sorted(APPLY))
def test_an_event_changes_fields_that_an_application_has(name: str) -> None:
    known = {field.name for field in fields(Application)}
    special = {"state", "phase", "version", "changed_version", "deadlines", "acts", "id", "call_id"}
    if (
        name == "RequestDecided"
    ):  # what is granted after the last day takes the project back into execution, and only then
        special -= {"phase"}
    changed = {
        field
        for h in everything()
        if h.event.type == name and h.before is not None
        for field in APPLY[name](h.before, h.event.data, h.event)
    }
    assert (changed - known, changed & special) == (set(), set())


def plain(value: Any) -> bool:
    """Whether a value is plain JSON without fractions."""
    if isinstance(value, dict):
        return all(isinstance(key, str) and plain(item) for key, item in value.items())
    return all(map(plain, value)) if isinstance(value, list) else value is None or isinstance(value, str | int)


def test_events_hold_plain_json_without_fractions() -> None:
    assert [h.event.type for h in everything() if not (plain(h.event.data) and plain(h.event.facts))] == []


def test_an_event_reads_back_from_its_bytes() -> None:
    assert [h.event.type for h in everything() if decode(encode(h.event)) != h.event] == []


def test_a_deadline_that_fired_is_cleared_and_one_that_is_set_lies_at_its_instant() -> None:
    for h in everything():
        if "deadline" in h.event.data:
            again = h.event.data.get("arms", {})  # what comes every half-year is set anew
            assert h.event.data["deadline"] not in h.after.deadlines.keys() - again.keys()
        for name in h.event.data.get("arms", {}):
            assert h.after.deadlines[name].isoformat() == h.event.data["arms"][name].replace("Z", "+00:00").replace(
                ".000000", ""
            )


def test_an_application_is_never_edited_in_place() -> None:
    for h in everything():
        if h.before is not None:
            assert h.before is not h.after
            assert h.before.version == h.after.version - 1


def test_where_nothing_happened_there_is_nothing() -> None:
    assert fold([]) is None


def history() -> list[Recorded]:
    place = world()
    application = place.submitted()
    return [decode(stored.body) for stored in place.ledger.stored(application=application)]


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (lambda e: e[1:], "begins with DraftEdited at version 2"),
        (lambda e: [*e[:2], *e[3:]], "version 4 follows 2"),
        (lambda e: [*e[:3], e[2], *e[3:]], "version 3 follows 3"),
        (lambda e: [*e[:2], e[3], e[2]], "version 4 follows 2"),
        (lambda e: [*e, e[-1]._replace(version=e[-1].version + 1)], "ApplicationSubmitted is no move from submitted"),
        (lambda e: [*e, e[-1]._replace(version=e[-1].version + 1, type="Sung")], "Sung is no move from submitted"),
    ],
)
def test_a_history_that_is_not_whole_cannot_be_folded(broken: Any, says: str) -> None:
    with pytest.raises(CannotFold, match=says):
        fold(broken(history()))


def test_a_history_folds_the_same_in_one_go_and_in_two() -> None:
    events = history()
    for n in range(1, len(events)):
        assert fold(events[n:], fold(events[:n])) == fold(events)
