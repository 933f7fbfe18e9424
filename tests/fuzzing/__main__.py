"""Fuzz the parsers of the product, one after the other: `python -m tests.fuzzing [TARGET…] --seconds 300`; 1 where there is a fault."""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.fuzzing.child import FOUND, HOLDING
from tests.fuzzing.target import PLANTED, ROOMS, ROOT, every
from tests.fuzzing.trial import Fault, held

_BEYOND_SECONDS = 180
"""So much longer than asked for a process may take: it imports and instruments the product first."""
_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own in it
"""Where files cost least, on Linux."""
_COVERED = re.compile(r"cov: (\d+) ft: (\d+) corp: (\d+)/")


@dataclass
class Asked(argparse.Namespace):
    """What was asked for."""

    targets: list[str] = field(default_factory=list)
    seconds: float = 60
    seed: int = 0
    json: bool = False
    list: bool = False


def tried(room: str, name: str, seconds: float, seed: int) -> dict[str, Any]:
    """What came of trying a target in a process of its own; nothing of it stays. `places` are the edges reached in the
    product, and `kept` the inputs that led to new ones, where that is known.
    """
    with TemporaryDirectory(prefix="fundcall-fuzzing-", dir=_MEMORY if _MEMORY.is_dir() else None) as kept:
        folder, log = Path(kept), Path(kept) / "log"
        command = [sys.executable, "-m", "tests.fuzzing.child", room, name, str(seconds), str(seed), str(folder)]
        environment = {**os.environ, "TMPDIR": kept}
        with log.open("wb") as file:
            try:
                code: object = subprocess.run(
                    command,
                    cwd=ROOT,
                    env=environment,
                    stdout=file,
                    stderr=file,
                    timeout=seconds + _BEYOND_SECONDS,
                    check=False,
                ).returncode
            except subprocess.TimeoutExpired:
                code = "never"
        said = log.read_text(encoding="utf-8", errors="replace")
        if not (folder / FOUND).exists():
            gone = Fault(f"ended with {code}: {' '.join(said.split())[-300:]}", "the process", held(folder / HOLDING))
            return {"runs": 0, "slowest_seconds": seconds, "faults": [gone.told()]}
        found: dict[str, Any] = json.loads((folder / FOUND).read_text(encoding="utf-8"))
    if (covered := _COVERED.findall(said)[-1:]) and (places := covered[0]):
        found |= {"places": int(places[0]), "kept": int(places[2])}
    return found


def engine() -> str:
    """What makes the inputs."""
    if importlib.util.find_spec("atheris") is None:
        return "chance (atheris is not installed here)"
    return f"atheris {version('atheris')}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Try what was asked for, and print what was found; 1 where there is a fault."""
    known = every(*ROOMS)
    asked = _parser().parse_args(arguments, Asked())
    if asked.list:
        for name, (_, target) in known.items():
            print(f"{name:20}{target.what}")
        return 0
    may = known | every(PLANTED)
    if unknown := [name for name in asked.targets if name not in may]:
        print(f"没有 · no such target: {', '.join(unknown)}; --list", file=sys.stderr)
        return 2
    begun, found = time.monotonic(), dict[str, Any]()
    print(f"输入由此生成 · inputs by {engine()}", file=sys.stderr)
    for name in asked.targets or known:
        found[name] = tried(may[name][0], name, asked.seconds, asked.seed)
        print(_line(name, found[name]), file=sys.stderr if asked.json else sys.stdout, flush=True)
    faults = [{"target": name, **fault} for name, one in found.items() for fault in one["faults"]]
    total = {
        "engine": engine(),
        "targets": len(found),
        "runs": sum(one["runs"] for one in found.values()),
        "places": sum(one.get("places", 0) for one in found.values()),
        "slowest_seconds": max(one["slowest_seconds"] for one in found.values()),
        "seconds": round(time.monotonic() - begun, 1),
        "faults": faults,
        "by_target": {name: {key: value for key, value in one.items() if key != "faults"} for name, one in found.items()},
    }  # fmt: skip
    if asked.json:
        print(json.dumps(total, ensure_ascii=False, indent=2))
    else:
        print(f"{total['runs']:,} 次 runs · {total['seconds']:.0f} s · {len(faults)} 处错误 faults")
    return 1 if faults else 0


def _line(name: str, one: dict[str, Any]) -> str:
    """A row of the table, and a row for each fault with its input."""
    reached = f"{one['places']:7,} places {one['kept']:6,} kept" if "places" in one else ""
    head = (
        f"{name:20}{one['runs']:11,} runs {reached}{one['slowest_seconds']:8.2f} s slowest{len(one['faults']):4} faults"
    )
    told = [f"  ✗ {f['error']} ({f['place']}, {f['times']}×)\n    {f['input']}" for f in one["faults"]]
    return "\n".join([head, *told])


def _parser() -> argparse.ArgumentParser:
    """What may be asked."""
    found = argparse.ArgumentParser(prog="python -m tests.fuzzing", description=__doc__)
    add = found.add_argument
    add("targets", nargs="*", metavar="TARGET", help="只试这些 · these alone (--list)")
    add("--seconds", type=float, metavar="N", help="每个解析器的秒数 · seconds for each (60)")
    add("--seed", type=int, metavar="N", help="随机种子 · the seed (0)")
    add("--json", action="store_true", help="输出JSON · print JSON")
    add("--list", action="store_true", help="列出解析器 · list the targets")
    return found


if __name__ == "__main__":
    sys.exit(main())
