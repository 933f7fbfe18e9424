"""On PostgreSQL what SQLite was given step by step: rows that are only added, and the index of words."""

from alembic import op

from fundcall.storage.postgres_schema import INSTR, REFUSE, SEARCH, append_only, kept_for
from fundcall.storage.readings import DAYS_MIN

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Create functions, triggers and the index; nothing on SQLite."""
    if op.get_bind().dialect.name != "postgresql":
        return
    grown = append_only("events", "rules", "stationery", "erasures", "desk_acts")
    for statement in (REFUSE, INSTR, *grown, *kept_for("readings", "read_at", DAYS_MIN), *SEARCH):
        op.execute(statement)
