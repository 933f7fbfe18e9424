"""A unit's certificate signs in where a trusted proxy tells of it; what anybody else says is ignored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from pydantic import ValidationError

from fundcall.accounts.entrance import Entrance
from fundcall.accounts.people import Certificate, Post
from fundcall.bootstrap import web
from fundcall.documents.examiner import Examiner
from fundcall.settings import Settings
from states.actor import Actor, Role
from tests.api.office import Office, open_office
from tests.drive import world
from tests.filings import CLIMATE, SHANGHAI
from tests.straight import Client
from tests.web.people import Browser, account, words
from workflow.record import decode

UNIT, OTHER = CLIMATE.unit_code(1), CLIMATE.unit_code(2)
SUBJECT, CODE, NAME = "X-Certificate-Subject", "X-Certificate-Unit", "X-Certificate-Name"
SETTINGS = {
    "trusted_proxies": "10.0.0.0/8", "certificate_subject": SUBJECT, "certificate_unit": CODE,
    "certificate_unit_name": NAME,
}  # fmt: skip
CERTIFICATE = {SUBJECT: "CN=key-1", CODE: UNIT, NAME: quote("单位（上海）")}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, examiner: Examiner) -> Iterator[Office]:
    found = open_office(tmp_path_factory.mktemp("certificates"), examiner)
    account(found, "li", Role.APPLICANT, UNIT)
    account(found, "fang", Role.FORMAT_OFFICER, second=True)
    yield found
    found.system.ledger.close()


@pytest.fixture(scope="module")
def site(office: Office) -> Iterator[Client]:
    settings = office.system.settings.model_copy(update=SETTINGS)
    with Client(web(replace(office.system, settings=settings))) as found:
        yield found


@pytest.fixture(autouse=True)
def nothing_linked(office: Office) -> None:
    office.system.ledger.write([("DELETE FROM certificates", [()]), ("DELETE FROM tries", [()])])


def someone(site: Client, certificate: dict[str, str] | None = None, peer: str = "10.0.0.1") -> Browser:
    """A browser behind a proxy, or at an address of its own, that sends these headers."""
    client = Client(site.app, follow_redirects=False, peer=peer)
    client.headers.update(certificate or {})
    return Browser(client)


def linked(site: Client, certificate: dict[str, str] = CERTIFICATE) -> Any:
    """Li signs in by password and links a certificate."""
    li = someone(site, certificate)
    assert li.sign_in("li@example.org").status_code == 303
    return li.post("/account/certificate", {}, "/account")


def tried(who: Browser, on: str = "/applications") -> Any:
    return who.post("/sign-in/certificate", {"next": on})


def test_a_linked_certificate_signs_in_to_the_account_of_its_unit(site: Client) -> None:
    who = someone(site, CERTIFICATE)
    assert "使用法人一证通登录" in who.get("/sign-in").text
    assert "尚未关联账号" in words(tried(who).text)
    assert linked(site).headers["location"] == "/account"
    answer = tried(who)
    assert (answer.status_code, answer.headers["location"]) == (303, "/applications")
    assert UNIT in who.get("/account").text
    assert "已与本账号关联" in who.get("/account").text


@pytest.mark.parametrize("peer", ["192.0.2.1", "11.0.0.1", "testclient"])
def test_the_same_headers_from_anybody_else_are_ignored(site: Client, peer: str) -> None:
    linked(site)
    stranger = someone(site, {**CERTIFICATE, "X-Forwarded-For": "10.0.0.1"}, peer)
    assert "法人一证通" not in stranger.get("/sign-in").text
    assert tried(stranger).status_code == 404
    assert stranger.get("/account").status_code == 303


def test_without_the_setting_the_headers_of_a_trusted_proxy_are_ignored_too(office: Office, site: Client) -> None:
    linked(site)
    settings = office.system.settings.model_copy(update={"trusted_proxies": "10.0.0.0/8"})
    with Client(web(replace(office.system, settings=settings))) as plain:
        assert tried(someone(plain, CERTIFICATE)).status_code == 404


@pytest.mark.parametrize(
    "over", [{SUBJECT: "CN=key-2"}, {CODE: OTHER}, {CODE: "nonsense !"}, {CODE: ""}, {SUBJECT: ""}], ids=str
)
def test_another_certificate_does_not_sign_in(site: Client, over: dict[str, str]) -> None:
    linked(site)
    who = someone(site, CERTIFICATE | over)
    assert (tried(who).status_code in (422, 404), who.get("/account").status_code) == (True, 303)


def test_a_header_that_stands_there_twice_is_not_believed(site: Client) -> None:
    linked(site)
    who = someone(site)
    twice = [("x-certificate-subject", "CN=key-9"), *((n.lower(), v) for n, v in CERTIFICATE.items())]
    page = who.client.get("/sign-in", headers=twice)
    assert "法人一证通" not in page.text


def test_a_certificate_of_another_unit_is_not_linked(site: Client) -> None:
    li = someone(site)
    li.sign_in("li@example.org")
    li.client.headers.update({**CERTIFICATE, CODE: OTHER})
    answer = li.post("/account/certificate", {}, "/account")
    assert (answer.status_code, "不属于您当前办理的单位" in answer.text, "申报通知" in answer.text) == (
        403,
        True,
        True,
    )


def test_a_password_does_not_let_in_a_units_clerk_with_another_units_certificate(site: Client) -> None:
    li = someone(site, {**CERTIFICATE, CODE: OTHER})
    refused = li.sign_in("li@example.org")
    assert (refused.status_code, "不属于您办理的单位" in words(refused.text)) == (422, True)
    assert li.get("/account").status_code == 303
    assert someone(site, {**CERTIFICATE, CODE: OTHER}).sign_in("fang@example.org").status_code == 303


@dataclass
class Draft:
    """A whole draft in the call that asks for the certificate, and the code of its unit."""

    office: Office
    id: str
    unit: str

    def filed(self, site: Client, shown: dict[str, str]) -> Any:
        """Its clerk, signed in already, submits it by the page."""
        found = self.office.system.accounts.by_id(f"clerk-{self.unit}")
        clerk = found or account(self.office, f"clerk-{self.unit}", Role.APPLICANT, self.unit)
        who = someone(site, shown)
        who.client.cookies.set(
            "__Host-fundcall",
            Entrance(self.office.system.accounts).begin(clerk, "test", self.office.clock.at, second=True),
        )
        page = f"/applications/{self.id}/submit"
        return who.post(page, {"attempt": "one", "command": "SubmitApplication"}, page)

    def findings(self) -> list[str]:
        """What was found of the certificate: severities."""
        found = self.office.system.ledger.transact(lambda transaction: transaction.application(self.id))
        assert found is not None
        return [one["severity"] for one in found.findings if one["rule"] == "certificate_linked"]


@pytest.fixture
def draft(office: Office) -> Iterator[Draft]:
    place = world(SHANGHAI.call, office.system.ledger)
    place.units, place.commands = len(office.system.ledger.rows()), office.system.ledger.head()
    name = place.draft()
    before, office.clock.at = office.clock.at, place.now
    yield Draft(office, name, place.application(name).unit_code)
    office.clock.at = before


@pytest.mark.parametrize(
    ("over", "said"),
    [(None, "未出示有效证书"), ({CODE: OTHER}, f"证书所属单位为 {OTHER}"), ({SUBJECT: ""}, "未出示有效证书")],
    ids=["none", "another unit's", "without a subject"],
)
def test_a_filing_without_the_units_own_certificate_is_refused(
    site: Client, draft: Draft, over: dict[str, str] | None, said: str
) -> None:
    answer = draft.filed(site, {} if over is None else {**CERTIFICATE, CODE: draft.unit, **over})
    assert (answer.status_code, said in words(answer.text), "四(二)1" in answer.text) == (422, True, True)
    assert draft.office.system.ledger.counts(SHANGHAI.call).get("submitted", 0) == 0


def test_the_units_own_certificate_lets_it_file_and_another_name_is_the_officers_matter(
    office: Office, site: Client, draft: Draft
) -> None:
    answer = draft.filed(site, {**CERTIFICATE, CODE: draft.unit, NAME: quote("另一家单位")})
    assert (answer.status_code, draft.findings()) == (303, ["officer"])
    (event,) = [one for one in office.system.ledger.stored(application=draft.id) if one.type == "ApplicationSubmitted"]
    assert decode(event.body).facts["certificate"] == {"unit": draft.unit, "name": "另一家单位"}


def test_a_program_files_with_the_certificate_too(office: Office, site: Client, draft: Draft) -> None:
    actor, path = (
        Actor("api", Role.APPLICANT, draft.unit),
        f"/api/v1/applications/{draft.id}/commands/SubmitApplication",
    )
    codes = [
        someone(site, shown).client.post(path, json={}, headers=office.headers(actor)).status_code
        for shown in ({}, {**CERTIFICATE, CODE: draft.unit, NAME: ""})
    ]
    assert (codes, draft.findings()) == ([422, 200], [])


def test_where_the_setting_is_off_the_filing_is_taken_without_a_finding(office: Office, draft: Draft) -> None:
    with Client(web(office.system)) as plain:
        answer = draft.filed(plain, {})
    assert (answer.status_code, draft.findings()) == (303, [])


def test_whoever_no_longer_acts_for_the_unit_does_not_come_in_by_its_certificate(office: Office, site: Client) -> None:
    linked(site)
    office.system.ledger.write([("DELETE FROM posts WHERE account = 'li'", [()])])
    told = words(tried(someone(site, CERTIFICATE)).text)
    office.system.accounts.grant("li", Post(Role.APPLICANT, UNIT))
    assert "不属于您办理的单位" in told
    office.system.accounts.set_disabled("li", disabled=True)
    shut = tried(someone(site, CERTIFICATE))
    office.system.accounts.set_disabled("li", disabled=False)
    assert (shut.status_code, "尚未关联账号" in words(shut.text)) == (422, True)


def test_somebody_who_is_staff_too_still_shows_a_code(office: Office, site: Client) -> None:
    linked(site)
    office.system.accounts.grant("li", Post(Role.FORMAT_OFFICER))
    who = someone(site, CERTIFICATE)
    tried(who)
    led = who.get("/applications").headers["location"]
    office.system.ledger.write([("DELETE FROM posts WHERE account = 'li' AND role = 'format_officer'", [()])])
    assert led == "/account/second"


def test_another_name_is_the_officers_matter_until_a_later_certificate_bears_the_units_and_one_of_other_width_is_none(
    office: Office, site: Client
) -> None:
    name = office.submitted(1)
    said = [noted_by_an_officer(office, site, name, one) for one in ("单位ｕｎｉｔ－１", "单位unit- 1", "另一家单位")]
    assert said == [False, False, True]
    office.clock.at += timedelta(minutes=1)
    later = {**CERTIFICATE, SUBJECT: "CN=later"}
    stands, history = noted_by_an_officer(office, site, name, "单位unit-1", later), "名称（仅作历史记录）： 另一家单位"
    assert (stands, history in case_of(office, site, name)) == (False, True)


def test_what_was_found_of_the_filings_own_certificate_stands_alone(office: Office, site: Client, draft: Draft) -> None:
    shown = {**CERTIFICATE, CODE: draft.unit, NAME: quote("另一家单位")}
    office.system.accounts.link_certificate("x", Certificate("before", draft.unit, "旧名称"), office.clock.at)
    draft.filed(site, shown)
    page = case_of(office, site, draft.id)
    assert [
        text in page
        for text in (
            "证书上的单位名称为“另一家单位”，与申报不一致",
            "登录所用法人一证通的单位名称与申报不一致",
            "以提交申报时出示的证书为准，其检查结果见审查事项。 此前登录所用证书的其他名称（仅作历史记录）： 旧名称",
        )
    ] == [True, False, True]


def case_of(office: Office, site: Client, application: str) -> str:
    """The case as an officer reads it."""
    fang = someone(site)
    account_of = office.system.accounts.by_id("fang")
    assert account_of is not None
    secret = Entrance(office.system.accounts).begin(account_of, "test", office.clock.at, second=True)
    fang.client.cookies.set("__Host-fundcall", secret)
    page = fang.get(f"/applications/{application}")
    assert page.status_code == 200
    return words(page.text)


def noted_by_an_officer(
    office: Office, site: Client, application: str, name: str, shown: dict[str, str] = CERTIFICATE
) -> bool:
    linked(site, {**shown, NAME: quote(name)})
    assert tried(someone(site, {**shown, NAME: quote(name)})).status_code == 303
    return "登录所用法人一证通的单位名称与申报不一致" in case_of(office, site, application)


def test_certificates_need_the_code_of_the_unit_and_a_proxy_to_trust() -> None:
    tried_with: tuple[dict[str, str], ...] = ({}, {"certificate_unit": CODE}, {"trusted_proxies": "10.0.0.1"})
    for given in tried_with:
        with pytest.raises(ValidationError, match="FUNDCALL_CERTIFICATE_SUBJECT"):
            Settings.model_validate({"certificate_subject": SUBJECT, **given})
