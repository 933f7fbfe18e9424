"""`fundcall dossier`: everything about one application, on paper."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fundcall.bootstrap import Proofs
from fundcall.cli.cases import actor_of
from fundcall.cli.output import Data, console, fail, opened
from states.actor import Actor, Role


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("dossier")(dossier)


def dossier(
    application: Annotated[str, typer.Argument(help="申报件编号 · the application")],
    out: Annotated[Path, typer.Option("--out", help="PDF文件 · the PDF")],
    actor: Annotated[
        str, typer.Option("--actor", help="按此人所能见 · as this one may see it: ROLE:ACCOUNT[@UNIT]")
    ] = "",
    data: Data = None,
) -> None:
    """项目档案（PDF）：事实、材料、评审、拨付与全部经过 · Everything about one application, as PDF."""
    reader = actor_of(actor) if actor else Actor("operator", Role.AUDITOR)
    with opened(data) as system:
        made = Proofs(system).dossier_pdf(reader, application)
    if made is None:
        fail(
            f"没有申报件“{application}”，或此人无权查看",
            f"no application {application!r}, or none that they may see",
            1,
        )
    out.write_bytes(made)
    console.print(f"✓ {out}", markup=False, soft_wrap=True)
