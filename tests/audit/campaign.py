"""Whatever is changed is found, located and told: `python -m tests.audit.campaign --help`."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

from benchmarks.course import file_many, open_system
from fundcall.calls.load import load
from fundcall.demo import run_demo
from tests.audit.acts import ACTS, bundles, tampered
from tests.audit.flips import Ledger, Tally, drawn, every_byte, tallied
from tests.drive import sqlite_ledger, world
from tests.lived import CLIMATE

_EVENTS_EACH = 6
_PAGE = 512


def small(folder: Path) -> Path:
    """A ledger of a few events in a database of small pages."""
    with closing(sqlite_ledger(folder)) as ledger:
        place = world(CLIMATE, ledger=ledger)
        place.submitted()
        place.draft()
    with closing(sqlite3.connect(folder / "fundcall.db")) as connection:
        connection.execute("DROP TRIGGER rules_no_delete")  # the rules of the other call, which nobody asks for
        connection.execute("DELETE FROM rules WHERE call_id <> ?", (CLIMATE,))
        connection.commit()
    return folder / "fundcall.db"


def large(folder: Path, events: int) -> Path:
    """A ledger of so many events."""
    system = open_system(folder)
    file_many(system, events // _EVENTS_EACH + 1)
    system.close()
    return system.settings.database


def _flipped(database: Path, page_size: int, count: int, seed: int, share: int, shares: int, step: int) -> Tally:
    """One process' share of the changes, on a copy of its own."""
    copy = database.with_suffix(f".{share}")
    shutil.copy(database, copy)
    ledger = Ledger(copy, page_size)
    changes = drawn(ledger, count, seed) if count else every_byte(ledger, step)
    return tallied(ledger, islice(changes, share, None, shares))


def flipped(database: Path, page_size: int, count: int, seed: int, jobs: int, step: int = 1) -> Tally:
    """Every byte (`count` 0), or so many drawn by a seed, spread over processes."""
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        asked = [pool.submit(_flipped, database, page_size, count, seed, share, jobs, step) for share in range(jobs)]
        whole, *others = [one.result() for one in asked]
    for other in others:
        whole.found.update(other.found)
        whole.outside.update(other.outside)
        whole.missed.extend(other.missed)
    return whole


def acted(made: Path, folder: Path) -> Iterator[tuple[str, str]]:
    """Each act and the sentence that tells it; "" where nothing does."""
    for number, (name, act) in enumerate(ACTS.items()):
        told = tampered(made, folder / f"act-{number}", act)
        yield name, told[0].sentence if told else ""
    for name, (code, said) in bundles(made, folder).items():
        yield name, said.splitlines()[0] if code == 1 and said else ""


def main() -> int:
    """Run the campaign; 0 where everything was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bytes", type=int, default=10_000, help="changes of the large ledger (0: none)")
    parser.add_argument("--events", type=int, default=10_000, help="events of the large ledger")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--step", type=int, default=1, help="every so-manieth byte of the small ledger alone")
    parser.add_argument("--no-small", action="store_true", help="leave out every byte of the small ledger")
    parser.add_argument("--no-acts", action="store_true", help="leave out rows, projections, notices and bundles")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    asked = parser.parse_args()
    begun, found, silent = time.monotonic(), dict[str, object](), False
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if not asked.no_small:
            tally = flipped(small(folder), _PAGE, 0, 0, asked.jobs, asked.step)
            found[f"every byte of a small ledger, in steps of {asked.step}"], silent = tally.plain(), bool(tally.missed)
        if asked.bytes:
            tally = flipped(large(folder / "large", asked.events), 0, asked.bytes, asked.seed, asked.jobs)
            found[f"{asked.bytes} bytes of {asked.events} events"], silent = tally.plain(), silent or bool(tally.missed)
        if not asked.no_acts:
            run_demo(load(CLIMATE), folder / "made", 6, 7, lambda _month, _events: None).system.close()
            told = dict(acted(folder / "made", folder))
            found["acts"], silent = told, silent or "" in told.values()
    found["seconds"] = round(time.monotonic() - begun)
    json.dump(found, sys.stdout, ensure_ascii=False, indent=2)
    return int(silent)


if __name__ == "__main__":
    sys.exit(main())
