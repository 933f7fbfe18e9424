"""What the command line says when a call is missing, faulty or not loaded: in words, with a way out, never a traceback."""

import json
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from fundcall.calls.load import file_of
from fundcall.cli import main, output
from fundcall.cli.notices import waiting_words
from fundcall.settings import Settings
from states.actor import Role
from states.table import ROWS
from tests.api.office import pdf

Said = Callable[..., tuple[int, str]]
CONTACTS = '[{"name":"Li","email":"li@example.org"}]'
UNIT = f'{{"unit_code":"AB1234","unit_name":"Garden Club","unit_kind":"association","contacts":{CONTACTS}}}'
CREATE = ("do", "CreateDraft", "-a", "app-1", "--actor", "applicant:li@AB1234", "--data", UNIT)


@pytest.fixture
def said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Said:
    """Runs a command in an empty folder: its exit code and all it printed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(output.console, "width", 120)
    monkeypatch.setattr(output.errors, "width", 120)

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["fundcall", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out + printed.err

    return run


# --- calls ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ((), "No call was named; loaded: community-climate-2026, shanghai-ai-plus-2025."),
        (("--call", "nowhere"), "There is no call nowhere; loaded: community-climate-2026, shanghai-ai-plus-2025."),
    ],
)
def test_a_draft_in_no_known_call_is_told_which_calls_there_are(said: Said, call: tuple[str, ...], words: str) -> None:
    said("init")
    for dry in ((), ("--dry-run",)):
        code, text = said(*CREATE, *call, *dry)
        assert (code, words in text) == (1, True)


BAD = 'id = "my-call"\nversion = "one"\n'


@pytest.mark.parametrize(
    "command",
    [
        ("call", "show", "bad.toml"),
        ("demo", "--headless", "--call", "bad.toml"),
        ("simulate", "--call", "bad.toml"),
        ("applications", "list"),
        ("replay",),
    ],
)
def test_a_faulty_call_is_told_as_call_check_tells_it_whatever_was_asked(
    said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    said("init")
    (tmp_path / "bad.toml").write_text(BAD, encoding="utf-8")
    code, checked = said("call", "check", "bad.toml")
    assert (code, "✗ bad.toml:2: version: 应为整数 / should be a whole number" in checked) == (1, True)
    monkeypatch.setenv("FUNDCALL_CALLS", "bad.toml")
    assert said(*command) == (2, checked)


def test_a_simulation_that_no_form_of_the_call_lets_go_on_says_by_which_rule(said: Said, tmp_path: Path) -> None:
    shipped = file_of("community-climate-2026").read_text(encoding="utf-8")
    impossible = shipped.replace(
        'severity = "officer"\ncheck = "threshold"', 'severity = "refuse"\ncheck = "threshold"'
    )
    impossible = impossible.replace('op = ">=", value = 50', 'op = "<", value = 0').replace(
        "\nnotice = ", "\n# notice = "
    )
    (tmp_path / "impossible.toml").write_text(impossible, encoding="utf-8")
    code, text = said("simulate", "--call", "impossible.toml", "--applications", "3")
    words = "The simulation ends here; see whether the rules and fields of the call can be met together: app-00"
    assert (code, words in text, "neighbours reached (people_reached)" in text) == (1, True, True)


def test_a_text_that_is_no_toml_is_told_with_its_line_once(said: Said, tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("a = 1\nb = \n", encoding="utf-8")
    line = "✗ bad.toml:2: TOML语法有误：Invalid value (column 5) / not TOML: Invalid value (column 5)\n"
    assert said("call", "check", "bad.toml") == (1, line)
    assert said("call", "show", "bad.toml") == (2, line)


def test_a_further_call_that_is_not_there_is_named_with_its_setting(
    said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    said("init")
    monkeypatch.setenv("FUNDCALL_CALLS", "/nope.toml")
    code, text = said("applications", "list")
    assert (code, "FUNDCALL_CALLS: 没有通知“/nope.toml”" in text) == (2, True)


def opened_call(folder: Path) -> Path:
    """A copy of the small call that is open for a century."""
    text = file_of("community-climate-2026").read_text(encoding="utf-8")
    for good, mine in {
        'id = "community-climate-2026"': 'id = "my-call"',
        "opens_at = 2026-03-02T09:00:00+01:00": "opens_at = 2020-03-02T09:00:00+01:00",
        "closes_at = 2026-03-31T12:00:00+02:00": "closes_at = 2120-03-31T12:00:00+02:00",
        "execution_ends_by = 2026-11-30": "execution_ends_by = 2130-11-30",
        "\nnotice = ": "\n# notice = ",
    }.items():
        assert good in text
        text = text.replace(good, mine)
    file = folder / "my-call.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_an_application_whose_call_is_not_loaded_says_how_to_load_it(
    said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said("init")
    monkeypatch.setenv("FUNDCALL_CALLS", str(opened_call(tmp_path)))
    assert said(*CREATE, "--call", "my-call")[0] == 0
    monkeypatch.delenv("FUNDCALL_CALLS")
    code, text = said("do", "SubmitApplication", "-a", "app-1", "--actor", "applicant:li@AB1234")
    assert (code, "belongs to the call my-call, which is not loaded" in text) == (1, True)
    code, text = said("worksheet", "app-1")
    assert (code, "name its file in FUNDCALL_CALLS" in text) == (2, True)
    for telling in (("notices", "send"), ("notices", "preview", "1")):  # by the rules that the ledger keeps
        assert said(*telling)[0] == 0


# --- commands ---------------------------------------------------------------------------------------------------------


def test_everything_wrong_with_a_request_is_told_at_once(said: Said) -> None:
    said("init")
    body = '{"unit_code":"AB1234","unit_kind":"association","contacts":[{"nam":"Li","email":3}]}'
    wrong = ("do", "CreateDraft", "-a", "app-1", "--actor", "citizen:li", "--data", body)
    code, text = said(*wrong)
    told = [line.partition(": ")[0] for line in text.splitlines()]
    assert (code, told) == (2, [
        "✗ --actor", "✗ unit_name", "✗ contacts.0.nam", "✗ contacts.0.name", "✗ contacts.0.email", "✗ --call",
        "→ fundcall commands CreateDraft",
    ])  # fmt: skip
    code, text = said(*wrong, "--json")
    answer = json.loads(text)
    assert (code, answer["accepted"]) == (2, False)
    assert [f"✗ {fault['where']}" for fault in answer["faults"]] == told[:-1]


@pytest.mark.parametrize("call", [(), ("--call", "nowhere")])
def test_a_dry_run_answers_in_json_alone(said: Said, call: tuple[str, ...]) -> None:
    said("init")
    code, text = said(*CREATE, *call, "--dry-run", "--json")
    answer = json.loads(text)
    assert (code, answer["accepted"], len(answer["refusals"])) == (1, False, 1)


def test_a_dry_run_of_a_command_about_a_call_says_what_would_come_of_it(said: Said) -> None:
    said("init")
    publish = ("do", "PublishCall", "-a", "shanghai-ai-plus-2025", "--actor", "approving_officer:chen")
    code, text = said(*publish, "--dry-run", "--json")
    assert (code, json.loads(text)) == (0, {"accepted": True, "refusals": []})
    assert said(*publish)[0] == 0
    code, text = said(*publish, "--dry-run", "--json")
    assert (code, [r["code"] for r in json.loads(text)["refusals"]]) == (1, ["already_done"])


def test_the_commands_are_listed_with_role_and_state(said: Said) -> None:
    listed = {one["command"]: one for one in json.loads(said("commands", "--json")[1])}
    assert set(listed) == {row.command for row in ROWS if row.roles != (Role.SYSTEM,)} | {
        "CreateDraft", "PublishCall", "ProposeExtension", "ExtendWindow", "ProposeEnvelope", "SetEnvelope", "DrawExperts",
        "ProposeErratum", "PublishErratum", "ProposeCalendar", "AmendCalendar", "WithdrawChange",
    }  # fmt: skip
    submit = listed["SubmitApplication"]
    assert (submit["roles"], submit["from"], submit["to"]) == (["applicant"], ["draft"], "submitted")
    experts = [one["command"] for one in json.loads(said("commands", "--role", "expert", "--json")[1])]
    assert experts == ["AcceptInvitation", "DeclineInvitation", "DeclareConflict", "SubmitScore", "FileObjection"]
    assert said("commands", "NoSuchCommand")[0] == 2


def test_a_command_is_shown_with_its_fields_and_an_example_that_works(said: Said) -> None:
    said("init")
    shown = json.loads(said("commands", "CreateDraft", "--json")[1])
    assert [field["field"] for field in shown["fields"]] == [
        "unit_code", "unit_name", "unit_kind", "contacts", "contacts[].name", "contacts[].email", "contacts[].phone",
    ]  # fmt: skip
    (example,) = (line for line in said("commands", "CreateDraft")[1].splitlines() if "example: " in line)
    asked = shlex.split(example.partition("example: ")[2])
    code, text = said(*asked[1:], "--dry-run", "--json")
    assert (code, {r["code"] for r in json.loads(text)["refusals"]}) == (1, {"within_window"})


def test_a_form_is_told_its_keys(said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said("init")
    monkeypatch.setenv("FUNDCALL_CALLS", str(opened_call(tmp_path)))
    assert said(*CREATE, "--call", "my-call")[0] == 0
    edit = ("do", "EditDraft", "-a", "app-1", "--actor", "applicant:li@AB1234", "--data")
    assert "The call's fields: topic, title, start_on, end_on," in said(*edit, '{"form":{"headline":"x"}}')[1]
    text = said(*edit, '{"form":{"start_on":"31.1.2026"}}')[1]
    assert "Allowed: YYYY-MM-DD (2026-01-31)." in text
    assert "“first day (start_on)” may have" in text
    assert "“title” may have" in said(*edit, '{"form":{"title":5}}')[1]
    found = json.loads(said("precheck", "app-1", "--json")[1])
    missing = [one["en"] for one in found if one["rule"] == "form_complete"]
    assert missing[:2] == [
        "a required field is empty (missing: topic)",
        "a required field is empty (missing: title)",
    ]


def test_a_successful_submission_tells_what_is_left_to_an_officer(
    said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said("init")
    monkeypatch.setenv("FUNDCALL_CALLS", str(opened_call(tmp_path)))
    said(*CREATE, "--call", "my-call")
    as_unit = ("-a", "app-1", "--actor", "applicant:li@AB1234")
    form = {"topic": "gardens", "title": "x", "start_on": "2125-02-01", "end_on": "2125-06-30", "requested_minor": 100,
            "people_reached": 1}  # fmt: skip
    assert said("do", "EditDraft", *as_unit, "--data", json.dumps({"form": form}))[0] == 0
    armed = json.loads(said("deadlines", "list", "-a", "app-1", "--json")[1])
    assert {one["name"].partition("~")[0] for one in armed} == {"submit"}
    (tmp_path / "plan.pdf").write_bytes(pdf())
    assert said("documents", "add", "app-1", "plan.pdf", "--material", "plan", "--actor", "applicant:li@AB1234")[0] == 0
    code, text = said("do", "SubmitApplication", *as_unit, "--json")
    assert (code, [found["rule"] for found in json.loads(text)["findings"]]) == (0, ["people_reached"])


def test_mail_that_waits_says_that_no_relay_was_named(
    said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said("init")
    monkeypatch.setenv("FUNDCALL_CALLS", str(opened_call(tmp_path)))
    said(*CREATE, "--call", "my-call")
    monkeypatch.setenv("FUNDCALL_SMTP_URL", "smtp://127.0.0.1:1")
    code, text = said("notices", "send")
    assert (code, "1 wait, to be tried again; the relay is 127.0.0.1:1" in text) == (0, True)
    monkeypatch.delenv("FUNDCALL_SMTP_URL")
    assert "1 wait: FUNDCALL_SMTP_URL is not set; tried 127.0.0.1:25" in waiting_words(1, Settings())
