"""One mail a day for the officers, over the real path: chosen on the page, recorded, held, and handed to a relay."""

from __future__ import annotations

import mailbox
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import NamedTuple

import pytest

from fundcall.bootstrap import web
from fundcall.mailsink import MailSink
from fundcall.messenger import deliver
from notifications.daily import daily, morning_after
from tests.drive import A1, DAY, World
from tests.straight import Straight
from tests.web.town import Town, open_town

BOX = "<officers@authority.example.org>"


class Day(NamedTuple):
    """A town whose mails stand in a file; a project is in execution, and all that was told so far has left."""

    town: Town
    mbox: Path
    project: str

    def arrived(self) -> list[EmailMessage]:
        """What the relay has taken for the officers."""
        with closing(mailbox.mbox(self.mbox)) as box:
            found = [message_from_bytes(bytes(one), policy=policy.default) for one in box]
        return [one for one in found if one["Delivered-To"] == BOX]

    def new(self, at: datetime) -> list[EmailMessage]:
        """What arrives for them by a turn of the messenger at an instant."""
        self.town.clock.at, before = at, len(self.arrived())
        deliver(self.town.system)
        return self.arrived()[before:]


def listed(mail: EmailMessage) -> list[str]:
    """The notices that a day's mail names."""
    body = mail.get_body(("plain",))
    assert body is not None
    return [line for line in str(body.get_content()).splitlines() if line.startswith("· 【")]


def template(mail: EmailMessage) -> str:
    return str(mail["Message-ID"]).split(".")[1]


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Day]:
    sink, mbox = MailSink(), tmp_path / "mail.mbox"
    port = sink.start(mbox)
    town = open_town(tmp_path / "data")
    settings = town.system.settings.model_copy(update={"smtp_url": f"smtp://127.0.0.1:{port}"})
    town.system = replace(town.system, settings=settings)
    town.straight = Straight(web(town.system))
    w = town.world
    try:
        found = Day(town, mbox, w.in_execution(start_on="2026-05-15"))
        found.new(w.now)
        yield found
    finally:
        town.system.close()
        sink.stop()


def choose(town: Town, mode: str) -> int:
    fields = {"form_token": town.token("approving_officer"), "audience": "officers", "mode": mode}
    town.clock.at = town.world.now
    return town.straight.form("/mails/settings", fields, town.cookie("approving_officer")).status


def a_full_day(day: Day, w: World) -> None:
    """A report is overdue past bearing, and three things happen that could wait."""
    due = min(at for n, at in w.application(day.project).deadlines.items() if n.startswith("report:") and "~" not in n)
    w.at(due + 7 * DAY)
    day.new(w.now)
    assert choose(day.town, "daily") == 303
    w.at(due + 8 * DAY + timedelta(hours=4))
    for number, subject in enumerate(("负责人", "联系人", "地址"), start=1):
        w.do("RequestChange", w.unit(day.project), day.project, subject=subject, detail="变更")
        w.do("DecideRequest", A1, day.project, request=number, granted=True, reason="理由充分")


def test_what_the_law_asks_for_leaves_at_once_and_the_rest_in_one_mail_next_morning(day: Day) -> None:
    town, w = day.town, day.town.world
    a_full_day(day, w)
    assert [template(mail) for mail in day.new(w.now)] == ["report_escalated"]
    held = [n for n in town.system.notices.notices() if n.status == "held"]
    assert ({n.template for n in held}, {n.recipient for n in held}) == ({"request_received"}, {"officers"})
    morning = morning_after(w.now, w.call.timezone)
    assert morning - w.now < DAY
    assert day.new(morning - timedelta(seconds=1)) == []
    (mail,) = day.new(morning)
    assert (template(mail), mail["Subject"].count(str(len(held))) > 0) == ("office_daily", True)
    assert mail["Date"].datetime == morning
    assert listed(mail) == [f"· {n.subject} https://fund.example/applications/{n.application}" for n in held]
    assert [day.new(morning + timedelta(days=n)) for n in (0, 1, 2)] == [[], [], []]
    assert {n.status for n in town.system.notices.notices() if n.template == "request_received"} == {
        "accepted",
        "digested",
    }


def test_what_is_told_of_a_call_as_a_whole_leads_to_the_first_page(day: Day) -> None:
    teller, w = day.town.system.dispatcher.teller, day.town.world
    notice = day.town.system.notices.notices()[-1]._replace(application=w.call_id, recipient="officers")
    mail = message_from_bytes(daily(teller, [notice], w.now)[0].body, policy=policy.default)
    assert listed(mail) == [f"· {notice.subject} https://fund.example/"]
