"""Run the release tier and write docs/how-tested.md: `python -m tests.proof --help`."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.postgres import programs
from tests.proof.page import page, written
from tests.proof.steps import STEPS, Step, figures_of

ROOT = Path(__file__).parents[2]
PAGE, FIGURES = ROOT / "docs" / "how-tested.md", ROOT / "docs" / "how-tested.json"


@dataclass
class Asked(argparse.Namespace):
    """What was asked for."""

    quick: bool = False
    only: list[str] = field(default_factory=list)
    list: bool = False


def asked() -> Asked:
    """What the command line says."""
    names = [step.name for step in STEPS]
    parser = argparse.ArgumentParser(prog="make proof", description="运行发布前的全部试验 · run the release tier")
    parser.add_argument("--quick", action="store_true", help="各项的简短形式 · the short form of each")
    parser.add_argument(
        "--only",
        action="append",
        choices=names,
        metavar="NAME",
        default=[],
        help=f"只运行 · only of {', '.join(names)}",
    )
    parser.add_argument("--list", action="store_true", help="列出各项命令 · list the commands")
    return parser.parse_args(namespace=Asked())


def machine() -> str:
    """The machine in short, and how busy it is with others' work."""
    postgres = programs()
    version = "no PostgreSQL"
    if postgres is not None:
        told = subprocess.run([postgres / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
        version = f"PostgreSQL {told.split()[2]}"
    load = os.getloadavg()[0]
    return (
        f"{len(os.sched_getaffinity(0))} cores at load {load:.0f} before it began, {platform.system()} {platform.release().partition('-')[0]}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {version}"
    )


def run(step: Step, *, quick: bool) -> dict[str, Any]:
    """Run a step; what it found, when, where and in what time."""
    where, at, begun = machine(), datetime.now(UTC), time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-m", *step.asked(quick=quick)], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False
    )
    return {
        "command": written(step, quick=quick),
        "at": at.strftime("%Y-%m-%d %H:%M UTC"),
        "machine": where,
        "seconds": round(time.monotonic() - begun, 1),
        "code": ended.returncode,
        "figures": figures_of(step, ended.stdout),
    }


def main() -> int:
    """Run what was asked for, one after another; keep each one's figures at once, and write the page. 1 where anything does not hold."""
    given = asked()
    if given.list:
        for step in STEPS:
            print(f"{step.name:16}{written(step, quick=given.quick)}")
        return 0
    held = True
    for step in STEPS:
        if given.only and step.name not in given.only:
            continue
        print(f"{step.name}: {written(step, quick=given.quick)}", flush=True)
        found = run(step, quick=given.quick)
        kept = json.loads(FIGURES.read_text(encoding="utf-8")) if FIGURES.exists() else {}
        kept.setdefault(step.name, {})["short" if given.quick else "full"] = found
        FIGURES.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        PAGE.write_text(page(kept) + "\n", encoding="utf-8")
        print(f"  {'✓' if found['code'] == 0 else '✗'} {found['seconds']} s {found['figures']}", flush=True)
        held = held and found["code"] == 0
    return int(not held)


if __name__ == "__main__":
    sys.exit(main())
