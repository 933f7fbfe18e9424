"""What the READMEs tell people to paste works: it is run as it stands there."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fundcall.calls.calendars import NAMES as CALENDARS
from fundcall.calls.consistency import FIRES
from fundcall.calls.rules import STAGES
from fundcall.calls.shape import LISTS, Head
from fundcall.cli import app
from fundcall.cli.lazy import COMMANDS
from fundcall.settings import Settings
from states.checks import CHECKS, PARAMS
from states.checks.unit import UNIT_KINDS
from states.funding_call import Choice, Review, Severity
from states.unit_code import SCHEMES
from tests.api.office import pdf
from tests.databases import copied, environment_of
from tests.lived import lived

ROOT = Path(__file__).parents[2]


def block_with(readme: str, word: str) -> str:
    """The block of commands in which a word stands."""
    blocks = re.findall(r"```\n(.*?)```", (ROOT / readme).read_text(encoding="utf-8"), re.DOTALL)
    found: str = next(block for block in blocks if word in block)
    return found


def recipe(readme: str) -> str:
    """The block that files in a copied call, without the server that would not end."""
    block = block_with(readme, "my-calls")
    return "\n".join(line for line in block.splitlines() if not line.startswith("fundcall serve"))


def test_the_recipe_of_the_readmes_is_one() -> None:
    english, chinese = (shlex.split(recipe(name), comments=True) for name in ("README.md", "README.zh-CN.md"))
    assert english == chinese


def test_the_recipe_of_the_readme_reaches_a_receipt(tmp_path: Path) -> None:
    (tmp_path / "fundcall").mkdir()
    shutil.copytree(ROOT / "fundcall" / "calls", tmp_path / "fundcall" / "calls")
    (tmp_path / "plan.pdf").write_bytes(pdf())
    script = f'fundcall() {{ "{sys.executable}" -m fundcall "$@"; }}\nset -e\n{recipe("README.md")}'
    environment = {**environment_of(tmp_path / "data"), "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1"}
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=110, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "✓ ApplicationSubmitted · submitted" in done.stdout
    assert (tmp_path / "receipt.pdf").read_bytes().startswith(b"%PDF-")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a small demo has run."""
    folder: Path = tmp_path_factory.mktemp("readme")
    copied(lived(tmp_path_factory), folder / "demo-data")
    (folder / "form.pdf").write_bytes(pdf())
    return folder


def exit_code(line: list[str]) -> int:
    """What a command of the README ends with."""
    if line[0] == "python":
        return subprocess.run([sys.executable, *line[1:]], check=False, capture_output=True, timeout=60).returncode
    return CliRunner().invoke(app, line[1:]).exit_code


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_what_can_be_tried_on_the_demo_works(readme: str, demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(demo)
    lines = [shlex.split(line, comments=True) for line in block_with(readme, "applications show A11").splitlines()]
    given = [line for line in lines if line and line[1] != "demo"]
    assert len(given) >= 10
    shutil.rmtree("a11", ignore_errors=True)  # the other language's
    codes = {" ".join(line): exit_code(line) for line in given}
    unsealed = {line: code for line, code in codes.items() if line.startswith("fundcall documents check")}
    assert codes == dict.fromkeys(codes, 0) | dict.fromkeys(unsealed, 1)


def test_the_readmes_show_the_same_commands() -> None:
    english, chinese = (re.findall(r"^fundcall \S+ ?\S*", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
                        for name in ("README.md", "README.zh-CN.md"))  # fmt: skip
    assert english == chinese


@pytest.mark.parametrize("page", ["docs/calls.md", "docs/calls.zh-CN.md"])
def test_the_page_on_call_files_names_everything_that_one_may_hold(page: str) -> None:
    text = re.sub(r"```.*?```", "", (ROOT / page).read_text(encoding="utf-8"), flags=re.DOTALL)
    named = set(re.findall(r"[A-Za-z_]+", " ".join(re.findall(r"`([^`]+)`", text))))
    kinds = (Head, Review, Choice, *(kind for kind, _ in LISTS.values()))
    keys = {field.name for kind in kinds for field in fields(kind)} | {"review", *LISTS}
    params = {name for given in PARAMS.values() for name in given}
    values = {*CHECKS, *STAGES, *UNIT_KINDS, *Severity, *FIRES, *(name for fires in FIRES.values() for name in fires)}
    assert (keys | params | values | {*SCHEMES, *CALENDARS}) - named == set()


@pytest.mark.parametrize("guide", ["docs/guide.md", "docs/guide.zh-CN.md"])
def test_the_guide_names_every_setting_and_only_commands_that_there_are(guide: str) -> None:
    text = (ROOT / guide).read_text(encoding="utf-8")
    table = text[text.index("| `DATA_DIR`") :].partition("\n\n")[0]
    named = re.findall(r"`([A-Z0-9_]+)`", "\n".join(line.split("|")[1] for line in table.splitlines()))
    assert sorted(named) == sorted(name.upper() for name in Settings.model_fields)
    assert set(re.findall(r"`fundcall ([a-z]+)", text)) - COMMANDS.keys() == set()
