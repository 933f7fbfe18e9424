"""The notices of each database that ships."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from fundcall.storage.ledger import SqliteLedger, SqlLedger
from fundcall.storage.migrate import upgrade
from fundcall.storage.postgres_ledger import PostgresLedger
from tests.contracts.notices import NoticesContract
from tests.postgres import Cluster


@pytest.mark.sqlite
class TestSqliteNotices(NoticesContract):
    @pytest.fixture
    def ledgers(self, tmp_path: Path) -> Callable[[], SqlLedger]:
        upgrade(tmp_path / "x.db")
        return partial(SqliteLedger, tmp_path / "x.db")


class TestPostgresNotices(NoticesContract):
    @pytest.fixture
    def ledgers(self, cluster: Cluster) -> Callable[[], SqlLedger]:
        return partial(PostgresLedger, cluster.served())
