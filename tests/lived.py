"""A whole call lived through by the demo: once in a run of the tests, whatever the process; who needs it gets a copy."""

from __future__ import annotations

import fcntl
from pathlib import Path

import pytest

from fundcall.bootstrap import System, is_installed, open_simulation, settings_for
from fundcall.calls.load import load
from fundcall.demo import run_demo
from tests.databases import CHOSEN, copied

SHANGHAI, CLIMATE = "shanghai-ai-plus-2025", "community-climate-2026"
_APPLICANTS = {SHANGHAI: 16, CLIMATE: 6}
_SEED = 7


def lived(factory: pytest.TempPathFactory, call: str = SHANGHAI) -> Path:
    """A folder of its own with the data of the demo at its end: 16 applicants of the Shanghai call, or 6 of the other."""
    shared = factory.getbasetemp().parent if factory.getbasetemp().name.startswith("popen-") else factory.getbasetemp()
    made = shared / f"lived-{call}-{'file' if CHOSEN.beside is None else 'beside'}"
    with made.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        here = settings_for(made, database_url="")
        if not ((made / "summary.json").exists() and is_installed(here.where)):  # the last thing that a demo writes
            asked = load(call), made, _APPLICANTS[call], _SEED, lambda _month, _events: None
            run_demo(*asked, database=here.postgres).system.close()
        return copied(made, factory.mktemp("lived") / "data")


def open_lived(folder: Path, call: str = SHANGHAI) -> System:
    """The system of such a folder, as the demo leaves it open."""
    return open_simulation(settings_for(folder, database_url="", mail_from="noreply@fundcall.example.org"), load(call))
