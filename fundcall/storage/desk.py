"""What the office keeps beside the ledger: its lists under names, and its bulk runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson

from fundcall.storage.ledger import SqlLedger
from states.actor import Actor, Role
from states.calendar import instant_of, stamp
from states.errors import Refusal
from workflow.bulk import Run, Told
from workflow.desk import SavedView

VIEWS_MAX = 50
"""Lists that one person may keep."""
_TELL = (
    "INSERT INTO bulk_outcomes VALUES (?, ?, ?, ?, ?) ON CONFLICT (run, place) DO UPDATE SET "
    "application = excluded.application, before = excluded.before, refusals = excluded.refusals"
)


class SqliteDesk:
    """The desks of an installation."""

    def __init__(self, ledger: SqlLedger) -> None:
        self._ledger = ledger

    # --- lists under a name ----------------------------------------------------------------------------------------

    def views(self, account: str) -> list[SavedView]:
        """A person's lists, by name."""
        sql = "SELECT id, account, name, query FROM saved_views WHERE account = ? ORDER BY name"
        return [SavedView._make(found) for found in self._ledger.query(sql, (account,))]

    def view(self, view_id: str) -> SavedView | None:
        """A list, whosever it is."""
        sql = "SELECT id, account, name, query FROM saved_views WHERE id = ?"
        found = self._ledger.query(sql, (view_id,)).fetchone()
        return SavedView._make(found) if found else None

    def keep_view(self, view: SavedView, now: datetime) -> bool:
        """Keep a list, in the place of the person's list of that name if there is one. False where there are too many."""
        sql = (
            "INSERT INTO saved_views SELECT ?, ?, ?, ?, ? WHERE (SELECT count(*) FROM saved_views WHERE account = ? "
            "AND name <> ?) < ? ON CONFLICT (account, name) DO UPDATE SET query = excluded.query"
        )
        values = (*view, stamp(now), view.account, view.name, VIEWS_MAX)
        return self._ledger.write([(sql, [values])]) == [1]

    def drop_view(self, account: str, view_id: str) -> None:
        """Forget one of a person's lists."""
        self._ledger.write([("DELETE FROM saved_views WHERE id = ? AND account = ?", [(view_id, account)])])

    # --- bulk runs ---------------------------------------------------------------------------------------------------

    def plan(self, run: Run) -> None:
        """Keep a new run."""
        row = (run.id, run.account, run.actor.id, run.actor.role.value, run.command, run.body,
               orjson.dumps(run.names).decode(), run.query, stamp(run.created_at), "", "")  # fmt: skip
        self._ledger.write([("INSERT INTO bulk_runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", [row])])

    def run(self, run_id: str) -> Run | None:
        """A run."""
        found = self._ledger.query("SELECT * FROM bulk_runs WHERE id = ?", (run_id,)).fetchone()
        return _run(found) if found else None

    def runs(self, account: str, limit: int) -> list[Run]:
        """A person's runs that were begun, the latest first."""
        sql = "SELECT * FROM bulk_runs WHERE account = ? AND started_at <> '' ORDER BY started_at DESC, id LIMIT ?"
        return [_run(found) for found in self._ledger.query(sql, (account, limit))]

    def left(self, role: str, limit: int) -> list[Run]:
        """Runs begun and not through, of a role that whoever began them does not hold any more, the latest first."""
        sql = (
            "SELECT * FROM bulk_runs WHERE role = ? AND started_at <> '' AND finished_at = '' AND NOT EXISTS (SELECT 1 "
            "FROM posts JOIN accounts ON accounts.id = posts.account WHERE posts.account = bulk_runs.account "
            "AND posts.role = bulk_runs.role AND posts.unit = '' AND posts.pending = 0 AND accounts.disabled = 0) "
            "ORDER BY started_at DESC, id LIMIT ?"
        )
        return [_run(found) for found in self._ledger.query(sql, (role, limit))]

    def pass_on(self, run: Run, account: str, actor: Actor) -> bool:
        """Let another go on with a run that is not through; of two who come at once one gets it."""
        sql = "UPDATE bulk_runs SET account = ?, actor = ? WHERE id = ? AND account = ? AND finished_at = ''"
        return self._ledger.write([(sql, [(account, actor.id, run.id, run.account)])]) == [1]

    def give(self, run_id: str, body: str) -> None:
        """Set the command's fields of a run that has not begun."""
        sql = "UPDATE bulk_runs SET body = ? WHERE id = ? AND started_at = ''"
        self._ledger.write([(sql, [(body, run_id)])])

    def begin(self, run_id: str, now: datetime) -> None:
        """Say that a run has begun; again, nothing."""
        self._ledger.write(
            [("UPDATE bulk_runs SET started_at = ? WHERE id = ? AND started_at = ''", [(stamp(now), run_id)])]
        )

    def end(self, run_id: str, now: datetime) -> None:
        """Say that a run has come to its end."""
        self._ledger.write([("UPDATE bulk_runs SET finished_at = ? WHERE id = ?", [(stamp(now), run_id)])])

    def tell(self, run_id: str, first: int, told: Sequence[Told]) -> None:
        """Keep what became of a batch, whose first application stands at that place in the run."""
        rows = [
            (
                run_id,
                first + i,
                one.application,
                int(one.before),
                orjson.dumps([r.plain() for r in one.refusals]).decode(),
            )
            for i, one in enumerate(told)
        ]
        self._ledger.write([(_TELL, rows)])

    def told(self, run_id: str) -> list[Told]:
        """What became of the applications of a run so far, in its order."""
        sql = "SELECT application, refusals, before FROM bulk_outcomes WHERE run = ? ORDER BY place"
        return [
            Told(name, tuple(Refusal(**one) for one in orjson.loads(refusals)), bool(before))
            for name, refusals, before in self._ledger.query(sql, (run_id,))
        ]


def _run(found: tuple[Any, ...]) -> Run:
    name, account, actor, role, command, body, names, query, created_at, started_at, finished_at = found
    return Run(name, account, Actor(actor, Role(role)), command, body, tuple(orjson.loads(names)), query,
               instant_of(created_at), _instant(started_at), _instant(finished_at))  # fmt: skip


def _instant(text: str) -> datetime | None:
    return instant_of(text) if text else None
