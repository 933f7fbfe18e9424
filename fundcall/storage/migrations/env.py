"""Alembic's entry: runs on the connection that `fundcall.storage.migrate` hands over."""

from alembic import context

from fundcall.storage.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transaction_per_migration=False,
    render_as_batch=True,
)
context.run_migrations()
