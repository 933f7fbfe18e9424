"""What rankings read of reviews, what each application takes of the call's money, and experts' drafts of scores."""

import sqlalchemy as sa
from alembic import op

from fundcall.storage.tables import Big, Instant
from states.fold import fold
from workflow.projection import sheet
from workflow.record import decode

revision = "0005"
down_revision = "0007"


def upgrade() -> None:
    """Create the tables and the column, and fill them from the ledger."""
    op.add_column("applications", sa.Column("bound_minor", Big, server_default=sa.text("0"), nullable=False))
    op.create_table(
        "score_sheets",
        sa.Column("application", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("scores", sa.Text(), nullable=False),
        sa.Column("owed", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("application"),
        sqlite_strict=True,
    )
    op.create_index("score_sheets_by_call", "score_sheets", ["call_id", "application"])
    op.create_table(
        "score_drafts",
        sa.Column("application", sa.Text(), nullable=False),
        sa.Column("expert", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("saved_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("application", "expert"),
        sqlite_strict=True,
    )
    connection = op.get_bind()
    reviewed = sa.text("SELECT DISTINCT application FROM events WHERE type = 'ReviewStarted'")
    for (name,) in connection.execute(reviewed).all():
        _fill(connection, name)


def _fill(connection: sa.Connection, name: str) -> None:
    stream = sa.text("SELECT body FROM events WHERE application = :name ORDER BY version")
    application = fold(decode(body) for (body,) in connection.execute(stream, {"name": name}))
    made = sheet(application) if application is not None else None
    if application is None or made is None:
        return
    into = sa.text(
        "INSERT INTO score_sheets (application, call_id, scores, owed) VALUES (:application, :call_id, :scores, :owed)"
    )
    connection.execute(into, made._asdict())
    bound = sa.text("UPDATE applications SET bound_minor = :minor WHERE id = :name")
    connection.execute(bound, {"minor": application.bound_minor, "name": name})
