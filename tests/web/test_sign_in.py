"""Coming in and going out through the pages of a real installation: by password, code, link; and who is kept out."""

from __future__ import annotations

import mailbox
import re
from contextlib import closing
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from argon2 import PasswordHasher, Type

from fundcall.accounts.entrance import Entrance
from fundcall.accounts.people import Account, Post, Purpose
from fundcall.mailsink import MailSink
from fundcall.messenger import deliver
from states.actor import Actor, Role
from tests.api.office import Office
from tests.by_hand import kept
from tests.filings import CLIMATE
from tests.straight import PEER
from tests.web.people import PASSWORD, Browser, account, browser, code_now, entered, words

UNIT = CLIMATE.unit_code(1)
INSIDE = "待办"
LINK = re.compile(r"https://fund\.example(/password\?link=[\w-]+)")


def at(answer: object) -> str:
    """Where somebody came to in the end."""
    return str(answer.url.path)  # type: ignore[attr-defined]


@pytest.fixture
def li(office: Office) -> Browser:
    account(office, "li", Role.APPLICANT, UNIT)
    return browser(office)


def test_a_password_leads_to_the_page_that_was_asked_for(li: Browser) -> None:
    asked = li.get("/applications?state=draft")
    assert (at(asked), asked.url.query) == ("/sign-in", b"next=%2Fapplications%3Fstate%3Ddraft")
    answer = li.sign_in("li@example.org", on="/applications?state=draft")
    assert (answer.status_code, at(answer), answer.url.query) == (200, "/applications", b"state=draft")


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", ""]
)
def test_nobody_is_led_away_to_another_site(li: Browser, target: str) -> None:
    answer = li.client.post("/sign-in", data={"form_token": li.token(), "email": "li@example.org", "password": PASSWORD,
                                              "next": target}, follow_redirects=False)  # fmt: skip
    assert answer.headers["location"] == "/"


def test_passwords_are_hashed_as_rfc_9106_advises(passwords_are_hashed_cheaply: PasswordHasher) -> None:
    hasher = passwords_are_hashed_cheaply  # what the product has; these tests themselves use a cheaper one
    assert (hasher.type, hasher.memory_cost, hasher.time_cost) == (Type.ID, 65_536, 3)


def test_a_wrong_password_and_an_unknown_address_are_told_the_same(li: Browser) -> None:
    known = li.sign_in("li@example.org", "wrong wrong wrong")
    unknown = li.sign_in("nobody@example.org", "wrong wrong wrong")
    assert (known.status_code, unknown.status_code) == (422, 422)
    assert words(known.text).replace("li@example.org", "") == words(unknown.text).replace("nobody@example.org", "")
    assert "邮箱或密码有误" in known.text


def test_the_session_is_a_new_one_and_dies_with_the_sign_out(li: Browser) -> None:
    li.get("/sign-in")
    before = li.client.cookies["__Host-fundcall"]
    li.sign_in("li@example.org")
    inside = li.client.cookies["__Host-fundcall"]
    assert inside != before
    answer = li.client.post("/sign-out", data={"form_token": li.token("/account")}, follow_redirects=False)
    assert (answer.headers["location"], answer.headers["clear-site-data"]) == (
        "/sign-in?done=out",
        '"cache", "storage"',
    )
    li.client.cookies.set("__Host-fundcall", inside)
    assert at(li.get("/")) == "/sign-in"


def test_the_eleventh_try_within_an_hour_is_refused_whatever_the_password(office: Office, li: Browser) -> None:
    for _ in range(10):
        assert li.sign_in("li@example.org", "wrong wrong wrong").status_code == 422
    refused = li.sign_in("li@example.org")
    assert (at(refused), "尝试次数过多" in refused.text) == ("/sign-in", True)
    office.clock.at += timedelta(hours=1)
    assert INSIDE in li.sign_in("li@example.org").text


def test_who_signs_in_uses_up_no_try_of_others_behind_the_same_address(office: Office, li: Browser) -> None:
    entrance = Entrance(office.system.accounts)
    for _ in range(99):
        entrance.knock(PEER, office.clock.at)
    for _ in range(3):
        assert INSIDE in browser(office).sign_in("li@example.org").text
    assert li.sign_in("li@example.org", "wrong wrong wrong").status_code == 422
    assert "尝试次数过多" in li.sign_in("li@example.org").text


