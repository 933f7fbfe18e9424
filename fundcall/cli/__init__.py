"""The `fundcall` command: every refusal in words, exit 0 for ok, 1 for a refusal or divergence, 2 for misuse."""

from __future__ import annotations

import typer

from fundcall.cli import cases, demo, documents, inspect, intake, registers, running

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
documents.register(app)
intake.register(app)
registers.register(app)
inspect.register(app)


def main() -> None:
    """The console script."""
    app()
