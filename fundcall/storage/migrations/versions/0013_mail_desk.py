"""Mails that did not arrive or wait for the day's one mail; the words that each was written with; what was read."""

import sqlalchemy as sa
from alembic import op

from fundcall.storage.tables import Big, Instant

revision = "0013"
down_revision = "0012"
_STATUSES = ("queued", "sending", "accepted", "failed", "unknown", "unaddressed", "bounced", "held", "digested")
_KEPT = (
    "position, recipient, template, application, ref, kind, subject, message_id, digest, status, answer, attempts, "
    "retry_at, settled_at"
)


def _text(name: str, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, server_default=default)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _instant(name: str) -> sa.Column[object]:
    return sa.Column(name, Instant(), nullable=False)


def _blob(name: str) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=False)


def upgrade() -> None:
    """Build the table of notices anew, as SQLite cannot change what it checks; create the others."""
    op.create_table(
        "notices_new", sa.Column("position", Big, nullable=False), _text("recipient"), _text("template"),
        _text("application"), _text("ref"), _text("kind"), _text("subject"), _text("message_id"), _blob("digest"),
        _text("status"), _text("answer"), _number("attempts"), _text("retry_at"), _text("settled_at"),
        _text("wording", ""),
        sa.PrimaryKeyConstraint("position", "recipient", "template"),
        sa.UniqueConstraint("message_id"),
        sa.CheckConstraint(f"status IN ({', '.join(map(repr, _STATUSES))})", name="status_known"),
        sqlite_strict=True,
    )  # fmt: skip
    op.execute(f"INSERT INTO notices_new ({_KEPT}) SELECT {_KEPT} FROM notices")  # noqa: S608 - constants only
    op.drop_table("notices")
    op.rename_table("notices_new", "notices")
    op.create_index("notices_by_status", "notices", ["status", "kind", "position"])
    op.create_index("notices_by_application", "notices", ["application", "position"])
    op.create_table("wordings", _text("digest"), _blob("body"), sa.PrimaryKeyConstraint("digest"), sqlite_strict=True)
    op.create_table(
        "wording_overrides", _text("call_id"), _text("template"), _number("version"), _text("source"), _text("actor"),
        _instant("saved_at"),
        sa.PrimaryKeyConstraint("call_id", "template", "version"), sqlite_strict=True,
    )  # fmt: skip
    op.create_table(
        "bounces", _text("message_id"), _instant("reported_at"), _number("hard"), _text("status"), _text("diagnostic"),
        _number("told"), _text("closed_at"), _text("closed_by"), _text("note"),
        sa.PrimaryKeyConstraint("message_id"), sqlite_strict=True,
    )  # fmt: skip
    op.create_index("bounces_by_state", "bounces", ["hard", "closed_at"])
    op.create_table(
        "mail_modes", _text("audience"), _text("mode"), _text("actor"), _instant("saved_at"),
        sa.PrimaryKeyConstraint("audience"), sqlite_strict=True,
    )  # fmt: skip
    op.create_table(
        "notices_read", _text("account"), sa.Column("position", Big, nullable=False), _text("template"),
        _instant("read_at"),
        sa.PrimaryKeyConstraint("account", "position", "template"), sqlite_strict=True,
    )  # fmt: skip
