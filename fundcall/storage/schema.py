"""Every table there is, in one place: for migrations, and for whoever copies them all."""

from sqlalchemy import Table
from sqlmodel import SQLModel

import fundcall.storage.account_tables
import fundcall.storage.audit_tables
import fundcall.storage.desk_tables
import fundcall.storage.mail_tables
import fundcall.storage.news_tables
import fundcall.storage.tables  # noqa: F401 - importing them fills the metadata

METADATA = SQLModel.metadata
TABLES: tuple[Table, ...] = tuple(METADATA.sorted_tables)
