"""Which event tells whom what."""

from pathlib import Path

import pytest

import templates
from notifications.letter import sections
from notifications.rules import CALL_TABLE, REMINDER, SILENT, STATUTORY, TABLE, Planned, planned
from states.application import Application
from states.events import BY_NAME, REFUSED, Recorded
from states.fold import step
from tests.drive import ACCEPTORS, C1, F1, R1, World, world
from tests.notifications.stories import CALLS, Told, happened, told
from workflow.notices import BESIDE
from workflow.record import decode

FOLDER = Path(templates.__file__).parent / "mail"


def after(w: World, application: str) -> tuple[Recorded, Application]:
    """The last event of an application, and the application after it."""
    found: Application | None = None
    event: Recorded | None = None
    for stored in w.ledger.stored(application=application):
        event = decode(stored.body)
        found = step(found, event)
    assert event is not None
    assert found is not None
    return event, found


def plans(w: World, application: str) -> list[tuple[str, str, str]]:
    """The notices of an application's last event: reference, audience and kind."""
    return [(plan.ref, plan.audience, plan.kind) for plan in planned(*after(w, application))]


def test_every_event_type_tells_somebody_or_says_why_not() -> None:
    assert (TABLE.keys() - {REFUSED}) | SILENT.keys() == BY_NAME.keys()
    assert TABLE.keys() & SILENT.keys() == set()
    assert [name for name, why in SILENT.items() if not why] == []


@pytest.mark.parametrize("call", CALLS)
def test_the_stories_make_every_event_type_happen(call: str) -> None:
    assert BY_NAME.keys() - happened(call) == set()
    assert REFUSED in happened(call)


def test_the_stories_make_every_notice_of_the_table() -> None:
    in_table = {rule.planned for rules in TABLE.values() for rule in rules}
    made = {one.planned for call in CALLS for one in told(call)}
    assert in_table == made


def test_every_template_is_planned_by_some_rule_and_the_other_way_round() -> None:
    files = {file.stem for file in FOLDER.glob("*.j2") if not file.name.startswith("layout")}
    of_calls = {plan.template for plans in CALL_TABLE.values() for plan, _ in plans}
    assert files == {rule.planned.template for rules in TABLE.values() for rule in rules} | of_calls | BESIDE


@pytest.mark.parametrize("file", sorted(FOLDER.glob("[!l]*.j2")), ids=lambda file: file.stem)
def test_a_template_has_a_subject_and_a_text_in_both_languages(file: Path) -> None:
    found = sections(file.read_text(encoding="utf-8"))
    assert list(found) == ["subject", "subject_en", "zh", "en"]
    assert [name for name, text in found.items() if not text] == []


def test_a_submission_is_receipted_to_the_unit() -> None:
    w = world()
    assert plans(w, w.submitted()) == [("N05", "unit", STATUTORY)]


def test_a_refused_attempt_to_file_tells_the_unit_why() -> None:
    w = world()
    application = w.empty()
    w.ask("SubmitApplication", w.unit(application), application)
    assert plans(w, application) == [("N60", "unit", "information")]


def test_another_refusal_tells_nobody() -> None:
    w = world()
    application = w.submitted()
    w.ask("PassFormatCheck", R1, application)
    assert after(w, application)[0].type == REFUSED
    assert plans(w, application) == []


def test_a_draft_that_was_never_filed_is_withdrawn_without_a_word_to_officers() -> None:
    w = world()
    draft, filed = w.draft(), w.submitted()
    for application in (draft, filed):
        w.do("WithdrawApplication", w.unit(application), application, reason="改期")
    assert plans(w, draft) == [("N08", "unit", STATUTORY)]
    assert plans(w, filed) == [("N08", "unit", STATUTORY), ("N08", "officers", "information")]


@pytest.mark.parametrize(
    ("outcome", "back", "refs"),
    [("accepted", 0, ["N45"]), ("concluded", 5, ["N47", "N50"]), ("failed", 0, ["N47"]), ("failed", 5, ["N47", "N50"])],
)
def test_a_closure_tells_its_outcome_and_what_is_owed(outcome: str, back: int, refs: list[str]) -> None:
    w = world()
    assert [ref for ref, _, _ in plans(w, w.closed(outcome, back))] == refs


def test_what_the_office_prepares_is_told_to_nobody() -> None:
    w = world()
    rejected, closing = w.submitted(), w.in_acceptance()
    w.do(
        "ProposeOutcome",
        C1,
        closing,
        outcome="accepted",
        verified={},
        grounds="通过",
        recover_minor=0,
        experts=ACCEPTORS,
    )
    assert plans(w, closing) == []
    w = world()
    rejected = w.submitted()
    w.do("ProposeRejection", F1, rejected, clause="四(一)1", grounds="不符合条件")
    assert plans(w, rejected) == []


@pytest.mark.parametrize("call", CALLS)
def test_reminders_are_reminders_and_decisions_are_statutory(call: str) -> None:
    def kinds(event: str) -> set[str]:
        return {one.planned.kind for one in told(call) if one.event.type == event}

    assert kinds("ReminderDue") == {REMINDER}
    decisions = ("ApplicationRejected", "ApplicationApproved", "ApplicationDeclined", "ApplicationRevoked")
    assert {kind for event in decisions for kind in kinds(event)} == {STATUTORY}


def test_a_reminder_of_a_period_that_only_this_call_reminds_of_goes_to_the_office() -> None:
    one: Told = next(t for t in told(CALLS[0]) if t.event.type == "ReminderDue")
    event = one.event._replace(data={"deadline": "format_check~1wd", "due_at": "2025-10-11T16:00:00.000000Z"})
    (plan,) = planned(event, one.application)
    assert plan == Planned("remind_office", "N20", "officers", REMINDER)
    assert "形式审查" in one._replace(planned=plan, event=event).render().subject
