"""Keys to the API, and applications found by their unit."""

import sqlalchemy as sa
from alembic import op

from fundcall.storage.tables import Instant

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the table of keys and the index."""
    op.create_table(
        "tokens",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("revoked", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
        sqlite_strict=True,
    )
    op.create_index("applications_by_unit", "applications", ["unit_code", "id"])
