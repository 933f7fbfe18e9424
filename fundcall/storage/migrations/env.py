"""Alembic's entry: runs on the connection that `fundcall.storage.migrate` hands over."""

from alembic import context
from sqlmodel import SQLModel

import fundcall.storage.account_tables
import fundcall.storage.audit_tables
import fundcall.storage.desk_tables
import fundcall.storage.mail_tables
import fundcall.storage.tables  # noqa: F401 - importing them fills the metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    transaction_per_migration=False,
    render_as_batch=True,
)
context.run_migrations()
