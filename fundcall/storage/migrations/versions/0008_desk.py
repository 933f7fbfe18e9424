"""What the office's queue is sorted and narrowed by, the words that applications are found by, lists kept, bulk runs."""

import sqlalchemy as sa
from alembic import op

from fundcall.storage.sqlite import SEARCH
from fundcall.storage.tables import Big, Instant
from states.calendar import stamp
from states.events import REFUSED
from states.fold import fold
from states.programme import PROGRAMME_EVENTS
from workflow.projection import NEVER, claimed_by, next_due, open_findings
from workflow.record import decode
from workflow.search import words

revision = "0008"
down_revision = "0010"


def upgrade() -> None:
    """Create the columns, the table and its index, and fill them from the ledger."""
    op.add_column("applications", sa.Column("claimed_by", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column("applications", sa.Column("open_findings", sa.Integer(), server_default=sa.text("0"), nullable=False))
    never = sa.text(f"'{stamp(NEVER)}'")
    op.add_column("applications", sa.Column("due_at", Instant(), server_default=never, nullable=False))
    op.create_index("applications_by_due", "applications", ["state", "due_at", "id"])
    op.create_table(
        "search_words",
        sa.Column("id", Big, nullable=False),
        *map(_text, ("application", "number", "title", "unit_name", "unit_code", "marks")),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("application"),
        sqlite_strict=True,
    )
    _create_side_tables()
    if op.get_bind().dialect.name == "sqlite":
        for statement in SEARCH:
            op.execute(statement)
    connection = op.get_bind()
    first = sa.text("SELECT application FROM events GROUP BY application ORDER BY min(position)")
    for (name,) in connection.execute(first).all():
        _fill(connection, name)


def _create_side_tables() -> None:
    op.create_table(
        "saved_views", *map(_text, ("id", "account", "name", "query")), _instant("created_at"),
        sa.PrimaryKeyConstraint("id"), sa.UniqueConstraint("account", "name"), sqlite_strict=True,
    )  # fmt: skip
    op.create_table(
        "bulk_runs", *map(_text, ("id", "account", "actor", "role", "command", "body", "names", "query")),
        _instant("created_at"), _text("started_at"), _text("finished_at"),
        sa.PrimaryKeyConstraint("id"), sqlite_strict=True,
    )  # fmt: skip
    op.create_table(
        "bulk_outcomes", _text("run"), _number("place"), _text("application"), _number("before"), _text("refusals"),
        sa.PrimaryKeyConstraint("run", "place"), sqlite_strict=True,
    )  # fmt: skip


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _instant(name: str) -> sa.Column[object]:
    return sa.Column(name, Instant(), nullable=False)


def _fill(connection: sa.Connection, name: str) -> None:
    stream = sa.text("SELECT body FROM events WHERE application = :name ORDER BY version")
    events = [decode(body) for (body,) in connection.execute(stream, {"name": name})]
    if events[0].type in PROGRAMME_EVENTS or events[0].type == REFUSED:
        return
    application = fold(events)
    if application is None:
        return
    into = "INSERT INTO search_words (application, number, title, unit_name, unit_code, marks) VALUES (:application, :number, :title, :unit_name, :unit_code, :marks)"
    connection.execute(sa.text(into), words(application)._asdict())
    row = sa.text("UPDATE applications SET claimed_by = :who, open_findings = :count, due_at = :due WHERE id = :name")
    values = {"who": claimed_by(application), "count": open_findings(application), "due": stamp(next_due(application))}
    connection.execute(row, {**values, "name": name})
