"""Posts that wait for a second administrator, and what was done at the administrator's desk, never altered."""

import sqlalchemy as sa
from alembic import op

from fundcall.storage.sqlite import append_only
from fundcall.storage.tables import Big, Instant

revision = "0012"
down_revision = "0011"


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _instant(name: str) -> sa.Column[object]:
    return sa.Column(name, Instant(), nullable=False)


def upgrade() -> None:
    """Create the tables and the triggers of the second."""
    op.create_table(
        "post_requests", sa.Column("number", Big, nullable=False), _text("account"), _text("role"), _text("unit"),
        _text("asked_by"), _instant("asked_at"), sa.PrimaryKeyConstraint("number"), sqlite_strict=True,
    )  # fmt: skip
    op.create_table(
        "desk_acts", sa.Column("number", Big, nullable=False), _instant("done_at"), _text("administrator"),
        _text("what"), _text("subject"), _text("detail"), sa.PrimaryKeyConstraint("number"), sqlite_strict=True,
    )  # fmt: skip
    if op.get_bind().dialect.name == "sqlite":
        for trigger in append_only("desk_acts"):
            op.execute(trigger)
