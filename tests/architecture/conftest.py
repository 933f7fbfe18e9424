"""A copy of the house, for planting faults in."""

import shutil
from pathlib import Path

import pytest

from tests.architecture.house import PACKAGES, ROOT


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """The product's packages and their rules, to be broken at will."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path
