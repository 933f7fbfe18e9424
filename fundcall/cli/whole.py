"""Whole numbers on the command line, read in the one way in which they are written everywhere else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import typer

_DIGITS_MAX = 18


def whole(*names: str, least: int | None = None, most: int | None = None, told: str) -> Any:
    """An option that takes a whole number in plain digits, from `least` to `most`. `told` is its help."""
    return typer.Option(*names, min=least, max=most, parser=_reader(least, most), help=told)


def whole_argument(told: str) -> Any:
    """An argument that takes a whole number in plain digits."""
    return typer.Argument(parser=_reader(None, None), help=told)


def _reader(least: int | None, most: int | None) -> Callable[[Any], int]:

    def read(given: Any) -> int:
        """The number. No sign, no blanks, neither 1_000 nor digits of other scripts. Raises BadParameter."""
        text = str(given)
        if not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS_MAX):
            raise typer.BadParameter(
                "应为整数，只用半角数字，例如 50 · should be a whole number in plain digits, such as 50"
            )
        found = int(text)
        if found < (least or 0) or (most is not None and found > most):
            raise typer.BadParameter(_range(least or 0, most))
        return found

    return read


def _range(least: int, most: int | None) -> str:
    if most is None:
        return f"应不小于 {least} · should be at least {least}"
    return f"应为 {least} 至 {most} · should be from {least} to {most}"
