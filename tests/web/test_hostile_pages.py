"""Hostile requests over every page: forged and replayed proofs, strange values in every place, script in every text. What
is asked is found in the application and its source, so a page added tomorrow is tried tomorrow.

FUNDCALL_HOSTILE=N tries each page N times in place of a few.
"""

from __future__ import annotations

import os
import random
import re
import string
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

import fundcall.web
from fundcall.accounts.people import Post
from fundcall.web.policy import Door, Route
from states.actor import Role
from tests.straight import Answer
from tests.web.people import ONE_CLICK
from tests.web.town import HEADERS, NOBODY, Town, open_town, settle, values

ROUNDS = int(os.environ.get("FUNDCALL_HOSTILE", "2"))
SCRIPT = '"><script>alert("m4rk")</script><img src=x onerror=alert(1)>'
SCALARS = (
    "", "0", "-1", "1e400", "NaN", "９", "²", "٣", "0x10", "9" * 5000, "18446744073709551616", "\x00", "%00", "%ED%A0%80", "\ud800",
    "\u202egnp.exe", "\u2028", "\r\nset-cookie: x=1", "a" * 10_000, "' OR 1=1 --", "%' OR '%", "[", "(?:", SCRIPT, "{{7*7}}", "${7*7}",
    "../../etc/passwd", "//evil.example", "//[", "https://evil.example", "javascript:alert(1)", "2025-13-99", "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00", "true", "null", "[]", '{"a":1}', "\ufeff", "A" * 255 + "/", ".", "..", "CON",
)  # fmt: skip
SOURCE = "\n".join(path.read_text(encoding="utf-8") for path in Path(fundcall.web.__file__).parent.glob("*.py"))
QUERIES = sorted(set(re.findall(r'\.query\(\s*"(\w+)"', SOURCE)))
FIELDS = sorted(set(re.findall(r'form\.get\(\s*"(\w+)"', SOURCE)))
SECURITY = (
    "content-security-policy",
    "x-content-type-options",
    "referrer-policy",
    "cache-control",
    "strict-transport-security",
)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """An application in execution and one under review, every text of theirs a script."""
    found = open_town(tmp_path_factory.mktemp("hostile") / "data")
    world = found.world
    found.own = world.in_execution(title=SCRIPT)
    world.do("RequestChange", world.unit(found.own), found.own, subject=SCRIPT, detail=SCRIPT)
    found.other = world.scored(title=SCRIPT) if world.now < world.call.closes_at else ""
    settle(found, world.now)
    yield found
    found.system.close()


def pages(town: Town) -> list[Route]:
    return [route for route in town.routes if route.policy.door is not Door.KEY and not route.path.startswith("/api/")]


def who_may(town: Town, route: Route) -> list[str]:
    """Those of the town whom an address lets in, one of a role."""
    if route.policy.door is Door.OPEN:
        return [NOBODY]
    return [
        who
        for who, actor in town.people.items()
        if route.policy.admits(actor.role) and who not in ("stranger", "outsider")
    ]


def unhurt(answer: Answer) -> bool:
    """Neither broken, nor led astray, nor speaking in another's voice."""
    away = urlsplit(answer.header("location")).netloc
    html = "text/html" in answer.header("content-type")
    spoken = html and ("<script>alert" in answer.text or "<img src=x" in answer.text)
    return answer.status < 500 and not away and "x=1" not in answer.header("set-cookie") and not spoken


def test_no_value_in_any_place_breaks_a_page_or_speaks_from_it(town: Town) -> None:
    chance, wrong, tried = random.Random(20250903), [], 0
    for route in pages(town):
        for who in chance.choices(who_may(town, route), k=ROUNDS):
            for strange in ("path", "query"):
                value, name = chance.choice(SCALARS), chance.choice(QUERIES)
                path = _path(town, route, value if strange == "path" else "")
                if strange == "query":
                    path += f"?{name}={quote(value, errors='surrogatepass')}"
                fields = {field: chance.choice(SCALARS) for field in chance.sample(FIELDS, min(8, len(FIELDS)))}
                answer = town.ask(route, path, who, town.cookie(who), fields)
                tried += 1
                if not unhurt(answer):
                    wrong.append(
                        (route.method, path[:120], who, answer.status, fields if route.method == "POST" else "")
                    )
    assert (wrong, tried >= 2 * ROUNDS * len(pages(town))) == ([], True)


