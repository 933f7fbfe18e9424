"""The administrator's desk: who may act as what, by two where it counts, and everything written down; and nobody's case."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from fundcall.accounts.people import Account, Post
from fundcall.housekeeping import shown
from states.actor import OFFICERS, Actor, Role
from states.experts import Expert
from tests.api.office import Office, code, ok
from tests.filings import CLIMATE
from tests.web.people import Browser, account, browser, entered, words
from workflow.notices import LEASE

UNIT = CLIMATE.unit_code(1)
DESK = "/administration"
NEW = {"email": "wang@example.org", "name": "王五", "role": "expert", "unit": "EMPLOYER9"}


def desk(office: Office, name: str = "ada") -> Browser:
    """An administrator at the desk."""
    return entered(office, account(office, name, Role.ADMINISTRATOR, second=True))


def posts(office: Office, who: str) -> set[tuple[str, str]]:
    return {(post.role.value, post.unit) for post in office.system.accounts.posts(who) if not post.pending}


def acts(office: Office) -> list[tuple[str, ...]]:
    rows = office.system.ledger.query("SELECT administrator, what, subject, detail FROM desk_acts ORDER BY number")
    return [tuple(row) for row in rows]


def letters(office: Office) -> list[tuple[str, str]]:
    """The letters that wait: to whom, and what for. They are taken; nobody gets one twice."""
    now = office.clock.at
    taken = iter(lambda: office.system.accounts.take_letter(now, now + LEASE), None)
    return [(letter.account.id, letter.purpose.value) for letter in taken]


def test_an_account_is_opened_with_a_letter_and_found_again(office: Office) -> None:
    ada = desk(office)
    page = ada.post(f"{DESK}/accounts", NEW, f"{DESK}/accounts")
    made = office.system.accounts.by_email("wang@example.org")
    assert made is not None
    assert (page.url.path, posts(office, made.id)) == (f"{DESK}/accounts/{made.id}", {("expert", "EMPLOYER9")})
    assert letters(office) == [(made.id, "invite")]
    for asked, seen in (
        ("王五", True),
        ("EMPLOYER9", True),
        ("WANG@", True),
        (made.id, True),
        ("%", False),
        ("nobody", False),
    ):
        assert (asked, made.id in ada.get(f"{DESK}/accounts?q={asked}").text) == (asked, seen)


@pytest.mark.parametrize(
    "over",
    [
        {"email": "x"},
        {"email": "a@x.example, b@x.example"},
        {"name": "a" * 81},
        {"role": "system"},
        {"role": "applicant", "unit": "?EMPLOYER9"},
    ],
)
def test_an_account_that_cannot_be_is_refused_with_what_was_typed(office: Office, over: dict[str, str]) -> None:
    page = desk(office).post(f"{DESK}/accounts", {**NEW, **over}, f"{DESK}/accounts")
    assert (page.status_code, len(office.system.accounts.accounts()), "EMPLOYER9" in page.text) == (422, 1, True)


def test_a_role_of_staff_comes_through_two_administrators_neither_of_them_the_person(office: Office) -> None:
    ada, bob = desk(office), desk(office, "bob")
    account(office, "eve", Role.APPLICANT, UNIT)
    had = {("applicant", UNIT)}
    for role in sorted(OFFICERS | {Role.ADMINISTRATOR, Role.AUDITOR}):
        ada.post(f"{DESK}/accounts/eve/grant", {"role": role.value, "unit": ""}, f"{DESK}/accounts/eve")
        number = str(office.system.ledger.query("SELECT number FROM post_requests").fetchone()[0])
        own = ada.post(f"{DESK}/requests", {"number": number, "answer": "yes"}, DESK)
        assert (own.status_code, posts(office, "eve")) == (422, had)
        had = had | {(role.value, "")}
        bob.post(f"{DESK}/requests", {"number": number, "answer": "yes"}, DESK)
        assert posts(office, "eve") == had
        assert acts(office)[-2:] == [("ada", "asked", "eve", role.value), ("bob", "confirmed", "eve", role.value)]
        assert bob.post(f"{DESK}/requests", {"number": number, "answer": "yes"}, DESK).status_code in (409, 404)


def test_an_administrator_comes_by_no_deciding_role_with_one_other(office: Office) -> None:
    """Who asks for himself is stopped at the second, and so is the one for whom another asks."""
    ada, bob = desk(office), desk(office, "bob")
    ada.post(f"{DESK}/accounts/ada/grant", {"role": "head", "unit": ""}, f"{DESK}/accounts/ada")
    bob.post(f"{DESK}/accounts/ada/grant", {"role": "finance_officer", "unit": ""}, f"{DESK}/accounts/ada")
    told = [ada.post(f"{DESK}/requests", {"number": n, "answer": "yes"}, DESK).status_code for n in ("1", "2")]
    assert (told, posts(office, "ada")) == ([422, 422], {("administrator", "")})
    bob.post(f"{DESK}/requests", {"number": "1", "answer": "no"}, DESK)
    assert (posts(office, "ada"), acts(office)[-1]) == ({("administrator", "")}, ("bob", "refused", "ada", "head"))


def test_roles_are_taken_away_and_accounts_shut_at_once_but_never_ones_own(office: Office) -> None:
    ada = desk(office)
    li = entered(office, account(office, "li", Role.APPLICANT, UNIT))
    ada.post(f"{DESK}/accounts/li/strike", {"role": "applicant", "unit": UNIT}, f"{DESK}/accounts/li")
    assert (posts(office, "li"), li.get("/applications").url.path) == (set(), "/account")
    ada.post(f"{DESK}/accounts/li/shut", {}, f"{DESK}/accounts/li")
    assert li.get("/account").url.path == "/sign-in"
    ada.post(f"{DESK}/accounts/li/reopen", {}, f"{DESK}/accounts/li")
    told = [ada.post(f"{DESK}/accounts/ada/{act}", {"role": "administrator"}, f"{DESK}/accounts/ada").status_code
            for act in ("strike", "shut", "second")]  # fmt: skip
    assert (told, posts(office, "ada"), ada.get(DESK).status_code) == ([422] * 3, {("administrator", "")}, 200)
    assert [what for _, what, _, _ in acts(office)] == ["struck", "shut", "opened again"]


def test_sessions_of_others_are_listed_and_ended(office: Office) -> None:
    ada, who = desk(office), account(office, "li", Role.APPLICANT, UNIT)
    one, two = entered(office, who), entered(office, who)
    digests = re.findall(r'name="session" value="(\w{64})"', ada.get(f"{DESK}/accounts/li").text)
    assert len(digests) == 2
    ada.post(f"{DESK}/accounts/li/end", {"session": digests[0]}, f"{DESK}/accounts/li")
    assert sorted(b.get("/account").url.path for b in (one, two)) == ["/account", "/sign-in"]
    ada.post(f"{DESK}/accounts/li/end", {}, f"{DESK}/accounts/li")
    assert {b.get("/account").url.path for b in (one, two)} == {"/sign-in"}


def test_people_who_ask_to_act_for_a_unit_are_let_in_here_too(office: Office) -> None:
    asks = Account("zhao", "zhao@example.org", "Zhao")
    assert office.system.accounts.add(asks, (Post(Role.APPLICANT, UNIT, pending=True),), office.clock.at)
    ada = desk(office)
    assert "zhao@example.org" in ada.get(DESK).text
    answer = {"account": "zhao", "unit": UNIT, "answer": "yes"}
    assert ada.post(f"{DESK}/waiting", answer, DESK).status_code == 200
    assert (posts(office, "zhao"), ada.post(f"{DESK}/waiting", answer, DESK).status_code) == (
        {("applicant", UNIT)},
        409,
    )


def test_an_expert_is_invited_under_the_id_that_the_ledger_knows(office: Office) -> None:
    office.system.handler.experts.replace([Expert("e-7", "EMPLOYER7", ("gardens",), 5, "钱七", "qian@example.org")])
    ada = desk(office)
    ada.post(f"{DESK}/experts", {"expert": "e-7"}, f"{DESK}/experts")
    assert posts(office, "e-7") == {("expert", "EMPLOYER7")}
    assert letters(office) == [("e-7", "invite")]
    assert ada.post(f"{DESK}/experts", {"expert": "e-8"}, f"{DESK}/experts").status_code == 404


def test_everybody_makes_keys_for_themselves_and_the_desk_ends_them(office: Office) -> None:
    ada, li = desk(office), entered(office, account(office, "li", Role.APPLICANT, UNIT))
    shown_once = re.search(r"fck_[\w-]+", li.post("/account/keys", {"days": "30"}, "/account/keys").text)
    assert shown_once is not None
    headers = {"Authorization": f"Bearer {shown_once[0]}"}
    assert ok(office.client.get("/api/v1/applications", headers=headers)) == {"applications": [], "after": None}
    assert "fck_" not in li.get("/account/keys").text
    office.key(Actor("f1", Role.FORMAT_OFFICER))
    (mine,) = [token for token in office.system.tokens.tokens() if token.actor.id == "li"]
    other = next(token for token in office.system.tokens.tokens() if token.actor.id == "f1")
    assert li.post("/account/keys/end", {"key": other.digest}, "/account/keys").status_code == 404
    ada.post(f"{DESK}/keys", {"key": mine.digest}, f"{DESK}/keys")
    assert code(office.client.get("/api/v1/applications", headers=headers)) == (401, "unauthenticated")
    assert li.post("/account/keys", {"days": "366"}, "/account/keys").status_code == 422
    office.clock.at += timedelta(minutes=1)


def test_a_key_opens_no_more_than_its_account_may_do_now(office: Office) -> None:
    ada, who = desk(office), account(office, "flo", Role.FORMAT_OFFICER, second=True)
    made = entered(office, who).post("/account/keys", {"days": "365"}, "/account/keys").text
    found = re.search(r"fck_[\w-]+", made)
    assert found is not None
    headers, post = {"Authorization": f"Bearer {found[0]}"}, {"role": "format_officer", "unit": ""}

    def let_in() -> bool:
        return bool(office.client.get("/api/v1/applications", headers=headers).status_code == 200)

    assert let_in()
    ada.post(f"{DESK}/accounts/flo/shut", {}, f"{DESK}/accounts/flo")
    assert not let_in()
    ada.post(f"{DESK}/accounts/flo/reopen", {}, f"{DESK}/accounts/flo")
    assert let_in()
    ada.post(f"{DESK}/accounts/flo/strike", post, f"{DESK}/accounts/flo")
    assert not let_in()
    office.system.accounts.grant("flo", Post(Role.HEAD))
    assert not let_in()


def test_the_installation_is_shown_and_no_secret_of_it(office: Office) -> None:
    page = words(desk(office).get(f"{DESK}/installation").text)
    assert ("FUNDCALL_SMTP_URL" in page, "shanghai-ai-plus-2025" in page, "台账事件数" in page) == (True, True, True)
    office.clock.suspect = True
    assert "本机时钟发生跳变" in words(desk(office, "bea").get(f"{DESK}/installation").text)
    settings = office.system.settings.model_copy(update={"smtp_url": "smtp://me:secret@relay.example:25"})
    assert ("FUNDCALL_SMTP_URL", "smtp://***@relay.example:25") in shown(settings)


def test_an_administrator_decides_nothing_and_sees_no_application(office: Office) -> None:
    application = office.submitted()
    ada = desk(office)
    for path in (f"/applications/{application}", f"/applications/{application}/moves/PassFormatCheck"):
        assert ada.get(path).status_code == 404
    assert ada.get("/applications").status_code == 403
    pages = [ada.get(path).text for path in (DESK, f"{DESK}/accounts", f"{DESK}/keys", f"{DESK}/installation")]
    assert [page for page in pages if application in page or str(CLIMATE.form["title"]) in page] == []


def test_the_desk_is_for_administrators(office: Office) -> None:
    head = entered(office, account(office, "head", Role.HEAD, second=True))
    assert {
        head.get(f"{DESK}{page}").status_code for page in ("", "/accounts", "/keys", "/experts", "/installation")
    } == {403}
    assert browser(office).get(DESK).url.path == "/sign-in"
