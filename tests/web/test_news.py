"""Anybody may ask for news of calls: confirmed by a letter, told once when a call is published, gone by one click."""

from __future__ import annotations

import mailbox
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from fundcall.accounts.news import CONFIRM_WITHIN
from fundcall.mailsink import MailSink
from fundcall.messenger import deliver
from tests.api.office import Office
from tests.drive import A1, world
from tests.filings import CLIMATE
from tests.straight import Client
from tests.web.people import Browser, words

NEWS = "/public/news"
LINK = re.compile(r"https://fund\.example(/public/news/confirm\?link=[\w-]+)")


class Post:
    """A relay that takes mails for as long as a test lasts."""

    def __init__(self, office: Office, folder: Path) -> None:
        self.office, self.box, self.read = office, folder / "mails.mbox", 0
        self.box.touch()
        self.sink = MailSink()
        url = f"smtp://127.0.0.1:{self.sink.start(self.box)}"
        object.__setattr__(office.system, "settings", office.system.settings.model_copy(update={"smtp_url": url}))

    def visitor(self) -> Browser:
        """Somebody who has never been here."""
        return Browser(Client(self.office.client.app))

    def new(self) -> list[EmailMessage]:
        """What the next round brings."""
        deliver(self.office.system)
        with closing(mailbox.mbox(self.box)) as box:
            found = [message_from_bytes(one.as_bytes(), policy=default) for one in box][self.read :]
        self.read += len(found)
        return found


@pytest.fixture
def post(office: Office, tmp_path: Path) -> Iterator[Post]:
    found = Post(office, tmp_path)
    yield found
    found.sink.stop()


def text(mail: EmailMessage, kind: str = "plain") -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def ask(who: Browser, email: str, language: str = "zh-CN") -> str:
    return words(who.post(NEWS, {"email": email, "language": language}, NEWS).text)


def confirm(who: Browser, mail: EmailMessage) -> str:
    found = LINK.search(text(mail))
    assert found is not None
    assert "确认订阅" in who.get(found[1]).text  # looking uses nothing up
    return words(who.post(f"{NEWS}/confirm", {"link": found[1].partition("=")[2]}, found[1]).text)


def subscribed(post: Post, email: str, language: str = "zh-CN") -> Browser:
    who = post.visitor()
    ask(who, email, language)
    (letter,) = post.new()
    assert "已确认" in confirm(who, letter)
    return who


def publish(post: Post) -> None:
    place = world(CLIMATE.call, post.office.system.ledger)
    place.now = post.office.clock.at
    place.do_call("PublishCall", A1)


def test_a_published_call_is_told_once_to_each_in_the_language_asked_for(post: Post) -> None:
    subscribed(post, "li@example.org")
    subscribed(post, "smith@example.org", "en")
    ask(post.visitor(), "unsure@example.org")
    post.new()
    publish(post)
    mails = {str(mail["To"]): mail for mail in post.new()}
    assert post.new() == []
    assert sorted(mails) == ["li@example.org", "smith@example.org"]
    li, smith = mails["li@example.org"], mails["smith@example.org"]
    call = post.office.call
    page = f"https://fund.example/public/calls/{call.id}/notice"
    assert str(li["Subject"]).startswith(f"【{call.short_zh}】申报通知发布：")
    assert str(smith["Subject"]).startswith("A call is published: filing from ")
    for mail, first, second in ((li, call.title_zh, "—— English ——"), (smith, call.title_en, "—— 中文 ——")):
        lines = text(mail).splitlines()
        assert (first in lines[0], second in lines, page in text(mail), page in text(mail, "html")) == (True,) * 4
        assert (mail["List-Unsubscribe-Post"], mail["Auto-Submitted"]) == (
            "List-Unsubscribe=One-Click",
            "auto-generated",
        )


def test_a_call_that_is_published_before_somebody_confirms_is_not_told_later(post: Post) -> None:
    ask(post.visitor(), "li@example.org")
    (letter,) = post.new()
    publish(post)
    assert post.new() == []
    confirm(post.visitor(), letter)
    assert post.new() == []


