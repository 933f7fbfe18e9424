"""What the command line says when a call is missing, faulty or not loaded: in words, with a way out, never a traceback."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fundcall.calls.load import file_of
from fundcall.cli import main

Said = Callable[..., tuple[int, str]]
CONTACTS = '[{"name":"Li","email":"li@example.org"}]'
UNIT = f'{{"unit_code":"AB1234","unit_name":"Garden Club","unit_kind":"association","contacts":{CONTACTS}}}'
CREATE = ("do", "CreateDraft", "-a", "app-1", "--actor", "applicant:li@AB1234", "--data", UNIT)


@pytest.fixture
def said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Said:
    """Runs a command in an empty folder: its exit code and all it printed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")

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
    for reading in (("worksheet", "app-1"), ("notices", "send"), ("notices", "preview", "1")):
        code, text = said(*reading)
        assert (code, "name its file in FUNDCALL_CALLS" in text) == (2, True)
