"""The house as the tests of this folder look at it."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("states", "workflow", "notifications", "templates", "fundcall")


def modules(*packages: str) -> list[Path]:
    """The Python files of the named packages."""
    return sorted(path for package in packages for path in (ROOT / package).rglob("*.py"))


def files(*folders: str) -> list[Path]:
    """The files that git knows, or would add, under the named folders; all of them when none is named."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *folders]
    out = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return sorted(path for name in out.split("\0") if name and (path := ROOT / name).is_file())


def run(tool: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """One of the environment's commands, run in a folder."""
    command = [str(Path(sys.executable).with_name(tool)), *arguments]
    return subprocess.run(command, cwd=cwd, check=False, capture_output=True, text=True)


def imported(source: str) -> Iterator[str]:
    """The top-level names that a source imports, wherever in it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]
