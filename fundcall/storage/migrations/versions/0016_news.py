"""Who wants to be told of new calls, and who has not confirmed that yet."""

import sqlalchemy as sa
from alembic import op

from fundcall.storage.tables import Instant

revision = "0016"
down_revision = "0015"


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "news_requests", _text("email"), _text("language"), _text("link"),
        sa.Column("expires_at", Instant(), nullable=False), _text("retry_at"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("email"), sqlite_strict=True,
    )  # fmt: skip
    op.create_table(
        "subscribers", _text("email"), _text("language"), _text("secret"),
        sa.Column("confirmed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("email"), sa.UniqueConstraint("secret"), sqlite_strict=True,
    )  # fmt: skip