def _path(town: Town, route: Route, value: str) -> str:
    """The address with a strange value in one of its places, if there is a place and a value."""
    places = [name.partition(":")[0] for _, name, _, _ in string.Formatter().parse(route.path) if name]
    told = {name: str(values(town, town.own).get(name, town.own)) for name in places}
    if value and places:
        told[places[-1]] = value
    return re.sub(
        r"\{(\w+)(:\w+)?\}", lambda found: quote(told[found.group(1)], safe="", errors="surrogatepass"), route.path
    )


def test_script_in_every_text_is_text_on_every_page_for_everybody(town: Town) -> None:
    spoken, seen = [], 0
    for route in pages(town):
        if route.method == "GET":
            for who in who_may(town, route):
                answer = town.ask(route, _path(town, route, ""), who, town.cookie(who), {})
                seen += "m4rk" in answer.text
                if not unhurt(answer):
                    spoken.append((route.path, who, answer.status))
    assert (spoken, seen > 10) == ([], True)


def test_no_form_is_taken_without_our_token_or_from_another_site(town: Town) -> None:
    taken = []
    for route in pages(town):
        if route.method != "POST" or route.path == ONE_CLICK:
            continue
        who = who_may(town, route)[0]
        path, cookie, token = _path(town, route, ""), town.cookie(who), town.token(who)
        for fields, headers in (
            ({}, {}),
            ({"form_token": "0" * 64}, {}),
            ({"form_token": town.token("somebody else")}, {}),
            ({"form_token": "\ud800"}, {}),
            ({"form_token": token}, {"origin": "https://evil.example"}),
            ({"form_token": token}, {"origin": "null"}),
            ({"form_token": token}, {"origin": "http://["}),
            ({"form_token": token}, {"sec-fetch-site": "cross-site"}),
            ({"form_token": token}, {"sec-fetch-site": "same-site"}),
        ):
            answer = town.straight.form(path, fields, {**cookie, **headers})
            if answer.status != 403:
                taken.append((route.path, fields, headers, answer.status))
        as_text = town.straight.ask(
            "POST", path, {**cookie, "content-type": "text/plain"}, f"form_token={token}".encode()
        )
        if as_text.status != 403:
            taken.append((route.path, {}, {"content-type": "text/plain"}, as_text.status))
    assert taken == []


def test_a_forged_session_is_nobodys(town: Town) -> None:
    kept = town.system.ledger.query("SELECT digest FROM sessions").fetchall()
    town.cookie("auditor")
    for forged in (
        "",
        "0",
        "a" * 10_000,
        "é",
        *(digest for (digest,) in kept),
        "SECRET-OF-AUDITOR",
    ):
        answer = town.straight.ask("GET", "/applications", {"cookie": f"__Host-fundcall={forged}", **HEADERS})
        assert (forged, answer.status, answer.header("location")[:9]) == (forged, 303, "/sign-in?")


def test_a_form_of_before_the_sign_in_is_not_taken_afterwards(town: Town) -> None:
    cookie = town.cookie("auditor")
    answer = town.straight.form("/sign-out", {"form_token": town.token(NOBODY)}, cookie)
    assert answer.status == 403
    assert town.straight.ask("GET", "/applications", cookie).status == 200


