"""What every table of notices promises: told once, taken statutory first by one sender at a time, never lost by a crash."""

from __future__ import annotations

import asyncio
import hashlib
import mailbox
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import uvloop

from fundcall.directory import FixedDirectory
from fundcall.mailsink import MailSink
from fundcall.storage.ledger import SqlLedger
from fundcall.storage.notices import SqliteNotices
from notifications import dispatch
from notifications.dispatch import Dispatcher
from notifications.mailer import Mailer, Outcome, Sent
from notifications.telling import Teller
from states.calendar import stamp
from tests.contracts.ledger import at_once
from workflow.notices import LEASE, Notice, Notices, Settled

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
LATE = NOW + LEASE


def notice(position: int, kind: str = "statutory", recipient: str = "sha256:ab", body: str = "") -> Notice:
    text = (body or f"Message-ID: <{position}>\r\nTo: <{position}@example.org>\r\n\r\nfor {recipient}\r\n").encode()
    own = f"<{position}.approved.{recipient}@fund.example>"
    digest = hashlib.sha256(text).digest()
    return Notice(position, recipient, "approved", "A01", "N25", kind, "批准", own, digest, text, "queued")


def settled(one: Notice, status: str, retry_at: str = "") -> Settled:
    return Settled(*one[:3], one.attempts, status, "250 ok", retry_at, stamp(NOW))


def told(notices: Notices, *statuses: str) -> bool:
    """Whether these are the statuses of all notices."""
    return [n.status for n in notices.notices()] == [*statuses]


