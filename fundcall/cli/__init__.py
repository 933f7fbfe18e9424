"""The `fundcall` command: every refusal in words, exit 0 for ok, 1 for a refusal or divergence, 2 for misuse."""

from __future__ import annotations

from tomllib import TOMLDecodeError

import typer

from fundcall.calls.shape import CallFaults
from fundcall.cli import bulk, cases, demo, documents, inspect, intake, registers, running
from fundcall.cli.output import errors
from workflow.ports import Unavailable

app = typer.Typer(
    name="fundcall",
    help="从起草到结项的公共资金申报管理 · Runs a public funding call from the first draft to close-out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
demo.register(app)
running.register(app)
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
    except CallFaults as faulty:
        for fault in faulty.faults:
            errors.print(f"✗ {'.'.join(map(str, fault.path))}: {fault.zh} / {fault.en}", markup=False, soft_wrap=True)
        errors.print("→ fundcall call check FILE", markup=False)
        raise SystemExit(2) from faulty
    except (FileNotFoundError, TOMLDecodeError, Unavailable) as wrong:
        errors.print(f"✗ {wrong}", markup=False, soft_wrap=True)
        raise SystemExit(3 if isinstance(wrong, Unavailable) else 2) from wrong
