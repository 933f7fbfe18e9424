"""How a sum of money is written for people."""

from __future__ import annotations


def major(minor: int) -> str:
    """An amount in minor units as people read it, in whole units of the call's currency: 12345600 is 123,456.00."""
    whole, rest = divmod(abs(minor), 100)
    return f"{'-' if minor < 0 else ''}{whole:,}.{rest:02d}"