def test_sessions_are_listed_and_each_can_be_ended(office: Office, li: Browser) -> None:
    other = browser(office)
    li.sign_in("li@example.org")
    other.sign_in("li@example.org")
    page = li.get("/account").text
    digests = re.findall(r'name="session" value="(\w+)"', page)
    mine = re.search(r"（本次登录）.*?value=\"\w+\".*?name=\"session\" value=\"(\w+)\"", page, re.DOTALL)
    assert (len(digests), mine is not None) == (2, True)
    theirs = next(d for d in digests if mine is not None and d != mine.group(1))
    li.post("/account/sessions/end", {"session": theirs}, "/account")
    assert (at(li.get("/")), at(other.get("/"))) == ("/", "/sign-in")
    assert at(li.post("/account/sessions/end", {}, "/account")) == "/sign-in"


@pytest.mark.parametrize("hours", [2, 12])
def test_a_session_ends_after_two_idle_hours_and_after_twelve_in_all(office: Office, li: Browser, hours: int) -> None:
    li.sign_in("li@example.org")
    for _ in range(hours - 1 if hours > 2 else 0):
        office.clock.at += timedelta(hours=1)
        assert at(li.get("/")) == "/"
    office.clock.at += timedelta(hours=1 if hours > 2 else 2)
    assert at(li.get("/")) == "/sign-in"


def test_disabling_an_account_ends_its_sessions_and_keeps_it_out(office: Office, li: Browser) -> None:
    li.sign_in("li@example.org")
    office.system.accounts.set_disabled("li", disabled=True)
    assert at(li.get("/")) == "/sign-in"
    assert li.sign_in("li@example.org").status_code == 422


def test_a_role_taken_away_in_mid_session_is_gone_at_the_next_request(office: Office, li: Browser) -> None:
    li.sign_in("li@example.org")
    office.system.ledger.write([("DELETE FROM posts WHERE account = ?", [("li",)])])
    assert at(li.get("/applications")) == "/account"


def test_staff_without_a_second_factor_see_nothing_before_it_is_set_up(office: Office) -> None:
    account(office, "wang", Role.FORMAT_OFFICER)
    wang = browser(office)
    assert at(wang.sign_in("wang@example.org")) == "/account/second"
    assert at(wang.get("/applications")) == "/account/second"
    shown = wang.post("/account/second", {}, "/account/second")
    assert "<svg" in shown.text
    wrong = wang.post("/account/second/proof", {"code": "000000"}, "/account/second")
    assert (wrong.status_code, "验证码有误" in wrong.text) == (422, True)
    proved = wang.post("/account/second/proof", {"code": code_now(office, "wang")}, "/account/second")
    assert ("已设置" in proved.text, at(wang.get("/applications"))) == (True, "/applications")


def test_a_code_is_good_once_and_only_around_its_half_minute(office: Office) -> None:
    account(office, "wang", Role.FORMAT_OFFICER, second=True)
    wang, again = browser(office), browser(office)
    assert at(wang.sign_in("wang@example.org")) == "/sign-in/code"
    assert at(wang.get("/")) == "/sign-in/code"
    code = code_now(office, "wang")
    assert INSIDE in wang.post("/sign-in/code", {"code": code}, "/sign-in/code").text
    again.sign_in("wang@example.org")
    replayed = again.post("/sign-in/code", {"code": code}, "/sign-in/code")
    assert (replayed.status_code, at(again.get("/"))) == (422, "/sign-in/code")
    office.clock.at += timedelta(seconds=90)
    assert again.post("/sign-in/code", {"code": code}, "/sign-in/code").status_code == 422
    assert INSIDE in again.post("/sign-in/code", {"code": code_now(office, "wang")}, "/sign-in/code").text


