"""One installation a test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.office import Office, open_office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    found = open_office(tmp_path / "data")
    with found.client:
        yield found
    found.system.close()
