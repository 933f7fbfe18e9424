"""Numbers among the parameters of an address, read in the one way in which they are written."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError


def _in_plain_digits(given: object) -> object:
    """A parameter as it came, if it is a whole number in plain digits: no sign, no blanks, neither 1_000 nor 5.0."""
    if isinstance(given, str) and not (given.isascii() and given.isdecimal()):
        raise PydanticCustomError("int_parsing", "should be a whole number in plain digits, such as 50")
    return given


Whole = Annotated[int, BeforeValidator(_in_plain_digits)]
"""A whole number among the parameters of an address."""
