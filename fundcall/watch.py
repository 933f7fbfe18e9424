"""The watch over the ledger of a running installation: a checkpoint every minute with news, the newest part verified every
hour, all of it every day; what is found is told in the log, a sentence each. Readings that are old enough go daily.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from fundcall.audit.checkpoint import BadNote
from fundcall.auditing import verify
from fundcall.bootstrap import Proofs, System
from fundcall.storage.readings import SqliteReadings
from fundcall.witnessing import Told, witnesses_of
from workflow.replay import Divergence

_LOG = logging.getLogger(__name__)
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


class Watch:
    """Called about every minute (`beat`), by one thread."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._proofs = Proofs(system)
        self._witnesses = Told(self._proofs.witnessed, witnesses_of(system.settings, system.clock.now))
        self._readings = SqliteReadings(system.ledger)
        self._newest_at: datetime | None = None
        self._all_at: datetime | None = None

    def beat(self) -> list[Divergence]:
        """Do what is due; what was found is told, and a checkpoint is kept only where nothing was."""
        now = self._system.clock.now()
        found = self._proofs.tail()
        if not found and self._all_at is not None and now - self._all_at >= _DAY:
            found = [*self._proofs.checkpoints(), *verify(self._system, 3).divergences]
            self._all_at = self._newest_at = now
            self._readings.forget(now - timedelta(days=self._system.settings.readings_days))
        elif not found and self._newest_at is not None and now - self._newest_at >= _HOUR:
            found = list(verify(self._system).divergences)
            self._newest_at = now
        self._newest_at, self._all_at = self._newest_at or now, self._all_at or now
        for divergence in found:
            _LOG.critical("账本已被改动 · the ledger was tampered with: %s", sentence(divergence))
        if not found:
            self._keep(now)
        return found

    def _keep(self, now: datetime) -> None:
        """Keep the checkpoints that are due, and give them, or again the last, to the witnesses."""
        try:
            notes = [*self._proofs.keep_statutory(now), self._proofs.keep()]
        except BadNote:  # the key was changed meanwhile
            self._proofs = Proofs(self._system)
            notes = [*self._proofs.keep_statutory(now), self._proofs.keep()]
        for note in filter(None, (*notes, *self._proofs.journal.newest())):
            self._witnesses.tell(note, int(note.split("\n", 2)[1]), self._proofs.consistency_path)


def sentence(divergence: Divergence) -> str:
    """A divergence as a sentence: where, what, and what was expected and found."""
    at = f"位置 {divergence.position} / at position {divergence.position}, " if divergence.position else ""
    of = f"{divergence.application}, " if divergence.application else ""
    return f"{at}{of}{divergence.what}: 应为 expected {divergence.expected}; 实为 found {divergence.found}"
