"""Each ledger that ships keeps the contract. A ledger on another database joins by one more class here."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fundcall.storage.postgres_ledger import PostgresLedger
from tests.contracts.ledger import LedgerContract
from tests.drive import sqlite_ledger
from workflow.memory import MemoryLedger
from workflow.ports import Ledger


class TestMemoryLedger(LedgerContract):
    @pytest.fixture
    def ledger(self) -> Ledger:
        return MemoryLedger()


@pytest.mark.sqlite
class TestSqliteLedger(LedgerContract):
    @pytest.fixture
    def ledger(self, tmp_path: Path) -> Iterator[Ledger]:
        ledger = sqlite_ledger(tmp_path)
        yield ledger
        ledger.close()


class TestPostgresLedger(LedgerContract):
    @pytest.fixture
    def ledger(self, postgres_ledger: PostgresLedger) -> Ledger:
        return postgres_ledger
