"""Killing the driver at chosen and at random points, and looking at what is left.

`python -m tests.faults.campaign` is the long run; the tests of this folder are the short one.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from fundcall.audit.world import check_world
from fundcall.storage.migrate import revision
from tests.faults.driver import handler_of

ROOT = Path(__file__).parents[2]
SYSCALLS = ("pwrite64", "fdatasync")


@dataclass(frozen=True, slots=True)
class Found:
    """What a run left: acknowledgements, those of them that are not on the ledger, and every divergence."""

    acknowledged: int
    lost: int
    divergences: tuple[str, ...]


def examine(folder: Path, acks: Path) -> Found:
    """Open what is left, and hold it to the acknowledgements."""
    given = acks.read_text().split() if acks.exists() else []
    if revision(folder / "fundcall.db") is None:  # it fell before there was a schema: nothing was there to acknowledge
        return Found(len(given), len(given), ())
    ledger = handler_of(folder).ledger
    verdict = check_world(ledger, acknowledged=given)
    lost = [d for d in verdict.divergences if d.what.startswith("acknowledged command")]
    others = tuple(f"{d.what}: {d.expected} / {d.found}" for d in verdict.divergences if d not in lost)
    ledger.close()  # type: ignore[attr-defined]
    return Found(len(given), len(lost), others)


def _command(folder: Path, acks: Path, threads: int, *, early: bool) -> list[str]:
    command = [sys.executable, "-m", "tests.faults.driver", str(folder), str(acks), str(threads)]
    return [*command, "early"] if early else command


def killed_at_random(folder: Path, seed: int, *, early: bool = False) -> Found:
    """kill -9 at some instant while four threads write."""
    acks = folder / "acks"
    process = subprocess.Popen(_command(folder / "data", acks, 4, early=early), cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(random.Random(seed).uniform(0.0, 0.25))
    process.kill()
    process.wait()
    process.stdout.close()
    return examine(folder / "data", acks)


def injected(folder: Path, call: str, fault: str, nth: int) -> Found:
    """A fault (signal=KILL, error=EIO, error=ENOSPC) at the nth system call of a kind."""
    acks = folder / "acks"
    trace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:{fault}:when={nth}"]
    subprocess.run(
        [*trace, *_command(folder / "data", acks, 1, early=False)], cwd=ROOT, check=False, capture_output=True
    )
    return examine(folder / "data", acks)


def main(rounds: int, points: int) -> int:
    """The long run; prints what it found, and ends with 1 where anything was lost."""
    bad = runs = acknowledged = 0
    for seed in range(rounds):
        folder = Path(tempfile.mkdtemp(prefix="fundcall-kill-"))
        found = killed_at_random(folder, seed)
        runs, acknowledged, bad = runs + 1, acknowledged + found.acknowledged, bad + found.lost + len(found.divergences)
        shutil.rmtree(folder)
    for call in SYSCALLS:
        for fault in ("signal=KILL", "error=EIO", "error=ENOSPC"):
            for nth in range(1, points + 1):
                folder = Path(tempfile.mkdtemp(prefix="fundcall-fault-"))
                found = injected(folder, call, fault, nth)
                runs, acknowledged = runs + 1, acknowledged + found.acknowledged
                bad += found.lost + len(found.divergences)
                shutil.rmtree(folder)
    sys.stdout.write(f"{runs} runs, {acknowledged} acknowledged, {bad} lost or divergent\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 200, int(sys.argv[2]) if len(sys.argv) > 2 else 120))
