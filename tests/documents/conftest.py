"""One pool of real child processes for all tests of documents."""

from collections.abc import Iterator

import pytest

from fundcall.documents.anchors import Anchors
from fundcall.documents.examiner import Examiner
from tests.documents.making import root


@pytest.fixture(scope="session")
def examiner() -> Iterator[Examiner]:
    made = Examiner(Anchors((root().der,)))
    yield made
    made.close()
