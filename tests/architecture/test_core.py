"""The core stays pure: it knows few names, reads no clock and draws no lots."""

import sys
from pathlib import Path

import pytest

from tests.architecture.house import imported, modules, run

ALLOWED = {
    "states": {"states", "transitions"},
    "workflow": {"states", "workflow", "pydantic", "orjson"},
}
PLANTED = [
    ("from datetime import datetime\nprint(datetime.now())", "datetime.datetime.now"),
    ("import datetime\nprint(datetime.datetime.utcnow())", "datetime.datetime.utcnow"),
    ("from datetime import datetime as moment\nprint(moment.today())", "datetime.datetime.today"),
    ("from datetime import date\nprint(date.today())", "datetime.date.today"),
    ("import time\nprint(time.monotonic())", "time"),
    ("from time import perf_counter", "time"),
    ("from uuid import uuid4", "uuid.uuid4"),
    ("from uuid_utils.compat import uuid7", "uuid_utils"),
    ("import random", "random"),
    ("from secrets import token_hex", "secrets"),
    ("from os import urandom", "os"),
    ("from pathlib import Path", "pathlib"),
]


def findings(house: Path, source: Path) -> str:
    return run("ruff", "check", "--no-cache", "--output-format", "concise", str(source), cwd=house).stdout


@pytest.mark.parametrize("package", ["states", "workflow"])
def test_the_core_imports_only_what_it_is_allowed(package: str) -> None:
    strangers = {
        (path.name, name)
        for path in modules(package)
        for name in imported(path.read_text())
        if name not in sys.stdlib_module_names and name not in ALLOWED[package]
    }
    assert strangers == set()


@pytest.mark.parametrize("package", ["states", "workflow"])
@pytest.mark.parametrize(("source", "name"), PLANTED)
def test_a_clock_or_chance_in_the_core_is_refused(house: Path, package: str, source: str, name: str) -> None:
    planted = house / package / "planted.py"
    planted.write_text(f'"""Planted."""\n\n{source}\n')
    assert f"TID251 `{name}` is banned" in findings(house, planted)


@pytest.mark.parametrize("package", ["states", "workflow"])
def test_a_file_opened_or_a_word_printed_in_the_core_is_refused(house: Path, package: str) -> None:
    planted = house / package / "planted.py"
    planted.write_text('"""Planted."""\n\nprint(open("x").read())\n')
    found = findings(house, planted)
    assert ("PTH123" in found, "T201" in found) == (True, True)


def test_a_module_of_the_core_may_use_dates_without_a_clock(house: Path) -> None:
    planted = house / "states" / "planted.py"
    planted.write_text('"""Planted."""\n\nfrom datetime import date, time\n\nNOON = (date(2025, 9, 22), time(12))\n')
    assert findings(house, planted) == "All checks passed!\n"
