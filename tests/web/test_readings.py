"""Who read what is written down before the answer goes out: of auditors everything, of the office cases; nothing personal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from typer.testing import CliRunner

from fundcall.accounts.readings import Reading, reading_of
from fundcall.bootstrap import web
from fundcall.cli import app
from fundcall.storage.driver import Writer
from fundcall.storage.readings import SqliteReadings
from states.actor import OFFICERS, Actor, Role
from tests.api.office import Office, ok
from tests.by_hand import guarded
from tests.drive import EXPERTS, F1
from tests.straight import Client
from tests.web.people import account, entered
from workflow.ports import Unavailable

AUDITOR = Actor("auditor-1", Role.AUDITOR)
NOW = datetime(2026, 3, 1, 8, 0, 30, tzinfo=UTC)


def told(office: Office) -> list[tuple[str, ...]]:
    """What the log holds, the oldest first, without the instants."""
    return [tuple(one[1:]) for _, one in reversed(SqliteReadings(office.system.ledger).find())]


@pytest.mark.parametrize(
    ("role", "method", "path", "status", "kept"),
    [
        (Role.AUDITOR, "GET", "/", 200, ("start", "", "")),
        (Role.AUDITOR, "GET", "/applications", 200, ("applications", "", "")),
        (Role.AUDITOR, "GET", "/api/v1/applications/A1/history", 200, ("applications/history", "A1", "")),
        (Role.AUDITOR, "GET", "/audit/cases/A1", 200, ("audit/cases", "A1", "")),
        (Role.AUDITOR, "POST", "/audit/replays", 303, ("audit/replays", "", "")),
        (Role.AUDITOR, "GET", "/applications/A1", 404, None),
        (Role.HEAD, "GET", "/applications/A1/mails/12/x/y", 200, ("applications/mails", "A1", "12")),
        (Role.EXPERT, "GET", "/reviews/A1/documents/2", 200, ("reviews/documents", "A1", "2")),
        (Role.HEAD, "GET", "/applications", 200, None),
        (Role.HEAD, "POST", "/applications/A1/moves/X", 303, None),
        (Role.APPLICANT, "GET", "/applications/A1", 200, None),
    ],
)
def test_what_is_written_down_of_a_request(
    role: Role, method: str, path: str, status: int, kept: tuple[str, ...] | None
) -> None:
    found = reading_of(Actor("who", role), method, path, status, NOW)
    assert (None if found is None else tuple(found[3:])) == kept


def test_an_officer_who_opens_a_case_and_an_auditor_who_reads_anything_are_in_the_log(office: Office) -> None:
    application = office.submitted()
    ok(office.get(f"/api/v1/applications/{application}", F1))
    ok(office.get("/api/v1/applications", F1))
    ok(office.get("/api/v1/applications", AUDITOR))
    ok(office.get(f"/api/v1/applications/{application}", office.unit()))
    assert office.get("/api/v1/applications/nowhere", AUDITOR).status_code == 404
    assert told(office) == [
        (F1.id, "format_officer", "applications", application, ""), (AUDITOR.id, "auditor", "applications", "", ""),
    ]  # fmt: skip


def test_pages_are_logged_as_the_interface_is(office: Office) -> None:
    application = office.submitted()
    wang = entered(office, account(office, "wang", Role.FORMAT_OFFICER, second=True))
    assert wang.get(f"/applications/{application}").status_code == 200
    assert wang.get("/applications?q=%E6%9D%8E").status_code == 200
    assert told(office) == [("wang", "format_officer", "applications", application, "")]


def test_the_same_thing_read_again_within_a_minute_is_written_down_once(office: Office) -> None:
    for seconds in (0, 20, 100):
        office.clock.at += timedelta(seconds=seconds)
        ok(office.get("/api/v1/applications", AUDITOR))
    assert len(told(office)) == 2


def test_what_cannot_be_written_down_is_not_told(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    application = office.submitted()

    def broken(_: object, __: Reading) -> None:
        raise Unavailable("the disk is full")

    monkeypatch.setattr(SqliteReadings, "keep", broken)
    answer = Client(web(office.system)).get(f"/api/v1/applications/{application}", headers=office.headers(F1))
    assert (answer.status_code, answer.json()["code"], application in answer.text) == (503, "unavailable", False)


@pytest.fixture
def log(office: Office) -> Iterator[Writer]:
    """The database as somebody opens it who goes around the program."""
    readings, now = SqliteReadings(office.system.ledger), datetime.now(UTC)
    for days in (0, 100, 200):
        readings.keep(Reading(now - timedelta(days=days), "a", "auditor", "x"))
    with guarded(office.system.settings) as connection:
        yield connection


def test_no_reading_is_altered_and_none_taken_away_before_half_a_year(office: Office, log: Writer) -> None:
    young = (datetime.now(UTC) - timedelta(days=150)).isoformat()
    for attempt, values in (
        ("UPDATE readings SET actor = 'b'", ()),
        ("DELETE FROM readings WHERE read_at > ?", (young,)),
    ):
        with pytest.raises(office.system.ledger.refusing):
            log.execute(attempt, values)
    assert log.execute("SELECT count(*) FROM readings").fetchone() == (3,)


@pytest.mark.usefixtures("log")
def test_readings_that_are_old_enough_go(office: Office) -> None:
    readings = SqliteReadings(office.system.ledger)
    assert readings.forget(datetime.now(UTC) - timedelta(days=190)) == 1
    with pytest.raises(Unavailable):
        readings.forget(datetime.now(UTC) - timedelta(days=50))
    assert len(told(office)) == 2


def test_the_log_is_read_on_the_command_line_and_that_is_logged_too(office: Office) -> None:
    ok(office.get("/api/v1/applications", AUDITOR))
    data = str(office.system.settings.data_dir)
    for asked, found in (([], {AUDITOR.id, "command-line"}), (["--account", AUDITOR.id], {AUDITOR.id})):
        ran = CliRunner().invoke(app, ["audit", "access", "--data", data, "--json", *asked])
        assert (ran.exit_code, {one["actor"] for one in orjson.loads(ran.stdout)}) == (0, found)


def test_no_name_and_no_address_of_a_person_comes_into_the_log(office: Office) -> None:
    application = office.submitted()
    wang = entered(office, account(office, "wang", Role.FORMAT_OFFICER, second=True))
    wang.get(f"/applications/{application}")
    wang.get("/applications?q=Wang")
    held = " ".join(" ".join(row) for row in told(office))
    assert ("Wang" in held, "@" in held, "单位" in held) == (False, False, False)


def test_every_role_that_reads_cases_is_watched() -> None:
    watched = {role for role in Role if reading_of(Actor("x", role), "GET", "/applications/A", 200, NOW)}
    assert watched == OFFICERS | {Role.AUDITOR, Role.EXPERT}
    assert EXPERTS[0].role in watched
