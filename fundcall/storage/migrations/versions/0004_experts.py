"""The registry of experts, and the units that belong together."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0005"


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def upgrade() -> None:
    """Create the tables and the index."""
    op.create_table(
        "experts", _text("id"), _text("unit"), _text("topics"), sa.Column("load_max", sa.Integer(), nullable=False),
        _text("name"), _text("email"), _text("away"), _text("declared"), _text("past"),
        sa.PrimaryKeyConstraint("id"), sqlite_strict=True,
    )  # fmt: skip
    op.create_table(
        "unit_groups", _text("name"), _text("unit"), sa.PrimaryKeyConstraint("name", "unit"), sqlite_strict=True
    )
    op.create_index("unit_groups_by_unit", "unit_groups", ["unit"])
