"""The write path: once for each command id, honest about versions, silent about people, and monotone in time."""

from dataclasses import replace
from datetime import timedelta

import pytest

from states.actor import SYSTEM, Actor, Role
from states.application import State
from states.commands.filing import Contact
from states.events import BY_NAME, REFUSED
from tests.drive import CITIZEN, F1, OBJECTOR, World, world
from tests.filings import uscc
from workflow.handle import Accepted, Rejected
from workflow.ports import Stored
from workflow.privacy import commitment
from workflow.record import decode, encode, leaf_hash

CONTACT = ("张乌有", "zhang@zixu.example", "021-00000000")


def stored(place: World) -> list[Stored]:
    return list(place.ledger.stored())


# --- the command id ---------------------------------------------------------------------------------------------------


def test_the_same_command_twice_has_one_event_and_one_answer(place: World) -> None:
    application = place.draft()
    request = place.request("SubmitApplication", place.unit(application), application)
    first, again = (
        place.handler.handle(request, place.now),
        place.handler.handle(request, place.now + timedelta(days=3)),
    )
    assert isinstance(first, Accepted)
    assert isinstance(again, Accepted)
    assert (encode(again.event), again.application, again.repeated) == (encode(first.event), first.application, True)
    assert place.events(application).count("ApplicationSubmitted") == 1


def test_a_recorded_refusal_is_answered_again_as_it_was(place: World) -> None:
    application = place.draft()
    request = place.request("SubmitApplication", place.unit(application), application, at=place.call.closes_at)
    first = place.handler.handle(request, place.now)
    head = place.ledger.head()
    again = place.handler.handle(request, place.now)
    assert isinstance(first, Rejected)
    assert isinstance(again, Rejected)
    assert (again.refusals, again.repeated, place.ledger.head()) == (first.refusals, True, head)


def test_a_refused_creation_is_answered_again_as_it_was(place: World) -> None:
    unit = Actor("unit", Role.APPLICANT, uscc(1))
    fields = {"unit_code": uscc(1), "unit_name": "上海子虚有限公司", "unit_kind": "company", "contacts": ()}
    request = place.request("CreateDraft", unit, "late", at=place.call.closes_at, **fields)
    answers = [place.handler.handle(request, place.now) for _ in range(2)]
    assert [type(a).__name__ for a in answers] == ["Rejected", "Rejected"]
    assert (answers[1].repeated, place.ledger.head()) == (True, 1)


def test_a_creation_is_answered_again_though_its_salt_is_another(place: World) -> None:
    application = place.empty()
    code = place.application(application).unit_code
    fields = {"unit_code": code, "unit_name": "单位1", "unit_kind": "company", "contacts": place.profile.contacts}
    again = place.ask("CreateDraft", place.unit(application), application, id="c1", **fields)
    assert isinstance(again, Accepted)
    assert (again.repeated, place.ledger.head()) == (True, 1)


@pytest.mark.parametrize("other", ["body", "command", "application", "actor", "role"])
def test_a_command_id_with_anything_else_is_refused_and_writes_nothing(place: World, other: str) -> None:
    one, two = place.submitted(), place.submitted()
    place.do("ClaimFormatCheck", F1, one)
    place.do("ReassignTopic", F1, one, topic="ai_lead.key_actions.industry", reason="x", id="the id")
    head = place.ledger.head()
    name, by, target = "ReassignTopic", F1, one
    fields = {"topic": "ai_lead.key_actions.industry", "reason": "x"}
    if other == "body":
        fields["reason"] = "y"
    elif other == "command":
        name, fields = "ClaimFormatCheck", {}
    elif other == "application":
        target = two
    elif other == "actor":
        by = Actor("somebody", Role.FORMAT_OFFICER)
    else:
        by = Actor(F1.id, Role.REVIEW_OFFICER)
    assert place.codes(name, by, target, id="the id", **fields) == ("command_id_reused",)
    assert place.ledger.head() == head


