"""The auditors' desk: any moment of a case and of a call, what led there, proofs, checks in the background, the log."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from fundcall.accounts.entrance import Entrance
from fundcall.accounts.people import Account, Post
from fundcall.bootstrap import System, open_simulation, settings_for, web
from fundcall.calls.load import FOLDER, load
from fundcall.checks import Checks
from fundcall.storage.readings import SqliteReadings
from fundcall.storage.replays import SqliteReplays
from states.actor import Role
from states.application import Application
from states.calendar import stamp, zone
from states.fold import fold
from tests.drive import F1, world
from tests.filings import CLIMATE
from tests.straight import Client
from tests.web.people import TOKEN, words
from workflow.record import decode

CALL = CLIMATE.call


class Place:
    """A lived call behind the pages, and a browser for each role."""

    def __init__(self, folder: Path) -> None:
        self.system: System = open_simulation(settings_for(folder, database_url=""), load(CALL))
        self.world = world(CALL, self.system.ledger)
        self.world.rejected()
        self.refused = self.world.submitted()
        self.world.codes("DecideFinding", F1, self.refused, rule="nothing", verdict="override", reason="x")
        self.closed = self.world.closed()
        self.app = web(self.system, checks=Checks(self.system))

    def browser(self, role: Role) -> Client:
        accounts, now, name = self.system.accounts, self.system.clock.now(), f"{role.value}-1"
        accounts.add(Account(name, f"{name}@example.org", name), (Post(role),), now)
        who = accounts.by_id(name)
        assert who is not None
        found = Client(self.app)
        found.cookies.set("fundcall", Entrance(accounts).begin(who, "test", now, second=True))
        return found

    def folded(self, name: str, n: int) -> Application:
        events = [decode(one.body) for one in self.system.ledger.stored(application=name)]
        found = fold(events[:n])
        assert found is not None
        return found

    def length(self, name: str) -> int:
        return len(list(self.system.ledger.stored(application=name)))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    found = Place(tmp_path_factory.mktemp("audit"))
    yield found
    found.system.close()


@pytest.fixture(scope="module")
def auditor(place: Place) -> Client:
    return place.browser(Role.AUDITOR)


def post(browser: Client, path: str, page: str, **fields: str) -> str:
    """The page that a form leads to."""
    token = TOKEN.search(browser.get(page).text)
    assert token is not None
    return browser.post(path, data={"form_token": token.group(1), **fields}).text


def ended(browser: Client, page: str) -> str:
    """The words of a check's page once it has come to its end."""
    found = re.search(r"/audit/checks/\d+", page)
    assert found is not None
    for _ in range(600):
        page = browser.get(found.group()).text
        if "hx-trigger" not in page.partition('id="check"')[2].partition(">")[0]:
            return words(page)
        time.sleep(0.05)
    raise AssertionError("the check does not end")


def test_the_start_page_says_how_large_the_ledger_is_and_what_its_root_is(place: Place, auditor: Client) -> None:
    page = auditor.get("/").text
    assert f"{place.system.ledger.head():,}" in words(page)
    assert "/audit/calls/" in page


def test_a_case_is_shown_after_each_of_its_events_as_folding_them_says(place: Place, auditor: Client) -> None:
    stored = list(place.system.ledger.stored(application=place.closed))
    for n, one in enumerate(stored, 1):
        page = auditor.get(f"/audit/cases/{place.closed}?version={n}", headers={"HX-Request": "true"}).text
        a = place.folded(place.closed, n)
        assert page.strip().startswith('<div id="standing">')
        assert "<dd>(&#39;" not in page  # words in two languages, of which one is shown
        assert (f'<span class="mono">{a.phase}</span>' in page or not a.phase, one.leaf.hex() in page) == (True, True)
        assert one.body.decode().replace("&", "&amp;").replace('"', "&#34;").replace("<", "&lt;").replace(">", "&gt;").replace("'", "&#39;") in page  # fmt: skip


