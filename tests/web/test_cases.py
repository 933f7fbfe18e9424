"""The pages of applications show what the ledger holds, to each as much as the interface would tell them."""

import re
from collections.abc import Iterator

import pytest

from fundcall.accounts.entrance import Entrance
from fundcall.bootstrap import System, web
from fundcall.calls.load import load
from fundcall.cli.output import message_text
from fundcall.demo_people import welcome
from states.actor import OFFICERS, Role
from tests.lived import lived, open_lived
from tests.straight import Client
from tests.web.people import words
from workflow.tasks import MET_BY

HOSTILE = ("/applications/%00", "/applications/..%2f..%2fetc", "/applications?state=nowhere", "/applications/<script>",
           "/nothing", "/static/../app.py", "/language/de", "/demo/x")  # fmt: skip
CASE = "/applications/A11"


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    system = open_lived(lived(tmp_path_factory))
    yield system
    system.close()


@pytest.fixture(scope="module")
def clients(system: System) -> dict[str, Client]:
    """A browser for each role, come in by the demo's one-click addresses; "" for somebody not signed in."""
    people = welcome(system)
    app = web(system, demo=people.accounts)
    found = {"": Client(app)}
    for role, key in people.keys.items():
        found[role] = Client(app)
        assert found[role].get(f"/demo/{key}").status_code == 200
    return found


def test_the_demo_has_a_way_in_for_every_role_that_people_have(clients: dict[str, Client]) -> None:
    assert clients.keys() - {"", "approving_officer-02"} == {
        role.value for role in set(Role) - {Role.SYSTEM, Role.PUBLIC}
    }


def test_nobody_comes_in_twice_by_the_same_address_of_another_process(system: System) -> None:
    before = welcome(system)
    other = Client(web(system, demo=welcome(system).accounts))
    assert {other.get(f"/demo/{key}").status_code for key in before.keys.values()} == {404}


def test_the_queue_counts_every_state_that_holds_an_application(clients: dict[str, Client], system: System) -> None:
    page = clients["auditor"].get("/applications").text
    assert [n for n, count in system.ledger.counts().items() if count and f"?state={n}" not in page] == []


def test_the_office_sees_every_event_of_a_case_once(clients: dict[str, Client], system: System) -> None:
    page = clients["auditor"].get(CASE).text
    events = list(system.ledger.stored(application="A11"))
    assert page.count('<li class="card') == len(events)
    assert all(stored.leaf.hex() in page for stored in events)


@pytest.mark.parametrize("role", ["applicant", "expert", "auditor"])
def test_a_page_tells_of_a_case_what_the_interface_tells_the_same_person(
    clients: dict[str, Client], system: System, role: str
) -> None:
    now = system.clock.now()
    guest = Entrance(system.accounts).guest(clients[role].cookies["fundcall"], now)
    assert guest is not None
    assert guest.actor is not None
    key = system.tokens.issue(guest.actor, now, now.replace(year=now.year + 1))
    told = 0
    for row in system.ledger.rows():
        page = clients[role].get(f"/applications/{row.id}")
        answer = clients[""].get(f"/api/v1/applications/{row.id}/history", headers={"Authorization": f"Bearer {key}"})
        leaves = [event["leaf"] for event in answer.json() if event["leaf"]] if answer.status_code == 200 else []
        assert (page.status_code, re.findall(r"leaf (\w{64})", page.text)) == (answer.status_code, leaves)
        told += bool(leaves)
    assert told >= 1


def test_a_refusal_stands_in_the_timeline_with_its_clause_in_the_language_of_the_reader(
    clients: dict[str, Client],
) -> None:
    reader = clients["head"]
    assert '<span class="clause">四(二)1</span> 不在网上申报受理时间内' in reader.get("/applications/A12").text
    reader.get("/language/en")
    english = reader.get("/applications/A12").text
    assert ("不在网上申报受理时间内" in english, '<html lang="en">' in english) == (False, True)


def test_every_case_names_its_clauses_in_english_to_who_reads_english(
    clients: dict[str, Client], system: System
) -> None:
    reader = clients["approving_officer-02"]
    reader.get("/language/en")
    named = {
        clause
        for row in system.ledger.rows()
        for clause in re.findall(r'<span class="clause">([^<]*)</span>', reader.get(f"/applications/{row.id}").text)
    }
    assert [clause for clause in named if re.search(r"[\u3400-\u9fff]", clause)] == []
    assert {"§ 4(2)1", "§ 4(1)4", "rules of acceptance"} <= named


def test_a_unit_is_told_whom_to_ask_on_its_page_as_in_its_mails(clients: dict[str, Client], system: System) -> None:
    call = system.calls["shanghai-ai-plus-2025"].call
    reader = clients["applicant"]
    (path,) = set(re.findall(r'href="(/applications/[^"]+)"', reader.get("/").text))
    mail = system.notices.notices(path.rpartition("/")[2])[-1]
    line = f"咨询：{call.authority_zh}，{call.contact_zh}"
    assert (line in words(reader.get(path).text).replace("： ", "："), line in message_text(mail.body)) == (True, True)


def test_a_mail_is_shown_as_it_was_sent_and_to_those_it_is_for(clients: dict[str, Client], system: System) -> None:
    notice = next(n for n in system.notices.notices("A11") if n.template == "submission_receipt")
    address = f"{CASE}/mails/{notice.position}/{notice.template}/{notice.recipient}"
    page = clients["auditor"].get(address)
    assert (notice.digest.hex() in page.text, notice.subject in page.text) == (True, True)
    assert clients["expert"].get(address).status_code == 404


@pytest.mark.parametrize("address", HOSTILE)
def test_a_bad_address_is_answered_with_a_page_that_says_so(clients: dict[str, Client], address: str) -> None:
    answer = clients["auditor"].get(address)
    assert (answer.status_code, "未能办理" in answer.text, "<script>" in answer.text) == (404, True, False)


def test_a_blind_review_names_no_unit_to_an_expert(clients: dict[str, Client], system: System) -> None:
    pages = {row: clients["expert"].get(f"/applications/{row.id}") for row in system.ledger.rows()}
    seen = {row: page.text for row, page in pages.items() if page.status_code == 200}
    assert len(seen) >= 1
    assert [row.id for row, text in seen.items() if row.unit_name in text or row.unit_code in text] == []


def test_only_a_unit_and_the_office_have_a_list(clients: dict[str, Client]) -> None:
    codes = {role: client.get("/applications").status_code for role, client in clients.items() if role}
    assert {role for role, code in codes.items() if code == 403} == {"expert", "administrator"}


def test_htmx_gets_the_list_alone_and_a_browser_the_page(clients: dict[str, Client]) -> None:
    whole, part = (clients["auditor"].get("/applications", headers=h) for h in ({}, {"HX-Request": "true"}))
    assert (whole.headers["vary"], part.headers["vary"]) == ("HX-Request", "HX-Request")
    assert part.text.strip().startswith('<div id="list">')
    assert part.text.strip() in whole.text


def test_every_deadline_of_the_calls_is_met_by_somebody_named() -> None:
    calls = [load(name) for name in ("shanghai-ai-plus-2025", "community-climate-2026")]
    assert {kind for call in calls for kind in call.periods} == MET_BY.keys()
    assert {role for roles in MET_BY.values() for role in roles} <= OFFICERS | {Role.APPLICANT, Role.EXPERT}
