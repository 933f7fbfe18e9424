"""Every form is proved to be ours, every answer carries the headers, and what is wrong is told in words."""

from __future__ import annotations

import re

import pytest

from states.actor import Role
from tests.api.office import Office
from tests.architecture.house import ROOT
from tests.filings import CLIMATE
from tests.straight import Straight
from tests.web.people import ONE_CLICK, Browser, account, browser, entered

UNIT = CLIMATE.unit_code(1)
LISTED = re.findall(r"^\| POST \| `([^`]+)`", (ROOT / "docs" / "routes.md").read_text(encoding="utf-8"), re.MULTILINE)
TAKES = [path for path in LISTED if not path.startswith("/api/") and path != ONE_CLICK]
"""The addresses of forms, from the committed list, which another test holds to what is served."""
SAFE = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
    "strict-transport-security": "max-age=31536000; includeSubDomains",
}


@pytest.fixture
def li(office: Office) -> Browser:
    return entered(office, account(office, "li", Role.APPLICANT, UNIT))


def test_the_list_of_forms_is_found() -> None:
    assert {"/sign-in", "/applications/{application_id}/form", "/applications/{application_id}/moves/{command}"} <= set(
        TAKES
    )


@pytest.mark.parametrize("token", [None, "", "0" * 64, "é", "of another"])
def test_a_form_without_its_token_is_refused_in_words(office: Office, li: Browser, token: str | None) -> None:
    if token == "of another":
        token = browser(office).token()
    given = {} if token is None else {"form_token": token}
    answers = {path: li.client.post(path, data=given, follow_redirects=False) for path in TAKES}
    told = {path: (answer.status_code, "这份表单已失效" in answer.text) for path, answer in answers.items()}
    assert told == dict.fromkeys(TAKES, (403, True))
    assert li.get("/account").url.path == "/account"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
def test_a_form_sent_from_another_site_is_refused_even_with_the_token(li: Browser, headers: dict[str, str]) -> None:
    answer = li.post("/sign-out", {}, "/account", **headers)
    assert (answer.status_code, li.get("/account").url.path) == (403, "/account")


def test_a_form_from_a_browser_without_the_cookie_is_refused(office: Office) -> None:
    stranger = browser(office)
    token = stranger.token()
    stranger.client.cookies.clear()
    answer = stranger.client.post("/sign-in", data={"form_token": token, "email": "x@example.org", "password": "x"})
    assert (answer.status_code, "Cookie" in answer.text) == (403, True)


@pytest.mark.parametrize("content", [b'{"form_token": "x"}', b"\xff\xfe", b"form_token=%ff", b""])
def test_what_is_no_form_is_refused_in_words(li: Browser, content: bytes) -> None:
    for kind in ("application/json", "text/plain", "application/x-www-form-urlencoded"):
        answer = li.client.post("/sign-out", content=content, headers={"Content-Type": kind})
        assert (answer.status_code, answer.headers["content-type"]) == (403, "text/html; charset=utf-8")


def test_a_file_or_a_broken_multipart_is_refused_in_words(li: Browser) -> None:
    sent = li.client.post("/sign-out", files={"form_token": ("x.txt", b"x")})
    assert (sent.status_code, "未能办理" in sent.text) == (400, True)
    broken = li.client.post("/sign-out", content=b"x", headers={"Content-Type": "multipart/form-data; boundary=y"})
    assert (broken.status_code, "未能办理" in broken.text) == (400, True)


@pytest.mark.parametrize("path", ["/", "/sign-in", "/nothing", "/api/v1/calls", "/healthz", "/api/v1/nothing"])
def test_every_answer_carries_the_headers(li: Browser, path: str) -> None:
    headers = li.get(path).headers
    assert {name: headers.get(name) for name in SAFE} == SAFE


def test_an_answer_to_a_body_too_large_carries_them_too(li: Browser) -> None:
    headers = li.client.post("/sign-in", content=b"x" * 300_000).headers
    assert {name: headers.get(name) for name in SAFE} == SAFE


def test_a_fault_of_ours_is_a_page_without_a_traceback(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = browser(office)
    monkeypatch.setattr("fundcall.web.entry.local", None)
    page = stranger.get("/sign-in")
    assert (page.status_code, "Traceback" in page.text, "<h1" in page.text) == (500, False, True)


def test_files_of_the_pages_are_kept_and_change_their_address_with_their_content(li: Browser) -> None:
    addresses = re.findall(r'(?:href|src)="(/static/[^"]+)"', li.get("/sign-in").text)
    assert len(addresses) == 4
    answers = [li.get(address) for address in addresses]
    assert [(a.status_code, a.headers["cache-control"]) for a in answers] == [
        (200, "public, max-age=31536000, immutable")
    ] * 4


def test_the_cookie_is_for_this_host_over_tls_and_for_no_script(office: Office) -> None:
    cookie = browser(office).get("/sign-in").headers["set-cookie"]
    name, *flags = (part.strip() for part in cookie.split(";"))
    assert (name.partition("=")[0], sorted(flags)) == (
        "__Host-fundcall",
        ["HttpOnly", "Path=/", "SameSite=lax", "Secure"],
    )


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("path", ["/sign-in", "/api/v1/calls", "/healthz", "/nowhere"])
def test_no_other_site_is_let_in_by_a_header_and_trace_echoes_nothing(office: Office, method: str, path: str) -> None:
    asked = {"origin": "https://elsewhere.example", "access-control-request-method": "POST", "x-echo": "geheim"}
    answer = Straight(office.client.app).ask(method, path, asked)
    assert [name for name, _ in answer.headers if name.startswith("access-control")] == []
    assert (method not in ("OPTIONS", "TRACE") or answer.status in (404, 405), "geheim" in answer.text) == (True, False)


def test_no_page_has_a_script_or_a_style_of_its_own() -> None:
    from fundcall.web.pages import FOLDER

    inline = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|hx-on|javascript:")
    assert {path.name: found for path in FOLDER.glob("*.html") if (found := inline.findall(path.read_text()))} == {}
