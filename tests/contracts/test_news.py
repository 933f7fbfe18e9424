"""Each list of those who want news of calls keeps the contract."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fundcall.accounts.news import News
from fundcall.storage.news import SqliteNews
from fundcall.storage.postgres_ledger import PostgresLedger
from tests.contracts.news import NewsContract
from tests.drive import sqlite_ledger


@pytest.mark.sqlite
class TestSqliteNews(NewsContract):
    @pytest.fixture
    def news(self, tmp_path: Path) -> Iterator[News]:
        ledger = sqlite_ledger(tmp_path)
        yield SqliteNews(ledger)
        ledger.close()


class TestNewsOnPostgres(NewsContract):
    @pytest.fixture
    def news(self, postgres_ledger: PostgresLedger) -> News:
        return SqliteNews(postgres_ledger)
