"""The pictures that README shows, taken of the real pages: `python -m tests.browser.pictures [NAME …]` (`make pictures`).

A picture is a function that is given a browser and gives the bytes; its name is that of its file in docs/pictures.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from fundcall.bootstrap import open_simulation, settings_for, web
from fundcall.calls.load import load
from fundcall.clock import SteadyClock
from fundcall.demo_people import welcome
from fundcall.documents.examiner import Examiner
from fundcall.simulate.programme import applicants, run
from fundcall.solver import solver
from states.actor import Role
from tests.browser.conftest import _QUIET, served
from tests.desk_scene import open_scene

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
SIZE = {"width": 1280, "height": 860}
_REPORTING = datetime(2026, 6, 25, 2, tzinfo=UTC)
"""When projects run and a report is due."""


def queue(browser: Browser) -> bytes:
    """The office's queue: applications that wait for their format check, with a search in it."""
    examiner = Examiner(workers=1)
    with tempfile.TemporaryDirectory() as folder:
        _, system = open_scene(Path(folder), examiner)
        people = welcome(system)
        with served(web(system, demo=people.accounts)) as url:
            page = browser.new_page(base_url=url, viewport=SIZE, color_scheme="light")  # type: ignore[arg-type]
            page.goto(f"/demo/{people.keys['format_officer']}")
            page.goto("/applications?q=智能&state=submitted")
            page.wait_for_load_state("networkidle")
            taken = page.screenshot()
            page.context.close()
        system.close()
    examiner.close()
    return taken


def slider(browser: Browser) -> bytes:
    """The auditor's slider: a case in the midst of its life, with the event that led there."""
    return _of_programme(browser, Role.AUDITOR, lambda case: f"/audit/cases/{case}?version=21")


def status(browser: Browser) -> bytes:
    """The applicant's own case: where it stands, who has it, what comes next."""
    return _of_programme(browser, Role.APPLICANT, lambda case: f"/applications/{case}", _REPORTING)


def _of_programme(browser: Browser, role: Role, path: Callable[[str], str], until: datetime | None = None) -> bytes:
    """A page about the first case of a simulated programme, at its end or at an instant, as one of its people sees it."""
    call = load("shanghai-ai-plus-2025")
    with tempfile.TemporaryDirectory() as folder:
        system = open_simulation(settings_for(Path(folder), database_url=""), call)
        ran = run(system.handler, call, applicants(call, 12, 7), 7, lambda _: None, solver(), until)
        system = replace(system, clock=SteadyClock(ahead=ran.ended_at - datetime.now(UTC)))
        people = welcome(system)
        own = people.accounts[people.keys[role.value]] if role is Role.APPLICANT else None
        unit = system.accounts.posts(own.id)[0].unit if own is not None else None
        case = system.ledger.rows(None if unit else "closed", unit_code=unit)[0].id
        with served(web(system, demo=people.accounts)) as url:
            page = browser.new_page(base_url=url, viewport=SIZE, color_scheme="light")  # type: ignore[arg-type]
            page.goto(f"/demo/{people.keys[role.value]}")
            page.goto(path(case))
            page.wait_for_load_state("networkidle")
            taken = page.screenshot()
            page.context.close()
        system.close()
    return taken


PICTURES: Mapping[str, Callable[[Browser], bytes]] = {"queue": queue, "slider": slider, "status": status}


def main() -> None:
    """Take the pictures named, or all."""
    FOLDER.mkdir(exist_ok=True)
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_QUIET)
        for name in sys.argv[1:] or PICTURES:
            (FOLDER / f"{name}.png").write_bytes(PICTURES[name](browser))
        browser.close()


if __name__ == "__main__":
    main()
