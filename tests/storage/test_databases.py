"""Where tests have their databases when they run on PostgreSQL: each data folder has one there, copied and dropped with it."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from fundcall.bootstrap import is_installed, settings_for
from fundcall.settings import Settings
from fundcall.storage.migrate import revision
from tests.databases import copied, durable_ledger, environment_of, forget, standing_in
from tests.postgres import Cluster
from workflow.ports import Unavailable


@pytest.fixture(autouse=True)
def _on_postgres(cluster: Cluster) -> Iterator[None]:
    with standing_in(cluster.root):
        yield


def own(folder: Path) -> Settings:
    return settings_for(folder, database_url="")


def test_a_copy_of_an_installation_has_a_database_of_its_own(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    with closing(durable_ledger(one)) as ledger:
        ledger.keep_rules("1", "x", b"{}")
    durable_ledger(copied(one, other)).keep_rules("2", "x", b"{}")
    found = [[name for name, _ in durable_ledger(folder).all_rules()] for folder in (one, other)]
    assert (found, (other / "fundcall.db").exists()) == ([["1"], ["1", "2"]], False)


def test_processes_find_the_database_of_a_folder(tmp_path: Path) -> None:
    address = own(tmp_path).postgres
    assert (environment_of(tmp_path)["FUNDCALL_DATABASE_URL"], is_installed(address)) == (address, False)
    assert pickle.loads(pickle.dumps(own(tmp_path))).database_url == address  # noqa: S301 - of our own making


def test_what_names_a_database_has_that_one(tmp_path: Path) -> None:
    file = f"sqlite:///{tmp_path / 'x.db'}"
    assert settings_for(tmp_path, database_url=file).where == tmp_path / "x.db"


def test_databases_go_with_their_folder(tmp_path: Path) -> None:
    address = own(tmp_path / "data").postgres
    forget(tmp_path)
    with pytest.raises(Unavailable, match="does not exist"):
        revision(address)
