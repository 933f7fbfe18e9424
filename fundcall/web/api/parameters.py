"""Numbers and instants among the parameters of an address, read in the one way in which they are written."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator
from pydantic_core import PydanticCustomError

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def _in_plain_digits(given: object) -> object:
    """A parameter as it came, if it is a whole number in plain digits: no sign, no blanks, neither 1_000 nor 5.0."""
    if isinstance(given, str) and not (given.isascii() and given.isdecimal()):
        raise PydanticCustomError(
            "int_parsing",
            "should be a whole number in plain digits, such as 50",
            {"zh": "应为整数，只用半角数字，例如 50"},
        )
    return given


def _in_rfc_3339(given: object) -> object:
    """The instant that a parameter names, with its offset: a bare number is none, nor is a day or a time of no zone."""
    if not isinstance(given, str):
        return given
    try:
        return datetime.fromisoformat(given.upper() if _RFC_3339.fullmatch(given) else "")
    except ValueError as wrong:
        raise PydanticCustomError(
            "datetime_parsing",
            "should be an instant with its offset (RFC 3339), such as 2025-09-22T16:00:00+08:00 (in an address + is %2B)",
            {"zh": "应为带时区的时间（RFC 3339），例如 2025-09-22T16:00:00+08:00（网址中 + 写作 %2B）"},
        ) from wrong


Whole = Annotated[int, BeforeValidator(_in_plain_digits)]
"""A whole number among the parameters of an address."""
Instant = Annotated[AwareDatetime, BeforeValidator(_in_rfc_3339)]
"""An instant among the parameters of an address, with its offset."""
