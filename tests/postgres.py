"""A PostgreSQL of the test session's own: a throw-away cluster on a socket, and a database for each test that asks."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from fundcall.storage.copies import ProgramMissing
from fundcall.storage.dumps import program
from fundcall.storage.grants import grant
from fundcall.storage.migrate import upgrade

SERVER = "server"
DURABLE = (
    "fsync=on", "synchronous_commit=on", "full_page_writes=on", "recovery_init_sync_method=syncfs", "max_connections=100",
    "listen_addresses=",
)  # fmt: skip
"""The settings of a server that keeps what it has committed, whatever happens."""
_HELD = "pre-existing shared memory block"
"""What a server says that finds processes of the one before it."""
_ROOM_BYTES = 4 * 2**30
_LOOSE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200", "listen_addresses=")


def programs() -> Path | None:
    """Where the newest PostgreSQL of this machine has its programs; None where there is none."""
    try:
        return Path(program("postgres")).parent
    except ProgramMissing:
        return None


@dataclass
class Server:
    """A server that is somebody's, by the address of a database there, beside which others are made."""

    root: str
    numbers: Iterator[int] = field(default_factory=count, kw_only=True)

    def address(self, name: str) -> str:
        """The address of a database, for the role that owns everything."""
        return urlsplit(self.root)._replace(path=f"/{name}").geturl()

    def empty(self, template: str = "template0") -> str:
        """The address of a new database, without a schema where no template has one."""
        name = f"place_{next(self.numbers)}"
        self.make(name, template)
        return self.address(name)

    def make(self, name: str, template: str = "template0") -> None:
        """Make a database, empty or as a copy of another in which nobody is."""
        self.do(f"CREATE DATABASE {name} TEMPLATE {template}")

    def has(self, name: str) -> bool:
        """Whether there is such a database."""
        return bool(self.do(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"))  # noqa: S608 - names of ours

    def drop(self, name: str) -> None:
        """Drop a database, whoever is in it."""
        self.do(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def do(self, statement: str) -> list[Any]:
        """Run a statement outside every database of ours; the rows that it gives."""
        with psycopg.connect(self.root, autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []


@dataclass
class Cluster(Server):
    """A running server of our own. `new` gives the address of a database with the schema in it."""

    folder: Path
    command: list[str]
    given: dict[str, Any]
    made: str = ""
    server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server, and wait until it answers. Where the processes of one that was killed still end, start it again."""
        self.server = subprocess.Popen(self.command, **self.given)
        until = time.monotonic() + 120
        while True:
            try:
                self.do("SELECT 1")
            except psycopg.OperationalError:
                ended, log = self.server.poll() is not None, (self.folder / "log").read_text()
                if time.monotonic() > until or (ended and _HELD not in log[-1000:]):
                    pytest.fail(log)
                if ended:
                    self.server = subprocess.Popen(self.command, **self.given)
                time.sleep(0.05)
            else:
                return

    def kill(self) -> None:
        """End the server and all its processes with signal 9, in one instant as far as can be."""
        assert self.server is not None
        for pid in (self.server.pid, *children(self.server.pid)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.server.wait()

    def schema(self) -> str:
        """The name of a database with the newest schema, in which nobody writes."""
        if not self.made:
            address = self.empty()
            upgrade(address)
            self.do(f"CREATE ROLE {SERVER} LOGIN")
            grant(address, SERVER)
            self.made = urlsplit(address).path.strip("/")
        return self.made

    def new(self) -> str:
        """The address of a new database with the newest schema."""
        return self.empty(self.schema())

    def served(self) -> str:
        """The same, for the role that serves: it may do what an installation needs, and no more."""
        return as_server(self.new())


def as_server(address: str) -> str:
    """The address of a database for the role that serves."""
    return address.replace("//app@", f"//{SERVER}@")


def children(pid: int) -> list[int]:
    """The processes that a process has begun."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [int(one) for one in found]


def _memory() -> Path | None:
    """Where a cluster that need not last lies in memory, so that its hundreds of databases are removed at once; None where
    there is no room for it.
    """
    memory = Path("/dev/shm")  # noqa: S108 - the folder is made by mkdtemp
    return memory if memory.is_dir() and shutil.disk_usage(memory).free > _ROOM_BYTES else None


@contextmanager
def running(options: Sequence[str] = _LOOSE) -> Iterator[Cluster]:
    """A cluster for as long as it lasts. As root it runs as the user that the package made: PostgreSQL refuses root."""
    where = programs()
    if where is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no PostgreSQL on this machine (on Debian: apt-get install postgresql)")
        pytest.skip("no PostgreSQL on this machine (on Debian: apt-get install postgresql)")
    folder = Path(mkdtemp(prefix="pg-", dir=_memory() if options is _LOOSE else None))
    given: dict[str, Any] = {"cwd": folder, "stdout": subprocess.DEVNULL}
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        os.chown(folder, user.pw_uid, user.pw_gid)
        given |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    try:
        with (folder / "log").open("w") as log, _served(where, folder, given | {"stderr": log}, options) as cluster:
            yield cluster
    finally:
        shutil.rmtree(folder)


@contextmanager
def _served(where: Path, folder: Path, given: dict[str, Any], options: Sequence[str]) -> Iterator[Cluster]:
    # It sorts by a language, so that what sorts by bytes is our schema.
    order = ["--locale=C", "--locale-provider=icu", "--icu-locale=zh"]
    made = ["-D", "data", "-U", "app", "--auth=trust", "-E", "UTF8", "--no-sync", *order]
    subprocess.run([where / "initdb", *made], check=True, **given)
    words = [word for option in options for word in ("-c", option)]
    command = [str(where / "postgres"), "-D", "data", "-k", str(folder), *words]
    cluster = Cluster(f"postgresql://app@/postgres?host={folder}", folder, command, given)
    try:
        cluster.start()
        yield cluster
    finally:
        if cluster.server is not None:
            cluster.server.send_signal(signal.SIGQUIT)  # at once: nothing in it is worth keeping
            cluster.server.wait(20)


def main() -> int:
    """Run a command whose FUNDCALL_DATABASE_URL names a throw-away server."""
    with running() as cluster:
        environment = {**os.environ, "FUNDCALL_DATABASE_URL": cluster.root}
        return subprocess.run(sys.argv[1:], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