def test_contacts_mended_under_the_same_id_are_not_said_to_be_kept_while_they_are_not(place: World) -> None:
    application = place.submitted()
    unit = place.unit(application)
    first, other = (Contact(name="张乌有", email=f"{name}@zixu.example") for name in ("zhnag", "zhang"))
    place.do("ConfirmContacts", unit, application, contacts=(first,), id="the id")
    assert place.do("ConfirmContacts", unit, application, contacts=(first,), id="the id").repeated
    for changed in ((other,), (first, other)):
        assert place.codes("ConfirmContacts", unit, application, contacts=changed, id="the id") == (
            "command_id_reused",
        )
    (kept,) = place.application(application).contacts
    place.ledger.erase(kept)
    assert place.do("ConfirmContacts", unit, application, contacts=(other,), id="the id").repeated


def test_the_id_of_a_refused_command_is_taken_too(place: World) -> None:
    application = place.submitted()
    assert place.codes("PublishProposal", F1, application, id="the id") == ("not_allowed_in_state",)
    assert place.codes("ClaimFormatCheck", F1, application, id="the id") == ("command_id_reused",)


# --- versions and unknown applications --------------------------------------------------------------------------------


def test_a_command_that_saw_an_older_version_is_refused(place: World) -> None:
    application = place.draft()
    seen = place.application(application).version
    unit = place.unit(application)
    place.do("EditDraft", unit, application, form={"title": "甲"}, version=seen)
    assert place.codes("EditDraft", unit, application, form={"title": "乙"}, version=seen) == ("stale_version",)
    assert place.application(application).title == "甲"


def test_a_stale_version_is_not_written_down(place: World) -> None:
    application = place.draft()
    head = place.ledger.head()
    place.codes("EditDraft", place.unit(application), application, form={}, version=1)
    assert place.ledger.head() == head


def test_a_recorded_refusal_makes_no_version_stale(place: World) -> None:
    application = place.submitted()
    seen = place.application(application).version
    assert place.codes("PublishProposal", F1, application) == ("not_allowed_in_state",)
    assert place.codes("ClaimFormatCheck", F1, application, version=seen) == ()


def test_a_command_without_a_version_asks_for_none(place: World) -> None:
    application = place.draft()
    place.do("EditDraft", place.unit(application), application, form={"title": "甲"}, version=None)
    assert place.application(application).title == "甲"


def test_a_command_on_no_application_is_refused_and_not_written_down(place: World) -> None:
    assert place.codes("ClaimFormatCheck", F1, "nobody") == ("unknown_application",)
    assert place.ledger.head() == 0


def test_a_draft_in_no_call_is_refused(place: World) -> None:
    place.call_id = "no-such-call"
    unit = Actor("unit", Role.APPLICANT, uscc(1))
    fields = {"unit_code": uscc(1), "unit_name": "x", "unit_kind": "company", "contacts": ()}
    assert place.codes("CreateDraft", unit, "app", **fields) == ("unknown_call",)
    place.call_id = ""
    assert place.codes("CreateDraft", unit, "app", **fields) == ("call_missing",)


def test_an_application_whose_call_is_not_loaded_is_told_which_one_to_load(place: World) -> None:
    application = place.draft()
    request = place.request("EditDraft", place.unit(application), application, form={"title": "甲"})
    without = replace(place.handler, calls={})
    (refusal,) = without.would(request)
    assert (refusal.code, refusal.en) == (
        "call_not_loaded",
        f"The application {application} belongs to the call {place.call.id}, which is not loaded; loaded: —.",
    )


# --- refusals on the ledger -------------------------------------------------------------------------------------------


def test_a_refusal_is_written_down_with_what_was_asked_and_why(place: World) -> None:
    application = place.submitted()
    outcome = place.ask("PublishProposal", F1, application)
    assert isinstance(outcome, Rejected)
    assert outcome.event is not None
    assert outcome.event.data == {
        "command": "PublishProposal",
        "body": {},
        "refusals": [refusal.plain() for refusal in outcome.refusals],
    }


@pytest.mark.parametrize("name", ["ClaimFormatCheck", "PublishProposal", "WithdrawApplication"])
def test_the_system_asking_what_is_for_people_is_refused_like_anybody(place: World, name: str) -> None:
    application = place.submitted()
    fields = {"reason": "x"} if name == "WithdrawApplication" else {}
    before = place.application(application)
    assert len(place.codes(name, SYSTEM, application, **fields)) == 1
    after = place.application(application)
    assert (after.state, after.deadlines) == (before.state, before.deadlines)


