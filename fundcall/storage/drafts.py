"""Experts' drafts of scores, beside the ledger: each is its expert's alone, and gone once no score is owed any more."""

from __future__ import annotations

from datetime import datetime

import orjson

from fundcall.storage.ledger import SqlLedger
from states.calendar import stamp
from workflow.reviews import KeptDraft, ScoreDraft

_KEEP = (
    "INSERT INTO score_drafts (application, expert, body, saved_at) SELECT ?, ?, ?, ? WHERE EXISTS "
    "(SELECT 1 FROM score_sheets WHERE application = ? AND instr(owed, ?) > 0) "
    "ON CONFLICT (application, expert) DO UPDATE SET body = excluded.body, saved_at = excluded.saved_at "
    "WHERE score_drafts.saved_at = coalesce(?, score_drafts.saved_at)"
)


class SqliteDrafts:
    """The drafts of an installation. The ledger deletes one in the transaction in which its score is submitted."""

    def __init__(self, ledger: SqlLedger) -> None:
        self._ledger = ledger

    def keep(
        self, application: str, expert: str, draft: ScoreDraft, now: datetime, over: str | None = None
    ) -> KeptDraft | None:
        """Put a draft in the place of the one before, unless the score has come in meanwhile. With `over` only in the
        place of the draft of that name, or where there is none. None where it was not kept.
        """
        body, saved_at = orjson.dumps(draft._asdict()).decode(), stamp(now)
        owing = orjson.dumps([expert]).decode()[:-1] + ","  # how an entry of theirs begins among those owed
        row = (application, expert, body, saved_at, application, owing, over)
        return KeptDraft(draft, saved_at) if self._ledger.write([(_KEEP, [row])]) == [1] else None

    def draft(self, application: str, expert: str) -> KeptDraft | None:
        """The expert's draft; None where there is none."""
        sql = "SELECT body, saved_at FROM score_drafts WHERE application = ? AND expert = ?"
        found = self._ledger.query(sql, (application, expert)).fetchone()
        return KeptDraft(ScoreDraft(**orjson.loads(found[0])), found[1]) if found else None
