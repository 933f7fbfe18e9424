"""The `fundcall` command: every refusal in words, exit 0 for ok, 1 for a refusal or divergence, 2 for misuse."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated

import typer

from fundcall.cli.lazy import LazyGroup

app = typer.Typer(
    name="fundcall",
    cls=LazyGroup,
    help="从起草到结项的公共资金申报管理 · Runs a public funding call from the first draft to close-out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"fundcall {version('fundcall')}")
        raise typer.Exit


@app.callback()
def fundcall(
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="版本 · the version")] = False,
) -> None:
    """从起草到结项的公共资金申报管理 · Runs a public funding call from the first draft to close-out."""


def main() -> None:
    """The console script. A call file that is missing or faulty, settings that are wrong, and a database that cannot be
    reached or written, are told in words, whatever was asked for.
    """
    try:
        app()
    except Exception as wrong:
        code = _told(wrong)
        if code is None:
            raise
        raise SystemExit(code) from wrong


def _told(wrong: Exception) -> int | None:
    """Say what went wrong where that can be said in words: the exit code, or None. Imports late: mostly nothing did."""
    from pydantic import ValidationError

    from fundcall.calls.load import FaultyFile
    from fundcall.cli.output import errors, print_faults
    from fundcall.settings import Settings, faults
    from workflow.ports import Unavailable
    from workflow.rules import NotLoaded

    if isinstance(wrong, FaultyFile):
        print_faults(wrong.file, wrong.faults, errors)
        return 2
    if isinstance(wrong, ValidationError) and wrong.title == Settings.__name__:
        errors.print(f"✗ 设置有误 / the settings are wrong: {faults(wrong)}", markup=False, soft_wrap=True)
        return 2
    if not isinstance(wrong, FileNotFoundError | NotLoaded | Unavailable):
        return None
    errors.print(f"✗ {wrong}", markup=False, soft_wrap=True)
    return 3 if isinstance(wrong, Unavailable) else 2
