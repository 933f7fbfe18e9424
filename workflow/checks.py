"""Checks that an auditor asks for and looks at again: replays, and judging by another call; one runs at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from workflow.commands import Fault

REPLAY, WHAT_IF = "replay", "what-if"
DEPTHS = (1, 2, 3)


class Check(NamedTuple):
    """A check: of which kind (replay-1, replay-2, replay-3, what-if, or of the watch), of what ("" for the whole ledger, else an application or
    a call), who asked for it, how many of how many events are done, and what was found. `status`: running, done, failed or
    interrupted.
    """

    id: int
    kind: str
    subject: str
    asked_by: str
    begun_at: datetime
    seen_at: datetime
    status: str
    done: int
    whole: int
    found: Mapping[str, Any]


class Checks(Protocol):
    """Where checks are asked for and kept."""

    def replay(self, depth: int, application: str, asked_by: str) -> int:
        """Begin to replay an application, or everything (""); the number of the check that runs: this one, or another
        that was begun before.
        """

    def what_if(self, text: str, asked_by: str) -> int | Sequence[Fault]:
        """Begin to judge a call's applications by another version of it, given as TOML; or what is wrong with that, by line."""

    def check(self, number: int) -> Check | None:
        """A check by its number."""

    def latest(self, limit: int) -> Sequence[Check]:
        """The latest checks that were asked for, the newest first."""

    def watched(self) -> Sequence[Check]:
        """The last of each kind that the watch made by itself: watch-0 (the newest part, where something was found), watch-1,
        watch-3.
        """
