"""`fundcall routes`: every address that is answered, and who may ask for it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fundcall.cli.output import Json, print_json


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("routes")(list_routes)


def list_routes(
    out: Annotated[Path | None, typer.Option("--out", help="写入文件 · write to a file")] = None, as_json: Json = False
) -> None:
    """网址与权限清单 · Every address that is answered, and who may ask for it: docs/routes.md."""
    from fundcall.addresses import page, routes  # slow to import: the whole web

    found = routes()
    if as_json:
        print_json([{"path": one.path, "method": one.method, "door": one.policy.door.value,
                     "roles": sorted(one.policy.roles)} for one in found])  # fmt: skip
    elif out is not None:
        out.write_text(page(found), encoding="utf-8")
    else:
        typer.echo(page(found), nl=False)
