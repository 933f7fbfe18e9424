"""What the tests of bundles share."""

import sys
from collections.abc import Callable

import pytest

from fundcall.audit import verify_bundle

Check = Callable[..., tuple[int, str]]
"""Runs the script beside a bundle with what it is asked; what it ends with, and what it says."""


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Check:
    def run(*asked: object) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["verify_bundle.py", *map(str, asked)])
        return verify_bundle.main(), capsys.readouterr().out

    return run
