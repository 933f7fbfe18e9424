"""The page of a unit says what it is, what it filed, who is told and who acts for it; contacts are confirmed as they stand."""

import re

import pytest

from fundcall.bootstrap import web
from fundcall.demo_people import welcome
from states.actor import Role
from states.commands.filing import Contact
from tests.api.office import Office
from tests.straight import Client
from tests.web.people import Browser, account, entered, words
from workflow.queries import contacts_of

INPUTS = re.compile(r'<input id="(contacts\.\d\.\w+)" name="[^"]+" type="text" value="([^"]*)"')
FORM = re.compile(r'name="(attempt|version)" value="(\w*)"')


@pytest.fixture
def unit(office: Office) -> Browser:
    return entered(office, account(office, "li", Role.APPLICANT, office.unit(1).unit))


def standing(office: Office, application: str) -> tuple[Contact, ...]:
    found = office.system.ledger.transact(lambda transaction: transaction.application(application))
    assert found is not None
    return contacts_of(office.system.ledger, found)


def test_contacts_stand_in_the_form_that_confirms_them_and_stay_when_it_is_sent_as_it_is(
    office: Office, unit: Browser
) -> None:
    application = office.submitted(1)
    before, path = standing(office, application), f"/applications/{application}/moves/ConfirmContacts"
    page = unit.get(path).text
    filled = {name: text for name, text in INPUTS.findall(page) if text}
    assert filled == {
        f"contacts.{n}.{field}": text
        for n, one in enumerate(before)
        for field, text in (("name", one.name), ("email", one.email), ("phone", one.phone))
        if text
    }
    answer = unit.post(path, {**filled, **dict(FORM.findall(page))}, path)
    assert ("已完成: 确认联系人" in words(answer.text), standing(office, application)) == (True, before)


def test_the_page_names_the_unit_its_applications_with_contacts_and_the_reader(office: Office, unit: Browser) -> None:
    application = office.submitted(1)
    row, (contact, *_) = office.system.ledger.row(application), standing(office, application)
    page = unit.get("/unit").text
    assert row is not None
    for text in (row.unit_name, office.unit(1).unit, row.number, row.title, contact.email, "li@example.org", "（您）"):
        assert text in words(page), text
    assert f'href="/applications/{application}/moves/ConfirmContacts"' in page


def test_a_unit_without_an_application_is_told_where_to_begin_one(unit: Browser) -> None:
    told = words(unit.get("/unit").text)
    assert "本单位尚无申报件。 可申报的通知及“开始申报”见首页。" in told
    assert "li@example.org" in told


def test_who_came_in_by_one_click_without_a_password_sees_the_unit_too(office: Office) -> None:
    office.submitted(1)
    people = welcome(office.system)
    visitor = Client(web(office.system, demo=people.accounts))
    visitor.get(f"/demo/{people.keys['applicant']}")
    told = words(visitor.get("/unit").text)
    assert ("applicant-01@demo.example.org" in told, "（您）" in told, office.unit(1).unit in told) == (
        True,
        True,
        True,
    )
