"""Plant faults in rules, table, deadlines, permissions, tree and verifier, one at a time, and see that a test fails for each:
`python -m tests.mutation --help`.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass, field

from tests.mutation.planting import Mutant
from tests.mutation.rooms import ROOMS
from tests.mutation.running import prepared
from tests.mutation.trying import Found, equivalents, tried

LEAST = 0.95
"""The least share of mutants that a room's tests notice."""


@dataclass
class Asked(argparse.Namespace):
    """What was asked for."""

    rooms: list[str] = field(default_factory=list)
    jobs: int = 2
    share: float = 1.0
    seed: int = 1
    json: bool = False


def asked() -> Asked:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0])
    parser.add_argument("rooms", nargs="*", default=[*ROOMS], help=f"of {', '.join(ROOMS)}; all without a name")
    parser.add_argument("--jobs", type=int, default=2, help="mutants tried at the same time")
    parser.add_argument(
        "--share", type=float, default=1.0, help="so much of each room's mutants, drawn by --seed (1: all)"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    found = parser.parse_args(namespace=Asked())
    if unknown := sorted({*found.rooms} - ROOMS.keys()):
        parser.error(f"no such room: {', '.join(unknown)}")
    return found


def line(name: str, found: Found) -> str:
    """A line of the table."""
    killed, time = len(found.tried) - len(found.survived), f"{found.seconds:.0f} s" if found.seconds else ""
    return f"{name:34}{len(found.tried):9}{killed:8}{len(found.survived):10}{len(found.equivalent):12}{found.score:9.1%}{time:>9}"


def diff(mutant: Mutant) -> str:
    """A mutant as one reads it."""
    within = f", in {mutant.within}" if mutant.within else ""
    return f"{mutant.module}:{mutant.line}{within}\n  - {mutant.was}\n  + {mutant.now}"


def shown(rooms: dict[str, Found]) -> None:
    """The table, a line each module, and every survivor."""
    for found in rooms.values():
        for mutant in found.survived:
            print(diff(mutant))
    print(f"\n{'':34}{'mutants':>9}{'killed':>8}{'survived':>10}{'equivalent':>12}{'score':>9}{'time':>9}")
    for name, found in rooms.items():
        print(line(name, found))
        for module in sorted({mutant.module for mutant in found.tried}):
            print(line(f"  {module}", found.of(module)))


def told(found: Found) -> dict[str, object]:
    """A room as JSON."""
    return {
        "mutants": len(found.tried),
        "killed": len(found.tried) - len(found.survived),
        "survived": [diff(mutant) for mutant in found.survived],
        "equivalent": len(found.equivalent),
        "score": round(found.score, 4),
        "seconds": round(found.seconds, 1),
        "tests": found.tests,
    }


def main() -> int:
    """Try the mutants, tell, and give 1 where too many survive."""
    wanted = asked()
    prepared()
    rooms = {n: tried(ROOMS[n], jobs=wanted.jobs, share=wanted.share, seed=wanted.seed) for n in wanted.rooms}
    least = min(found.score for found in rooms.values())
    if wanted.json:
        of_rooms = {name: told(found) for name, found in rooms.items()}
        print(json.dumps({"share": wanted.share, "seed": wanted.seed, "reasons": equivalents(), "rooms": of_rooms}))
    else:
        shown(rooms)
    return int(least < LEAST)


if __name__ == "__main__":
    sys.exit(main())
