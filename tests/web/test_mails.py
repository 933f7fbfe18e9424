"""The mail desk: every mail in both languages on one page, for the office and nobody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest

from fundcall.documents.examiner import Examiner
from notifications.letter import FOLDER
from states.actor import Role
from tests.api.office import Office, open_office
from tests.filings import CLIMATE, SHANGHAI
from tests.web.people import Browser, account, entered

UNIT = CLIMATE.unit_code(1)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, examiner: Examiner) -> Iterator[Office]:
    """One installation for the whole module."""
    found = open_office(tmp_path_factory.mktemp("mails") / "data", examiner)
    yield found
    found.system.ledger.close()


@pytest.fixture(scope="module")
def officer(place: Office) -> Browser:
    found = entered(place, account(place, "wang", Role.FORMAT_OFFICER, second=True))
    found.in_english()
    return found


@pytest.mark.parametrize("call", [SHANGHAI.call, CLIMATE.call])
def test_every_mail_stands_on_one_page_in_both_languages(officer: Browser, call: str) -> None:
    page = officer.get(f"/mails/samples?call={call}").text
    texts = [unescape(text) for text in re.findall(r'<pre class="mail">(.*?)</pre>', page, re.DOTALL)]
    shipped = {path.stem for path in FOLDER.glob("*.j2") if not path.stem.startswith("layout")}
    shipped -= {"audit_daily"}  # of the ledger, not of an event
    assert [name for name in shipped if f" {name}</span>" not in page] == []
    assert len(texts) > len(shipped)
    assert [text[:50] for text in texts if "\n—— English ——\n" not in text] == []
    assert [text[:50] for text in texts if re.search(r"\{\{|\}\}|None|undefined|a day that we will tell", text)] == []


def test_a_mail_is_shown_with_its_calendar_and_as_a_mail_program_would_show_it(officer: Browser) -> None:
    page = officer.get("/mails/samples").text
    link = re.search(r'<a href="(/mails/samples/[^"]+)">[^<]*补正通知书', page)
    assert link is not None
    one = officer.get(link[1]).text
    assert ("BEGIN:VCALENDAR" in one, "METHOD:PUBLISH" in one) == (True, True)
    html = officer.get(f"{link[1]}/html")
    assert html.text.startswith("<!DOCTYPE html>")
    assert html.headers["content-security-policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@pytest.mark.parametrize("path", ["/mails/samples/x/1", f"/mails/samples/{CLIMATE.call}/99999", "/mails/samples?call=x",
                                  f"/mails/samples/{CLIMATE.call}/-1", f"/mails/samples/{CLIMATE.call}/１"])  # fmt: skip
def test_a_mail_that_is_not_there_is_told_so(officer: Browser, path: str) -> None:
    assert officer.get(path).status_code == 404


def test_the_mails_are_for_the_office_alone(place: Office) -> None:
    for role in (Role.APPLICANT, Role.EXPERT):
        guest = entered(place, account(place, f"g-{role}", role, UNIT, second=role is Role.EXPERT))
        assert guest.get("/mails/samples").status_code == 403