def test_a_crash_after_some_were_told_doubles_nothing(post: Post) -> None:
    subscribed(post, "li@example.org")
    subscribed(post, "wang@example.org")
    publish(post)
    announcer, ledger = post.office.system.announcer, post.office.system.ledger
    assert announcer.record() == 2
    ledger.write([("DELETE FROM cursors WHERE name = 'news'", [()])])
    announcer._looked_upto = 0
    assert (announcer.record(), len(post.new())) == (0, 2)


def test_one_click_in_the_mail_program_ends_it_and_forgets_the_address(post: Post) -> None:
    subscribed(post, "li@example.org")
    publish(post)
    (mail,) = post.new()
    url = str(mail["List-Unsubscribe"]).strip(" <>")
    assert (url in text(mail), url in text(mail, "html")) == (True, True)
    path, system = url.removeprefix("https://fund.example"), post.office.system
    stranger = post.visitor()  # a mail program's server: neither cookie nor token
    assert "确认退订" in stranger.get(path).text
    answer = stranger.client.post(path, data={"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, "已退订" in answer.text) == (200, True)
    tables = ("subscribers", "news_requests", "mails")
    counts = [system.ledger.query(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]  # noqa: S608
    assert counts == [0, 0, 0]
    assert [notice.status for notice in system.notices.notices()] == ["accepted"]
    assert stranger.client.post(path, data={}).text == answer.text


def test_what_waits_for_somebody_who_has_left_is_not_sent(post: Post) -> None:
    subscribed(post, "li@example.org")
    publish(post)
    system = post.office.system
    system.announcer.record()
    (one,) = system.announcer.news.subscribers()
    system.announcer.news.leave(one.secret)
    assert (post.new(), [n.status for n in system.notices.notices()]) == ([], ["unaddressed"])


def test_nobody_learns_who_is_told_and_the_letters_say_the_same(post: Post) -> None:
    who = subscribed(post, "li@example.org")
    known, unknown = ask(who, "li@example.org"), ask(who, "zhao@example.org")
    assert known.replace("li@", "zhao@") == unknown
    letters = post.new()
    said = {LINK.sub("", text(letter)) for letter in letters}
    assert ([str(one["To"]) for one in letters], len(said)) == (["li@example.org", "zhao@example.org"], 1)
    leave = f"{NEWS}/leave?link="
    (one,) = post.office.system.announcer.news.subscribers()
    pages = [who.get(f"{leave}{link}").text.replace(link, "") for link in (one.secret, "x" * len(one.secret))]
    assert pages[0] == pages[1]


def test_an_address_that_is_none_and_a_link_that_is_over_are_told_so(post: Post) -> None:
    who = post.visitor()
    assert "邮箱格式有误" in ask(who, "li@example.org\r\nBcc: all@example.org")
    ask(who, "li@example.org")
    (letter,) = post.new()
    post.office.clock.at += CONFIRM_WITHIN
    found = LINK.search(text(letter))
    assert found is not None
    over = who.get(found[1])
    assert (over.status_code, "此链接已用过或已失效" in over.text) == (422, True)
    late = who.post(f"{NEWS}/confirm", {"link": found[1].partition("=")[2]}, NEWS)
    assert (late.status_code, post.office.system.announcer.news.subscribers()) == (422, [])


def test_one_mailbox_gets_five_letters_an_hour_and_one_place_may_ask_ten_times(post: Post) -> None:
    who = post.visitor()
    answers = [ask(who, "li@example.org") for _ in range(6)] + [ask(who, f"u{n}@example.org") for n in range(5)]
    assert ["尝试次数过多" in answer for answer in answers] == [False] * 5 + [True] + [False] * 4 + [True]
    post.office.clock.at += timedelta(hours=1)
    assert "请查收邮件" in ask(who, "li@example.org")


def test_what_was_told_rests_on_no_event_alone_and_replay_finds_nothing_amiss(post: Post) -> None:
    subscribed(post, "li@example.org")
    publish(post)
    post.new()
    (notice,) = post.office.system.notices.notices()
    assert (notice.ref, notice.template, notice.application, notice.of_event) == (
        "N01", "call_published", CLIMATE.call, False,
    )  # fmt: skip
