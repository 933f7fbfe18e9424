"""The certificates of units that people sign in with."""

import sqlalchemy as sa
from alembic import op

from fundcall.storage.tables import Instant

revision = "0014"
down_revision = "0013"


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def upgrade() -> None:
    """Create the table and its index."""
    op.create_table(
        "certificates", _text("subject"), _text("account"), _text("unit"), _text("name"),
        sa.Column("seen_at", Instant(), nullable=False), sa.PrimaryKeyConstraint("subject"), sqlite_strict=True,
    )  # fmt: skip
    op.create_index("certificates_by_unit", "certificates", ["unit"])
