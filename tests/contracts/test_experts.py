"""Each registry of experts that ships keeps the contract."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fundcall.storage.experts import SqliteExperts
from fundcall.storage.postgres_ledger import PostgresLedger
from tests.contracts.experts import ExpertsContract
from tests.drive import sqlite_ledger
from workflow.memory_experts import MemoryExperts
from workflow.registry import Experts


class TestMemoryExperts(ExpertsContract):
    @pytest.fixture
    def experts(self) -> Experts:
        return MemoryExperts()


@pytest.mark.sqlite
class TestSqliteExperts(ExpertsContract):
    @pytest.fixture
    def experts(self, tmp_path: Path) -> Iterator[Experts]:
        ledger = sqlite_ledger(tmp_path)
        yield SqliteExperts(ledger)
        ledger.close()


class TestExpertsOnPostgres(ExpertsContract):
    @pytest.fixture
    def experts(self, postgres_ledger: PostgresLedger) -> Experts:
        return SqliteExperts(postgres_ledger)
