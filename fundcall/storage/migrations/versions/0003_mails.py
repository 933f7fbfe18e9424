"""The bytes of mails beside what became of them, which changes twice for each; queued notices in the order of sending."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Move the bytes to a table of their own, and let the index end in what queued notices are taken by."""
    op.create_table(
        "mails",
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("message_id"),
        sqlite_strict=True,
    )
    op.execute("INSERT INTO mails (message_id, body) SELECT message_id, body FROM notices")
    op.execute("ALTER TABLE notices DROP COLUMN body")
    op.drop_index("notices_by_status", "notices")
    op.create_index("notices_by_status", "notices", ["status", "kind", "position"])
