"""Faults are planted where they were meant to be, tests that notice them kill them, and what no test asks for survives."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.mutation.__main__ import diff
from tests.mutation.planting import SWITCH, planted
from tests.mutation.rooms import ROOMS
from tests.mutation.switch import Mutated
from tests.mutation.trying import equivalents

ROOT = Path(__file__).parents[2]


def faults(source: str) -> list[tuple[str, str]]:
    """What becomes what in a module."""
    tree, mutants = planted("x.py", source, 0)
    compile(tree, "x.py", "exec")
    return [(mutant.was, mutant.now) for mutant in mutants]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("x = a < 1", [("a < 1", "a <= 1"), ("1", "2")]),
        ("x = a and not b", [("a and (not b)", "a or not b"), ("not b", "b")]),
        ("f(x, key=y)", [("f(x, key=y)", "pass"), ("key=y", "")]),
        ("x = {a, b}", [("a", ""), ("b", "")]),
        ("x = 'a' in b'c'", [("'a' in b'c'", "'a' not in b'c'"), ("'a'", "'XXa'"), ("b'c'", "b'XXc'")]),
        ("x = [a for a in b if a]", [("a", "not a")]),
        ("if a:\n    raise b", [("a", "not a"), ("raise b", "pass")]),
        ("def f() -> int | None:\n    'said'\n    return a", [("return a", "return None")]),
        ("x: list[1] = True", [("True", "False")]),
        ("x = f'{a + b} said'", [("a + b", "a - b")]),
        ("from __future__ import annotations\nx += 1", [("x += 1", "x -= 1"), ("1", "2")]),
        ("while a:\n    break", [("a", "not a"), ("break", "continue")]),
        ("match a:\n    case 'b' if any(c):\n        pass", [("any(c)", "not any(c)"), ("any", "all")]),
        ("@f(1)\ndef g(x=2): pass", [("2", "3")]),
        ("x = {a: b, **c}", [("{a: b}", ""), ("{**c}", "")]),
    ],
)
def test_each_fault_is_planted_once(source: str, found: list[tuple[str, str]]) -> None:
    assert faults(source) == found


@pytest.mark.parametrize(("on", "gives"), [(-1, 4), (0, None), (1, 0), (2, 5), (3, 6)])
def test_one_fault_is_on_at_a_time_or_none(on: int, gives: int | None) -> None:
    tree, mutants = planted("x.py", "def f():\n    return 2 + 2", 0)
    assert len(mutants) == 4
    names: dict[str, Any] = {SWITCH: lambda number: number == on}
    exec(compile(tree, "x.py", "exec"), names)  # noqa: S102  # the two lines above
    assert names["f"]() == (gives if on != 3 else 5)


def test_a_survivor_is_told_as_a_difference() -> None:
    (mutant,) = planted("x.py", "def f():\n    return a", 0)[1]
    assert diff(mutant) == "x.py:2, in f\n  - return a\n  + return None"


def test_every_room_has_its_modules_and_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert [room for room in ROOMS.values() if not room.paths()] == []
    named = {name for room in ROOMS.values() for name in (*room.tests, *room.data_tests)}
    assert [name for name in sorted(named) if not Path(name).is_file()] == []


def test_every_mutant_called_equivalent_is_one_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    every = {str(mutant) for room in ROOMS.values() for mutant in Mutated(room.paths()).mutants}
    assert equivalents().keys() - every == set()
    assert [name for name, why in equivalents().items() if len(why) < 20] == []


TRIAL = """
import json
from tests.mutation.__main__ import told
from tests.mutation.rooms import Room
from tests.mutation.trying import tried
tests = ("test_toy.py",)
print(json.dumps(told(tried(Room(("toy.py", "bare.py"), tests, tests), jobs=2, share=1, seed=1))))
"""
TOY = "LIMIT = 3\n\ndef over(n):\n    return n > LIMIT\n\ndef rest(n):\n    while n >= LIMIT:\n        n -= LIMIT\n    return n\n"
TESTS = """
import bare
import toy

def test_over():
    assert [toy.over(n) for n in (3, 4)] == [False, True]

def test_rest():
    assert [toy.rest(n) for n in (2, 3, 7)] == [2, 0, 1]
"""


def test_tests_kill_the_mutants_of_their_module_and_a_module_without_tests_survives(tmp_path: Path) -> None:
    for name, text in (("toy.py", TOY), ("bare.py", TOY), ("test_toy.py", TESTS)):
        (tmp_path / name).write_text(text)
    command, env = [sys.executable, "-c", TRIAL], {**os.environ, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    found, each = json.loads(ran.stdout), len(planted("", TOY, 0)[1])
    assert (found["mutants"], found["killed"], found["tests"]) == (2 * each, each, 2)
    assert {line.partition(":")[0] for line in found["survived"]} == {"bare.py"}
