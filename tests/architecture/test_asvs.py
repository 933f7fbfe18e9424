"""What is said of security can be followed: no requirement is left out, and what is said to show one is there."""

from __future__ import annotations

import ast
import csv
import re
from collections import Counter
from functools import cache
from typing import NamedTuple

import pytest

from tests.architecture.house import ROOT, imported, modules

STANDINGS = {"met", "partly", "not met", "operator", "n/a"}
CRYPTOGRAPHY = {"argon2", "asn1crypto", "authlib", "cryptography", "gmssl_pyx", "hmac", "joserfc", "pyhanko", "pyotp", "rfc3161_client"}  # fmt: skip
STORES = re.compile(r"localStorage|sessionStorage|indexedDB|document\.cookie|JSON\.parse|postMessage")


class Requirement(NamedTuple):
    """A row of the table."""

    number: str
    level: str
    asks: str
    standing: str
    where: str
    shown_by: str


def table() -> list[Requirement]:
    lines = (ROOT / "docs" / "asvs.md").read_text(encoding="utf-8").splitlines()
    return [Requirement(*(cell.strip() for cell in line.split("|")[1:-1])) for line in lines if line.startswith("| V")]


@cache
def names_in(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def broken(text: str) -> list[str]:
    """Files and tests that a text names and that are not there."""
    found = [name for name in re.findall(r"\]\(([^):]+)\)", text) if not (ROOT / "docs" / name).exists()]
    for name in re.findall(r"`([\w./-]+/[\w./-]+(?:::\w+)?)`", text):
        path, _, test = name.partition("::")
        if not path.startswith("/") and (not (ROOT / path).exists() or (test and test not in names_in(path))):
            found.append(name)
    return found


def test_every_requirement_of_the_standard_stands_in_the_table_once() -> None:
    with (ROOT / "tests" / "data" / "asvs-5.0.csv").open(encoding="utf-8", newline="") as file:
        known = [(row["requirement"], row["level"]) for row in csv.DictReader(file)]
    assert [(row.number, row.level) for row in table()] == known
    assert len(known) == 253


def test_every_file_and_test_that_the_table_names_is_there() -> None:
    assert {row.number: wrong for row in table() if (wrong := broken(row.where + row.shown_by))} == {}


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("`tests/no_such.py`", ["tests/no_such.py"]),
        ("`tests/architecture/test_asvs.py::test_nothing`", ["tests/architecture/test_asvs.py::test_nothing"]),
        ("[x](nowhere.md)", ["nowhere.md"]),
        ("`/api` `__Host-` [x](../SECURITY.md)", []),
    ],
)
def test_what_is_not_there_is_seen(text: str, wrong: list[str]) -> None:
    assert broken(text) == wrong


def test_what_is_met_is_shown_by_something_and_what_is_not_says_why() -> None:
    rows = table()
    assert {row.standing for row in rows} == STANDINGS
    assert [row.number for row in rows if row.standing == "met" and not row.shown_by] == []
    assert [row.number for row in rows if row.standing != "met" and not row.where] == []


def test_the_table_counts_itself_right() -> None:
    text = (ROOT / "docs" / "asvs.md").read_text(encoding="utf-8")
    said = {name: int(number) for name, number in re.findall(r"^\| ([a-z/ ]+) \| (\d+) \|", text, re.MULTILINE)}
    assert said == Counter(row.standing for row in table())


def test_the_inventory_of_cryptography_names_every_module_that_uses_some() -> None:
    users = {
        path.relative_to(ROOT).as_posix()
        for path in modules("states", "workflow", "notifications", "templates", "fundcall")
        if CRYPTOGRAPHY.intersection(imported(path.read_text(encoding="utf-8")))
    }
    named = set(re.findall(r"`(fundcall/[\w/]+\.py)`", (ROOT / "SECURITY.md").read_text(encoding="utf-8")))
    assert users - named == set()


def test_security_md_says_how_fast_components_are_updated() -> None:
    assert "within 3 days where it is critical" in (ROOT / "SECURITY.md").read_text(encoding="utf-8")


def test_no_script_of_ours_stores_anything_in_the_browser() -> None:
    scripts = sorted((ROOT / "fundcall" / "web" / "static").glob("*.js"))
    assert len(scripts) >= 5
    assert {path.name: found for path in scripts if (found := STORES.findall(path.read_text(encoding="utf-8")))} == {}
