"""What notices rest on beside the ledger, and which personal values were erased and why; neither is ever altered."""

import sqlalchemy as sa
from alembic import op

from fundcall.storage.sqlite import append_only
from fundcall.storage.tables import Big, Instant

revision = "0011"
down_revision = "0008"


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def upgrade() -> None:
    """Create the tables and their triggers."""
    op.create_table(
        "stationery", sa.Column("id", Big, nullable=False), sa.Column("position", Big, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"), sqlite_strict=True,
    )  # fmt: skip
    op.create_table(
        "erasures", sa.Column("id", Big, nullable=False), sa.Column("erased_at", Instant(), nullable=False),
        _text("commitment"), _text("application"), _text("asked_by"), _text("basis"), _text("mails"),
        sa.PrimaryKeyConstraint("id"), sa.UniqueConstraint("commitment"), sqlite_strict=True,
    )  # fmt: skip
    op.create_index("erasures_by_application", "erasures", ["application"])
    if op.get_bind().dialect.name == "sqlite":
        for trigger in append_only("stationery", "erasures"):
            op.execute(trigger)