def letters(office: Office, folder: Path) -> list[str]:
    """Deliver what waits over real SMTP: the links, in order."""
    sink, box = MailSink(), folder / "letters.mbox"
    box.touch()
    port = sink.start(box)
    settings = office.system.settings.model_copy(update={"smtp_url": f"smtp://127.0.0.1:{port}"})
    object.__setattr__(office.system, "settings", settings)
    deliver(office.system)
    sink.stop()
    return [link for text in letter_texts(box) for link in LINK.findall(text)]


def letter_texts(box: Path) -> list[str]:
    """What the letters in a mailbox say, in order."""
    with closing(mailbox.mbox(box)) as letters:
        bodies = [message_from_bytes(letter.as_bytes(), policy=default).get_body(("plain",)) for letter in letters]
    return [body.get_content() for body in bodies if body is not None]


def test_somebody_new_registers_confirms_by_the_letter_and_acts_for_the_unit(office: Office, tmp_path: Path) -> None:
    new = browser(office)
    sent = new.post("/register", {"email": " Zhao@Example.org ", "name": "赵", "unit": UNIT.lower()}, "/register")
    assert "请查收邮件" in sent.text
    (link,) = letters(office, tmp_path)
    assert UNIT in new.get(link).text  # looking at it uses nothing up
    short = new.post("/password", {"link": link.partition("=")[2], "password": "short"}, link)
    assert (short.status_code, "12至128个字符" in short.text) == (422, True)
    done = new.post("/password", {"link": link.partition("=")[2], "password": PASSWORD}, link)
    assert "密码已设置" in done.text
    assert UNIT in new.sign_in("zhao@example.org").text
    used = new.get(link)
    assert "此链接已用过或已失效" in used.text


def test_the_second_person_of_a_unit_is_let_in_by_the_first(office: Office, tmp_path: Path) -> None:
    account(office, "li", Role.APPLICANT, UNIT)
    new = browser(office)
    new.post("/register", {"email": "zhao@example.org", "name": "赵", "unit": UNIT}, "/register")
    (link,) = letters(office, tmp_path)
    new.post("/password", {"link": link.partition("=")[2], "password": PASSWORD}, link)
    assert "等待同意" in new.sign_in("zhao@example.org").text
    assert at(new.get("/applications")) == "/account"
    li = browser(office)
    assert "有1人申请代表本单位" in li.sign_in("li@example.org").text
    asked = re.search(r'name="account" value="([\w-]+)"', li.get("/unit").text)
    assert asked is not None
    li.post("/unit/people", {"account": asked.group(1), "answer": "yes"}, "/unit")
    assert INSIDE in new.sign_in("zhao@example.org").text


def test_registering_and_forgetting_say_nothing_of_who_is_known(office: Office, tmp_path: Path) -> None:
    account(office, "li", Role.APPLICANT, UNIT)
    for path, fields in (("/register", {"name": "赵", "unit": UNIT}), ("/forgot", {})):
        told = [words(browser(office).post(path, {"email": f"{who}@example.org", **fields}, path).text).replace(f"{who}@", "")
                for who in ("li", "nobody")]  # fmt: skip
        assert told[0] == told[1]


def test_a_link_to_choose_another_password_ends_every_session_and_runs_out(office: Office, tmp_path: Path) -> None:
    account(office, "li", Role.APPLICANT, UNIT)
    inside, lost = browser(office), browser(office)
    inside.sign_in("li@example.org")
    lost.post("/forgot", {"email": "LI@example.org"}, "/forgot")
    (link,) = letters(office, tmp_path)
    office.clock.at += timedelta(minutes=29)
    lost.post("/password", {"link": link.partition("=")[2], "password": "another horse entirely"}, link)
    assert at(inside.get("/")) == "/sign-in"
    assert lost.sign_in("li@example.org").status_code == 422
    assert INSIDE in lost.sign_in("li@example.org", "another horse entirely").text
    browser(office).post("/forgot", {"email": "li@example.org"}, "/forgot")
    (_, late) = letters(office, tmp_path)
    office.clock.at += timedelta(minutes=30)
    assert "此链接已用过或已失效" in browser(office).get(late).text


