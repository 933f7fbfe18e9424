"""Keys to the API, lists kept by others, and applications found by their unit."""

import sqlalchemy as sa
from alembic import op

from fundcall.storage.tables import Instant

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the tables and the indices."""
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
    op.create_table(
        "registers",
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("list", "unit_code"),
        sqlite_strict=True,
    )
    op.create_index("registers_by_unit", "registers", ["unit_code"])
