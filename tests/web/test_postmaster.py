"""What comes back is read once, told to the officers once, and done with by a note or by sending again; every notice can
be written again as it was.
"""

from __future__ import annotations

import mailbox
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fundcall.cli import app
from fundcall.documents.examiner import Examiner
from notifications.dispatch import address_of
from notifications.mailer import Outcome, Sent
from states.calendar import stamp
from tests.api.office import Office, open_office
from tests.drive import F1
from tests.notifications.test_bounces import failed, report
from workflow.maildesk import Bounce, Undelivered, Wanted
from workflow.notices import Notice


@pytest.fixture
def place(tmp_path: Path, examiner: Examiner) -> Iterator[Office]:
    """An application was filed, and its receipt taken by the relay."""
    found = open_office(tmp_path / "data", examiner)
    found.submitted()
    system = found.system
    system.dispatcher.record()
    accept(found)
    yield found
    system.ledger.close()


def accept(place: Office, outcome: str = "accepted") -> None:
    """Let the relay answer all that is queued."""
    from workflow.notices import Settled

    notices, now = place.system.notices, place.clock.at
    claimed = notices.claim(now, 100)
    notices.settle(
        [Settled(n.position, n.recipient, n.template, n.attempts, outcome, "250 ok", "", stamp(now)) for n in claimed]
    )


def receipt(place: Office) -> Notice:
    return next(n for n in place.system.notices.notices() if n.template == "submission_receipt")


def waiting(place: Office) -> list[Undelivered]:
    return place.system.postmaster.desk.undelivered(9)


def back(place: Office, action: str = "failed", status: str = "5.1.1") -> bytes:
    return report(failed(action, status), about=receipt(place).message_id)


def dropped(place: Office, kind: str) -> Path:
    """A place where the report was dropped."""
    drop = place.system.settings.data_dir / "drop"
    if kind == "maildir":
        mailbox.Maildir(drop).add(back(place))
    elif kind == "mbox":
        with closing(mailbox.mbox(drop)) as box:
            box.add(back(place))
    else:
        drop.mkdir()
        (drop / "1.eml").write_bytes(back(place))
    return drop


@pytest.mark.parametrize("kind", ["maildir", "mbox", "folder"])
def test_a_report_that_was_dropped_opens_a_task_once_and_mails_the_officers_once(place: Office, kind: str) -> None:
    postmaster = replace(place.system.postmaster, drop=dropped(place, kind))
    assert [postmaster.turn(place.clock.at) for _ in range(2)] == [1, 0]
    (one,) = waiting(place)
    assert (one.notice.message_id, one.status, receipt(place).status) == (receipt(place).message_id, "5.1.1", "bounced")
    told = [n for n in place.system.notices.notices() if n.template == "undelivered"]
    assert [(n.ref, n.kind, n.recipient, n.position) for n in told] == [
        ("N57", "statutory", "officers", one.notice.position)
    ]
    assert postmaster.drop is not None
    assert list(postmaster.drop.glob("new/*")) == []


def test_a_delay_opens_no_task_and_a_later_failure_does(place: Office) -> None:
    postmaster, now = place.system.postmaster, place.clock.at
    file = place.system.settings.data_dir / "report.eml"
    file.write_bytes(back(place, "delayed", "4.4.1"))
    assert (postmaster.read([file], now), waiting(place), receipt(place).status) == ((1, 1), [], "accepted")
    file.write_bytes(back(place))
    assert (postmaster.read([file], now), len(waiting(place))) == ((1, 1), 1)
    assert (postmaster.read([file], now), len(waiting(place))) == ((1, 0), 1)


def test_a_report_about_no_notice_of_ours_is_no_news(place: Office) -> None:
    assert place.system.postmaster.desk.bounced([Bounce("<else@where>", True, "5.0.0", "")], place.clock.at) == 0


def test_a_note_closes_a_task_and_the_same_report_does_not_open_it_again(place: Office) -> None:
    desk, now = place.system.postmaster.desk, place.clock.at
    hard = Bounce(receipt(place).message_id, hard=True, status="5.1.1", diagnostic="")
    desk.bounced([hard], now)
    assert [desk.close(hard.message_id, F1.id, "电话告知", now) for _ in range(2)] == [True, False]
    assert (desk.bounced([hard], now), waiting(place)) == (0, [])


def test_sending_again_to_a_mended_address_closes_the_task_and_keeps_the_first_bytes(place: Office) -> None:
    postmaster, now, first = place.system.postmaster, place.clock.at, receipt(place)
    postmaster.desk.bounced([Bounce(first.message_id, hard=True, status="5.1.1", diagnostic="")], now)
    for address in ("two@x.example, three@x.example", ""):
        assert not postmaster.readdress(first.message_id, address, F1, now)
    assert [postmaster.readdress(first.message_id, "new@x.example", F1, now) for _ in range(2)] == [True, False]
    again = next(n for n in place.system.notices.notices() if n.recipient == f"{first.recipient}~2")
    assert (address_of(again.body), again.status, again.subject) == (b"new@x.example".decode(), "queued", first.subject)
    assert (again.message_id != first.message_id, receipt(place).body == first.body, waiting(place)) == (True, True, [])


def test_a_statutory_notice_that_the_relay_refuses_for_good_opens_a_task_and_can_be_tried_again(place: Office) -> None:
    application = place.submitted(2)
    place.system.dispatcher.record()
    accept(place, "failed")
    refused = [one.notice.application for one in waiting(place)]
    assert refused == [application]
    desk = place.system.postmaster.desk
    assert (
        desk.requeue(Wanted("dead", "", application)) == len(desk.page(Wanted("queued", "", application), None, 99)) > 0
    )


def test_what_is_refused_for_now_or_may_have_arrived_is_tried_again_later_and_later(place: Office) -> None:
    from notifications.dispatch import _settled

    notice, now = receipt(place), place.clock.at
    later = [Sent(Outcome.DEFERRED, 451, "later"), Sent(Outcome.UNKNOWN, 0, "")]
    for sent in later:
        waits = [_settled(notice._replace(attempts=n), sent, now).retry_at for n in (1, 2, 3, 4, 50)]
        assert waits == [stamp(now + timedelta(minutes=m)) for m in (1, 5, 15, 60, 60)]
    assert _settled(notice._replace(attempts=80), later[0], now).status == "failed"


def test_reports_are_read_and_dead_letters_tried_again_from_the_command_line(place: Office) -> None:
    run, data = CliRunner(), ["--data", str(place.system.settings.data_dir), "--json"]
    file = place.system.settings.data_dir / "report.eml"
    file.write_bytes(back(place))
    read = run.invoke(app, ["notices", "bounces", str(file), *data])
    assert (read.exit_code, read.stdout.split()) == (
        0,
        ["{", '"mails":', "1,", '"news":', "1,", '"told":', "1,", '"undelivered":', "1", "}"],
    )
    again = run.invoke(app, ["notices", "retry", "--status", "bounced", *data])
    assert (again.exit_code, again.stdout.split()) == (0, ["{", '"queued":', "1", "}"])
    assert run.invoke(app, ["notices", "retry", "--status", "nothing", *data]).exit_code == 2
