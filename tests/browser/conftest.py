"""The demo behind a real server, and Chromium before it."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, sync_playwright

from fundcall.accounts.people import Account, Post
from fundcall.accounts.proofs import hash_password, new_totp_secret
from fundcall.bootstrap import System, web
from fundcall.demo_people import Welcome, welcome
from fundcall.documents.examiner import Examiner
from states.actor import Role
from tests.api.office import open_office
from tests.lived import lived, open_lived

PASSWORD = "correct horse battery staple"
_QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync",
          "--no-first-run", "--no-default-browser-check", "--disable-features=OptimizationHints"]  # fmt: skip


@dataclass
class Place:
    """Where the pages are, who may come in by one click, and who by password (li, of `unit`) and code (wang)."""

    url: str
    people: Welcome
    system: System
    secret: str
    own: str
    """The application of the applicant's unit."""


@contextmanager
def served(app: Any) -> Iterator[str]:
    """A web application behind a real server; its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The demo at its end."""
    system = open_lived(lived(tmp_path_factory))
    people, secret = welcome(system), new_totp_secret()
    own = system.ledger.rows("closed")[0]
    for name, post in (("li", Post(Role.APPLICANT, own.unit_code)), ("wang", Post(Role.FORMAT_OFFICER))):
        account = Account(name, f"{name}@example.org", name.title())
        system.accounts.add(account, (post,), system.clock.now())
        system.accounts.set_password(name, hash_password(PASSWORD, account))
    system.accounts.set_second("wang", secret)
    system.accounts.use_step("wang", 0)
    with served(web(system, demo=people.accounts)) as url:
        yield Place(url, people, system, secret, own.id)
    system.close()


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An open call with a draft in it, and somebody who asks to act for its unit."""
    folder: Path = tmp_path_factory.mktemp("busy")
    examiner = Examiner()
    office = open_office(folder / "data", examiner)
    own, unit = office.draft(), office.unit().unit
    local = office.system.settings.model_copy(update={"public_url": "http://127.0.0.1"})
    system = replace(office.system, settings=local)
    people = welcome(system)
    asks = Account("zhao", "zhao@example.org", "Zhao")
    system.accounts.add(asks, (Post(Role.APPLICANT, unit, pending=True),), office.clock.at)
    system.accounts.set_password("zhao", hash_password(PASSWORD, asks))
    with served(web(system, demo=people.accounts)) as url:
        yield Place(url, people, system, "", own)
    system.close()
    examiner.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser for one module: while it lives, its loop runs in this thread, and no other test may want one."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    assert path is not None, "these tests need Chromium: scripts/system-packages installs it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_QUIET)
        yield browser
        browser.close()