def test_fields_that_nobody_asked_for_change_nothing(town: Town) -> None:
    extra = {"role": "administrator", "state": "closed", "unit_code": "x", "account": "auditor-1", "pending": "0", "id": "x",
             "actor": "head-1", "grant_minor": "99", "received_at": "2020-01-01T00:00:00Z"}  # fmt: skip
    before = town.system.ledger.row(town.own)
    cookie = town.cookie("applicant")
    fields = {"form_token": town.token("applicant"), "reason": "", **extra}
    assert town.straight.form(f"/applications/{town.own}/moves/WithdrawApplication", fields, cookie).status in (
        404,
        409,
        422,
    )
    after = town.system.ledger.row(town.own)
    assert before is not None
    assert after is not None
    assert (
        after._replace(version=before.version) == before
    )  # the refused attempt stands on the ledger, and nothing else
    fields = {
        "form_token": town.token(NOBODY),
        "email": "eve@example.org",
        "name": "Eve",
        "unit": town.people["stranger"].unit,
    }
    assert town.straight.form("/register", {**fields, **extra}, town.cookie(NOBODY)).status == 200
    eve = town.system.accounts.by_email("eve@example.org")
    assert eve is not None
    assert (eve.id == "x", town.system.accounts.posts(eve.id)) == (
        False,
        (Post(Role.APPLICANT, fields["unit"], pending=True),),
    )


@pytest.mark.parametrize("name", ["a" * 10_000, "a\r\nBcc: x@y", "\u202eeve", "\x1b[31m", ""])
def test_a_name_that_is_none_is_refused_and_stands_in_the_form_still(town: Town, name: str) -> None:
    fields = {
        "form_token": town.token(NOBODY),
        "email": "mallory@example.org",
        "name": name,
        "unit": town.people["stranger"].unit,
    }
    answer = town.straight.form("/register", fields, town.cookie(NOBODY))
    assert (answer.status, town.system.accounts.by_email("mallory@example.org")) == (422, None)
    assert fields["unit"] in answer.text


def test_what_a_stranger_says_of_where_it_comes_from_is_not_believed(town: Town) -> None:
    """Whoever tries passwords cannot change the address that the tries are counted by."""
    told = []
    for n in range(12):
        liar = {"x-forwarded-for": f"10.0.0.{n}", "forwarded": f"for=10.0.0.{n}", "x-real-ip": f"10.0.0.{n}",
                "x-forwarded-host": "evil.example", "x-forwarded-proto": "http", "x-ssl-client-s-dn": "CN=head-1",
                "x-client-cert": "x"}  # fmt: skip
        fields = {"form_token": town.token(NOBODY), "email": "head-1@example.org", "password": "wrong wrong wrong"}
        told.append(town.straight.form("/sign-in", fields, {**town.cookie(NOBODY), **liar}, peer="198.51.100.9"))
    assert ["尝试次数过多" in answer.text for answer in told] == [False] * 10 + [True] * 2
    assert [answer for answer in told if "evil.example" in answer.text or answer.status != 422] == []


def test_every_answer_forbids_framing_guessing_and_keeping(town: Town) -> None:
    poor = []
    asked = [(route.method, _path(town, route, "")) for route in pages(town) if route.policy.door is Door.OPEN]
    for method, path in (*asked, ("GET", "/nothing"), ("GET", "/applications"), ("PATCH", "/sign-in"), ("GET", "/api/v1/nothing"),
                         ("POST", "/api/v1/applications")):  # fmt: skip
        answer = town.straight.ask(method, path, HEADERS)
        missing = [name for name in SECURITY if not answer.header(name)]
        policy = answer.header("content-security-policy")
        if missing or "frame-ancestors 'none'" not in policy or "unsafe" in policy:
            poor.append((method, path, missing))
    assert poor == []


def test_a_role_taken_away_is_gone_at_the_next_request_of_every_page(town: Town) -> None:
    cookie = town.cookie("head")
    town.system.ledger.write([("DELETE FROM posts WHERE account = 'head-1'", [()])])
    inside = [route for route in pages(town) if route.policy.door is Door.INSIDE and route.method == "GET"]
    told = {town.straight.ask("GET", _path(town, route, ""), cookie).status for route in inside}
    town.system.accounts.grant("head-1", Post(Role.HEAD))
    assert told == {303}