def test_twenty_refusals_an_hour_are_written_down_and_then_no_more(place: World) -> None:
    application = place.submitted()
    for _ in range(30):
        assert place.codes("PublishProposal", F1, application) == ("not_allowed_in_state",)
    assert place.events(application).count(REFUSED) == 20
    place.now += timedelta(hours=1)
    place.codes("PublishProposal", F1, application)
    assert place.events(application).count(REFUSED) == 20
    place.now += timedelta(microseconds=1)
    place.codes("PublishProposal", F1, application)
    assert place.events(application).count(REFUSED) == 21


def test_slips_of_the_pen_while_drafting_are_not_written_down(place: World) -> None:
    application = place.draft()
    head = place.ledger.head()
    assert place.codes("EditDraft", place.unit(application), application, form={"nonsense": 1}) == ("unknown_field",)
    assert place.ledger.head() == head


def test_asking_whether_writes_nothing(place: World) -> None:
    application = place.draft()
    head = place.ledger.head()
    answers = [place.would("SubmitApplication", place.unit(application), application, at=at)
               for at in (place.now, place.call.closes_at)]  # fmt: skip
    assert ([len(answer) for answer in answers], place.ledger.head()) == ([0, 1], head)


# --- many at once -----------------------------------------------------------------------------------------------------


def test_each_of_many_commands_is_answered_by_itself(place: World) -> None:
    one, two = place.submitted(), place.draft()
    requests = [
        place.request("ClaimFormatCheck", F1, one),
        place.request("ClaimFormatCheck", F1, two),
        place.request("ClaimFormatCheck", F1, "nobody"),
        place.request("SubmitApplication", place.unit(two), two),
        place.request("ClaimFormatCheck", F1, two),
    ]
    outcomes = place.handler.handle_many(requests, place.now)
    assert [o.code if isinstance(o, Rejected) else o.event.type for o in outcomes] == [
        "FormatCheckClaimed",
        "not_allowed_in_state",
        "unknown_application",
        "ApplicationSubmitted",
        "FormatCheckClaimed",
    ]
    assert place.application(two).phase == "checking"


def test_the_same_command_twice_in_one_lot_has_one_event(place: World) -> None:
    application = place.submitted()
    request = place.request("ClaimFormatCheck", F1, application)
    outcomes = place.handler.handle_many([request, request], place.now)
    assert [o.repeated for o in outcomes] == [False, True]


def test_two_filings_of_one_unit_in_one_lot_leave_one_live(place: World) -> None:
    drafts = [place.draft(uscc(77)) for _ in range(3)]
    requests = [place.request("SubmitApplication", place.unit(d), d) for d in drafts]
    outcomes = place.handler.handle_many(requests, place.now)
    assert [o.code if isinstance(o, Rejected) else "" for o in outcomes] == ["", "one_per_unit", "one_per_unit"]


def test_numbers_are_given_without_gaps_in_order_of_filing(place: World) -> None:
    filed = [place.submitted() for _ in range(3)]
    assert [place.application(a).number for a in filed] == ["SHAI2025-00001", "SHAI2025-00002", "SHAI2025-00003"]


def test_a_withdrawn_filing_frees_its_units_place_and_keeps_its_number(place: World) -> None:
    first = place.submitted(uscc(77))
    second = place.draft(uscc(77))
    unit = place.unit(first)
    assert place.codes("SubmitApplication", unit, second) == ("one_per_unit",)
    place.do("WithdrawApplication", unit, first, reason="材料有误")
    place.do("SubmitApplication", unit, second)
    assert (place.application(first).number, place.application(second).number) == ("SHAI2025-00001", "SHAI2025-00002")


def test_leave_given_beforehand_allows_a_second_filing(place: World) -> None:
    place.submitted(uscc(77))
    second = place.draft(uscc(77))
    place.do("GrantSecondFiling", Actor("approving-1", Role.APPROVING_OFFICER), second, reason="两个方向")
    place.do("SubmitApplication", place.unit(second), second)
    assert [row.slot for row in place.ledger.rows("submitted")] == ["1", second]


# --- time -------------------------------------------------------------------------------------------------------------


