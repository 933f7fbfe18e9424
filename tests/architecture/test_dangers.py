"""Bandit finds no danger in the product's code, beside what ruff's own rules have looked at; and would find one."""

import json
from pathlib import Path

from tests.architecture.house import PACKAGES, ROOT, run

OPTIONS = ("--quiet", "--recursive", "--configfile", str(ROOT / "pyproject.toml"), "--severity-level", "medium", "--format", "json")  # fmt: skip


def dangers(*folders: Path) -> list[str]:
    done = run("bandit", *OPTIONS, *map(str, folders), cwd=ROOT)
    assert done.returncode in (0, 1), done.stderr
    found = json.loads(done.stdout)
    assert found["errors"] == []
    return [f"{one['test_id']} {one['filename']}:{one['line_number']}" for one in found["results"]]


def test_no_danger_is_in_the_product() -> None:
    assert dangers(*(ROOT / name for name in PACKAGES)) == []


def test_a_planted_danger_is_found(tmp_path: Path) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text("import pickle\n\n\ndef read(body):\n    return pickle.loads(body)\n", encoding="utf-8")
    assert dangers(planted) == [f"B301 {planted}:5"]
