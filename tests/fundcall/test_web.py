"""The pages show what the ledger holds, in a safe frame, and answer bad addresses with a page."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from fundcall.bootstrap import web
from fundcall.calls.load import load
from fundcall.demo import Finished, run_demo

HOSTILE = ("/applications/%00", "/applications/..%2f..%2fetc", "/?state=nowhere", "/applications/<script>", "/nothing")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Finished]:
    folder: Path = tmp_path_factory.mktemp("demo")
    done = run_demo(load("shanghai-ai-plus-2025"), folder / "data", 16, 7, lambda _month, _events: None)
    yield done
    done.system.close()


@pytest.fixture(scope="module")
def client(finished: Finished) -> TestClient:
    system = finished.system
    return TestClient(web(system, pages=True))


def test_the_queue_counts_every_state_that_holds_an_application(client: TestClient, finished: Finished) -> None:
    page = client.get("/").text
    assert [n for n, count in finished.summary["by_state"].items() if count and f"/?state={n}" not in page] == []


def test_a_case_page_shows_every_event_once_with_its_actor(client: TestClient, finished: Finished) -> None:
    page = client.get("/applications/A11").text
    events = list(finished.system.ledger.stored(application="A11"))
    assert page.count('<li class="card') == len(events)
    assert all(stored.leaf.hex() in page for stored in events)


def test_a_refusal_stands_in_the_timeline_with_its_clause(client: TestClient) -> None:
    page = client.get("/applications/A12").text
    assert "【四(二)1】不在网上申报受理时间内" in page


def test_a_mail_is_shown_as_it_was_sent(client: TestClient, finished: Finished) -> None:
    notice = next(n for n in finished.system.notices.notices("A11") if n.template == "submission_receipt")
    page = client.get(f"/applications/A11/mails/{notice.position}/{notice.template}/{notice.recipient}").text
    assert notice.digest.hex() in page
    assert notice.subject in page


@pytest.mark.parametrize("address", HOSTILE)
def test_a_bad_address_is_answered_with_a_page_that_says_so(client: TestClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 404
    assert "未找到" in answer.text
    assert "<script>" not in answer.text


def test_every_page_forbids_scripts_and_framing(client: TestClient) -> None:
    policy = client.get("/").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
