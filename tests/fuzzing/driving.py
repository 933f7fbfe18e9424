"""Coroutines that wait for nothing, run to their end without a loop."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any


def ended(work: Coroutine[Any, Any, Any]) -> None:
    """Run it to its end; what it raises is raised."""
    try:
        work.send(None)
    except StopIteration:
        return
    work.close()
    raise RuntimeError("it waits for something")
