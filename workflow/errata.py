"""Corrections of a call's notice: those that an application has to hear of."""

from __future__ import annotations

from states.application import Application
from states.programme import Programme


def news(programme: Programme, number: int, application: Application) -> dict[str, str] | None:
    """The correction of that number, where it was published since the application was opened; None otherwise."""
    found = programme.errata[number - 1] if 1 <= number <= len(programme.errata) else None
    if found is None or found.published_at is None or found.published_at < application.created_at:
        return None
    return {"clause": found.clause, "before": found.before, "after": found.after, "reason": found.reason}
