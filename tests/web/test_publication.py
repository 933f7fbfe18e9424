"""The public notice tells anybody what is proposed and what became of it, and nobody who applied, judged or objected."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from fundcall.documents.examiner import Examiner
from fundcall.sheets.columns import local
from fundcall.sheets.delimited import BOM
from fundcall.web.publication import STANDINGS, columns
from tests.drive import A2, EXPERTS, R1
from tests.filings import CLIMATE, SHANGHAI
from tests.web.people import words
from tests.web.publishing import Place, publishing

HERE = ("Europe/Copenhagen", "哥本哈根时间")


@pytest.fixture
def place(tmp_path: Path, examiner: Examiner) -> Iterator[Place]:
    with publishing(tmp_path / "data", examiner) as found:
        yield found


def told(place: Place) -> list[dict[str, Any]]:
    answer = place.office.client.get(f"{place.notice}.json")
    assert answer.status_code == 200
    projects: list[dict[str, Any]] = answer.json()["projects"]
    return projects


def standings(place: Place) -> list[str]:
    return [project["standing"] for project in told(place)]


def test_a_proposal_is_told_with_unit_project_amount_and_time(place: Place) -> None:
    application = place.world.application(place.running())
    proposal = application.proposal
    assert proposal is not None
    topic = place.world.call.topics[application.topic].title_zh
    ends = application.deadlines["public_notice"]
    assert told(place) == [
        {
            "number": application.number,
            "unit": application.unit_name,
            "title": application.title,
            "topic": topic,
            "amount_minor": proposal.amount_minor,
            "published_at": local(place.world.now, HERE).isoformat(),
            "ends_at": local(ends, HERE).isoformat(),
            "standing": "running",
            "grant_minor": None,
        }
    ]


def test_a_notice_ends_at_its_instant_and_waits_for_a_decision(place: Place) -> None:
    application = place.running()
    ends = place.world.application(application).deadlines["public_notice"]
    found = []
    for place.office.clock.at in (ends - timedelta(microseconds=1), ends):
        found += standings(place)
    assert found == ["running", "open"]


def test_what_became_of_past_notices_is_told(place: Place) -> None:
    approved = place.approved()
    declined = place.running()
    place.world.do("ProposeDecline", R1, declined, grounds="综合平衡")
    stopped = standings(place)
    place.world.do("DeclineApplication", A2, declined, grounds="综合平衡")
    place.running()
    numbers = [place.world.application(name).number for name in (approved, declined)]
    assert (stopped, standings(place)) == (["approved", "stopped"], ["approved", "declined", "running"])
    assert [p["number"] for p in told(place)][:2] == numbers
    assert [p["grant_minor"] for p in told(place)] == [1_000_00, None, None]


def test_neither_people_nor_experts_nor_the_office_are_named(place: Place) -> None:
    place.approved()
    place.running()
    pages = "".join(place.office.client.get(f"{place.notice}{end}").text for end in ("", ".csv", ".json"))
    people = [v for c in CLIMATE.contacts for v in (c.name, c.email, c.phone) if v]
    accounts = [*(expert.id for expert in EXPERTS), "reviewer", "approver"]
    assert [name for name in (*people, *accounts) if re.search(rf"\b{re.escape(name)}\b", pages)] == []
    assert place.world.application(place.running()).unit_code not in pages


def test_the_table_says_the_same_as_the_json(place: Place) -> None:
    place.approved()
    place.running()
    answer = place.office.client.get(f"{place.notice}.csv")
    text = answer.content.decode()
    heads, *rows = csv.reader(io.StringIO(text.removeprefix(BOM)))
    assert text.startswith(BOM)
    assert heads == [column.heading for column in columns(place.world.call)]
    assert [(row[0], row[4]) for row in rows] == [
        (p["number"], f"{p['amount_minor'] // 100}.{p['amount_minor'] % 100:02d}") for p in told(place)
    ]
    assert [row[7] for row in rows] == [" ".join(STANDINGS[p["standing"]]) for p in told(place)]


class Outline(HTMLParser):
    """What of a page needs script or style of its own, and its headings."""

    def __init__(self) -> None:
        super().__init__()
        self.inline: list[str] = []
        self.headings: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "style" or "style" in given or (tag == "script" and "src" not in given):
            self.inline.append(tag)
        self.inline += [name for name in given if name.startswith("on")]
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(tag)


def test_the_page_stands_under_the_strict_policy_without_script_of_its_own(place: Place) -> None:
    place.approved()
    place.running()
    answer = place.office.client.get(place.notice)
    outline = Outline()
    outline.feed(answer.text)
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert (outline.inline, outline.headings) == ([], ["h1", "h2", "h2", "h2"])


def test_a_call_that_is_not_there_has_no_notice(place: Place) -> None:
    codes = [place.office.client.get(f"/public/calls/none/notice{end}").status_code for end in ("", ".csv", ".json")]
    assert codes == [404, 404, 404]


def test_the_list_of_notices_names_every_call(place: Place) -> None:
    page = place.office.client.get("/public").text
    assert re.findall(r'href="/public/calls/([^/]+)/notice"', page) == list(place.office.system.calls)


def test_a_correction_of_the_notice_stands_on_the_public_page_from_its_publication_on(place: Place) -> None:
    client = place.office.client
    assert "更正公告" not in client.get(place.notice).text
    place.world.corrected()
    (erratum,) = client.get(f"{place.notice}.json").json()["errata"]
    assert (erratum["before"], erratum["after"], erratum["number"]) == ("16时前", "16时（不含）前", 1)
    page = client.get(place.notice).text
    assert ("更正公告" in page, "16时（不含）前" in page) == (True, True)
    assert (erratum["clause"], erratum["clause_en"]) == ("四(二)1", "§ 4(2)1")
    assert "四(二)1 § 4(2)1" in words(page)


def test_the_basis_of_a_public_notice_has_its_english_name_beside_it(place: Place) -> None:
    zh, en = (
        "政府采购法实施条例第三十八条（参照）",
        "Implementing Regulations of the Government Procurement Law, art. 38 (by analogy)",
    )
    notice = f"/public/calls/{SHANGHAI.call}/notice"
    assert f"{zh} {en}" in words(place.office.client.get(notice).text)
    told = place.office.client.get(f"{notice}.json").json()
    assert (told["basis"], told["basis_en"]) == (zh, en)


def test_a_clause_that_has_no_other_name_is_told_once(place: Place) -> None:
    assert words(place.office.client.get(place.notice).text).count("call text") == 1
