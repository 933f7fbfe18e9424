"""The import contracts of pyproject.toml hold, and each of them bites."""

import re
from pathlib import Path

from tests.architecture.house import PACKAGES, run

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


def planted(house: Path, importer: str, imported: str) -> tuple[str, str]:
    """Let a module import another: itself, or, where it is a package, a new one inside it; both as a report names them."""
    path = house / importer.replace(".", "/")
    package = path.is_dir()
    with (path / "planted.py" if package else path.with_suffix(".py")).open("a") as source:
        source.write(f"\nimport {imported}\n")
    ours = imported.partition(".")[0] in PACKAGES
    return f"{importer}.planted" if package else importer, imported if ours else imported.partition(".")[0]


def reported(house: Path) -> tuple[dict[str, set[tuple[str, str]]], int]:
    """The contracts that do not hold in the house, each with the imports that break it; how the tool ended."""
    done = run("lint-imports", "--no-cache", cwd=house)
    assert "Contracts: " in done.stdout, done.stdout + done.stderr
    _, *sections = re.split(r"^(.+)\n-+\n", done.stdout.partition("Broken contracts\n")[2], flags=re.MULTILINE)
    names, texts = sections[0::2], sections[1::2]
    edges = (set(re.findall(r"(\S+) -> (\S+) \(l\.", text)) for text in texts)
    return dict(zip(names, edges, strict=True)), done.returncode


def test_the_house_keeps_every_contract(house: Path) -> None:
    assert reported(house) == ({}, 0)


def test_each_planted_import_breaks_its_contract_and_no_other(house: Path) -> None:
    expected: dict[str, set[tuple[str, str]]] = {}
    for importer, imported, contract in PLANTED:
        expected.setdefault(contract, set()).add(planted(house, importer, imported))
    edges = set().union(*expected.values())
    found, code = reported(house)
    assert {contract: bad & edges for contract, bad in found.items()} == expected
    assert code == 1
