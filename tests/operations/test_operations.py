"""What operators are given is held against the product: every command, option, setting, file and metric named is real."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from typer.core import TyperGroup

from fundcall.cli.lazy import COMMANDS, loaded
from fundcall.settings import Settings
from tests.architecture.house import PACKAGES, ROOT

UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
ALERTS = ROOT / "docs" / "alerts.yml"
USAGE: Any = typer.BadParameter.__mro__[1]
"""What a command raises that is not given as it should be."""
RUNBOOK = ROOT / "docs" / "runbook.md"


def fault(words: list[str]) -> str:
    """What is wrong with a command of ours, "" for nothing: it is read as it would be, and not run."""
    name, *rest = words
    if name not in COMMANDS:
        return f"no command {name}"
    command = loaded(name)
    while isinstance(command, TyperGroup):
        name, *rest = rest
        if name not in command.commands:
            return f"no command {name}"
        command = command.commands[name]
    if "--help" in rest:
        return ""
    try:
        command.make_context(name, rest)
    except USAGE as wrong:
        return str(getattr(wrong, "message", "")) or str(wrong)
    return ""


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    return found


def unit(path: Path) -> ConfigParser:
    found = ConfigParser(strict=False, interpolation=None)
    found.optionxform = str  # type: ignore[assignment,method-assign]
    found.read(path, encoding="utf-8")
    return found


def given(path: Path) -> Iterator[str]:
    """The commands of ours in the blocks of a page and, whole ones, within its text."""
    text = path.read_text(encoding="utf-8")
    blocks = re.findall(r"```\n(.*?)```", text, re.DOTALL)
    yield from (line for block in blocks for line in block.splitlines() if line.startswith("fundcall "))
    yield from re.findall(r"`(fundcall [a-z][^`]*)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))


def commands() -> Iterator[tuple[str, list[str]]]:
    for name, service in compose()["services"].items():
        if service.get("image") == "fundcall":
            yield f"compose.yaml: {name}", service["command"]
    for path in UNITS:
        yield path.name, shlex.split(unit(path)["Service"]["ExecStart"].replace("%i", "8001"))[1:]
    for line in given(RUNBOOK):
        yield f"runbook: {line}", shlex.split(line, comments=True)[1:]
    docker = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    yield "Dockerfile", [word for word in re.findall(r'"([^"]*)"', docker.rpartition("CMD")[2]) if word]


def test_every_command_that_operators_are_given_is_one_of_ours() -> None:
    found = list(commands())
    assert len(found) >= 25
    assert {name: wrong for name, words in found if (wrong := fault(words))} == {}


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (["serve", "--pages"], "No such option: --pages"),
        (["serve", "--port", "x"], "a whole number in plain digits"),
        (["backups"], "no command backups"),
        (["audit", "vrify"], "no command vrify"),
        (["backup"], "Missing parameter: folder"),
    ],
)
def test_a_command_that_is_none_is_seen(words: list[str], wrong: str) -> None:
    assert wrong in fault(words)


def test_every_setting_that_operators_are_given_is_one_of_ours() -> None:
    pages = ["compose.yaml", "Dockerfile", "docs/runbook.md", "deploy/systemd/environment.example"]
    texts = {name: (ROOT / name).read_text(encoding="utf-8") for name in pages}
    known = {f"FUNDCALL_{name.upper()}" for name in Settings.model_fields}
    said = {name: set(re.findall(r"FUNDCALL_[A-Z_]*[A-Z]", text)) for name, text in texts.items()}
    assert {name: names - known for name, names in said.items()} == {name: set() for name in pages}


def test_the_example_of_settings_is_taken() -> None:
    lines = (ROOT / "deploy" / "systemd" / "environment.example").read_text(encoding="utf-8").splitlines()
    pairs = [line.partition("=") for line in lines if line and not line.startswith("#")]
    made = Settings(**{name.removeprefix("FUNDCALL_").lower(): value for name, _, value in pairs})  # type: ignore[arg-type]
    assert (made.postgres, made.proxies) == ("postgresql://serving@/fundcall", ("127.0.0.1",))


def test_the_image_is_made_of_files_that_are_there_and_let_in_and_holds_the_product() -> None:
    docker = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    copied = {name for line in re.findall(r"^COPY (?!--from)(.*) \S+$", docker, re.MULTILINE) for name in line.split()}
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[0] == "!"}
    assert [name for name in copied | let_in if not (ROOT / name).exists()] == []
    assert {*PACKAGES, "pyproject.toml"} <= copied
    assert [name for name in copied if not any(one == name or one.startswith(f"{name}/") for one in let_in)] == []
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {project["readme"], *project["license-files"]} <= copied  # or it is not built
    assert (re.findall(r'ENTRYPOINT \["(\w+)"\]', docker), "fundcall" in project["scripts"]) == (["fundcall"], True)


def test_the_services_lean_on_one_another_and_on_volumes_that_are_there() -> None:
    found = compose()
    services, volumes = found["services"], set(found["volumes"])
    web = [name for name, service in services.items() if service.get("command", [""])[0] == "serve"]
    workers = [name for name, service in services.items() if service.get("command") == ["worker"]]
    assert (len(web), len(workers), "relay" in services, "postgres:" in services["database"]["image"]) == (
        2,
        1,
        True,
        True,
    )
    assert {on for service in services.values() for on in service.get("depends_on", {})} <= services.keys()
    mounted = {one.partition(":")[0] for service in services.values() for one in service.get("volumes", [])}
    assert {one for one in mounted if not one.startswith("./")} == volumes
    assert [one for one in mounted - volumes if not (ROOT / one).is_file()] == []
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert (len(set(ports)), all(port.startswith("127.0.0.1:") for port in ports)) == (2, True)
    for service in (services[name] for name in (*web, *workers, "init")):
        assert service["environment"]["FUNDCALL_SMTP_URL"] == "smtp+plain://relay:25"
        assert service["volumes"] == ["data:/var/lib/fundcall"]


def test_who_serves_in_the_containers_is_not_the_owner_of_the_tables() -> None:
    found = compose()["services"]
    who = {name: one["environment"]["FUNDCALL_DATABASE_URL"] for name, one in found.items() if "command" in one}
    serving, owner = "postgresql://serving@database/fundcall", "postgresql://fundcall@database/fundcall"
    assert who == dict.fromkeys(("web-1", "web-2", "worker"), serving) | dict.fromkeys(
        ("init", "grants", "backup"), owner
    )
    assert found["grants"]["command"][-1] == "serving"


def test_the_relay_is_made_of_files_that_are_there() -> None:
    folder = ROOT / "deploy" / "relay"
    copied = re.findall(r"^COPY (\S+)", (folder / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert [name for name in copied if not (folder / name).stat().st_mode & 0o100] == []
    assert subprocess.run(["sh", "-n", folder / "start"], check=False).returncode == 0


def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd on this machine")
    for path in UNITS:
        text = path.read_text(encoding="utf-8").replace("/opt/fundcall/bin/fundcall", sys.executable)
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    for path in (ROOT / "deploy" / "systemd").glob("*.timer"):
        shutil.copy(path, tmp_path)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *sorted(tmp_path.iterdir())],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, [line for line in done.stderr.splitlines() if "fundcall" in line]) == (0, [])


def test_the_runbook_names_every_alert_and_none_that_is_not() -> None:
    (group,) = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"]
    known = {rule["alert"] for rule in group["rules"]}
    runbook = RUNBOOK.read_text(encoding="utf-8")
    assert set(re.findall(r"`([A-Z][a-z]+[A-Za-z]*)`", runbook)) - {"Dockerfile", "Host"} == known
