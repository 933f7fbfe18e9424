"""Who read what, never altered and kept for half a year at least; and the checks that auditors asked for."""

import sqlalchemy as sa
from alembic import op

from fundcall.storage.readings import TRIGGERS
from fundcall.storage.tables import Big, Instant

revision = "0010"
down_revision = "0004"


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _instant(name: str) -> sa.Column[object]:
    return sa.Column(name, Instant(), nullable=False)


def upgrade() -> None:
    """Create the tables, their indices and the triggers of the log."""
    op.create_table(
        "readings", sa.Column("id", Big, nullable=False), _instant("read_at"), _text("actor"), _text("role"),
        _text("what"), _text("subject"), _text("item"),
        sa.PrimaryKeyConstraint("id"), sqlite_strict=True,
    )  # fmt: skip
    op.create_index("readings_by_time", "readings", ["read_at"])
    op.create_table(
        "replays", sa.Column("id", Big, nullable=False), _text("kind"), _text("subject"), _text("asked_by"),
        _instant("begun_at"), _instant("seen_at"), _text("status"), _number("done"), _number("whole"), _text("found"),
        sa.PrimaryKeyConstraint("id"),
        sa.CheckConstraint("status IN ('running', 'done', 'failed', 'interrupted')", name="status_known"),
        sqlite_strict=True,
    )  # fmt: skip
    op.create_index("replays_one_running", "replays", ["status"], unique=True,
                    sqlite_where=sa.text("status = 'running'"), postgresql_where=sa.text("status = 'running'"))  # fmt: skip
    if op.get_bind().dialect.name == "sqlite":
        for trigger in TRIGGERS:
            op.execute(trigger)