def test_a_clock_that_steps_back_never_makes_the_ledger_go_back(place: World) -> None:
    application = place.draft()
    place.now -= timedelta(days=1)
    place.do("SubmitApplication", place.unit(application), application)
    place.now += timedelta(hours=1)
    place.do("ClaimFormatCheck", F1, application)
    written = [decode(event.body).recorded_at for event in place.ledger.stored()]
    assert written == sorted(written)


# --- people -----------------------------------------------------------------------------------------------------------


def objected(place: World) -> str:
    application = place.published()
    place.do("FileObjection", CITIZEN, application, objector=OBJECTOR, grounds="权属争议")
    return application


def test_no_personal_value_is_in_the_bytes_of_any_event(place: World) -> None:
    objected(place)
    late = Actor("unit", Role.APPLICANT, uscc(99))
    fields = {"unit_code": uscc(99), "unit_name": "x", "unit_kind": "company", "contacts": place.profile.contacts}
    assert place.codes("CreateDraft", late, "late", at=place.call.closes_at, **fields) == ("within_window",)
    everything = b"".join(event.body for event in stored(place)).decode()
    people = (*CONTACT, "李子虚", "li@zixu.example")
    assert [person for person in people if person in everything] == []
    assert everything.count("sha256:") == 3


def test_a_personal_value_stands_behind_its_commitment_until_it_is_erased(place: World) -> None:
    application = place.empty()
    (name,) = place.application(application).contacts
    person = place.ledger.personal(name)
    assert person is not None
    assert (commitment(person.salt, person.value), "张乌有" in person.value.decode()) == (name, True)
    assert (place.ledger.erase(name), place.ledger.erase(name), place.ledger.personal(name)) == (True, False, None)


def test_erasing_a_person_leaves_every_event_and_the_application_as_they_were(place: World) -> None:
    application = objected(place)
    before, whole = stored(place), place.application(application)
    for name in (*whole.contacts, whole.objections[0].objector):
        assert place.ledger.erase(name)
    assert (stored(place), place.application(application)) == (before, whole)
    assert [event.leaf == leaf_hash(event.body) for event in stored(place)] == [True] * len(before)


def test_the_same_person_twice_has_two_commitments() -> None:
    place = world()
    names = {place.application(place.empty()).contacts for _ in range(2)}
    assert len(names) == 2


# --- what events hold -------------------------------------------------------------------------------------------------


def scripts(place: World) -> None:
    """Every way to the states, one after another."""
    place.closed()
    for script in (World.returned, World.rejected, World.declined, World.terminated, World.revoked):
        fresh = world(ledger=place.ledger)
        fresh.units, fresh.commands = place.units, place.commands
        script(fresh)
        place.units, place.commands = fresh.units, fresh.commands


def test_every_event_has_exactly_the_keys_of_its_type(place: World) -> None:
    scripts(place)
    events = [decode(event.body) for event in stored(place)]
    wrong = [e.type for e in events if e.data.keys() - {"arms", "clears"} != BY_NAME[e.type].keys]
    assert wrong == []


def test_every_event_reads_back_as_the_bytes_it_came_from(place: World) -> None:
    scripts(place)
    assert [e.position for e in stored(place) if encode(decode(e.body)) != e.body] == []


def test_positions_and_versions_count_without_gaps(place: World) -> None:
    scripts(place)
    events = stored(place)
    assert [e.position for e in events] == list(range(1, len(events) + 1))
    for application in {e.application for e in events}:
        own = [e.version for e in events if e.application == application]
        assert own == list(range(1, len(own) + 1))


def test_the_event_of_a_person_names_the_role_and_unit_acted_for(place: World) -> None:
    application = place.submitted()
    last = decode(stored(place)[-1].body)
    unit = place.application(application).unit_code
    assert (last.role, last.facts["unit"], last.rules_hash) == (
        "applicant",
        unit,
        place.handler.calls[place.call_id].hash,
    )


def test_the_system_acts_as_nobody(place: World) -> None:
    application = place.draft()
    place.at(place.call.closes_at)
    acted = {
        (decode(e.body).actor, decode(e.body).role) for e in stored(place) if e.type in ("DraftLapsed", "ReminderDue")
    }
    assert (acted, place.state(application)) == ({("system", "system")}, State.LAPSED)
