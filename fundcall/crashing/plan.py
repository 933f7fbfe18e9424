"""What goes wrong in one simulated world, turn by turn: drawn from a seed, or made up by whoever looks for the least."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from math import log
from random import Random

from fundcall.crashing.faulty_smtp import Fault
from fundcall.crashing.points import CRASH, ERROR, Strike

RELAY = (
    Fault.NONE, Fault.BUSY, Fault.GARBAGE, Fault.HANG_UP, Fault.CLOSING, Fault.SENDER_REFUSED, Fault.MAILBOX_BUSY,
    Fault.LOCAL_ERROR, Fault.FULL, Fault.UNKNOWN_MAILBOX, Fault.REJECTED, Fault.DATA_LATER, Fault.DATA_REFUSED,
    Fault.CONTENT_LATER, Fault.CONTENT_REFUSED, Fault.POLICY, Fault.DROP_AT_RCPT, Fault.DROP_IN_DATA,
    Fault.DROP_AFTER_DOT, Fault.GARBAGE_AFTER_DOT,
)  # fmt: skip
"""What a relay may do that takes no time."""
JUMPS_SECONDS = (*[0] * 40, -86_400, -3_600, -5, 5, 3_600, 86_400)
LATE_HOURS = (0, 0, 0, 1, 24, 72, 24 * 30)
TURNS = (*[3, 4, 5, 6, 7, 8] * 5, 12, 24, 48)
_APPLICANTS = (1, 1, 1, 1, 2, 3)
_STRIKES_MAX = 3
_FAR = 400
"""No turn has so many points."""
_ERRORS = 0.25
_TELLS, _AGAIN, _SHUFFLED, _TOGETHER, _PUBLISHED = 0.25, 0.3, 0.5, 0.3, 0.02


@dataclass(frozen=True, slots=True)
class Turn:
    """One step of the world, deadlines or a group of commands, and what disturbs it.

    `strikes` come one after another. Requests come in the order of the seed `shuffled` (0: as they were made), all in one
    transaction if `together`; after them the `again`-th of those answered before, counted from the last, comes once more
    (0: none). Deadlines are swept `late_hours` late. The machine's clock is off by `jump_seconds` for this turn. Then
    notices are told over a relay that does `relay` to its first connection (None: they are not told in this turn).
    """

    strikes: tuple[Strike, ...] = ()
    shuffled: int = 0
    together: bool = False
    again: int = 0
    late_hours: int = 0
    jump_seconds: int = 0
    relay: Fault | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A world: who applies (so many, drawn from the seed), whether the call is published in it, and each turn."""

    seed: int
    applicants: int = 1
    published: bool = False
    turns: tuple[Turn, ...] = ()


def drawn(seed: int, rate: float, applicants_max: int = max(_APPLICANTS)) -> Plan:
    """The plan of a seed. At each point of the process a crash or an error comes with the probability `rate`."""
    chance = Random(f"{seed}/crashes")  # noqa: S311 - a reproducible world, no secret
    turns = tuple(_turn(chance, rate) for _ in range(chance.choice(TURNS)))
    return Plan(seed, min(chance.choice(_APPLICANTS), applicants_max), chance.random() < _PUBLISHED, turns)


def _turn(chance: Random, rate: float) -> Turn:
    strikes = [Strike(_nth(chance, rate), ERROR if chance.random() < _ERRORS else CRASH) for _ in range(_STRIKES_MAX)]
    return Turn(
        strikes=tuple(takewhile(lambda strike: strike.nth < _FAR, strikes)),
        shuffled=chance.randrange(1, 1000) if chance.random() < _SHUFFLED else 0,
        together=chance.random() < _TOGETHER,
        again=chance.randrange(1, 20) if chance.random() < _AGAIN else 0,
        late_hours=chance.choice(LATE_HOURS),
        jump_seconds=chance.choice(JUMPS_SECONDS),
        relay=chance.choice(RELAY) if chance.random() < _TELLS else None,
    )


def _nth(chance: Random, rate: float) -> int:
    """How many points it takes until the first that is struck, where each is with the same probability."""
    if rate <= 0:
        return _FAR
    return 1 if rate >= 1 else 1 + min(_FAR, int(log(1 - chance.random()) / log(1 - rate)))
