"""What the watch finds is kept for the auditors' first page and mailed to them once a day; to nobody where none is named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import cast

import pytest

from fundcall.auditing import verify
from fundcall.bootstrap import System, open_simulation, settings_for
from fundcall.calls.load import load
from fundcall.checks import Checks
from fundcall.clock import SteadyClock
from fundcall.watch import Watch
from tests.api.office import Clock
from tests.by_hand import tamper
from tests.drive import beijing, world
from tests.filings import SHANGHAI
from workflow.notices import Notice

_MORNING = beijing("2026-01-05T08:00")


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    """One application of the Shanghai call, and a clock that is set, at six in the morning."""
    settings = settings_for(tmp_path, database_url="", public_url="https://fund.example", auditors_mail="sj@x.example")
    found = open_simulation(settings, load(SHANGHAI.call))
    world(SHANGHAI.call, found.ledger).submitted()
    clock = Clock(_MORNING - timedelta(hours=2))
    with closing(found):
        yield replace(found, clock=cast("SteadyClock", clock))


def mails(system: System) -> list[Notice]:
    return [one for one in system.notices.notices() if one.template == "audit_daily"]


def text(notice: Notice) -> str:
    body = message_from_bytes(notice.body, policy=policy.default).get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def beats(system: System, watch: Watch, hours: int) -> None:
    """Let it be some hours later, an hour at a time."""
    for _ in range(hours):
        cast("Clock", system.clock).at += timedelta(hours=1)
        watch.beat()


def test_the_auditors_get_one_mail_each_morning_with_checkpoint_and_findings(system: System) -> None:
    watch = Watch(system)
    watch.beat()
    beats(system, watch, 1)
    assert mails(system) == []
    beats(system, watch, 2)
    (first,) = mails(system)
    assert (first.ref, first.kind, first.status, first.recipient) == (
        "N56",
        "information",
        "queued",
        "auditors~2026-01-05",
    )
    assert "审计日报：核对无差异" in first.subject
    told = text(first)
    assert (
        "每小时，深度1）：2026-01-05（星期一） 08:00:00" in told,
        "every hour (depth 1): 2026-01-05 (Monday) 08:00:00" in told,
    ) == (
        True,
        True,
    )
    assert "https://fund.example/audit\n" in told.replace("\r\n", "\n")
    note = Path(system.settings.data_dir / "checkpoints.txt").read_text().strip().split("\n\n\n")[-1]
    assert [line for line in note.splitlines() if line and f"· {line}" not in told] == []
    beats(system, Watch(system), 23)
    assert [one.recipient for one in mails(system)] == ["auditors~2026-01-05", "auditors~2026-01-06"]
    assert (verify(system, 3).divergences, first.of_event) == ((), False)


def test_what_does_not_hold_is_told_in_the_mail_and_kept_for_the_page(system: System) -> None:
    watch = Watch(system)
    watch.beat()
    tamper(system.settings, "UPDATE applications SET title = 'x'")
    beats(system, watch, 3)
    (mail,) = mails(system)
    assert ("核对发现差异" in mail.subject, "row.title" in text(mail)) == (True, True)
    (kept,) = Checks(system).watched()
    assert (kept.kind, kept.found["count"], Checks(system).latest(9)) == ("watch-1", 1, [])
    last = "UPDATE events SET leaf = ? WHERE position = (SELECT max(position) FROM events)"
    tamper(system.settings, last, (bytes(32),))
    for _ in range(3):
        assert watch.beat() != []
    assert [one.kind for one in Checks(system).watched()] == ["watch-0", "watch-1"]


def test_nobody_is_mailed_where_no_mailbox_is_named(system: System) -> None:
    quiet = replace(system, settings=system.settings.model_copy(update={"auditors_mail": ""}))
    watch = Watch(quiet)
    watch.beat()
    beats(quiet, watch, 4)
    assert (mails(quiet), [one.kind for one in Checks(quiet).watched()]) == ([], ["watch-1"])
