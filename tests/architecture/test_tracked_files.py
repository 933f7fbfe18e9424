"""What is committed names no machine that it was written on, and no registry that it was fetched from."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.architecture.house import ROOT, files

FOREIGN = [re.compile(rf"(?<![\w.:])/{folder}/") for folder in ("work", "root")]
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==(\S+?)(?: ;.*?)?(?: \\)?$", re.MULTILINE)
LOCKS = ("run", "dev", "uv")


def lock(name: str) -> str:
    return (ROOT / "requirements" / f"{name}.txt").read_text()


def pins(name: str) -> dict[str, str]:
    """What a lock file installs: name to version."""
    return dict(PINNED.findall(lock(name)))


def wanted(section: list[str | dict[str, str]]) -> list[Requirement]:
    return [Requirement(line) for line in section if isinstance(line, str)]


def foreign_lines(path: Path) -> list[str]:
    text = path.read_bytes().decode(errors="replace")
    return [line for line in text.splitlines() if any(pattern.search(line) for pattern in FOREIGN)]


def test_no_committed_file_names_a_folder_of_a_machine() -> None:
    assert {path.name: lines for path in files() if (lines := foreign_lines(path))} == {}


def test_a_folder_of_a_machine_is_seen(tmp_path: Path) -> None:
    planted = tmp_path / "notes.md"
    planted.write_text("\n".join(["see /" + "work/main", "at /" + "root/.cache", "https://example.org/work/1", "ok"]))
    assert foreign_lines(planted) == ["see /" + "work/main", "at /" + "root/.cache"]


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_file_has_hashes_and_no_address(name: str) -> None:
    text = lock(name)
    entries = re.split(r"\n(?=\S)", text)
    assert ("://" in text, "--index-url" in text, "--find-links" in text) == (False, False, False)
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert len(entries) == len(pins(name))


@pytest.mark.parametrize(
    ("name", "section"), [("run", "dependencies"), ("dev", "dev"), ("dev", "peers"), ("uv", "installer")]
)
def test_a_lock_file_meets_what_the_project_asks_for(name: str, section: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    sections = {**project["dependency-groups"], "dependencies": project["project"]["dependencies"]}
    locked = pins(name)
    unmet = [str(r) for r in wanted(sections[section]) if not r.specifier.contains(locked.get(r.name, "0"))]
    assert unmet == []


def test_what_is_tested_is_what_runs() -> None:
    assert pins("run").items() <= pins("dev").items()