class NoticesContract:
    """Inherit, and give a fixture `ledgers`: each call opens the same new, empty database once more, as another process does."""

    @pytest.fixture
    def opened(self, ledgers: Callable[[], SqlLedger]) -> Iterator[Callable[[], SqliteNotices]]:
        with ExitStack() as stack:
            yield lambda: SqliteNotices(stack.enter_context(closing(ledgers())))

    @pytest.fixture
    def notices(self, opened: Callable[[], SqliteNotices]) -> SqliteNotices:
        return opened()

    @pytest.fixture
    def beside(self, opened: Callable[[], SqliteNotices]) -> SqliteNotices:
        return opened()

    def test_a_notice_comes_back_as_it_was_recorded(self, notices: Notices) -> None:
        made = [notice(1), notice(1, recipient="sha256:cd"), notice(2, "reminder")._replace(status="unaddressed")]
        assert (notices.record(made, "notices", 2), notices.cursor("notices")) == (3, 2)
        assert notices.notices() == made
        assert notices.notices("A01", after=1, limit=1) == made[2:]

    def test_a_notice_is_recorded_once_and_keeps_its_first_bytes(self, notices: Notices) -> None:
        first = notice(1, body="as it was told")
        counts = [notices.record([one], "notices", 1) for one in (first, first, notice(1, body="told otherwise"))]
        assert (counts, notices.notices()) == ([1, 0, 0], [first])

    def test_the_cursor_never_goes_back(self, notices: Notices) -> None:
        for position in (5, 3):
            notices.record([], "notices", position)
        assert notices.cursor("notices") == 5

    def test_statutory_notices_are_taken_first_and_each_kind_in_the_order_of_the_ledger(self, notices: Notices) -> None:
        kinds = ["reminder", "statutory", "information", "statutory", "information", "reminder"]
        notices.record([notice(n, kind) for n, kind in enumerate(kinds, 1)], "notices", 6)
        taken = [[(n.position, n.status, n.attempts) for n in notices.claim(NOW, 4)] for _ in range(3)]
        assert taken == [
            [(2, "sending", 1), (4, "sending", 1), (3, "sending", 1), (5, "sending", 1)],
            [(1, "sending", 1), (6, "sending", 1)],
            [],
        ]

    def test_what_is_to_be_tried_again_is_taken_once_its_time_has_come(self, notices: Notices) -> None:
        notices.record([notice(1)], "notices", 1)
        (one,) = notices.claim(NOW, 9)
        notices.settle([settled(one, "queued", stamp(NOW + timedelta(minutes=5)))])
        assert notices.claim(NOW, 9) == []
        (again,) = notices.claim(NOW + timedelta(minutes=5), 9)
        assert (again.attempts, again.body) == (2, one.body)
        notices.settle([settled(again, "accepted")])
        assert notices.claim(NOW + timedelta(days=1), 9) == []
        assert notices.notice_counts() == {("N25", "approved", "statutory", "accepted"): 1}

    # --- several senders ---------------------------------------------------------------------------------------------

    def test_the_claim_of_a_sender_that_died_ends_and_statutory_notices_go_out_again(self, notices: Notices) -> None:
        notices.record([notice(1), notice(2, "reminder"), notice(3, "information")], "notices", 3)
        notices.claim(NOW, 9)
        assert notices.reclaim(LATE - timedelta(microseconds=1)) == 0
        assert told(notices, "sending", "sending", "sending")
        assert notices.reclaim(LATE) == 3
        assert told(notices, "queued", "unknown", "unknown")
        assert notices.reclaim(LATE) == 0
        assert [n.attempts for n in notices.claim(LATE, 9)] == [2]

    def test_a_claim_that_is_kept_does_not_end(self, notices: Notices, beside: Notices) -> None:
        notices.record([notice(1)], "notices", 1)
        claimed = notices.claim(NOW, 9)
        notices.keep(claimed, LATE + LEASE)
        assert (beside.reclaim(LATE), beside.claim(LATE, 9), beside.reclaim(LATE + LEASE)) == (0, [], 1)

    def test_who_comes_late_with_an_answer_is_heard_unless_another_has_claimed_the_notice(
        self, notices: Notices, beside: Notices
    ) -> None:
        notices.record([notice(1), notice(2), notice(3, "reminder")], "notices", 3)
        first, second, third = notices.claim(NOW, 9)
        beside.reclaim(LATE)
        (again,) = beside.claim(LATE, 1)
        notices.keep([first], LATE + LEASE + LEASE)
        assert notices.settle([settled(first, "failed"), settled(second, "accepted"), settled(third, "accepted")]) == 2
        assert told(notices, "sending", "accepted", "accepted")
        assert beside.settle([settled(again, "accepted")]) == 1
        assert told(notices, "accepted", "accepted", "accepted")

    def test_of_senders_that_claim_at_once_each_gets_others(self, opened: Callable[[], SqliteNotices]) -> None:
        senders = [opened() for _ in range(4)]
        senders[0].record([notice(n) for n in range(1, 201)], "notices", 200)

        def claim(notices: SqliteNotices) -> list[int]:
            found: list[int] = []
            while batch := notices.claim(NOW, 7):
                found += (one.position for one in batch)
            return found

        answers = at_once([partial(claim, one) for one in senders])
        assert sorted(position for answer in answers for position in answer) == list(range(1, 201))
        assert {one.attempts for one in senders[0].notices()} == {1}

    def test_two_dispatchers_at_once_send_every_notice_once(
        self, opened: Callable[[], SqliteNotices], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(dispatch, "_SEND_AT_ONCE", 9)
        both = [opened(), opened()]
        both[0].record([notice(n, "statutory" if n % 3 else "reminder") for n in range(1, 121)], "notices", 120)
        sink = MailSink()
        port = sink.start(tmp_path / "mbox")
        answers = at_once([partial(_sent, one, port) for one in both])
        sink.stop()
        with closing(mailbox.mbox(tmp_path / "mbox")) as box:
            arrived = [message["Message-ID"] for message in box]
        assert (sum(answers), sorted(arrived)) == (120, sorted(f"<{n}>" for n in range(1, 121)))
        assert {(one.status, one.attempts) for one in both[0].notices()} == {("accepted", 1)}

    def test_a_dispatcher_keeps_its_claims_while_the_relay_takes_its_time(
        self, notices: SqliteNotices, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(dispatch, "_KEEP_SECONDS", 0.01)
        notices.record([notice(1)], "notices", 1)
        kept: list[str] = []

        class Slow:
            async def send(self, messages: Any) -> list[Sent]:
                first = now = notices.notices()[0].retry_at
                for _ in range(500):
                    await asyncio.sleep(0.01)
                    if (now := notices.notices()[0].retry_at) != first:
                        break
                kept.extend((first, now))
                return [Sent(Outcome.ACCEPTED, 250, "ok")]

        assert uvloop.run(_dispatcher(notices).send(Slow(), NOW)) == 1
        assert stamp(LATE) <= kept[0] < kept[1]
        assert told(notices, "accepted")


def _dispatcher(notices: SqliteNotices) -> Dispatcher:
    teller = Teller(notices._ledger, FixedDirectory(), {}, "from@fund.example", "https://fund.example", lambda _: b"")
    return Dispatcher(teller, notices)


def _sent(notices: SqliteNotices, port: int) -> int:
    async def send() -> int:
        mailer = Mailer(f"smtp://127.0.0.1:{port}", 3)
        try:
            return await _dispatcher(notices).send(mailer, NOW)
        finally:
            await mailer.close()

    return uvloop.run(send())
