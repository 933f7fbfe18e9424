"""Signing in by an OpenID provider that really runs: who comes in, as whom, and every forgery that does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest
from joserfc.jwk import ECKey
from pydantic import ValidationError

from fundcall.accounts import openid
from fundcall.accounts.openid import Client, OpenId
from fundcall.accounts.people import Account, Denied, Post, Reason
from fundcall.bootstrap import web
from fundcall.documents.examiner import Examiner
from fundcall.settings import Settings
from states.actor import Role
from tests import straight
from tests.api.office import Office, open_office
from tests.filings import CLIMATE
from tests.web.openid import CLIENT, SECRET, Provider, running
from tests.web.people import Browser, account, code_now, words

UNIT = CLIMATE.unit_code(1)
REFUSED = "统一身份认证未放行"
SETTINGS = {"oidc_client_id": CLIENT, "oidc_client_secret": SECRET, "oidc_amr": "otp, mfa", "oidc_acr": "urn:two"}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, examiner: Examiner) -> Iterator[Office]:
    found = open_office(tmp_path_factory.mktemp("openid"), examiner)
    account(found, "li", Role.APPLICANT, UNIT)
    account(found, "fang", Role.FORMAT_OFFICER, second=True)
    account(found, "gao", Role.FORMAT_OFFICER)
    yield found
    found.system.ledger.close()


@pytest.fixture(scope="module")
def running_provider(office: Office) -> Iterator[Provider]:
    with running(office.clock.now) as found:
        yield found


@pytest.fixture
def provider(office: Office, running_provider: Provider) -> Provider:
    """The provider as it is, and nothing tried yet."""
    office.system.ledger.write([("DELETE FROM tries", [()])])
    running_provider.claims, running_provider.key = {"email": "li@example.org"}, None
    running_provider.asked.clear()
    return running_provider


@pytest.fixture(scope="module")
def site(office: Office, running_provider: Provider) -> Iterator[straight.Client]:
    with straight.Client(served(office, running_provider.issuer)) as found:
        yield found


@pytest.fixture
def li(site: straight.Client, provider: Provider) -> Browser:
    return someone(site)


def served(office: Office, issuer: str, **over: str) -> Any:
    settings = office.system.settings.model_copy(update={**SETTINGS, "oidc_issuer": issuer, **over})
    return web(replace(office.system, settings=settings))


def someone(site: straight.Client) -> Browser:
    """Another browser."""
    return Browser(straight.Client(site.app, follow_redirects=False))


def away(who: Browser, on: str = "/") -> str:
    """Where the button leads."""
    answer = who.get(f"/sign-in/openid?{urlencode({'next': on})}")
    assert answer.status_code == 303, words(answer.text)
    return str(answer.headers["location"])


def back(address: str) -> str:
    """Where the provider sends the browser, as a path of ours."""
    parts = urlsplit(httpx2.get(address, verify=False).headers["location"])
    assert parts.netloc == "fund.example"
    return f"{parts.path}?{parts.query}"


def signed_in(who: Browser, on: str = "/") -> Any:
    return who.get(back(away(who, on)))


def test_the_button_leads_through_the_provider_to_the_page_that_was_asked_for(li: Browser) -> None:
    page = li.get("/sign-in?next=/applications").text
    assert 'href="/sign-in/openid?next=/applications"' in page
    before = li.client.cookies["__Host-fundcall"]
    answer = signed_in(li, "/applications?state=draft")
    assert (answer.status_code, answer.headers["location"]) == (303, "/applications?state=draft")
    assert li.client.cookies["__Host-fundcall"] != before
    assert li.get("/account").status_code == 200
    assert UNIT in li.get("/account").text


def test_it_is_asked_for_a_code_with_pkce_a_state_and_a_nonce(li: Browser) -> None:
    asked = {name: one[0] for name, one in parse_qs(urlsplit(away(li)).query).items()}
    drawn = [asked.pop(name) for name in ("state", "nonce", "code_challenge")]
    assert asked == {
        "response_type": "code",
        "client_id": CLIENT,
        "redirect_uri": "https://fund.example/sign-in/openid/back",
        "scope": "openid email",
        "code_challenge_method": "S256",
        "acr_values": "urn:two",
    }
    assert len({*drawn, li.client.cookies["__Host-fundcall"]}) == 4


def test_where_no_provider_is_set_there_is_no_button_and_no_address(office: Office) -> None:
    who = Browser(office.client)
    assert "/sign-in/openid" not in who.get("/sign-in").text
    told = [who.get(path).status_code for path in ("/sign-in/openid", "/sign-in/openid/back?code=1&state=1")]
    assert told == [404, 404]


FORGED: dict[str, dict[str, Any]] = {
    "of another nonce": {"nonce": "another"},
    "without a nonce": {"nonce": None},
    "of another issuer": {"iss": "https://evil.example"},
    "for another audience": {"aud": "another"},
    "for several, and another party": {"aud": [CLIENT, "another"], "azp": "another"},
    "that has expired": {"exp": 1_700_000_000},
    "that never expires": {"exp": None},
    "of nobody": {"sub": None},
    "of tomorrow": {"iat": 4_000_000_000},
    "with the hash of another access token": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
}


@pytest.mark.parametrize("claims", FORGED.values(), ids=FORGED)
def test_a_token_is_refused(li: Browser, provider: Provider, claims: dict[str, Any]) -> None:
    provider.claims |= claims
    assert refused(li, signed_in(li)) == REFUSED


def test_a_token_that_another_key_signed_is_refused(li: Browser, provider: Provider) -> None:
    provider.key = ECKey.generate_key("P-256", {"kid": "1"})
    assert refused(li, signed_in(li)) == REFUSED


def refused(who: Browser, answer: Any) -> str:
    """What somebody is told who did not come in."""
    told = words(answer.text)
    assert (answer.status_code, who.get("/account").status_code) == (422, 303)
    return next((one for one in (REFUSED, "未开设账号", "未证实", "暂无响应", "尝试次数过多") if one in told), told)


def test_a_state_counts_in_the_browser_that_left_with_it_alone(site: straight.Client, li: Browser) -> None:
    other, brought = someone(site), back(away(li))
    other.get("/sign-in")
    assert refused(other, other.get(brought)) == REFUSED
    stranger = someone(site)
    assert refused(stranger, stranger.get(brought)) == REFUSED
    assert li.get(brought).status_code == 303


@pytest.mark.parametrize("state", ["", "x", "x.y", "W10.", "é.é", "."])
def test_a_forged_state_is_refused_before_anything_is_asked(li: Browser, provider: Provider, state: str) -> None:
    li.get("/sign-in")
    assert refused(li, li.get(f"/sign-in/openid/back?{urlencode({'code': 'code0', 'state': state})}")) == REFUSED
    assert provider.asked == []


def test_a_state_runs_out_and_a_code_counts_once(office: Office, li: Browser) -> None:
    late = back(away(li))
    office.clock.at += timedelta(minutes=11)
    assert refused(li, li.get(late)) == REFUSED
    used = back(away(li))
    cookie = li.client.cookies["__Host-fundcall"]
    assert li.get(used).status_code == 303
    li.client.cookies.clear()
    li.client.cookies.set("__Host-fundcall", cookie)
    assert refused(li, li.get(used)) == REFUSED


def test_the_answer_of_another_issuer_and_a_refusal_of_the_provider_are_refused(li: Browser) -> None:
    brought = back(away(li))
    assert refused(li, li.get(f"{brought}&iss=https://evil.example")) == REFUSED
    state = parse_qs(urlsplit(brought).query)["state"][0]
    no = urlencode({"error": "access_denied", "error_description": "<b>no</b>", "state": state})
    assert refused(li, li.get(f"/sign-in/openid/back?{no}")) == REFUSED


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_nobody_is_led_on_to_another_site(li: Browser, target: str) -> None:
    assert signed_in(li, target).headers["location"] == "/"


def test_an_unknown_address_is_told_what_to_do_and_makes_no_account(
    office: Office, li: Browser, provider: Provider
) -> None:
    before = office.system.accounts.accounts()
    provider.claims["email"] = "nobody@example.org"
    assert refused(li, signed_in(li)) == "未开设账号"
    office.system.accounts.set_disabled("li", disabled=True)
    provider.claims["email"] = "LI@example.org"
    assert refused(li, signed_in(li)) == "未开设账号"
    office.system.accounts.set_disabled("li", disabled=False)
    assert [one.id for one, _ in office.system.accounts.accounts()] == [one.id for one, _ in before]


def test_an_answer_nested_without_end_is_refused() -> None:
    answer = httpx2.Response(200, content=b"[" * 100_000, request=httpx2.Request("GET", "https://provider.example/"))
    with pytest.raises(Denied) as wrong:
        openid._answered(lambda: openid._json(answer))
    assert wrong.value.reason is Reason.PROVIDER


@pytest.mark.parametrize("verified", [None, False, "true", 1])
def test_an_address_that_is_not_verified_does_not_count(li: Browser, provider: Provider, verified: object) -> None:
    provider.claims["email_verified"] = verified
    assert refused(li, signed_in(li)) == "未证实"


def test_an_address_may_come_with_the_information_on_the_person_if_it_is_of_the_same(
    li: Browser, provider: Provider
) -> None:
    provider.claims |= {"email": None, "email_verified": None}
    provider.userinfo = {"sub": "another", "email": "li@example.org", "email_verified": True}
    assert refused(li, signed_in(li)) == REFUSED
    provider.userinfo["sub"] = "subject"
    assert signed_in(li).headers["location"] == "/"


def test_a_post_that_waits_is_not_granted_by_it(office: Office, site: straight.Client, provider: Provider) -> None:
    asked = Account("wu", "wu@example.org", "Wu")
    office.system.accounts.add(asked, (Post(Role.APPLICANT, UNIT, pending=True),), office.clock.at)
    provider.claims |= {"email": "wu@example.org", "amr": ["mfa"]}
    wu = someone(site)
    assert signed_in(wu).headers["location"] == "/"
    assert wu.get("/applications").headers["location"] == "/account"


def test_staff_show_their_own_code_where_the_provider_tells_of_no_second_factor(
    office: Office, site: straight.Client, provider: Provider
) -> None:
    fang, gao = someone(site), someone(site)
    provider.claims |= {"email": "fang@example.org", "amr": ["pwd"], "acr": "urn:one"}
    assert signed_in(fang, "/applications").headers["location"] == "/sign-in/code?next=%2Fapplications"
    assert fang.get("/applications").headers["location"] == "/sign-in/code"
    shown = fang.post("/sign-in/code", {"code": code_now(office, "fang"), "next": "/applications"}, "/sign-in/code")
    assert shown.headers["location"] == "/applications"
    assert fang.get("/applications").status_code == 200
    provider.claims["email"] = "gao@example.org"
    signed_in(gao)
    assert gao.get("/applications").headers["location"] == "/account/second"


@pytest.mark.parametrize("claim", [{"amr": ["pwd", "otp"]}, {"acr": "urn:two"}])
def test_a_second_factor_at_the_provider_counts_as_configured(
    office: Office, site: straight.Client, provider: Provider, claim: dict[str, Any]
) -> None:
    provider.claims |= {"email": "fang@example.org", **claim}
    fang = someone(site)
    assert signed_in(fang, "/applications").headers["location"] == "/applications"
    assert fang.get("/applications").status_code == 200


def test_a_second_factor_at_the_provider_does_not_count_where_none_is_configured(
    office: Office, provider: Provider
) -> None:
    provider.claims |= {"email": "fang@example.org", "amr": ["otp"], "acr": "urn:two"}
    plain = someone(straight.Client(served(office, provider.issuer, oidc_amr="", oidc_acr="")))
    assert signed_in(plain).headers["location"] == "/sign-in/code?next=%2F"


def test_a_provider_that_is_away_or_another_is_told_and_not_waited_for(office: Office, provider: Provider) -> None:
    def told(issuer: str) -> list[Reason]:
        found, reasons = OpenId(Client(issuer, CLIENT, SECRET, "https://fund.example")), []
        for _ in range(2):
            with pytest.raises(Denied) as denied:
                found.leave("secret", "/", office.clock.at)
            reasons.append(denied.value.reason)
        return reasons

    assert told("http://127.0.0.1:9") == [Reason.AWAY, Reason.AWAY]
    assert told(provider.issuer.replace("127.0.0.1", "localhost"))[0] is Reason.PROVIDER


def test_tries_are_counted_with_those_by_password(li: Browser) -> None:
    li.get("/sign-in")
    for _ in range(100):
        li.get("/sign-in/openid/back?code=1&state=1")
    assert refused(li, signed_in(li)) == "尝试次数过多"


@pytest.mark.parametrize("issuer", ["http://id.example", "ftp://id.example", "id.example", "https://"])
def test_a_provider_without_a_safe_address_is_refused_at_the_start(issuer: str) -> None:
    with pytest.raises(ValidationError, match="FUNDCALL_OIDC_ISSUER"):
        Settings(oidc_issuer=issuer, oidc_client_id="a", oidc_client_secret="b")
