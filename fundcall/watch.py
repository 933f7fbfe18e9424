"""The watch over the ledger of a running installation: a checkpoint every minute with news, the newest part verified every
hour, all of it every day; what is found is told in the log, a sentence each, kept for the auditors' first page, and mailed to
them once a day. Readings that are old enough go daily.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from fundcall.audit.checkpoint import BadNote
from fundcall.audit_mail import tell_auditors
from fundcall.auditing import sentence, verify
from fundcall.bootstrap import Proofs, System
from fundcall.checks import result
from fundcall.storage.readings import SqliteReadings
from fundcall.storage.replays import SqliteReplays
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
        self._checks = SqliteReplays(system.ledger)
        self._told_on: date | None = None
        self._newest_at: datetime | None = None
        self._all_at: datetime | None = None

    def beat(self) -> list[Divergence]:
        """Do what is due; what was found is told, and a checkpoint is kept only where nothing was."""
        now, depth = self._system.clock.now(), 0
        found = self._proofs.tail()
        if not found and self._all_at is not None and now - self._all_at >= _DAY:
            found = [*self._proofs.checkpoints(), *verify(self._system, 3).divergences]
            self._all_at, self._newest_at, depth = now, now, 3
            self._readings.forget(now - timedelta(days=self._system.settings.readings_days))
        elif not found and self._newest_at is not None and now - self._newest_at >= _HOUR:
            found = list(verify(self._system).divergences)
            self._newest_at, depth = now, 1
        self._newest_at, self._all_at = self._newest_at or now, self._all_at or now
        for divergence in found:
            _LOG.critical("账本已被改动 · the ledger was tampered with: %s", sentence(divergence))
        if not found:
            self._keep(now)
        try:
            self._tell(now, depth, found)
        except Exception:  # noqa: BLE001 - the next beat tries again
            _LOG.exception("the auditors could not be told")
        return found

    def _tell(self, now: datetime, depth: int, found: Sequence[Divergence]) -> None:
        """Write down what was found, a broken end once an hour, and mail the auditors once a day."""
        kind = f"watch-{depth}"
        known = [one for one in self._checks.watched() if one.kind == kind] if found and not depth else []
        if (depth or found) and not (known and now - known[0].begun_at < _HOUR):
            head = self._system.ledger.head()
            self._checks.keep(kind, now, head, result(head, "", found, {}))
        newest = self._proofs.journal.newest()
        self._told_on = tell_auditors(self._system, now, self._checks.watched(), newest, self._told_on)

    def _keep(self, now: datetime) -> None:
        """Keep the checkpoints that are due, and give them, or again the last, to the witnesses."""
        try:
            notes = [*self._proofs.keep_statutory(now), self._proofs.keep()]
        except BadNote:  # the key was changed meanwhile
            self._proofs = Proofs(self._system)
            notes = [*self._proofs.keep_statutory(now), self._proofs.keep()]
        for note in filter(None, (*notes, *self._proofs.journal.newest())):
            self._witnesses.tell(note, int(note.split("\n", 2)[1]), self._proofs.consistency_path)
