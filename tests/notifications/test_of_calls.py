"""Notices about a call as a whole: the officers' daily digest, the monthly progress, the longer window."""

from __future__ import annotations

from pathlib import Path

from fundcall.audit.roots import Roots
from fundcall.directory import FixedDirectory
from fundcall.storage.ledger import SqlLedger
from fundcall.storage.notices import SqliteNotices
from notifications.dispatch import Dispatcher
from notifications.render import Rendered
from notifications.telling import Teller
from tests.databases import durable_ledger
from tests.drive import A1, DAY, World, world
from tests.notifications.reading import read
from workflow.notices import Notice

OFFICERS, HEAD = "officers@authority.example", "head@authority.example"


def told(place: World, ledger: SqlLedger) -> list[Notice]:
    """What was told about the call, in order."""
    notices = SqliteNotices(ledger)
    directory = FixedDirectory(OFFICERS, HEAD)
    calls, roots = place.handler.calls, Roots(ledger).at
    Dispatcher(Teller(ledger, directory, calls, "from@fund.example", "https://fund.example", roots), notices).record()
    return notices.notices(place.call_id)


def text(notice: Notice) -> str:
    return read(Rendered(notice.message_id, notice.subject, notice.body)).text


def test_officers_get_one_digest_for_a_day_on_which_something_came_in(tmp_path: Path) -> None:
    ledger = durable_ledger(tmp_path)
    place = world(ledger=ledger)
    place.do_call("PublishCall", A1)
    for _ in range(3):
        place.submitted()
    place.at(place.now.replace(hour=10) + 2 * DAY)
    digests = told(place, ledger)
    assert [(n.ref, n.template, n.recipient, n.status) for n in digests] == [
        ("N06", "daily_digest", "officers", "queued")
    ]
    assert digests[0].subject == "【2025“人工智能+”】每日汇总：新收申报 3 件，在办 3 件"
    lines = text(digests[0]).splitlines()
    assert lines[0] == "自上次汇总以来，新收申报 3 件，补正后再次提交 0 件。"
    assert "https://fund.example/" in text(digests[0])


def test_the_head_is_told_each_month_how_far_the_targets_are(tmp_path: Path) -> None:
    ledger = durable_ledger(tmp_path)
    place = world(ledger=ledger)
    place.do_call("PublishCall", A1)
    place.draft()
    place.at(place.call.closes_at + 10 * DAY)
    monthly = [n for n in told(place, ledger) if n.ref == "N59"]
    assert [(n.recipient, n.status) for n in monthly] == [("head", "queued"), ("officers", "queued")]
    lines = text(monthly[0]).splitlines()
    goals = [f"· {target.zh}：0 / {target.at_least}" for target in place.call.targets]
    assert [line for line in lines if line.startswith("· ")][: len(goals)] == goals


def test_notices_after_an_extension_speak_of_the_new_close(tmp_path: Path) -> None:
    ledger = durable_ledger(tmp_path)
    place = world(ledger=ledger)
    application = place.draft()
    later = place.call.closes_at + DAY
    place.extended(later)
    place.at(later)
    told(place, ledger)
    said = {n.template: text(n) for n in SqliteNotices(ledger).notices(application)}
    assert "2025-09-23（星期二） 16:00 北京时间" in said["window_extended"]
    assert "2025-09-23（星期二） 16:00 北京时间" in said["draft_lapsed"]
