"""`fundcall accounts`: from the command line to a person who is in, and to one who is out again."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fundcall.accounts.people import Purpose
from fundcall.bootstrap import open_system, settings_for
from fundcall.cli import app
from workflow.notices import LEASE

Run = Callable[..., tuple[int, str]]
ADD = ("add", "Wang@Example.org", "--role", "format_officer", "--name", "王")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs `fundcall accounts …` in an installation of its own: exit code and output."""
    runner = CliRunner()
    assert runner.invoke(app, ["init", "--data", str(tmp_path)]).exit_code == 0

    def invoke(*arguments: str) -> tuple[int, str]:
        done = runner.invoke(app, ["accounts", *arguments, "--data", str(tmp_path)])
        return done.exit_code, done.output.strip()

    return invoke


def listed(run: Run) -> list[dict[str, object]]:
    code, text = run("list", "--json")
    assert code == 0
    found: list[dict[str, object]] = json.loads(text)
    return found


def test_an_account_is_opened_with_a_link_that_works_once(run: Run, tmp_path: Path) -> None:
    code, text = run(*ADD, "--id", "wang-1")
    name, link = text.split()
    assert (code, name, link.startswith("http://127.0.0.1:8000/password?link=")) == (0, "wang-1", True)
    assert listed(run) == [
        {"id": "wang-1", "email": "wang@example.org", "name": "王", "disabled": False, "password": False,
         "second_factor": False, "posts": [{"role": "format_officer", "unit": "", "pending": False}]}
    ]  # fmt: skip


def test_a_second_role_goes_to_the_account_that_is_there(run: Run) -> None:
    first = run(*ADD)[1].split()[0]
    code, text = run("add", "wang@example.org", "--role", "review_officer")
    assert (code, text.split()[0]) == (0, first)
    assert [post["role"] for post in listed(run)[0]["posts"]] == ["format_officer", "review_officer"]  # type: ignore[attr-defined]


def test_an_invitation_waits_to_be_sent(run: Run, tmp_path: Path) -> None:
    assert run("invite", "e@example.org", "--role", "expert", "--unit", "EXPERT-1", "--id", "expert-001") == (
        0,
        "expert-001",
    )
    system = open_system(settings_for(tmp_path))
    now = system.clock.now()
    first, second = (system.accounts.take_letter(now, now + LEASE) for _ in range(2))
    system.close()
    assert first is not None
    assert (first.account.id, first.purpose, second) == ("expert-001", Purpose.INVITE, None)


def test_an_account_is_shut_and_opened_again(run: Run) -> None:
    name = run(*ADD)[1].split()[0]
    assert (run("disable", name)[0], listed(run)[0]["disabled"]) == (0, True)
    assert (run("disable", name, "--undo")[0], listed(run)[0]["disabled"]) == (0, False)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("add", "a@x, b@y", "--role", "expert"), 2),
        (("add", "a@example.org", "--role", "king"), 2),
        (("add", "a@example.org", "--role", "system"), 2),
        (("add", "a@example.org", "--role", "applicant"), 2),
        (("disable", "nobody"), 1),
        (("forget-second", "nobody"), 1),
        (("admit", "nobody", "--unit", "X1"), 1),
    ],
)
def test_what_cannot_be_done_is_told_and_leaves_nothing(run: Run, arguments: tuple[str, ...], code: int) -> None:
    done, text = run(*arguments)
    assert (done, "✗" in text, listed(run)) == (code, True, [])
