"""A command as it arrived, and the two answers that it may get."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from states.actor import Actor
from states.application import Application
from states.checks import CertificateFacts
from states.errors import Refusal
from states.events import Recorded


@dataclass(frozen=True, slots=True)
class Request:
    """A command as it arrived. `received_at` was stamped when its head arrived, before any queue.

    `command_id` is the idempotency key; `call_id` is needed to create a draft; `salt` is fresh randomness (64
    hexadecimal digits) for commitments to personal values, needed where the command has some. `certificate` was stamped
    with the arrival: what was shown of the unit's certificate, None where nobody has looked for one.
    """

    command_id: str
    application: str
    name: str
    command: Any
    actor: Actor
    received_at: datetime
    expected_version: int | None = None
    call_id: str = ""
    salt: str = "00" * 32
    certificate: CertificateFacts | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The command was accepted: the event that stands on the ledger, and the application after it."""

    event: Recorded
    application: Application
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Rejected:
    """The command was refused: nothing changed. `event` is the recorded refusal, where it was recorded."""

    refusals: tuple[Refusal, ...]
    event: Recorded | None = None
    repeated: bool = False

    @property
    def code(self) -> str:
        """The code of the first reason."""
        return self.refusals[0].code


Outcome = Accepted | Rejected
