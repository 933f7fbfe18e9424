"""The office's desk over an office at work: everything is found, walked through, kept, taken out, and done once."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import re
import threading
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest

from fundcall.accounts.entrance import Entrance
from fundcall.accounts.people import Account, Post
from fundcall.bootstrap import System, web
from fundcall.calls.load import load
from fundcall.demo_people import welcome
from fundcall.documents.examiner import Examiner
from fundcall.storage.accounts import SqliteAccounts
from fundcall.storage.administration import SqliteBook
from fundcall.storage.desk import VIEWS_MAX, SqliteDesk
from notifications.words import Language
from states.actor import OFFICERS, Role
from tests.desk_scene import Scene, open_scene
from tests.straight import Client
from tests.web.people import TOKEN, words
from workflow.bulk import done, prefix_of, requests
from workflow.commands import read_command
from workflow.ports import Unavailable
from workflow.record import decode

LINK = re.compile(r'<td><a href="(/applications/[^"]+)">')
NAMES = re.compile(r'name="pick-([^"]+)"')


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Scene, System]]:
    examiner = Examiner(workers=1)
    made, system = open_scene(tmp_path_factory.mktemp("desk"), examiner)
    yield made, system
    system.close()
    examiner.close()


@pytest.fixture(scope="module")
def people(scene: tuple[Scene, System]) -> dict[str, Client]:
    """A browser for each role."""
    system = scene[1]
    found = welcome(system)
    app = web(system, demo=found.accounts)
    clients = {role: Client(app) for role in found.keys}
    for role, key in found.keys.items():
        clients[role].get(f"/demo/{key}")
    return clients


@pytest.fixture(scope="module")
def officer(people: dict[str, Client]) -> Client:
    people["format_officer"].get("/language/en")
    return people["format_officer"]


def post(client: Client, path: str, page: str = "/account", **fields: str) -> Any:
    token = TOKEN.search(client.get(page).text)
    assert token is not None
    return client.post(path, data={"form_token": token.group(1), **fields})


def listed(client: Client, address: str) -> list[str]:
    return NAMES.findall(client.get(address).text)


def after(page: str, rel: str) -> str:
    found = re.search(rf'<a href="([^"]+)" rel="{rel}"', page)
    return unescape(found.group(1)) if found else ""


# --- the queue --------------------------------------------------------------------------------------------------------


def test_the_queue_is_walked_through_both_ways_and_shows_each_application_once(
    officer: Client, scene: tuple[Scene, System], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fundcall.web.queue.PAGE", 7)
    for sort in ("?call=shanghai-ai-plus-2025", "?sort=-requested_minor,title", "?sort=unit_name"):
        pages, address = [], f"/applications{sort}"
        while address:
            page = officer.get(address).text
            pages.append((NAMES.findall(page), page))
            address = after(page, "next")
        shown = [name for names, _ in pages for name in names]
        assert (len(shown), sorted(shown)) == (38, [row.id for row in scene[1].ledger.rows()])
        back = officer.get(after(pages[2][1], "prev")).text
        assert NAMES.findall(back) == pages[1][0]
        assert (after(officer.get(after(back, "prev")).text, "prev"), pages[-1][0]) == ("", shown[35:])


def test_the_states_above_the_list_count_what_their_links_lead_to(officer: Client) -> None:
    page = officer.get("/applications?q=智能").text
    chips = re.findall(r'<li><a href="([^"]+)"[^>]*>[^<]*? (\d+)</a></li>', page)
    assert len(chips) >= 4
    assert [len(listed(officer, unescape(link))) for link, _ in chips] == [int(count) for _, count in chips]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("state=submitted", 24), ("phase=checking", 8), ("hold=claimed", 8), ("hold=free&state=submitted", 16), ("hold=mine", 0),
        ("findings=open", 5), ("findings=none&state=submitted", 19), ("flag=format_check_late", 0), ("topic=direction:ai_lead", 38), ("due=late", 0),
        ("due=7&state=draft", 6), ("due=none", 0), ("from=7,500,000&upto=7600000", 3), ("call=community-climate-2026", 0),
        ("q=港口 机器人", 4), ("q=港口&state=draft", 0), ("q=SHAI2025-00010", 1), ("q=91310000FAKE0010", 1), ("q=语料", 21), ("q=%25", 0), ('q="港口" OR', 0),
    ],
)  # fmt: skip
def test_each_filter_and_search_gives_what_fits(officer: Client, query: str, count: int) -> None:
    assert len(listed(officer, f"/applications?{query}")) == count


def test_what_was_searched_for_is_marked_and_nothing_in_it_is_markup(officer: Client) -> None:
    assert "面向<mark>港口</mark>作业的智能机器人" in officer.get("/applications?q=港口").text
    page = officer.get("/applications?q=<script>alert(1)</script> 港口").text
    assert ("<script>alert" in page, 'value="&lt;script&gt;alert(1)' in page) == (False, True)


@pytest.mark.parametrize("text", ["much", "9e999999", "-1", "1.005"])
def test_an_amount_that_cannot_be_read_is_told_beside_it_and_kept(officer: Client, text: str) -> None:
    answer = officer.get(f"/applications?from={text}")
    assert (answer.status_code, 'id="from-fault"' in answer.text, f'value="{text}"' in answer.text) == (422, True, True)


@pytest.mark.parametrize(
    "query",
    [
        "state=x",
        "sort=id",
        "sort=salary",
        "topic=x",
        "due=soon",
        "due=2025-02-30",
        "due=0001-01-01",
        "due=9999-12-31",
        "hold=x",
        "phase=x",
        "flag=x",
        "call=x",
        "findings=x",
    ],
)
def test_what_there_is_not_is_not_found(officer: Client, query: str) -> None:
    assert officer.get(f"/applications?{query}").status_code == 404


@pytest.mark.parametrize(
    "place",
    ["after=x", "after=[1]", 'before=["a",{}]', "after=null", "after=%00", "before=" + "[" * 300,
     'sort=requested_minor&after=[9223372036854775808,"x"]'],
)  # fmt: skip
def test_a_place_in_the_list_that_cannot_be_read_is_its_beginning_or_end(officer: Client, place: str) -> None:
    assert officer.get(f"/applications?{place}").status_code == 200


def test_an_address_says_no_more_than_it_has_to(officer: Client) -> None:
    whole = officer.get("/applications?q=港口&state=&phase=&sort=", follow_redirects=False)
    assert (whole.status_code, whole.headers["location"]) == (303, f"/applications?q={quote('港口')}")
    part = officer.get("/applications?q=港口&state=", headers={"HX-Request": "true"})
    assert (part.headers["hx-push-url"], part.text.strip()[:15]) == (
        f"/applications?q={quote('港口')}",
        '<div id="list">',
    )


def test_units_and_experts_have_neither_search_nor_desk(people: dict[str, Client], scene: tuple[Scene, System]) -> None:
    unit = people["applicant"]
    own = [row.id for row in scene[1].ledger.rows() if row.id in unit.get("/applications").text]
    assert [row in unit.get("/applications?q=港口").text for row in own] == [True] * len(own)
    desk = ("/desk/export/csv", "/desk/views/x", "/desk/bulk", "/desk/bulk/x", "/desk/bulk/x/report.csv")
    for role in ("applicant", "expert", "administrator"):
        assert {people[role].get(path).status_code for path in desk} == {403}
    assert (people["expert"].get("/applications").status_code, people["auditor"].get("/applications").status_code) == (
        403,
        200,
    )
    assert post(people["auditor"], "/desk/bulk", command="ClaimFormatCheck").status_code == 403


def test_a_list_taken_out_holds_just_what_the_list_shows(officer: Client) -> None:
    text = officer.get("/desk/export/csv?q=港口&sort=-requested_minor").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["申报件 application"] for row in rows] == listed(officer, "/applications?q=港口&sort=-requested_minor")
    book = officer.get("/desk/export/xlsx?state=draft")
    assert (book.content[:2], book.headers["content-disposition"]) == (
        b"PK",
        'attachment; filename="applications-20250916.xlsx"',
    )
    assert officer.get("/desk/export/pdf").status_code == 404


def test_a_list_is_kept_under_a_name_given_on_by_link_and_forgotten_by_its_owner_alone(
    officer: Client, people: dict[str, Client]
) -> None:
    kept = post(officer, "/desk/views", name=" 港口  项目 ", query="q=港口&state=&x=1&sort=title")
    page = officer.get("/applications").text
    assert (kept.status_code, words(page).count("港口 项目")) == (200, 3)
    link = re.search(r'href="(/desk/views/\w+)"', page)
    assert link is not None
    other = people["head"].get(link.group(1), follow_redirects=False)
    assert other.headers["location"] == f"/applications?q={quote('港口')}&sort=title"
    post(people["head"], f"{link.group(1)}/drop")
    assert link.group(1) in officer.get("/applications").text
    post(officer, "/desk/views", name="港口 项目", query="state=draft")
    assert "state=draft" in officer.get(link.group(1), follow_redirects=False).headers["location"]
    post(officer, f"{link.group(1)}/drop")
    assert (link.group(1) in officer.get("/applications").text, officer.get(link.group(1)).status_code) == (False, 404)


def test_a_list_needs_a_name_and_there_are_only_so_many(officer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert post(officer, "/desk/views", name="  ", query="").status_code == 422
    assert post(officer, "/desk/views", name="长" * 61, query="").status_code == 422
    monkeypatch.setattr("fundcall.storage.desk.VIEWS_MAX", 1)
    assert VIEWS_MAX == 50
    assert [post(officer, "/desk/views", name=name, query="").status_code for name in ("one", "two")] == [200, 422]


def test_pages_say_by_when_to_act_as_mails_do(scene: tuple[Scene, System], officer: Client) -> None:
    (name,) = listed(officer, "/applications?state=returned")
    due = scene[0].application(name).deadlines["correction"]
    mail = Language(load("shanghai-ai-plus-2025"), "en").short(due)
    assert mail.endswith(" 24:00")
    case, queue = (words(officer.get(path).text) for path in (f"/applications/{name}", "/applications?state=returned"))
    assert (f"{mail} Asia/Shanghai time" in case, mail in queue) == (True, True)


def test_the_first_load_of_the_queue_is_small(officer: Client) -> None:
    page = officer.get("/applications", headers={"Accept-Encoding": "gzip"})
    files = re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text)
    sent = [officer.get(path, headers={"Accept-Encoding": "gzip"}) for path in files]
    assert [answer.headers["content-encoding"] for answer in sent] == ["gzip"] * len(files)
    on_the_wire = [len(gzip.compress(answer.content)) + len(str(answer.headers)) for answer in sent]
    rows = len(NAMES.findall(page.text))
    fifty = len(page.content) * 50 // rows + len(str(page.headers))
    assert (len(files) >= 4, fifty + sum(on_the_wire) <= 120_000) == (True, True), (fifty, on_the_wire)


# --- the case -----------------------------------------------------------------------------------------------------------


def test_a_case_leads_to_its_neighbours_in_the_list_that_one_came_from(officer: Client) -> None:
    address = "/applications?state=submitted&sort=-requested_minor"
    links = [unescape(link) for link in LINK.findall(officer.get(address).text)]
    for i in (0, 5, len(links) - 1):
        page = officer.get(links[i]).text
        expected = (links[i - 1] if i else "", links[i + 1] if i + 1 < len(links) else "")
        assert tuple(after(page, rel).partition("?")[0] for rel in ("prev", "next")) == tuple(
            e.partition("?")[0] for e in expected
        )
    assert address.partition("?")[2] in unescape(officer.get(links[3]).text)


def test_a_case_shows_findings_papers_and_the_likeliest_move_first(
    officer: Client, scene: tuple[Scene, System]
) -> None:
    found = listed(officer, "/applications?findings=open&hold=free")[0]
    page = officer.get(f"/applications/{found}?list=findings%3Dopen").text
    move = re.search(r'class="button first" href="([^"]+)"', page)
    assert move is not None
    assert unescape(move.group(1)) == f"/applications/{found}/moves/ClaimFormatCheck?list=findings%3Dopen"
    decide = re.search(r'href="(/applications/[^"]+/moves/DecideFinding\?rule=[^"]+)"', page)
    assert decide is not None
    form = officer.get(unescape(decide.group(1))).text
    assert (form.count(" selected"), 'name="list" value="findings=open"' in form) == (1, True)
    assert (page.count("/first.png"), "to decide" in page) == (3, True)
    assert len(scene[0].application(found).documents) == 3


def test_a_papers_first_page_and_file_are_for_those_who_may_see_the_case(
    officer: Client, people: dict[str, Client], scene: tuple[Scene, System]
) -> None:
    place = scene[0]
    name = next(
        row.id for row in place.ledger.rows() if any("盖章" in d.name for d in place.application(row.id).documents)
    )
    real = next(d for d in place.application(name).documents if "盖章" in d.name)
    address = f"/applications/{name}/files/{real.sha256}"
    for _ in range(2):  # drawn, then from the disk
        picture = officer.get(f"{address}/first.png")
        assert (picture.status_code, picture.headers["content-type"], picture.content[:4]) == (
            200,
            "image/png",
            b"\x89PNG",
        )
    file = officer.get(address)
    assert (hashlib.sha256(file.content).hexdigest(), file.headers["content-disposition"][:30]) == (
        real.sha256,
        "attachment; filename*=UTF-8''%",
    )
    other = next(row.id for row in place.ledger.rows() if row.id != name)
    assert officer.get(f"/applications/{other}/files/{real.sha256}").status_code == 404
    assert {
        people[role].get(f"{address}{end}").status_code
        for role in ("applicant", "expert")
        for end in ("", "/first.png")
    } <= {403, 404}
    lost = place.application(other).documents[0].sha256
    sign = officer.get(f"/applications/{other}/files/{lost}/first.png")
    assert (sign.headers["content-type"], officer.get(f"/applications/{other}/files/{lost}").status_code) == (
        "image/svg+xml",
        404,
    )


# --- many at once -------------------------------------------------------------------------------------------------------


def chosen(client: Client, command: str, *names: str, **fields: str) -> Any:
    return post(client, "/desk/bulk", command=command, **{f"pick-{name}": "on" for name in names}, **fields)


def through(client: Client, address: str) -> str:
    """Start a run, and wait until its thread has ended: what its page says then."""
    post(client, f"{address}/start", address)
    for thread in threading.enumerate():
        if thread.name == f"bulk-{address.rpartition('/')[2]}":
            thread.join()
    page: str = client.get(address).text
    return page


def path_of(answer: Any) -> str:
    return str(answer.url.path)


def test_what_was_foreseen_is_what_is_done_and_each_refusal_is_reported(
    officer: Client, scene: tuple[Scene, System]
) -> None:
    free = listed(officer, "/applications?hold=free&state=submitted&sort=number")[:3]
    draft = listed(officer, "/applications?state=draft")[0]
    head = scene[1].ledger.head()
    plan = chosen(officer, "ClaimFormatCheck", *free, draft, query="state=submitted")
    assert (plan.status_code, scene[1].ledger.head()) == (200, head)
    assert ("can be done: 3" in words(plan.text), "refused: 1" in words(plan.text)) == (True, True)
    page = through(officer, path_of(plan))
    assert ("done: 3" in words(page), "refused: 1" in words(page), "It is through." in page) == (True, True, True)
    assert [scene[0].application(name).phase for name in free] == ["checking"] * 3
    report = officer.get(f"{path_of(plan)}/report.csv").content.decode("utf-8-sig")
    told = {
        row["申报件 application"]: (row["结果 result"], row["原因编号 code"])
        for row in csv.DictReader(io.StringIO(report))
    }
    assert told == {**dict.fromkeys(free, ("done", "")), draft: ("refused", "not_allowed_in_state")}
    assert path_of(plan) in officer.get("/desk/bulk").text
    again = through(officer, path_of(plan))
    assert (scene[1].ledger.head() - head, "It is through." in again) == (4, True)


def test_all_of_a_list_are_chosen_in_its_order_and_what_is_said_is_said_of_each(
    officer: Client, scene: tuple[Scene, System]
) -> None:
    plan = chosen(officer, "ExtendCorrection", which="all", query="state=returned")
    assert words(plan.text).count("For 1 application") == 1
    blank = post(officer, f"{path_of(plan)}/fields", path_of(plan), reason="")
    assert ("can be done for none" in blank.text, "refused: 1" in words(blank.text)) == (True, True)
    foreseen = post(officer, f"{path_of(plan)}/fields", path_of(plan), reason="材料较多")
    assert ("材料较多" in foreseen.text, "can be done: 1" in words(foreseen.text)) == (True, True)
    assert (
        'value="材料较多"' in unescape(officer.get(f"{path_of(plan)}?change=1").text)
        or "材料较多</textarea>" in officer.get(f"{path_of(plan)}?change=1").text
    )
    through(officer, path_of(plan))
    returned = listed(officer, "/applications?state=returned")
    assert [scene[0].application(name).correction_extended for name in returned] == [True]


def test_what_is_said_of_all_is_shown_in_words(people: dict[str, Client]) -> None:
    officer = people["acceptance_officer"]
    plan = chosen(officer, "EvaluatePerformance", which="all", query="state=returned")
    page = post(officer, f"{path_of(plan)}/fields", path_of(plan), rating="good", findings="达到预期").text
    assert re.findall(r"<dt>等级</dt><dd>([^<]*)</dd>", page) == ["良好"]


def test_a_run_whose_process_died_goes_on_with_the_rest_under_its_id(
    officer: Client, scene: tuple[Scene, System], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fundcall.web.runs.AT_ONCE", 2)
    place, system = scene
    free = listed(officer, "/applications?hold=free&state=submitted&sort=number")[:5]
    plan = path_of(chosen(officer, "ClaimFormatCheck", *free))
    desk, run_id = SqliteDesk(system.ledger), plan.rpartition("/")[2]
    run = desk.run(run_id)
    assert run is not None
    desk.begin(run_id, system.clock.now())
    asked = requests(
        prefix_of(run_id),
        run.command,
        read_command(run.command, b"{}"),
        run.actor,
        run.names,
        place.now,
        lambda: "00" * 32,
    )
    batches = done(system.handler, asked, system.clock.now, 2)
    desk.tell(run_id, 0, next(batches))
    next(batches)  # on the ledger, and the process dies before it can be told
    page = officer.get(plan).text
    assert ("It stands still." in page, 'value="2" max="5"' in page) == (True, True)
    head = system.ledger.head()
    page = through(officer, plan)
    assert (system.ledger.head() - head, "done: 3" in words(page), "done before: 2" in words(page)) == (1, True, True)
    assert [place.events(name).count("FormatCheckClaimed") for name in free] == [1] * 5


def test_progress_is_told_in_a_part_that_asks_again_and_without_scripts_by_a_link(
    officer: Client, scene: tuple[Scene, System], monkeypatch: pytest.MonkeyPatch
) -> None:
    free = listed(officer, "/applications?hold=free&state=submitted")[:2]
    plan = path_of(chosen(officer, "ClaimFormatCheck", *free))
    SqliteDesk(scene[1].ledger).begin(plan.rpartition("/")[2], scene[0].now)
    monkeypatch.setattr("fundcall.web.runs.Runner.working", lambda *_: True)
    part = officer.get(plan, headers={"HX-Request": "true"}).text
    assert (part.strip()[:18], 'hx-trigger="load' in part, ">Look again</a>" in part) == (
        '<div id="progress"',
        True,
        True,
    )


def entered_as(scene: tuple[Scene, System], people: dict[str, Client], name: str) -> Client:
    """The browser of another format officer, in English."""
    system, made = scene[1], Account(name, f"{name}@example.org", name)
    assert system.accounts.add(made, (Post(Role.FORMAT_OFFICER),), scene[0].now)
    client = Client(people["format_officer"].app)
    client.cookies.set("fundcall", Entrance(system.accounts).begin(made, "test", system.clock.now(), second=True))
    client.get("/language/en")
    return client


def lose_the_post_after_a_batch(monkeypatch: pytest.MonkeyPatch, name: str, *, told: bool = True) -> None:
    """An administrator takes the post away while the first batch is told, or just before it would be."""
    tell = SqliteDesk.tell

    def told_and_struck(self: SqliteDesk, run_id: str, first: int, found: Any) -> None:
        if told:
            tell(self, run_id, first, found)
        SqliteBook(self._ledger, SqliteAccounts(self._ledger)).strike(name, Post(Role.FORMAT_OFFICER))
        if not told:
            raise Unavailable("the process is ended here")

    monkeypatch.setattr(SqliteDesk, "tell", told_and_struck)


def test_a_run_stops_before_its_next_group_once_its_officer_has_lost_the_post_and_another_goes_on_with_it(
    people: dict[str, Client], scene: tuple[Scene, System], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fundcall.web.runs.AT_ONCE", 1)
    place, system = scene
    leaving, staying = (entered_as(scene, people, name) for name in ("leaving", "staying"))
    names = listed(leaving, "/applications?hold=free&state=submitted&sort=number")[:3]
    plan = path_of(chosen(leaving, "ClaimFormatCheck", *names))
    desk, run_id, head = SqliteDesk(system.ledger), plan.rpartition("/")[2], system.ledger.head()
    with monkeypatch.context() as while_it_runs:
        lose_the_post_after_a_batch(while_it_runs, "leaving")
        through(leaving, plan)
    assert [place.events(name).count("FormatCheckClaimed") for name in names] == [1, 0, 0]
    assert (leaving.get(plan).status_code, leaving.get(plan).url.path) != (200, plan)
    assert plan in staying.get("/desk/bulk").text
    page = staying.get(plan).text
    assert ("It stands still." in page, 'value="1" max="3"' in page, ">Go on</button>" in page) == (True, True, True)
    assert "leaving no longer holds the post of format officer" in words(page)
    rows = list(csv.DictReader(io.StringIO(staying.get(f"{plan}/report.csv").content.decode("utf-8-sig"))))
    assert [(row["申报件 application"], row["原因编号 code"]) for row in rows] == [
        *((name, "") for name in names[:1]),
        *((name, "post_lost") for name in names[1:]),
    ]
    assert ("leaving" in rows[1]["原因 reason"], "另一名形式审查人员" in rows[1]["如何办理 what to do"]) == (True, True)
    assert people["approving_officer"].get(plan).status_code == 404
    page = through(staying, plan)
    assert ("It is through." in page, "done: 3" in words(page), system.ledger.head() - head) == (True, True, 3)
    done_by = [decode(one.body).actor for one in system.ledger.commanded(prefix_of(run_id))]
    assert (done_by, desk.run(run_id).account) == (["leaving"] + ["staying"] * 2, "staying")  # type: ignore[union-attr]


def test_what_was_done_and_not_told_before_the_post_was_lost_is_told_and_not_done_again(
    people: dict[str, Client], scene: tuple[Scene, System], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fundcall.web.runs.AT_ONCE", 1)
    place = scene[0]
    going, coming = (entered_as(scene, people, name) for name in ("going", "coming"))
    names = listed(going, "/applications?hold=free&state=submitted&sort=number")[:2]
    plan = path_of(chosen(going, "ClaimFormatCheck", *names))
    with monkeypatch.context() as while_it_runs:
        lose_the_post_after_a_batch(while_it_runs, "going", told=False)
        through(going, plan)
    page = words(through(coming, plan))
    assert ("done: 1" in page, "done before: 1" in page, "refused" in page) == (True, True, False)
    assert [place.events(name).count("FormatCheckClaimed") for name in names] == [1] * 2


def test_a_run_whose_officer_holds_the_post_is_nobody_elses_even_where_it_stands_still(
    people: dict[str, Client], scene: tuple[Scene, System]
) -> None:
    owner, other = (entered_as(scene, people, name) for name in ("owner", "other"))
    plan = path_of(chosen(owner, "ClaimFormatCheck", "app-0001"))
    SqliteDesk(scene[1].ledger).begin(plan.rpartition("/")[2], scene[0].now)
    assert (other.get(plan).status_code, plan in other.get("/desk/bulk").text) == (404, False)
    SqliteBook(scene[1].ledger, scene[1].accounts).strike("owner", Post(Role.FORMAT_OFFICER))
    assert (other.get(plan).status_code, plan in other.get("/desk/bulk").text) == (200, True)
    scene[1].accounts.grant("owner", Post(Role.FORMAT_OFFICER))
    scene[1].accounts.set_disabled("owner", disabled=True)
    assert (other.get(plan).status_code, plan in other.get("/desk/bulk").text) == (200, True)


def test_nothing_is_chosen_for_others_or_without_choosing(officer: Client, people: dict[str, Client]) -> None:
    assert chosen(officer, "ClaimFormatCheck").status_code == 422
    assert chosen(officer, "ClaimFormatCheck", which="all", query="q=%25").status_code == 422
    for command in ("RecordPayment", "ApproveApplication", "DecideFinding", "x"):
        assert chosen(officer, command, "app-0001").status_code == 404
    plan = path_of(chosen(officer, "ClaimFormatCheck", "app-0001"))
    other = people["approving_officer"]
    assert {other.get(f"{plan}{end}").status_code for end in ("", "/report.csv")} == {404}
    assert post(other, f"{plan}/start").status_code == 404
    unknown = chosen(officer, "ClaimFormatCheck", "app-none")
    assert ("can be done for none" in unknown.text, "refused: 1" in words(unknown.text)) == (True, True)


def test_a_list_of_more_than_one_run_may_hold_is_refused(officer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fundcall.web.bulk.APPLICATIONS_MAX", 10)
    answer = chosen(officer, "ClaimFormatCheck", which="all", query="")
    assert (answer.status_code, "at most 10" in answer.text) == (422, True)


def test_each_role_is_offered_what_can_be_said_of_many() -> None:
    from fundcall.web.bulk import bulk_commands

    offered = {role: [name for name, _ in bulk_commands(role)] for role in OFFICERS | {Role.AUDITOR}}
    assert offered[Role.AUDITOR] == []
    assert offered[Role.FORMAT_OFFICER] == [
        "ClaimFormatCheck", "ExtendCorrection", "ProposeRejection", "RejectApplication", "PassFormatCheck", "ReopenFormatCheck", "WithdrawProposal",
    ]  # fmt: skip
    assert offered[Role.FINANCE_OFFICER] == ["CloseRecovery"]
