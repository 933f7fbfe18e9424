"""What the product is installed with may be used as it is: every licence is one that we have looked at."""

from __future__ import annotations

import re
from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest

from tests.architecture.house import ROOT

FREE = re.compile(r"\b(MIT|BSD|Apache|PSF|Python Software Foundation|ISC|MPL|Mozilla)", re.IGNORECASE)
"""Permissive ones, and MPL, which asks for its own files alone."""
STRICT = re.compile(r"GPL|AGPL|SSPL|Proprietary|Commercial", re.IGNORECASE)
LOOKED_AT = {
    "psycopg": "LGPL: used as a library as it comes",
    "psycopg-binary": "LGPL: the same",
    "psycopg-pool": "LGPL: the same",
    "python-stdnum": "LGPL: the same",
}
ELSEWHERE = {"colorama", "httpx2-jsfetch"}
"""Of the lock file, for other systems alone: BSD, both."""


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def licence(found: Distribution) -> str:
    """What a distribution says of its licence, wherever it says it; not its whole text."""
    told = found.metadata
    named = [one.rpartition(" :: ")[2] for one in told.get_all("Classifier") or [] if one.startswith("License ::")]
    return " ".join(
        [*(told.get_all("License-Expression") or []), *(one[:80] for one in told.get_all("License") or []), *named]
    )


def doubtful(name: str, said: str) -> bool:
    return name not in LOOKED_AT and (STRICT.search(said) is not None or FREE.search(said) is None)


def test_every_licence_of_what_runs_is_one_that_we_may_use() -> None:
    locked = re.findall(r"^([\w.-]+)==", (ROOT / "requirements" / "run.txt").read_text(encoding="utf-8"), re.MULTILINE)
    here = {plain(found.metadata["Name"]): licence(found) for found in distributions()}
    names = {plain(name) for name in locked} - ELSEWHERE
    assert {name: here.get(name, "not installed") for name in names if doubtful(name, here.get(name, ""))} == {}
    assert LOOKED_AT.keys() <= names


@pytest.mark.parametrize(
    ("metadata", "wrong"),
    [
        ("License-Expression: MIT", False),
        ("License: BSD-3-Clause", False),
        ("License-Expression: AGPL-3.0-only", True),
        ("Classifier: License :: OSI Approved :: GNU General Public License v3 (GPLv3)", True),
        ("License: Commercial, MIT on request", True),
        ("Summary: says nothing", True),
    ],
)
def test_a_licence_that_binds_or_is_not_told_is_seen(tmp_path: Path, metadata: str, wrong: bool) -> None:
    folder = tmp_path / "new-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.4\nName: new\nVersion: 1.0\n{metadata}\n", encoding="utf-8")
    (found,) = distributions(path=[str(tmp_path)])
    assert doubtful("new", licence(found)) is wrong
