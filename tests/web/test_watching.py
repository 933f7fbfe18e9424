"""What is told to those who look after the machine: figures, readiness, numbers, and a log with nobody in it."""

from __future__ import annotations

import io
import json
import logging
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi import Request, Response

from fundcall.bootstrap import web
from fundcall.logs import set_up
from fundcall.web.peers import Proxies, from_this_machine
from fundcall.web.policy import Door, asks
from fundcall.web.telling import noted
from fundcall.web.watching import LABELS
from states.actor import Role
from tests.api.office import Office, ok, pdf
from tests.architecture.house import ROOT
from tests.filings import CLIMATE
from tests.straight import Straight
from tests.web.people import PASSWORD, account, browser, code_now, entered
from tests.web.town import HEADERS, NOBODY, Town, open_town


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    found = open_town(tmp_path_factory.mktemp("watched") / "data")
    found.own = found.world.submitted()
    yield found
    found.system.close()


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What this process logs, as `fundcall serve` does."""
    root, ours = logging.getLogger(), logging.getLogger("fundcall")
    before, level = list(root.handlers), (root.level, ours.level)
    out = io.StringIO()
    set_up(noted, out)
    yield out
    root.handlers = before
    root.setLevel(level[0])
    ours.setLevel(level[1])


def test_the_figures_count_requests_by_template_and_tell_how_the_installation_is(town: Town) -> None:
    assert town.straight.ask("GET", f"/applications/{town.own}", town.cookie("auditor")).status == 200
    told = town.straight.ask("GET", "/metrics", peer="127.0.0.1").text.splitlines()
    assert [line for line in told if line.startswith("fundcall_requests_total")] == [
        'fundcall_requests_total{method="GET",route="/applications/{application_id}",status="200"} 1.0'
    ]
    assert f"fundcall_ledger_events {float(town.system.ledger.head())}" in told
    assert f'fundcall_deadlines{{standing="armed"}} {float(len(town.system.ledger.deadlines()))}' in told
    assert 'fundcall_deadlines{standing="overdue"} 0.0' in told
    assert [line for line in told if "fundcall_database_bytes{" in line] != []


def test_every_figure_and_label_that_an_alert_asks_for_is_told(town: Town) -> None:
    (group,) = yaml.safe_load((ROOT / "docs" / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    asked = " ".join(rule["expr"] for rule in group["rules"])
    assert town.straight.ask("GET", "/healthz").status == 200
    told = town.straight.ask("GET", "/metrics", peer="127.0.0.1").text
    samples = {
        name: set(re.findall(r"(\w+)=", labels))
        for name, labels in re.findall(r"^(fundcall_\w+)(?:{(.*)})? ", told, re.MULTILINE)
    }
    named = re.findall(r"(fundcall_\w+)(?:{(.*?)})?", asked.replace('"fundcall-readyz"', '""'))
    assert len(named) >= 6
    wanted = {(name, label) for name, labels in named for label in re.findall(r"(\w+)=", labels)}
    gauges = {f"fundcall_{name}": {label} - {""} for name, (label, _) in LABELS.items()}
    known = samples | gauges  # no notice was sent here, so that no status of one is among the samples
    assert [name for name, _ in named if name not in known] == []
    assert [pair for pair in wanted if pair[1] not in known[pair[0]]] == []


@pytest.mark.parametrize(
    ("peer", "headers", "who", "status"),
    [
        ("127.0.0.1", {}, "", 200),
        ("::1", {}, "", 200),
        ("192.0.2.1", {}, "", 404),
        ("127.0.0.1", {"x-forwarded-for": "127.0.0.1"}, "", 404),
        ("127.0.0.1", {"via": "1.1 proxy"}, "", 404),
        ("not an address", {}, "", 404),
        ("192.0.2.1", {}, "auditor", 200),
        ("192.0.2.1", {}, "administrator", 200),
        ("192.0.2.1", {}, "applicant", 403),
        ("192.0.2.1", {"authorization": "Bearer wrong"}, "", 401),
    ],
)
def test_the_figures_are_for_this_machine_and_for_keys(
    town: Town, peer: str, headers: dict[str, str], who: str, status: int
) -> None:
    given = {**headers, **(town.key(who) if who else {})}
    assert town.straight.ask("GET", "/metrics", given, peer=peer).status == status


def test_it_is_ready_while_it_can_write_and_alive_while_it_can_read(town: Town) -> None:
    assert town.straight.ask("GET", "/readyz").status == 200
    no_writing = "SET default_transaction_read_only = {}" if town.system.settings.postgres else "PRAGMA query_only = {}"
    town.system.ledger._writer.execute(no_writing.format("ON"))
    time.sleep(1.05)
    unready, alive = town.straight.ask("GET", "/readyz"), town.straight.ask("GET", "/healthz")
    town.system.ledger._writer.execute(no_writing.format("OFF"))
    assert (unready.status, unready.header("retry-after"), alive.status) == (503, "5", 200)
    time.sleep(1.05)
    assert town.straight.ask("GET", "/readyz").status == 200


def test_every_answer_has_a_number_of_its_own_which_the_page_of_a_fault_tells(town: Town, log: io.StringIO) -> None:
    async def boom(_: Request) -> Response:
        raise RuntimeError("li@example.org")

    app = web(town.system)
    app.app.add_route("/boom", asks(Door.OPEN)(boom), ["GET"])
    straight = Straight(app)
    broken, other = straight.ask("GET", "/boom"), straight.ask("GET", "/sign-in")
    number = broken.header("x-request-id")
    assert (broken.status, number in broken.text, number == other.header("x-request-id")) == (500, True, False)
    assert {json.loads(line)["request"] for line in log.getvalue().splitlines()} == {
        number,
        other.header("x-request-id"),
    }


def test_the_log_tells_where_a_fault_was_and_nothing_that_was_typed(log: io.StringIO) -> None:
    try:
        raise ValueError("li@example.org")
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception with li@example.org")
    (line,) = log.getvalue().splitlines()
    told = json.loads(line)
    assert (told["exception"], __file__ in told["where"][0], "li@" in line) == ("ValueError", True, False)


def test_the_log_of_a_whole_filing_names_nobody_and_holds_no_secret(office: Office, log: io.StringIO) -> None:
    li = account(office, "li-zixu", Role.APPLICANT, office.unit().unit)
    account(office, "wang-wuyou", Role.FORMAT_OFFICER, second=True)
    application = office.submitted()
    person, officer = browser(office), browser(office)
    person.sign_in(li.email)
    officer.sign_in("wang-wuyou@example.org")
    code = code_now(office, "wang-wuyou")
    officer.post("/sign-in/code", {"code": code}, "/sign-in/code")
    for path in ("/", "/applications", f"/applications/{application}", "/account", "/unit"):
        assert (person.get(path).status_code, officer.get(path).status_code) in ((200, 200), (200, 403))
    person.post("/forgot", {"email": "nobody-knows@example.org"}, "/forgot")
    ok(office.upload(application, office.unit(), pdf()), 409)
    entered(office, li).get(f"/applications?q={CLIMATE.form['title']}&email={li.email}")
    told = log.getvalue()
    secrets = [*office.keys.values(), person.client.cookies["__Host-fundcall"], officer.client.cookies["__Host-fundcall"],
               person.token("/account"), PASSWORD, code]  # fmt: skip
    people = ["li-zixu", "wang-wuyou", "example.org", "nobody-knows", office.unit().unit, office.unit().id, "单位",
              str(CLIMATE.form["title"]), *(contact.name for contact in CLIMATE.contacts)]  # fmt: skip
    assert [word for word in (*secrets, *people) if word in told] == []
    lines = [json.loads(line) for line in told.splitlines()]
    submitted = [line for line in lines if line.get("route", "").endswith("/SubmitApplication")]
    assert [(one["role"], one["status"], len(one["command"]), len(one["request"])) for one in submitted] == [
        ("applicant", 200, 16, 16)
    ]
    assert {line["route"] for line in lines} >= {"/applications/{application_id}", "/sign-in"}


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("192.0.2.7", "203.0.113.9", "192.0.2.7"),
        ("10.1.2.3", "203.0.113.9", "203.0.113.9"),
        ("10.1.2.3", "6.6.6.6, 203.0.113.9, 10.9.9.9", "203.0.113.9"),
        ("10.1.2.3", "", "10.1.2.3"),
        ("nonsense", "203.0.113.9", "nonsense"),
    ],
)
def test_only_a_trusted_proxy_says_whom_it_serves(peer: str, forwarded: str, address: str) -> None:
    scope: dict[str, Any] = {
        "client": (peer, 1),
        "state": {},
        "headers": [(b"x-forwarded-for", forwarded.encode())] if forwarded else [],
    }
    Proxies(["10.0.0.0/8"]).settle(scope)
    assert scope["client"][0] == address
    assert not from_this_machine(scope)


def test_tries_are_counted_by_whom_a_trusted_proxy_serves(town: Town) -> None:
    settings = town.system.settings.model_copy(update={"trusted_proxies": "10.0.0.1"})
    straight = Straight(web(replace(town.system, settings=settings)))
    fields = {"form_token": town.token(NOBODY), "email": "head-1@example.org", "password": "wrong wrong wrong"}
    told = []
    for n in range(12):
        through = {**town.cookie(NOBODY), **HEADERS, "x-forwarded-for": f"203.0.113.{n}"}
        told.append("尝试次数过多" in straight.form("/sign-in", fields, through, peer="10.0.0.1").text)
    assert told == [False] * 12


def test_a_proxy_that_is_no_address_is_a_fault_of_the_settings(tmp_path: Path) -> None:
    from pydantic import ValidationError

    from fundcall.bootstrap import settings_for

    with pytest.raises(ValidationError, match="nowhere"):
        settings_for(tmp_path, trusted_proxies="10.0.0.1, nowhere")
