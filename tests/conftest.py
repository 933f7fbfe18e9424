"""What holds for every test."""

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest
from argon2 import PasswordHasher, profiles
from hypothesis import settings

from fundcall.accounts import proofs
from fundcall.storage.postgres_ledger import PostgresLedger
from tests.databases import CHOSEN, forget, standing_in
from tests.postgres import Cluster, running

if "CI" not in os.environ:  # under CI Hypothesis has a profile of its own: the same examples every time, no deadline
    settings.register_profile("shared machine", deadline=None)
    settings.load_profile("shared machine")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    CHOSEN.about_sqlite = item.get_closest_marker("sqlite") is not None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Function) -> Iterator[None]:
    yield
    forget(cast("Path", item.funcargs.get("tmp_path", Path("/nowhere"))))


@pytest.fixture(scope="session", autouse=True)
def databases_are_where_the_environment_says() -> Iterator[None]:
    """Stand in for SQLite where FUNDCALL_DATABASE_URL names PostgreSQL; processes that tests start are told by them."""
    with standing_in(os.environ.pop("FUNDCALL_DATABASE_URL", "")):
        yield


@pytest.fixture(scope="session", autouse=True)
def passwords_are_hashed_cheaply() -> Iterator[PasswordHasher]:
    """Hash passwords within a millisecond; gives what the product hashes with."""
    real = proofs._hasher
    proofs._hasher = PasswordHasher.from_parameters(profiles.CHEAPEST)
    yield real
    proofs._hasher = real


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL for this session, started when it is first asked for."""
    with running() as found:
        yield found


@pytest.fixture
def postgres_ledger(cluster: Cluster) -> Iterator[PostgresLedger]:
    """A ledger on a PostgreSQL database of its own, as the role that serves has it."""
    with closing(PostgresLedger(cluster.served())) as ledger:
        yield ledger
