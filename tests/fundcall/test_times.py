"""Commands tell every time in one way, with its zone, and judge a demo's data by the demo's own clock."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fundcall.bootstrap import open_system, settings_for
from fundcall.calls.load import load
from fundcall.cli import app, output
from fundcall.demo import run_demo
from states.actor import Actor, Role
from states.calendar import instant_of
from workflow.record import decode

SHANGHAI = "shanghai-ai-plus-2025"
STOPPED = datetime(2025, 10, 25, 2, tzinfo=UTC)
TIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(.{0,6})")
runner = CliRunner()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo that stopped in the middle of the reviews, in which somebody has a key to the interface."""
    folder = tmp_path_factory.mktemp("times") / "data"
    system = run_demo(load(SHANGHAI), folder, 16, 7, lambda _month, _events: None, STOPPED).system
    system.tokens.issue(Actor("li", Role.AUDITOR), STOPPED, STOPPED + timedelta(days=1))
    system.close()
    return folder


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output.console, "width", 400)


def said(data: Path, *command: str) -> str:
    result = runner.invoke(app, [*command, "--data", str(data)])
    assert result.exit_code == 0, result.output
    return result.stdout


def rows(table: str) -> list[list[str]]:
    """The cells of a table's rows."""
    return [[cell.strip() for cell in line.split("│")[1:-1]] for line in table.splitlines() if "│" in line]


def test_an_instant_is_told_on_the_wall_of_its_call_and_of_shanghai_where_it_has_none() -> None:
    shanghai, climate = load(SHANGHAI), load("community-climate-2026")
    midnight = instant_of("2026-06-30T16:00:00.000000Z")
    assert [output.when(midnight), output.when(midnight, shanghai), output.when(midnight, climate)] == [
        "2026-07-01 00:00:00+08:00",
        "2026-07-01 00:00:00+08:00",
        "2026-06-30 18:00:00+02:00",
    ]
    assert (output.when(midnight, shanghai, due=True), output.when(None)) == ("2026-06-30 24:00+08:00", "—")
    assert output.when(shanghai.closes_at - timedelta(microseconds=1), shanghai) == "2025-09-22 15:59:59.999999+08:00"


@pytest.mark.parametrize(
    "command",
    [
        ("deadlines", "list"), ("applications", "show", "A11"), ("reviews", "list", "--call", SHANGHAI), ("stats", "--call", SHANGHAI),
        ("audit", "access"), ("keys", "list"), ("attempts", SHANGHAI, "--since", "2025-09-01T00:00+08:00"),
    ],
)  # fmt: skip
def test_every_time_that_a_command_tells_bears_its_zone(data: Path, command: tuple[str, ...]) -> None:
    told = TIME.findall(said(data, *command))
    assert (set(told), bool(told)) == ({"+08:00"}, True)


def test_the_reviews_and_figures_of_a_demo_are_judged_by_its_own_clock(data: Path) -> None:
    owed = json.loads(said(data, "reviews", "list", "--call", SHANGHAI, "--missing", "--json"))
    late = {one["application"]: one["late"] for one in owed}
    assert late == {one["application"]: datetime.fromisoformat(one["due_at"]) <= STOPPED for one in owed}
    assert False in late.values()
    waits = json.loads(said(data, "stats", "--call", SHANGHAI, "--json"))["waiting"]
    assert [one["late"] for one in waits] == [0] * len(waits)
    for command in (("reviews", "list"), ("stats",)):
        assert "（截至 as of 2025-10-25 10:00:0" in said(data, *command, "--call", SHANGHAI)


def test_what_a_command_does_to_a_demo_happens_at_the_time_of_the_demo(data: Path) -> None:
    assert said(data, "deadlines", "sweep") == "✓ 0 触发 fired · 0 未能触发 failed\n"
    by = ["--actor", "applicant:u@91310000FAKE00013Y", "--data-dir", str(data), "-d", '{"reason":"x"}']
    assert runner.invoke(app, ["do", "WithdrawApplication", "-a", "A01", *by]).exit_code == 0
    system = open_system(settings_for(data))
    (*_, last) = system.ledger.stored()
    at, now, suspect = decode(last.body).recorded_at, system.clock.now(), system.clock.suspect
    system.close()
    assert (STOPPED <= at <= now < STOPPED + timedelta(minutes=5), suspect) == (True, False)


def test_refused_attempts_are_told_in_words_with_the_application_and_by_codes_to_programs(data: Path) -> None:
    asked = ("attempts", SHANGHAI, "--since", "2025-09-01T00:00+08:00")
    found = json.loads(said(data, *asked, "--json"))
    late = next(one for one in found if one["stream"] == "A12")
    rule = load(SHANGHAI).rules["within_window"]
    assert (late["codes"], late["command"]) == (["within_window"], "SubmitApplication")
    assert late["at"].endswith("Z")
    told = said(data, *asked)
    assert ["2025-09-22 16:00:00+08:00", "A12", late["unit"], late["actor"], "提交申报"] in [r[:5] for r in rows(told)]
    assert (late["words"][0][0] in told, late["words"][0][1] in told, "within_window" in told) == (True, True, False)
    assert rule.zh in late["words"][0][0]
