"""Contacts: asked for every half-year while the award stands, replaced by whom the unit names, and never on the ledger."""

from datetime import timedelta

from states.application import State
from states.calendar import add_months, local_day
from states.commands.filing import Contact
from tests.drive import DAY, World
from workflow.notices import Notice
from workflow.record import decode
from workflow.visible import may_read_notice

NEW = (
    Contact(name="李子虚", email="li@zixu.example"),
    Contact(name="王乌有", email="wang@zixu.example", phone="021-11111111"),
)


def confirm(place: World, application: str) -> None:
    place.do("ConfirmContacts", place.unit(application), application, contacts=NEW)


def test_those_named_take_the_place_of_those_before_behind_commitments(place: World) -> None:
    application = place.submitted()
    (before,) = place.application(application).contacts
    confirm(place, application)
    found = place.application(application)
    people = [place.ledger.personal(commitment) for commitment in found.contacts]
    assert ["li@zixu.example" in p.value.decode() for p in people if p] == [True, False]
    assert (len(found.contacts), found.contacts_before) == (2, (before,))
    assert [stored.type for stored in place.ledger.stored() if "李子虚" in decode(stored.body).data.__repr__()] == []


def test_the_unit_still_reads_what_was_sent_to_its_former_contacts(place: World) -> None:
    application = place.submitted()
    (before,) = place.application(application).contacts
    confirm(place, application)
    found = place.application(application)
    notices = [
        Notice(1, to, "t", application, "N05", "statutory", "", "", b"", b"", "accepted") for to in (before, "sha256:x")
    ]
    assert [may_read_notice(place.unit(application), found, notice) for notice in notices] == [True, False]


def test_they_are_asked_for_half_a_year_after_the_agreement_and_after_each_answer(place: World) -> None:
    application = place.agreed()
    first = place.application(application).deadlines["contacts"]
    assert local_day(first - timedelta(microseconds=1), place.call.timezone) == add_months(
        local_day(place.now, place.call.timezone), 6
    )
    place.at(first - DAY)
    confirm(place, application)
    second = place.application(application).deadlines["contacts"]
    assert second > first + 100 * DAY
    place.at(second)
    assert place.events(application).count("ContactsAsked") == 1
    assert place.application(application).deadlines["contacts"] > second


def test_nobody_is_asked_once_the_project_is_over(place: World) -> None:
    application = place.terminated()
    assert (place.state(application), "contacts" in place.application(application).deadlines) == (
        State.TERMINATED,
        False,
    )
    confirm(place, application)
    assert "contacts" not in place.application(application).deadlines
