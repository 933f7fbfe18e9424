"""The import contracts of pyproject.toml hold, and each of them bites."""

import re
from pathlib import Path

import pytest

from tests.architecture.house import run

DIRECTIONS = "Imports point down"
ROOMS = "Rooms never import each other"
SETTINGS = "Settings are a leaf"
TEMPLATES = "Templates hold words and pages only"
CORE = "The core does no input or output and reads no clock"
STATES = "States know the standard library and transitions only"
DATABASE = "The database has one door: fundcall.storage"
MAIL = "Outgoing mail has one door: notifications.mailer"
PAGES = "jinja2 has two doors: notifications.letter and fundcall.web"

PLANTED = [
    ("states", "workflow", DIRECTIONS),
    ("workflow", "fundcall.storage", DIRECTIONS),
    ("workflow", "notifications", DIRECTIONS),
    ("fundcall.bootstrap", "fundcall.cli", DIRECTIONS),
    ("fundcall.storage", "notifications", ROOMS),
    ("fundcall.web", "fundcall.storage", ROOMS),
    ("fundcall.audit", "fundcall.documents", ROOMS),
    ("fundcall.simulate", "fundcall.scheduler", ROOMS),
    ("notifications", "fundcall.settings", ROOMS),
    ("fundcall.calls", "fundcall.storage", ROOMS),
    ("fundcall.settings", "states", SETTINGS),
    ("templates", "notifications", TEMPLATES),
    ("states", "templates", CORE),
    ("states", "time", CORE),
    ("workflow", "os.path", CORE),
    ("states", "pydantic", STATES),
    ("workflow", "transitions", "transitions has one door: states.machine"),
    ("states.fold", "transitions", "transitions has one door: states.machine"),
    ("workflow", "sqlmodel", DATABASE),
    ("fundcall.audit", "sqlalchemy.orm", DATABASE),
    ("fundcall.web", "sqlite3", DATABASE),
    ("notifications", "aiosmtplib", MAIL),
    ("fundcall.web", "smtplib", MAIL),
    ("fundcall.web", "apscheduler.schedulers", "apscheduler has one door: fundcall.scheduler"),
    ("fundcall.audit", "jinja2", PAGES),
    ("fundcall.documents.store", "pikepdf", "pikepdf has one door: fundcall.documents.screen"),
    ("fundcall.accounts", "fundcall.storage", DIRECTIONS),
    ("fundcall.bootstrap", "scipy.optimize", "SciPy has one door: fundcall.assignment"),
    ("fundcall.web", "argon2.low_level", "argon2 and pyotp have one door: fundcall.accounts.proofs"),
    ("fundcall.sheets", "fundcall.web", DIRECTIONS),
    ("fundcall.web", "xlsxwriter", "xlsxwriter has one door: fundcall.sheets.workbook"),
    ("fundcall.web", "pyhanko.sign", "pyHanko has one door: fundcall.documents.seal"),
    ("fundcall.documents.store", "fundcall.documents.seal", "Foreign files are opened in a child process only"),
    ("fundcall.documents", "fastapi", "The web framework has one door: fundcall.web"),
]


def ensure(house: Path, module: str) -> Path:
    """A file of the module: its own, or, where it is a package, a new one inside it."""
    path = house / module.replace(".", "/")
    path = path / "planted.py" if path.is_dir() else path.with_suffix(".py")
    path.touch()
    return path


def broken(house: Path) -> set[str]:
    """The contracts that do not hold in the house."""
    done = run("lint-imports", "--no-cache", cwd=house)
    found = set(re.findall(r"^(.*?) BROKEN", done.stdout, re.MULTILINE))
    assert "Contracts: " in done.stdout, done.stdout + done.stderr
    assert done.returncode == bool(found)
    return found


def test_the_house_keeps_every_contract(house: Path) -> None:
    assert broken(house) == set()


@pytest.mark.parametrize(("importer", "imported", "contract"), PLANTED)
def test_a_planted_import_breaks_its_contract(house: Path, importer: str, imported: str, contract: str) -> None:
    if imported.startswith("fundcall."):
        ensure(house, imported)
    with ensure(house, importer).open("a") as source:
        source.write(f"\nimport {imported}\n")
    assert broken(house) == {contract}
