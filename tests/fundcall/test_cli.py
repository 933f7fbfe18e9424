"""The command line answers in two languages, with JSON where asked, and with exit codes that mean something."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.main import get_group
from typer.testing import CliRunner

from fundcall.audit.proof import proved
from fundcall.bootstrap import settings_for
from fundcall.calls.load import file_of, load
from fundcall.cli import app, main, output
from fundcall.cli.lazy import COMMANDS, loaded
from tests.by_hand import tamper
from tests.databases import copied
from tests.lived import lived

runner = CliRunner()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lived(tmp_path_factory)


@pytest.mark.parametrize(
    "command",
    [
        "applications list", "applications show A01", "deadlines list", "notices list", "replay", "replay A01", "replay --depth 2", "replay A01 --depth 2", "replay --as-of 2026-06-30T00:00+08:00",
        "audit verify", "audit verify --depth 2 --afresh", "applications show A01 --as-of 2026-06-30T00:00+08:00",
    ],
)  # fmt: skip
def test_every_reading_command_prints_json(data: Path, command: str) -> None:
    result = runner.invoke(app, [*command.split(), "--json", "--data", str(data)])
    assert result.exit_code == 0, result.output
    json.loads(result.stdout)


@pytest.mark.parametrize("option", ["--data", "--data-dir"])
def test_the_data_folder_is_named_either_way(data: Path, option: str) -> None:
    assert runner.invoke(app, ["applications", "show", "A01", option, str(data)]).exit_code == 0


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_of_a_command_what_it_says_itself(name: str) -> None:
    assert COMMANDS[name].help == loaded(name).help.split("\n\n")[0].replace("\n", " ")


def test_every_command_is_listed() -> None:
    made = typer.Typer()
    for module in {listed.module for listed in COMMANDS.values()}:
        import_module(f"fundcall.cli.{module}").register(made)
    assert get_group(made).commands.keys() == COMMANDS.keys()


def test_the_version_is_that_of_the_package() -> None:
    result = runner.invoke(app, ["--version"])
    assert (result.exit_code, result.output) == (0, f"fundcall {version('fundcall')}\n")


def test_the_list_of_commands_imports_none_of_them() -> None:
    script = (
        "import sys; from fundcall.cli import app; app(['--help'], standalone_mode=False);"
        "print(sorted(name for name in sys.modules if name.startswith('fundcall.')))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "['fundcall.cli', 'fundcall.cli.lazy']"


def numbers(command: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    """Every whole number that a command and those below it take: how it is called, what takes it, the command."""
    for name, below in getattr(command, "commands", {}).items():
        yield from numbers(below, f"{path} {name}")
    for one in command.params:
        if getattr(one, "type_descriptor", None) is not None and one.type_descriptor.annotation is int:
            yield f"{path} {one.name}", one, command


NUMBERS = [found for name in COMMANDS for found in numbers(loaded(name), name)]


@pytest.mark.parametrize(("param", "command"), [found[1:] for found in NUMBERS], ids=[found[0] for found in NUMBERS])
def test_every_number_on_the_command_line_is_written_in_plain_digits_and_in_its_range(param: Any, command: Any) -> None:
    ctx = typer.Context(command)
    for text in ("1_0", "٣", "３", "+5", "-1", "5.0", " 5", "1e1", "0x1", "", "9" * 19):
        with pytest.raises(typer.BadParameter):
            param.process_value(ctx, text)
    least, most = param.min or 0, param.max or 10**18 - 1
    assert (param.process_value(ctx, str(least)), param.process_value(ctx, str(most))) == (least, most)
    if least:
        with pytest.raises(typer.BadParameter):
            param.process_value(ctx, str(least - 1))
    if param.max is not None:
        with pytest.raises(typer.BadParameter):
            param.process_value(ctx, str(most + 1))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1_000", "'--days': 应为整数，只用半角数字，例如 50 · should be a whole number in plain digits, such as 50"),
        ("4000", "'--days': 应为 1 至 3660 · should be from 1 to 3660"),
    ],
)
def test_a_number_that_is_none_is_told_with_its_option_in_both_languages(text: str, said: str) -> None:
    result = runner.invoke(app, ["keys", "issue", "auditor:li", "--days", text])
    assert (result.exit_code, said in " ".join(result.output.replace("│", " ").split())) == (2, True)


def test_call_show_names_all_topics_of_both_annexes() -> None:
    shown = json.loads(runner.invoke(app, ["call", "show", "--json"]).stdout)
    assert [topic["id"] for topic in shown["topic"]] == list(load("shanghai-ai-plus-2025").topics)
    assert len(shown["topic"]) == 25


@pytest.mark.parametrize(
    ("call", "window", "last"),
    [
        (
            "shanghai-ai-plus-2025",
            ("2025-09-03 10:00:00+08:00", "2025-09-22 16:00+08:00"),
            "2027-12-31（北京时间 Asia/Shanghai）",
        ),
        (
            "community-climate-2026",
            ("2026-03-02 09:00:00+01:00", "2026-03-31 12:00+02:00"),
            "2026-11-30（哥本哈根时间 Europe/Copenhagen）",
        ),
    ],
)
def test_call_show_tells_every_date_of_a_call_by_its_own_clock(call: str, window: tuple[str, str], last: str) -> None:
    shown = runner.invoke(app, ["call", "show", call]).stdout
    lines = shown.splitlines()[1:3]
    assert lines[0].startswith(" → ".join(window))
    assert lines[1] == f"执行期最迟截止日 · last day of execution: {last}"
    dates = [name for name, value in load(call).source.items() if re.match(r"\d{4}-\d\d-\d\d", str(value))]
    assert dates == ["opens_at", "closes_at", "execution_ends_by"]


def test_call_show_says_that_a_call_sets_no_last_day_of_execution(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    climate, notice = file_of("community-climate-2026"), "community-climate-2026.en.txt"
    (tmp_path / notice).write_bytes((climate.parent / "notices" / notice).read_bytes())
    own.write_text(
        climate.read_text(encoding="utf-8").replace("execution_ends_by = 2026-11-30\n", ""), encoding="utf-8"
    )
    shown = runner.invoke(app, ["call", "show", str(own)]).stdout
    assert shown.splitlines()[2] == "执行期最迟截止日 · last day of execution: 未规定 not set"


def test_call_check_accepts_both_shipped_calls() -> None:
    assert runner.invoke(app, ["call", "check"]).exit_code == 0


def test_a_refusal_ends_with_one_and_names_its_clause(data: Path) -> None:
    command = ["do", "WithdrawApplication", "-a", "A01", "--actor", "applicant:u@91310000FAKE00013Y", "--data",
               '{"reason":"x"}', "--data-dir", str(data)]  # fmt: skip
    result = runner.invoke(app, command)
    assert result.exit_code == 1
    assert "系统规则2（状态表）" in result.output


@pytest.mark.parametrize(
    "command",
    [
        ["do", "WithdrawApplication", "-a", "A01", "--actor", "nobody", "--data", '{"reason":"x"}'],
        ["do", "WithdrawApplication", "-a", "A01", "--actor", "applicant:u", "--data", '{"reason":1.5}'],
        ["applications", "list", "--state", "nowhere"],
        ["applications", "show", "A01", "--as-of", "yesterday"],
        ["applications", "show", "A01", "--as-of", "2026-01-01T00:00"],
        ["call", "show", "no-such-call"],
        ["replay"],
    ],
)
def test_misuse_ends_with_two_and_a_word_on_it(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = runner.invoke(app, command)
    assert (result.exit_code, result.exception is None or isinstance(result.exception, SystemExit)) == (2, True)
    assert "✗" in result.output


@pytest.mark.parametrize("command", ["init", "demo --headless --applications 1", "applications list", "audit verify"])
@pytest.mark.parametrize(
    ("address", "code", "words"),
    [
        ("mysql://u:secret@host/x", 2, "设置有误 / the settings are wrong: FUNDCALL_DATABASE_URL: sqlite:///path or"),
        ("postgresql://u:secret@/x?host=/nowhere", 3, "数据库无法连接 / the database cannot be reached: "),
        ("postgresql://%zz:secret", 3, "数据库无法连接 / the database cannot be reached: "),
    ],
)
def test_a_database_that_is_none_or_cannot_be_reached_is_told_in_words(
    command: str, address: str, code: int, words: str,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FUNDCALL_DATABASE_URL", address)
    monkeypatch.setattr(sys, "argv", ["fundcall", *command.split()])
    with pytest.raises(SystemExit) as ended:
        main()
    told = capsys.readouterr().err
    assert (ended.value.code, words in told, "secret" in told) == (code, True, False)


def test_an_application_is_found_by_its_number_too(data: Path) -> None:
    by_id = runner.invoke(app, ["applications", "show", "A01", "--json", "--data", str(data)]).stdout
    number = json.loads(by_id)["number"]
    assert number.startswith("SHAI2025-")
    assert runner.invoke(app, ["applications", "show", number, "--json", "--data", str(data)]).stdout == by_id


def test_an_application_is_shown_with_form_documents_refusals_and_deadlines_passed(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output.console, "width", 400)
    shown = runner.invoke(app, ["applications", "show", "A11", "--data", str(data)]).stdout
    lines = [[cell.strip() for cell in line.split("│")[1:-1]] for line in shown.splitlines() if "│" in line]
    told = {line[2] for line in lines if len(line) == 4}
    assert ["end_on", "执行期结束日", "2027-12-31"] in lines
    assert ["application_form", "项目申报书.pdf"] in [line[:2] for line in lines]
    assert {"CommandRefused", "SubmitApplication", "公示 public_notice"} <= told
    assert any(cell.startswith("✗ ends_by_2027: ") for cell in told)
    assert "提交 submitted 2025-09-22 15:59:59.999999" in shown
    assert "记录于 recorded" in shown


def test_no_deadline_armed_is_said(data: Path) -> None:
    for command in (["deadlines", "list"], ["deadlines", "list", "-a", "A01"]):
        assert runner.invoke(app, [*command, "--data", str(data)]).stdout == "没有已设定的期限 · no deadline is armed\n"
    assert runner.invoke(app, ["deadlines", "list", "-a", "nobody", "--data", str(data)]).exit_code == 1


def test_a_notice_is_shown_to_read_and_raw_where_asked(data: Path) -> None:
    listed = json.loads(runner.invoke(app, ["notices", "list", "-a", "A01", "--json", "--data", str(data)]).stdout)
    receipt = next(one for one in listed if one["template"] == "submission_receipt")
    latest = runner.invoke(app, ["notices", "show", "-a", "A01", "--data", str(data)]).stdout
    assert f"Subject: {listed[-1]['subject']}" in latest
    assert runner.invoke(app, ["notices", "show", "--data", str(data)]).exit_code == 2
    show = ["notices", "show", str(receipt["position"]), "--data", str(data)]
    read, raw = runner.invoke(app, show).stdout, runner.invoke(app, [*show, "--raw"]).stdout
    assert f"Subject: {receipt['subject']}" in read
    assert "To: 联系人" in read
    assert "贵单位的申报已成功提交" in read
    assert ("Content-Transfer-Encoding: base64" in read, "Content-Transfer-Encoding: base64" in raw) == (False, True)


def test_a_tampered_ledger_ends_replay_with_one(tmp_path: Path, data: Path) -> None:
    copy = copied(data, tmp_path / "data")
    tamper(settings_for(copy, database_url=""), "UPDATE applications SET outcome = 'accepted' WHERE id = 'A03'")
    result = runner.invoke(app, ["replay", "--data", str(copy), "--json"])
    assert result.exit_code == 1
    assert [d["what"] for d in json.loads(result.stdout)["divergences"]] == ["row.outcome"]


def test_an_application_is_proved_and_the_proof_holds_offline(data: Path) -> None:
    whole = runner.invoke(app, ["audit", "prove", "A01", "--data", str(data)])
    found = json.loads(whole.stdout)
    last = found["events"][-1]
    one = runner.invoke(app, ["audit", "prove", "A01", "--position", str(last["position"]), "--data", str(data)])
    assert one.stdout == last["proof"]
    assert proved(one.stdout, bytes.fromhex(last["leaf"]), found["verifier"]).position == last["position"]
    assert runner.invoke(app, ["audit", "prove", "A99", "--data", str(data)]).exit_code == 1


@pytest.mark.sqlite
def test_a_demo_leaves_a_folder_alone_that_holds_no_earlier_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FUNDCALL_DATABASE_URL", raising=False)
    (tmp_path / "mails.mbox").write_text("somebody's own")
    result = runner.invoke(app, ["demo", "--headless", "--applications", "1", "--data", str(tmp_path)])
    assert (result.exit_code, "holds something other than an earlier demo" in result.output) == (2, True)
    assert (tmp_path / "mails.mbox").read_text() == "somebody's own"
