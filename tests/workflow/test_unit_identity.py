"""A unit is its code in the canonical spelling: no other spelling is another unit."""

import pytest

from states.unit_code import normal


@pytest.mark.parametrize("typed", ["91310000fake00013y", " 91310000 FAKE00013Y ", "９１３１００００FAKE00013Y"])
def test_other_spellings_of_a_code_are_the_same_unit(typed: str) -> None:
    assert normal(typed) == "91310000FAKE00013Y"
