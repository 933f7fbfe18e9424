"""The `fundcall` command: every refusal in words, exit 0 for ok, 1 for a refusal or divergence, 2 for misuse."""

from __future__ import annotations

import typer

from fundcall.calls.load import FaultyFile
from fundcall.cli import applications, asking, bulk, cases, demo, documents, inspect, intake, registers, running
from fundcall.cli.output import errors, print_faults
from workflow.ports import Unavailable
from workflow.rules import NotLoaded

app = typer.Typer(
    name="fundcall",
    help="从起草到结项的公共资金申报管理 · Runs a public funding call from the first draft to close-out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
demo.register(app)
running.register(app)
asking.register(app)
applications.register(app)
cases.register(app)
bulk.register(app)
documents.register(app)
intake.register(app)
registers.register(app)
inspect.register(app)


def main() -> None:
    """The console script. A call file that is missing or faulty, and a database that cannot be written, are told in
    words, whatever was asked for.
    """
    try:
        app()
    except FaultyFile as faulty:
        print_faults(faulty.file, faulty.faults, errors)
        raise SystemExit(2) from faulty
    except (FileNotFoundError, NotLoaded, Unavailable) as wrong:
        errors.print(f"✗ {wrong}", markup=False, soft_wrap=True)
        raise SystemExit(3 if isinstance(wrong, Unavailable) else 2) from wrong
