"""Accounts, what they may act as, sessions, links in letters, letters waiting, and counts of tries."""

import sqlalchemy as sa
from alembic import op

from fundcall.storage.tables import Instant

revision = "0007"
down_revision = "0003"


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _instant(name: str) -> sa.Column[object]:
    return sa.Column(name, Instant(), nullable=False)


def upgrade() -> None:
    """Create the tables and the indices."""
    op.create_table(
        "accounts", _text("id"), _text("email"), _text("name"), _text("password"), _text("totp_secret"),
        _number("totp_step"), _number("disabled"), _instant("created_at"),
        sa.PrimaryKeyConstraint("id"), sa.UniqueConstraint("email"), sqlite_strict=True,
    )  # fmt: skip
    op.create_table(
        "posts", _text("account"), _text("role"), _text("unit"), _number("pending"),
        sa.PrimaryKeyConstraint("account", "role", "unit"), sqlite_strict=True,
    )  # fmt: skip
    op.create_index("posts_by_unit", "posts", ["unit", "account"])
    op.create_table(
        "sessions", _text("digest"), _text("account"), _text("role"), _text("unit"), _number("second"), _text("agent"),
        _instant("created_at"), _instant("seen_at"), _instant("expires_at"),
        sa.PrimaryKeyConstraint("digest"), sqlite_strict=True,
    )  # fmt: skip
    op.create_index("sessions_by_account", "sessions", ["account"])
    op.create_table(
        "slips", _text("digest"), _text("account"), _text("purpose"), _instant("expires_at"),
        sa.PrimaryKeyConstraint("digest"), sqlite_strict=True,
    )  # fmt: skip
    op.create_table(
        "letters", _text("account"), _text("purpose"), _instant("retry_at"), _number("attempts"),
        sa.PrimaryKeyConstraint("account", "purpose"), sqlite_strict=True,
    )  # fmt: skip
    op.create_table(
        "tries", _text("key"), _number("count"), _instant("since"),
        sa.PrimaryKeyConstraint("key"), sqlite_strict=True,
    )  # fmt: skip