def test_another_password_ends_the_keys_of_the_account_too_and_every_page_and_letter_says_so(
    office: Office, tmp_path: Path
) -> None:
    account(office, "li", Role.APPLICANT, UNIT)
    headers = made_key(office, Actor("li", Role.APPLICANT, UNIT))
    other = made_key(office, Actor("wang", Role.APPLICANT, UNIT))
    assert let_in(office, headers)
    lost = browser(office)
    lost.post("/forgot", {"email": "li@example.org"}, "/forgot")
    (link,) = letters(office, tmp_path)
    (letter,) = letter_texts(tmp_path / "letters.mbox")
    assert ("所有登录和接口密钥都会失效" in letter, "ends every session and every API key" in letter) == (True, True)
    assert "所有登录和接口密钥都会失效" in words(lost.get(link).text)
    assert let_in(office, headers), "nothing ends before a password is chosen"
    told = lost.post("/password", {"link": link.partition("=")[2], "password": "another horse entirely"}, link)
    assert (let_in(office, headers), let_in(office, other)) == (False, True)
    assert "新密码已设置。 此账号原有的登录和接口密钥均已失效" in words(told.text)
    lost.in_english()
    assert "Every session and every API key that the account had has ended" in words(
        lost.get("/sign-in?done=reset").text
    )


def test_an_invitation_sent_again_to_somebody_with_a_password_ends_the_keys_as_well(office: Office) -> None:
    found = account(office, "li", Role.APPLICANT, UNIT)
    headers = made_key(office, Actor("li", Role.APPLICANT, UNIT))
    entrance = Entrance(office.system.accounts)
    secret = entrance.link(found, Purpose.INVITE, office.clock.at)
    entrance.choose_password(secret, "another horse entirely", office.clock.at)
    assert not let_in(office, headers)


def test_a_first_password_leaves_the_keys_that_were_issued_before_it(office: Office) -> None:
    made = Account("li", "li@example.org", "Li")
    assert office.system.accounts.add(made, (Post(Role.APPLICANT, UNIT),), office.clock.at)
    headers = made_key(office, Actor("li", Role.APPLICANT, UNIT))
    link = Entrance(office.system.accounts).link(made, Purpose.INVITE, office.clock.at)
    page = f"/password?link={link}"
    assert "密钥" not in words(browser(office).get(page).text)
    told = browser(office).post("/password", {"link": link, "password": PASSWORD}, page)
    assert ("密码已设置，请登录。" in told.text, let_in(office, headers)) == (True, True)


def made_key(office: Office, actor: Actor) -> dict[str, str]:
    """A key to the API, as the headers of whoever asks with it."""
    key = office.system.tokens.issue(actor, office.clock.at, office.clock.at + timedelta(days=1))
    return {"Authorization": f"Bearer {key}"}


def let_in(office: Office, headers: dict[str, str]) -> bool:
    return bool(office.client.get("/api/v1/applications", headers=headers).status_code == 200)


def test_nothing_that_opens_a_door_stands_in_the_database(office: Office, tmp_path: Path) -> None:
    account(office, "li", Role.APPLICANT, UNIT)
    li = browser(office)
    li.sign_in("li@example.org")
    browser(office).post("/forgot", {"email": "li@example.org"}, "/forgot")
    (link,) = letters(office, tmp_path)
    found = kept(office.system.settings)
    secrets = (li.client.cookies["__Host-fundcall"], link.partition("=")[2], PASSWORD)
    assert [secret for secret in secrets if secret.encode() in found] == []
    assert b"li@example.org" in found


def test_the_demo_addresses_are_no_way_into_a_real_installation(office: Office) -> None:
    assert browser(office).get("/demo/anything").status_code == 404


def test_a_person_with_two_roles_acts_in_one_at_a_time(office: Office) -> None:
    who = account(office, "qian", Role.FORMAT_OFFICER, second=True)
    office.system.accounts.grant(who.id, Post(Role.REVIEW_OFFICER))
    page = entered(office, who)
    assert "形式审查人员" in page.get("/").text
    assert "评审组织人员" in page.post("/account/post", {"post": "review_officer:"}, "/account").text
    other = page.post("/account/post", {"post": "head:"}, "/account")
    assert (other.status_code, "没有" in other.text) == (404, True)
