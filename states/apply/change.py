"""The shape of an application step: from the application and the event's data to the fields that change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from states.application import Application
from states.events import Recorded

Changes = dict[str, Any]
Data = Mapping[str, Any]
Apply = Callable[[Application, Data, Recorded], Changes]


def flagged(application: Application, *flags: str) -> Changes:
    """The change that raises flags."""
    return {"flags": application.flags.union(flags)}


def unflagged(application: Application, *flags: str) -> Changes:
    """The change that takes flags down."""
    return {"flags": application.flags.difference(flags)}
