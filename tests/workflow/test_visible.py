"""Who may see what of an application, event by event, field by field and deadline by deadline, written out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from states.actor import OFFICERS, SYSTEM, Actor, Role
from states.events import BY_NAME, REFUSED, Recorded
from tests.drive import A1, EXPERTS, F1, R1, World, world
from tests.filings import CLIMATE, SHANGHAI
from workflow.notices import Notice
from workflow.visible import READERS, happened, has_left, may_read, may_read_notice, shown

AT = datetime(2025, 9, 20, tzinfo=UTC)
AUDITOR, ADMINISTRATOR, CITIZEN = (Actor(f"{role}-1", role) for role in (Role.AUDITOR, Role.ADMINISTRATOR, Role.PUBLIC))
OFFICE = [Actor(f"{role}-9", role) for role in sorted(OFFICERS)]
UNIT, OTHER_UNIT = Actor("unit-1", Role.APPLICANT, "91310000MA1FL0007C"), Actor("unit-2", Role.APPLICANT, "X")
EXPERT, STRANGER = EXPERTS[0], EXPERTS[6]
LEAF = b"\xab" * 32

INNER_WORK = {
    "FindingDecided", "FindingSeconded", "RejectionProposed", "InvitationAccepted", "InvitationDeclined", "ConflictDeclared",
    "ExpertReplaced", "ScoreSubmitted", "ScoreReopened", "PanelRecorded", "AwardProposed", "DeclineProposed",
    "SuspensionProposed", "OutcomeProposed", "PaymentRecorded", "PaymentVoided", "CreditProposed", "CreditRepairProposed",
}  # fmt: skip
"""Events that a unit and an expert are told nothing of, unless they are their own."""
OF_REVIEWERS = (
    "experts", "expert", "replacement", "seed", "points", "comment", "comments", "total_ppm", "votes_for", "votes_against",
)  # fmt: skip
OFFICE_DEADLINES = (
    "acceptance_decision", "acceptance_escalation:1", "archive", "credit_objection:1", "decision", "first_payment", "format_check",
    "invitation:1", "milestone_escalation:1", "objection:1", "report_escalation:2026H1", "review_decision", "score:1", "start",
)  # fmt: skip
EVERYBODYS = ("acceptance", "closes_at", "correction", "execution_end", "public_notice", "report:2026H1")
FOR_ALL = {
    "agreements", "call_id", "completed_on", "correction_items", "correction_rounds", "created_at", "credits", "deadlines",
    "documents", "end_on", "form", "grant_minor", "grounds", "id", "instalments_minor", "midterm", "milestones", "number", "outcome",
    "paid_minor", "performance", "phase", "recover_minor", "recovered_minor", "rectifications", "reports", "requests", "start_on",
    "state", "submitted_at", "unit_code", "unit_kind", "unit_name", "version",
}  # fmt: skip
FOR_THE_OFFICE = {
    "acts", "decided", "exception_granted", "experts", "findings", "flags", "panel", "payments", "proposal", "verified",
}  # fmt: skip


@pytest.fixture(scope="module")
def place() -> World:
    return world(CLIMATE.call)


@pytest.fixture(scope="module")
def reviewed(place: World) -> str:
    return place.scored()


def event(name: str, by: Actor = F1, /, **data: Any) -> Recorded:
    facts = {"found": 1}
    return Recorded(9, "app", 3, name, 1, "hash", "c1", by.id, by.role, AT, AT, facts, data)


def data_of(actor: Actor, told: Recorded) -> Mapping[str, Any]:
    found = happened(actor, told, LEAF)
    assert found is not None
    data: Mapping[str, Any] = found["data"]
    return data


def test_the_office_and_auditors_read_every_application() -> None:
    assert {role.value for role in READERS} == {
        "format_officer", "review_officer", "approving_officer", "finance_officer", "acceptance_officer", "head", "auditor",
    }  # fmt: skip


def test_who_reads_an_application(place: World, reviewed: str) -> None:
    application = place.application(reviewed)
    unit = place.unit(reviewed)
    asked = {
        one.id: may_read(one, application)
        for one in (*OFFICE, AUDITOR, ADMINISTRATOR, CITIZEN, SYSTEM, EXPERT, STRANGER)
    }
    assert {name for name, may in asked.items() if may} == {*(one.id for one in OFFICE), AUDITOR.id, EXPERT.id}
    of_units = (unit, replace(unit, unit=f" {unit.unit.lower()} "), OTHER_UNIT, replace(unit, unit=""))
    assert [may_read(one, application) for one in of_units] == [True, True, False, False]
    assert may_read(Actor(EXPERT.id, Role.PUBLIC), application) is False


@pytest.mark.parametrize(
    ("command", "left"), [("AcceptInvitation", False), ("DeclineInvitation", True), ("DeclareConflict", True)]
)
def test_an_expert_who_will_not_review_an_application_reads_it_no_more(
    place: World, command: str, *, left: bool
) -> None:
    name = place.in_review()
    fields = {"reason": "与申报单位有合作"} if left else {}
    place.do(command, EXPERTS[0], name, **fields)
    application = place.application(name)
    assert (may_read(EXPERTS[0], application), has_left(EXPERTS[0], application)) == (not left, left)


def test_an_expert_who_was_replaced_reads_the_application_no_more_and_the_one_who_came_does(place: World) -> None:
    name = place.in_review()
    (came,) = place.experts(EXPERTS[3:4])
    place.do("ReplaceExpert", R1, name, expert=EXPERTS[0].id, replacement=came, reason="逾期未答复")
    application = place.application(name)
    told = [(may_read(one, application), has_left(one, application)) for one in (*EXPERTS[:2], *EXPERTS[3:5])]
    assert told == [(False, True), (True, False), (True, False), (False, False)]


def test_who_reads_a_notice(place: World, reviewed: str) -> None:
    application = place.application(reviewed)
    application = replace(application, contacts_before=("contact-9",))

    def readers(recipient: str) -> list[bool]:
        notice = Notice(9, recipient, "t", reviewed, "", "statutory", "s", "<1@x>", b"", b"", "accepted")
        people = (F1, AUDITOR, place.unit(reviewed), EXPERT, EXPERTS[1])
        return [may_read_notice(one, application, notice) for one in people]

    contact = application.contacts[0]
    assert readers(contact) == readers(f"{contact}~2") == readers("contact-9") == [True, True, True, False, False]
    assert readers(f"expert:{EXPERT.id}") == [True, True, False, True, False]
    assert readers("office:head") == [True, True, False, False, False]


@pytest.mark.parametrize("reader", [UNIT, STRANGER], ids=["a unit", "an expert"])
def test_of_what_the_office_does_others_are_told_all_but_its_inner_work(reader: Actor) -> None:
    kinds = {*BY_NAME} - {"ProposalWithdrawn"}
    told = {kind for kind in kinds if happened(reader, event(kind), LEAF) is not None}
    assert told == kinds - INNER_WORK
    assert {kind for kind in kinds if happened(AUDITOR, event(kind), LEAF) is not None} == kinds


def test_a_unit_hears_of_a_proposal_taken_back_where_it_was_heard_on_it() -> None:
    kinds = ("award", "decline", "suspension", "outcome", "termination", "revocation")
    told = {kind for kind in kinds if happened(UNIT, event("ProposalWithdrawn", kind=kind), LEAF) is not None}
    assert told == {"termination", "revocation"}


def test_what_experts_do_nobody_outside_the_office_is_told_of_but_they_themselves() -> None:
    done = [event(kind, EXPERT) for kind in ("ScoreSubmitted", "InvitationAccepted", "ConflictDeclared")]
    for reader, seen in ((UNIT, False), (EXPERTS[1], False), (EXPERT, True), (R1, True)):
        assert [happened(reader, one, LEAF) is not None for one in done] == [seen] * 3


def test_an_expert_is_told_that_a_score_of_his_own_is_given_back() -> None:
    back = event("ScoreReopened", R1, expert=EXPERT.id, reason="计算有误")
    assert [happened(one, back, LEAF) is not None for one in (EXPERT, EXPERTS[1], UNIT)] == [True, False, False]
    assert happened(UNIT, event("ScoreReopened", R1, expert=UNIT.id), LEAF) is None


def test_what_a_unit_does_experts_are_not_told_of() -> None:
    filed = event("ApplicationSubmitted", UNIT)
    assert [happened(one, filed, LEAF) is not None for one in (EXPERT, UNIT, OTHER_UNIT, F1)] == [
        False,
        True,
        True,
        True,
    ]


def test_an_attempt_that_was_refused_is_told_to_those_of_the_same_role_and_the_office() -> None:
    refused = event(REFUSED, UNIT, body={"a": 1}, codes=["outside_window"])
    seen = [happened(one, refused, LEAF) is not None for one in (UNIT, OTHER_UNIT, EXPERT, CITIZEN, F1)]
    assert seen == [True, True, False, False, True]
    assert (data_of(UNIT, refused), data_of(F1, refused)) == (
        {"codes": ["outside_window"]},
        {"body": {"a": 1}, "codes": ["outside_window"]},
    )


def test_the_office_is_told_who_acted_on_what_facts_by_which_rules() -> None:
    told = event("FormatCheckPassed", F1, note="x")
    plain = {
        "position": 9, "version": 3, "type": "FormatCheckPassed", "role": "format_officer", "effective_at": "2025-09-20T00:00:00.000000Z",
        "recorded_at": "2025-09-20T00:00:00.000000Z", "data": {"note": "x"},
    }  # fmt: skip
    office = {**plain, "actor": F1.id, "leaf": LEAF.hex(), "facts": {"found": 1}, "rules_hash": "hash"}
    assert happened(AUDITOR, told, LEAF) == office
    assert happened(UNIT, told, LEAF) == {**plain, "actor": "", "leaf": LEAF.hex()}
    assert happened(EXPERT, told, LEAF) == {**plain, "actor": "", "leaf": ""}
    own = happened(EXPERT, event("InvitationAccepted", EXPERT), LEAF)
    assert own is not None
    assert (own["actor"], own["leaf"]) == (EXPERT.id, LEAF.hex())


def test_of_reviewers_votes_and_reckonings_others_are_told_nothing() -> None:
    every = dict.fromkeys((*OF_REVIEWERS, "objector", "contacts", "arms", "clears", "body", "summary"), 1)
    told = event("FormatCheckPassed", F1, **every)
    assert data_of(UNIT, told) == data_of(EXPERT, told) == {"summary": 1}
    assert data_of(AUDITOR, told) == {key: 1 for key in every if key not in ("objector", "contacts")}


def test_the_grounds_of_an_objector_and_of_a_draw_are_the_offices() -> None:
    words = {"grounds": "重复申报", "reason": "指定", "text": "x"}
    for kind, left in (
        ("ObjectionFiled", {"reason", "text"}),
        ("ReviewStarted", {"grounds", "text"}),
        ("AwardLapsed", set(words)),
    ):
        assert data_of(UNIT, event(kind, SYSTEM, **words)).keys() == left
        assert data_of(F1, event(kind, SYSTEM, **words)).keys() == words.keys()


def test_of_moved_deadlines_a_unit_is_told_those_that_are_not_the_offices() -> None:
    moved = [{"deadline": name} for name in (*OFFICE_DEADLINES, *EVERYBODYS)]
    told = event("DeadlinesRescheduled", SYSTEM, moved=moved)
    assert [one["deadline"] for one in data_of(UNIT, told)["moved"]] == [*EVERYBODYS]
    assert data_of(F1, told)["moved"] == moved


def test_an_application_shows_a_unit_its_own_case_and_the_office_its_work_besides(place: World, reviewed: str) -> None:
    application = place.application(reviewed)
    of_unit, of_office = (shown(one, application, place.call) for one in (place.unit(reviewed), AUDITOR))
    assert ({*of_unit}, {*of_office} - {*of_unit}) == (FOR_ALL, FOR_THE_OFFICE)
    assert shown(EXPERT, application, place.call).keys() == FOR_ALL


def test_in_a_blind_review_an_expert_is_shown_nothing_of_the_unit() -> None:
    blind = world(SHANGHAI.call)
    application = blind.application(blind.in_review())
    assert shown(EXPERT, application, blind.call).keys() == FOR_ALL - {"unit_code", "unit_name", "unit_kind"}


def test_reminders_are_nobodys_deadlines_and_the_offices_are_the_offices(place: World, reviewed: str) -> None:
    every = [*OFFICE_DEADLINES, *EVERYBODYS, "correction~1", "format_check~1"]
    application = replace(place.application(reviewed), deadlines=dict.fromkeys(every, AT))
    of_unit, of_office = (shown(one, application, place.call)["deadlines"] for one in (place.unit(reviewed), A1))
    assert ([*of_unit], [*of_office]) == ([*EVERYBODYS], sorted([*OFFICE_DEADLINES, *EVERYBODYS]))


def test_who_made_an_entry_in_the_credit_record_is_the_offices_to_know() -> None:
    place = world()
    name = place.credited()
    application = place.application(name)
    of_unit, of_office = (shown(one, application, place.call)["credits"] for one in (place.unit(name), AUDITOR))
    assert [one.keys() for one in of_unit] == [one.keys() - {"by"} for one in of_office]
    assert ["by" in one for one in of_office] == [True]
