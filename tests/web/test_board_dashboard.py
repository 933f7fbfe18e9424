"""The dashboard says what the API says, drawn and in tables, to whoever may read every application and to nobody else."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

import pytest

from fundcall.sheets.delimited import BOM
from tests.drive import EXPERTS, R1
from tests.web.boarding import BOARDS, OTHERS, READERS, Hall, hall
from tests.web.people import words

TABLES = ("states", "waiting", "officers", "days", "hours", "targets")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    with hall(tmp_path_factory.mktemp("dashboard")) as found:
        found.world.submitted()
        found.world.rejected()
        found.world.published()
        yield found


@pytest.mark.parametrize("who", READERS)
def test_whoever_reads_every_application_sees_it(place: Hall, who: str) -> None:
    answer = place.get(who, "/dashboard")
    assert (answer.status_code, answer.text.count('role="img"')) == (200, 7)
    assert "已申报 3" in words(answer.text)


@pytest.mark.parametrize("who", OTHERS)
@pytest.mark.parametrize("path", ["/dashboard", "/dashboard/states.csv"])
def test_nobody_else_does(place: Hall, who: str, path: str) -> None:
    assert place.get(who, path).status_code == 403
    assert place.people[who].get("/boards").status_code == 403


def test_a_visitor_is_asked_to_sign_in(place: Hall) -> None:
    place.synchronise()
    client = place.people["applicant"].client
    answer = client.get(f"{BOARDS}/dashboard", headers={"Cookie": "__Host-fundcall=x"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"].startswith("/sign-in?next=%2Fboards")) == (303, True)


@pytest.mark.parametrize("table", TABLES)
def test_each_chart_has_its_table_on_the_page_and_to_take_away(place: Hall, table: str) -> None:
    answer = place.get("auditor", f"/dashboard/{table}.csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode().removeprefix(BOM))))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert len({len(row) for row in rows}) == 1
    page = place.get("auditor", "/dashboard").text
    assert f'href="{BOARDS}/dashboard/{table}.csv"' in page
    section = page.partition(f"dashboard/{table}.csv")[0].rpartition("<table>")[2]
    assert section.count("<tr>") == len(rows)


def test_states_are_told_in_both_languages_in_a_table_to_take_away(place: Hall) -> None:
    answer = place.get("auditor", "/dashboard/states.csv").content.decode()
    assert "已提交 submitted,3,1,2,0.0,0.0,0.0" in answer


@pytest.mark.parametrize(
    "path",
    ["/boards/none/dashboard", f"{BOARDS}/dashboard/none.csv", f"{BOARDS}/dashboard/states.pdf", f"{BOARDS}/none"],
)
def test_what_is_not_there_is_not_found(place: Hall, path: str) -> None:
    assert place.people["auditor"].get(path).status_code == 404


def test_there_is_a_way_to_the_boards_of_each_call(place: Hall) -> None:
    officer = place.people["auditor"]
    straight = officer.client.get("/boards", follow_redirects=False)
    assert (straight.status_code, straight.headers["location"]) == (303, f"{BOARDS}/dashboard")
    found = officer.get("/boards?all=1").text
    assert re.findall(r'href="(/boards/[^"]+/dashboard)"', found) == [
        "/boards/community-climate-2026/dashboard",
        f"{BOARDS}/dashboard",
    ]
    assert officer.get("/boards/community-climate-2026/dashboard").status_code == 200


def test_figures_are_the_same_over_the_interface_for_the_same_people(place: Hall) -> None:
    place.synchronise()
    client, headers = place.people["auditor"].client, place.office.headers
    path = "/api/v1/calls/shanghai-ai-plus-2025/stats"
    answer = client.get(path, headers=headers(R1))
    assert {one["state"]: one["reached"] for one in answer.json()["stages"]}["submitted"] == 3
    assert client.get(path, headers=headers(EXPERTS[0])).status_code == 403