def test_an_instant_leads_to_the_last_event_recorded_by_then(place: Place, auditor: Client) -> None:
    events = [decode(one.body) for one in place.system.ledger.stored(application=place.closed)]
    for n in (2, len(events) // 2, len(events)):
        at = events[n - 1].recorded_at
        upto = sum(event.recorded_at <= at for event in events)
        page = words(auditor.get(f"/audit/cases/{place.closed}", params={"as_of": stamp(at)}).text)
        assert f"第{upto}项事件之后，共{len(events)}项" in page
    before = auditor.get(
        f"/audit/cases/{place.closed}", params={"as_of": stamp(events[0].recorded_at - timedelta(days=1))}
    )
    assert f"第1项事件之后，共{len(events)}项" in words(before.text)


def test_two_moments_of_a_case_are_compared_place_by_place(place: Place, auditor: Client) -> None:
    last = place.length(place.closed)
    page = words(auditor.get(f"/audit/cases/{place.closed}?version={last}&since=1").text)
    assert ("与第1项事件之后相比" in page, "state draft closed" in page) == (True, True)


def test_a_refusal_shows_its_reasons_and_the_guards_that_were_asked(place: Place, auditor: Client) -> None:
    last = place.length(place.refused)
    page = words(auditor.get(f"/audit/cases/{place.refused}?version={last}").text)
    assert ("未予接受：处理审查事项" in page, "rules_hash" in page or "规则哈希" in page) == (True, True)


def test_a_call_is_counted_at_any_position(place: Place, auditor: Client) -> None:
    head = place.system.ledger.head()
    now = auditor.get(f"/audit/calls/{CALL}").text
    counts = place.system.ledger.counts(CALL)
    for name, count in counts.items():
        assert re.search(rf"</th><td>{count}</td>", now), name
    early = auditor.get(f"/audit/calls/{CALL}?position=1").text
    assert (f"第1项事件之后，共{head}项" in words(early), re.findall(r"</th><td>(\d+)</td>", early).count("1")) == (
        True,
        1,
    )


def test_the_first_page_says_when_the_watch_verified_last_and_what_it_found(place: Place, auditor: Client) -> None:
    assert "尚未自动核对" in words(auditor.get("/audit").text)
    kept, at = SqliteReplays(place.system.ledger), place.system.clock.now()
    sound: dict[str, object] = {"count": 0, "divergences": []}
    kept.keep("watch-1", at - timedelta(hours=1), 7, {"count": 2, "divergences": []})
    kept.keep("watch-1", at, 7, sound)
    kept.keep("watch-3", at, 7, {"count": 1, "divergences": []})
    page = auditor.get("/audit").text
    told = words(page[: page.index("核对全部")])
    assert [told.count(said) for said in ("每小时（深度1）", "每日（深度3）", "无差异", "1处差异", "2处差异")] == [
        1,
        1,
        1,
        1,
        0,
    ]
    assert kept.latest(9) == []


def test_two_instants_are_compared_application_by_application(place: Place, auditor: Client) -> None:
    events = [decode(one.body) for one in place.system.ledger.stored()]
    since, until = stamp(events[0].recorded_at - timedelta(seconds=1)), stamp(events[-1].recorded_at)
    page = words(auditor.get("/audit/diff", params={"since": since, "until": until}).text)
    assert "3件申报件有变化" in page
    assert auditor.get("/audit/diff").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/audit/cases/nowhere", "/audit/cases/{call}", "/audit/calls/nowhere", "/audit/checks/999", "/audit/checks/x",
        "/audit/cases/nowhere/bundle.zip", "/audit/checks/" + "9" * 30,
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found(auditor: Client, path: str) -> None:
    assert auditor.get(path.format(call=CALL)).status_code == 404


@pytest.mark.parametrize(
    "query", ["as_of=yesterday", "as_of=9999-99-99", "version=x", "version=1e9", "as_of=0001-01-01T00:00:00"]
)
def test_a_moment_that_is_none_is_told(place: Place, auditor: Client, query: str) -> None:
    answer = auditor.get(f"/audit/cases/{place.closed}?{query}")
    assert (answer.status_code, "未能办理" in words(answer.text)) == (422, True)


def test_a_moment_is_asked_for_by_the_clock_of_the_calls_place(place: Place, auditor: Client) -> None:
    events = [decode(one.body) for one in place.system.ledger.stored(application=place.closed)]
    third = events[2].recorded_at
    wall = third.astimezone(zone("Europe/Copenhagen")).replace(tzinfo=None).isoformat()
    n = sum(event.recorded_at <= third for event in events)
    for page in (f"/audit/cases/{place.closed}", f"/audit/calls/{CALL}"):
        assert "哥本哈根时间 Europe/Copenhagen" in words(auditor.get(page).text)
    assert f"第{n}项事件之后" in words(auditor.get(f"/audit/cases/{place.closed}", params={"as_of": wall}).text)


def test_a_number_beyond_the_case_is_brought_into_it(place: Place, auditor: Client) -> None:
    last = place.length(place.closed)
    assert f"第{last}项事件之后" in words(auditor.get(f"/audit/cases/{place.closed}?version=99999").text)
    assert "第1项事件之后" in words(auditor.get(f"/audit/cases/{place.closed}?version=0").text)


@pytest.mark.parametrize("depth", ["1", "2"])
def test_everything_is_replayed_in_the_background_and_the_result_is_kept(
    place: Place, auditor: Client, depth: str
) -> None:
    begun = post(auditor, "/audit/replays", "/audit", depth=depth, application="")
    told = ended(auditor, begun)
    assert ("无差异" in told, f"重放，深度 {depth}" in told, f"{place.system.ledger.head():,}" in told) == (
        True,
        True,
        True,
    )
    assert "无差异" in words(auditor.get("/audit").text)


def test_one_case_is_replayed_by_itself(place: Place, auditor: Client) -> None:
    page = f"/audit/cases/{place.closed}"
    told = ended(auditor, post(auditor, "/audit/replays", page, depth="2", application=place.closed))
    assert ("无差异" in told, f"事件 {place.length(place.closed)}" in told) == (True, True)


def test_one_check_runs_at_a_time_and_one_that_is_silent_gives_way(place: Place, auditor: Client) -> None:
    kept, now = SqliteReplays(place.system.ledger), place.system.clock.now()
    first, begun = kept.begin("replay-1", "", "auditor-1", 10, now)
    assert (begun, kept.begin("replay-2", "", "auditor-2", 10, now)) == (True, (first, False))
    page = post(auditor, "/audit/replays", "/audit", depth="1", application="")
    assert (f"/audit/checks/{first}" in page, 'hx-trigger="load delay:1s"' in page) == (True, True)
    second, begun = kept.begin("replay-2", "", "auditor-2", 10, now + timedelta(minutes=3))
    assert (begun, second > first) == (True, True)
    assert "已中断" in words(auditor.get(f"/audit/checks/{first}").text)
    kept.ended(second, "failed", {}, now)
    assert "未能完成" in words(auditor.get(f"/audit/checks/{second}").text)


def test_a_divergence_is_told_with_its_place(place: Place, auditor: Client) -> None:
    ledger = place.system.ledger
    right = ledger.row(place.refused)
    assert right is not None
    ledger.write([("UPDATE applications SET title = 'planted' WHERE id = ?", [(place.refused,)])])
    told = ended(auditor, post(auditor, "/audit/replays", "/audit", depth="1", application=""))
    ledger.write([("UPDATE applications SET title = ? WHERE id = ?", [(right.title, place.refused)])])
    assert ("1处差异" in told, "row.title" in told, "planted" in told) == (True, True, True)


def test_another_version_of_the_call_is_judged_by_or_its_faults_are_told_by_line(place: Place, auditor: Client) -> None:
    text = (FOLDER / f"{CALL}.toml").read_text()
    told = ended(auditor, post(auditor, "/audit/what-if", "/audit/what-if", text=text))
    assert "0件申报件会有不同决定" in told
    wrong = text.replace("experts_min = 1", "experts_min = 0", 1)
    line = text[: text.index("experts_min = 1")].count("\n") + 1
    page = post(auditor, "/audit/what-if", "/audit/what-if", text=wrong)
    assert (f"{line} review.experts_min" in words(page), "experts_min = 0" in page) == (True, True)
    stricter = text.replace("experts_min = 1", "experts_min = 7", 1)
    told = ended(auditor, post(auditor, "/audit/what-if", "/audit/what-if", text=stricter))
    assert ("1件申报件会有不同决定" in told, "StartReview" in told) == (True, True)
    assert "没有申报通知" in post(
        auditor, "/audit/what-if", "/audit/what-if", text=text.replace(f'id = "{CALL}"', 'id = "other"', 1)
    )


def test_the_bundle_of_a_case_verifies_with_the_script_in_it(place: Place, auditor: Client, tmp_path: Path) -> None:
    answer = auditor.get(f"/audit/cases/{place.closed}/bundle.zip")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        archive.extractall(tmp_path)
    ran = subprocess.run(
        [sys.executable, tmp_path / "bundle" / "verify_bundle.py", tmp_path / "bundle"],
        capture_output=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout
    redacted = auditor.get(f"/audit/cases/{place.closed}/bundle.zip?redact=1").content
    assert len(redacted) < len(answer.content)


def test_the_proof_of_consistency_is_the_one_that_anybody_may_fetch(place: Place, auditor: Client) -> None:
    page = auditor.get("/audit/consistency?first=3&second=20").text
    proof = auditor.get("/api/v1/consistency?first=3&second=20").json()
    assert [node for node in proof["proof"] if node.replace("+", "&#43;") not in page and node not in page] == []
    assert auditor.get("/audit/consistency?first=99999999").status_code == 200


def test_what_an_auditor_reads_is_in_the_log_and_so_is_reading_the_log(place: Place, auditor: Client) -> None:
    auditor.get(f"/audit/cases/{place.closed}/bundle.zip")
    auditor.get("/audit/access")
    page = words(auditor.get("/audit/access").text)
    told = [(one.actor, one.what, one.subject) for _, one in SqliteReadings(place.system.ledger).find(limit=1000)]
    assert {("auditor-1", "audit/cases/bundle.zip", place.closed), ("auditor-1", "audit/access", "")} <= set(told)
    assert ("audit/access" in page, place.closed in page) == (True, True)
    narrowed = words(auditor.get("/audit/access", params={"subject": place.closed, "account": "nobody"}).text)
    assert "暂无" in narrowed


def test_the_log_is_for_auditors_the_head_and_the_administrator_and_the_rest_for_auditors_alone(place: Place) -> None:
    for role in sorted(set(Role) - {Role.SYSTEM, Role.PUBLIC, Role.APPLICANT, Role.AUDITOR}):
        browser = place.browser(role)
        log = role in (Role.HEAD, Role.ADMINISTRATOR)
        assert (role, browser.get("/audit/access").status_code) == (role, 200 if log else 403)
        assert {
            browser.get(path).status_code for path in ("/audit", f"/audit/cases/{place.closed}", "/audit/diff")
        } == {403}


def test_an_auditor_changes_nothing(place: Place, auditor: Client) -> None:
    head = place.system.ledger.head()
    for path in ("/audit", f"/audit/cases/{place.closed}", f"/audit/calls/{CALL}", f"/applications/{place.closed}"):
        page = auditor.get(path).text
        forms = set(re.findall(r'<form method="post" action="([^"]+)"', page))
        assert forms <= {"/audit/replays", "/audit/what-if", "/sign-out"}
    assert place.system.ledger.head() == head
