"""What the READMEs tell people to paste works: the recipe of a real installation is run as it stands there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.office import pdf

ROOT = Path(__file__).parents[2]


def recipe(readme: str) -> str:
    """The block that files in a copied call, without the server that would not end."""
    blocks = re.findall(r"```\n(.*?)```", (ROOT / readme).read_text(encoding="utf-8"), re.DOTALL)
    block: str = next(block for block in blocks if "my-calls" in block)
    return "\n".join(line for line in block.splitlines() if not line.startswith("fundcall serve"))


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_recipe_of_the_readme_reaches_a_receipt(readme: str, tmp_path: Path) -> None:
    (tmp_path / "fundcall").mkdir()
    shutil.copytree(ROOT / "fundcall" / "calls", tmp_path / "fundcall" / "calls")
    (tmp_path / "plan.pdf").write_bytes(pdf())
    script = f'fundcall() {{ "{sys.executable}" -m fundcall "$@"; }}\nset -e\n{recipe(readme)}'
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1"}
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=110, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "✓ ApplicationSubmitted · submitted" in done.stdout
    assert (tmp_path / "receipt.pdf").read_bytes().startswith(b"%PDF-")
