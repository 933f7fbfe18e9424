"""What the tests of bundles share."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from fundcall.audit import verify_bundle
from tests.audit.small_bundles import OLD, exported, place
from tests.drive import World

Check = Callable[..., tuple[int, str]]
"""Runs the script beside a bundle with what it is asked; what it ends with, and what it says."""


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Check:
    def run(*asked: object) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["verify_bundle.py", *map(str, asked)])
        return verify_bundle.main(), capsys.readouterr().out

    return run


@pytest.fixture(scope="module")
def ledger() -> World:
    """A few events in memory."""
    return place()


@pytest.fixture(scope="module")
def whole(ledger: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of all of them."""
    return exported(ledger, tmp_path_factory.mktemp("whole") / "b", OLD)
