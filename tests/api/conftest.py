"""One installation a test; the processes that examine documents serve them all."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fundcall.documents.examiner import Examiner
from tests.api.office import Office, open_office


@pytest.fixture(scope="session")
def examiner() -> Iterator[Examiner]:
    found = Examiner()
    yield found
    found.close()


@pytest.fixture
def office(tmp_path: Path, examiner: Examiner) -> Iterator[Office]:
    found = open_office(tmp_path / "data", examiner)
    with found.client:
        yield found
    found.system.ledger.close()
